/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.InheritedEnvironment;
import io.reactorproc.ipc.sys.StringBlock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a child: the JVM's own or none, and changes to it. Inherited entries are
 * passed on byte by byte; of duplicates the first counts, as for {@code getenv(3)}.
 */
final class Environment {
  static final Environment INHERITED = new Environment(Base.INHERITED, Map.of());

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private enum Base {
    INHERITED,
    EMPTY
  }

  private final Base base;

  /** Variables set, or removed where the value is empty, in the order of their first mention. */
  private final Map<String, Optional<String>> changes;

  private Environment(Base base, Map<String, Optional<String>> changes) {
    this.base = base;
    this.changes = changes;
  }

  Environment cleared() {
    return new Environment(Base.EMPTY, Map.of());
  }

  Environment with(String name, String value) {
    checkName(name);
    Strings.checkNoNul(value, "the value of the environment variable " + name);
    return changed(name, Optional.of(value));
  }

  Environment without(String name) {
    checkName(name);
    return changed(name, Optional.empty());
  }

  /** Gives a variable a value where the child would have none, and nobody has said so. */
  Environment withDefault(String name, String value) {
    return changes.containsKey(name) || get(name) != null ? this : with(name, value);
  }

  /** Removes a variable that nobody has set here. */
  Environment withoutInherited(String name) {
    return changes.containsKey(name) || get(name) == null ? this : without(name);
  }

  private Environment changed(String name, Optional<String> value) {
    Map<String, Optional<String>> more = new LinkedHashMap<>(changes);
    more.put(name, value);
    return new Environment(base, more);
  }

  static void checkName(String name) {
    Strings.checkNoNul(name, "the name of an environment variable");
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw new InvalidCommandException(
          "the name of an environment variable is not empty and has no '=': '" + name + "'");
    }
  }

  /** The {@code NAME=value} strings for the child. */
  StringBlock block() {
    return changes.isEmpty() && base == Base.INHERITED ? Inherited.BLOCK : build();
  }

  private StringBlock build() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    if (base == Base.INHERITED) {
      entries.putAll(Inherited.BY_NAME);
    }
    changes.forEach(
        (name, value) -> {
          String key = key(name.getBytes(StandardCharsets.UTF_8));
          if (value.isPresent()) {
            entries.put(key, (name + "=" + value.get()).getBytes(StandardCharsets.UTF_8));
          } else {
            entries.remove(key);
          }
        });
    return StringBlock.ofBytes(entries.values());
  }

  /** The value of a variable as the child will see it, byte by byte; null if it has none. */
  byte @Nullable [] get(String name) {
    Optional<String> change = changes.get(name);
    if (change != null) {
      return change.isPresent() ? change.get().getBytes(StandardCharsets.UTF_8) : null;
    }
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] entry = base == Base.INHERITED ? Inherited.BY_NAME.get(key(bytes)) : null;
    return entry == null ? null : Arrays.copyOfRange(entry, bytes.length + 1, entry.length);
  }

  /**
   * Whether a shell passes all of it on: dash drops variables whose names are no identifiers, such
   * as {@code spring.profiles.active}.
   */
  boolean hasOnlyIdentifiers() {
    return (base == Base.EMPTY || Inherited.ONLY_IDENTIFIERS)
        && changes.entrySet().stream()
            .allMatch(change -> change.getValue().isEmpty() || isIdentifier(change.getKey()));
  }

  private static boolean isIdentifier(String name) {
    return IDENTIFIER.matcher(name).matches();
  }

  /** Whether PATH is set, and all its entries are absolute. */
  boolean hasPlainPath() {
    byte[] path = get("PATH");
    return path != null
        && Arrays.stream(key(path).split(":", -1)).allMatch(entry -> entry.startsWith("/"));
  }

  /** Bytes as a map's key, each byte one char: nothing is lost and nothing is equal by accident. */
  private static String key(byte[] name) {
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private static final class Inherited {
    static final Map<String, byte[]> BY_NAME = byName();
    static final boolean ONLY_IDENTIFIERS =
        BY_NAME.keySet().stream().allMatch(Environment::isIdentifier);
    static final StringBlock BLOCK = StringBlock.ofBytes(List.copyOf(BY_NAME.values()));

    private Inherited() {}

    private static Map<String, byte[]> byName() {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      List<byte[]> malformed = new ArrayList<>();
      for (byte[] entry : InheritedEnvironment.entries()) {
        String text = key(entry);
        int equals = text.indexOf('=', 1);
        if (equals < 0) {
          malformed.add(entry);
        } else {
          entries.putIfAbsent(text.substring(0, equals), entry);
        }
      }
      for (byte[] entry : malformed) {
        entries.put("=" + key(entry), entry); // passed on as it is; no name can be like this key
      }
      return entries;
    }
  }
}
