/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes loading a class need no descriptor any more. A jar is opened once and then read from, but
 * each class that lies in a directory is a file of its own to open: where no descriptor is left,
 * such a class is not found, which says nothing about a program that was packaged.
 */
final class ClassPath {
  private ClassPath() {}

  static void loadAll(ClassLoader loader) {
    loader.getResource("io/reactorproc/in-no-jar"); // has to open each jar to look
    Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path"))
        .map(Path::of)
        .filter(Files::isDirectory)
        .flatMap(root -> classesIn(root).stream())
        .forEach(name -> load(loader, name));
  }

  private static List<String> classesIn(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.contains("-info"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void load(ClassLoader loader, String name) {
    try {
      Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(name + " lies on the class path", e);
    }
  }
}
