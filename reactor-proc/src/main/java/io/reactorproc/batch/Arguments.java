/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import io.reactorproc.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Arguments in groups, so that one child gets many: {@code xargs -n}. The kernel limits how long
 * the arguments and the environment of a program may be together ({@code execve(2)}, {@code
 * E2BIG}).
 */
public final class Arguments {
  /** What {@code xargs} uses where nothing is said. */
  private static final long USUAL = 128 * 1024;

  /** Left free, as POSIX asks of {@code xargs}, for a program that changes its environment. */
  private static final long HEADROOM = 2048;

  /** The kernel counts a string, its NUL and the pointer to it. */
  private static final int PER_STRING = 1 + Long.BYTES;

  /** Of the stack, a quarter is for these strings, whatever the limit 3/4 of 8 MiB at most. */
  private static final long MOST_OF_ALL = 6L * 1024 * 1024;

  private static final Pattern STACK =
      Pattern.compile("^Max stack size\\s+(\\S+)", Pattern.MULTILINE);

  private Arguments() {}

  /**
   * Groups of at most this many arguments whose bytes, with those of the command that they are put
   * behind, stay within 128 KiB, or within {@link #mostBytes()} where that is less.
   *
   * @see #groups(Publisher, int, long)
   */
  public static Flux<List<String>> groups(Publisher<String> arguments, int most, Command command) {
    long room = Math.min(USUAL, mostBytes()) - size(command.argv());
    return groups(arguments, most, room);
  }

  /**
   * Groups of at most this many arguments and at most this many bytes, each argument counted with
   * its NUL and a pointer, in UTF-8. An argument that is too long by itself is a group by itself,
   * for the kernel to refuse.
   *
   * <p>The source is asked for arguments one by one, beyond a full group for one only; the last
   * group comes when it completes.
   */
  public static Flux<List<String>> groups(Publisher<String> arguments, int most, long bytes) {
    Options.positive(most, "the number of arguments");
    return Flux.defer(
        () -> Flux.from(arguments).bufferUntil(new Full(most, bytes)::noRoomFor, true));
  }

  /**
   * How many bytes of arguments a child of this JVM can have, by {@code RLIMIT_STACK} and the
   * environment that it would inherit; {@code getconf ARG_MAX} less environment and 2 KiB.
   */
  public static long mostBytes() {
    long environment = 0;
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      environment += size(variable.getKey()) + size(variable.getValue());
    }
    return Math.max(0, argMax() - environment - HEADROOM);
  }

  private static long argMax() {
    long stack = Long.MAX_VALUE;
    try {
      Matcher limit = STACK.matcher(Files.readString(Path.of("/proc/self/limits")));
      if (limit.find() && !limit.group(1).equals("unlimited")) {
        stack = Long.parseLong(limit.group(1));
      }
    } catch (IOException e) {
      stack = 0; // what every kernel grants
    }
    return Math.max(USUAL, Math.min(stack / 4, MOST_OF_ALL));
  }

  private static long size(List<String> strings) {
    return strings.stream().mapToLong(Arguments::size).sum();
  }

  private static long size(String string) {
    return string.getBytes(StandardCharsets.UTF_8).length + (long) PER_STRING;
  }

  /** How full the group is that is being made. */
  private static final class Full {
    private final int most;
    private final long room;
    private int count;
    private long bytes;

    Full(int most, long room) {
      this.most = most;
      this.room = room;
    }

    /** Whether this argument begins another group. */
    boolean noRoomFor(String argument) {
      long size = size(argument);
      boolean full = count > 0 && (count == most || bytes + size > room);
      count = full ? 1 : count + 1;
      bytes = full ? size : bytes + size;
      return full;
    }
  }
}
