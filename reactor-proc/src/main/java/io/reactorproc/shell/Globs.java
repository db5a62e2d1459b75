/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Replaces globs by the names of files. Reads directories, and so may block. */
final class Globs {
  private final Path directory;

  /** Relative patterns are looked for from this directory. */
  Globs(Path directory) {
    this.directory = directory;
  }

  /** The arguments that fields become: a glob that matches nothing stays as it is. */
  List<String> arguments(List<Field> fields) {
    List<String> arguments = new ArrayList<>();
    for (Field field : fields) {
      List<String> matches = field.isGlob() ? matches(field) : List.of();
      if (matches.isEmpty()) {
        arguments.add(field.text());
      } else {
        arguments.addAll(matches);
      }
    }
    return arguments;
  }

  private List<String> matches(Field field) {
    List<String> found = new ArrayList<>();
    search("", components(field), 0, found);
    found.sort((a, b) -> Arrays.compareUnsigned(bytes(a), bytes(b)));
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Field> components(Field field) {
    List<Field> components = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= field.text().length(); i++) {
      if (i == field.text().length() || field.text().charAt(i) == '/') {
        components.add(field.part(start, i));
        start = i + 1;
      }
    }
    return components;
  }

  /** Goes on behind {@code prefix}, which is empty or ends with a slash. */
  private void search(String prefix, List<Field> components, int index, List<String> found) {
    Field component = components.get(index);
    boolean last = index == components.size() - 1;
    if (!component.isGlob()) {
      String path = prefix + component.text();
      if (!last) {
        search(path + "/", components, index + 1, found);
      } else if (exists(path)) {
        found.add(path);
      }
      return;
    }
    for (String name : names(prefix, new GlobPattern(component))) {
      if (last) {
        found.add(prefix + name);
      } else {
        search(prefix + name + "/", components, index + 1, found);
      }
    }
  }

  /** A path with a slash at its end is there only if it is a directory. */
  private boolean exists(String path) {
    try {
      return path.endsWith("/")
          ? Files.isDirectory(directory.resolve(path))
          : Files.exists(directory.resolve(path), LinkOption.NOFOLLOW_LINKS);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** What cannot be read has no names, as for a shell. */
  private List<String> names(String prefix, GlobPattern pattern) {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory.resolve(prefix))) {
      for (Path entry : entries) {
        Path name = entry.getFileName();
        if (pattern.matches(name.toString())) {
          names.add(checked(name));
        }
      }
    } catch (IOException | DirectoryIteratorException | InvalidPathException e) {
      return List.of();
    }
    return names;
  }

  /** A name need not be text in the JVM's encoding: better no argument than a wrong one. */
  private static String checked(Path name) {
    String text = name.toString();
    boolean isText;
    try {
      isText = Path.of(text).equals(name);
    } catch (InvalidPathException e) {
      isText = false;
    }
    if (!isText) {
      throw new UncheckedIOException(
          new IOException(
              "the name of a file that the glob matches is no text in the JVM's encoding, "
                  + System.getProperty("sun.jnu.encoding")
                  + ": "
                  + name.toUri().getRawPath()));
    }
    return text;
  }
}
