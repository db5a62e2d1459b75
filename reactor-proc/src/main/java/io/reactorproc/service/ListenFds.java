/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The sockets that this JVM was given by its own manager, by sd_listen_fds(3). */
public final class ListenFds {
  private static final String PID = "LISTEN_PID";
  private static final String FDS = "LISTEN_FDS";
  private static final String NAMES = "LISTEN_FDNAMES";
  private static final int FIRST = 3;

  /** What Linux has as the highest limit of open files by default. */
  private static final int MOST = 1024 * 1024;

  private static final AtomicBoolean TAKEN = new AtomicBoolean();

  /**
   * One of them.
   *
   * @param name what its manager calls it, or "unknown"
   * @param descriptor the caller's to close
   */
  public record Given(String name, Descriptor descriptor) {}

  private ListenFds() {}

  /**
   * Takes them, once in the life of this JVM: they are the caller's then, and a second call answers
   * none. None are there where {@code LISTEN_PID} is not this process, as in the child of one that
   * was activated.
   *
   * <p>Each gets {@code FD_CLOEXEC}, which it had not when this JVM was started: call it before
   * anything else starts a program. The variables stay in the environment, as a JVM cannot change
   * that safely; our children have other pids, and pass over them.
   *
   * @throws MalformedEnvironmentException if the variables contradict themselves or what is open
   */
  public static List<Given> take() {
    if (!TAKEN.compareAndSet(false, true)) {
      return List.of();
    }
    try {
      return new Reader(Kernel.system(), System.getenv(), ProcessHandle.current().pid()).read();
    } catch (MalformedEnvironmentException e) {
      TAKEN.set(false); // nothing was taken, and the next call says so, too
      throw e;
    }
  }

  /** Reads one environment. */
  static final class Reader {
    private final Kernel kernel;
    private final Map<String, String> environment;
    private final long pid;

    Reader(Kernel kernel, Map<String, String> environment, long pid) {
      this.kernel = kernel;
      this.environment = environment;
      this.pid = pid;
    }

    List<Given> read() {
      String of = environment.get(PID);
      String fds = environment.get(FDS);
      if (of == null || fds == null || number(PID, of, Long.MAX_VALUE) != pid) {
        return List.of();
      }
      int count = (int) number(FDS, fds, MOST);
      List<String> names = names(environment.get(NAMES), count);
      for (int i = 0; i < count; i++) {
        if (!kernel.isOpen(FIRST + i)) {
          throw new MalformedEnvironmentException(
              FDS, fds, "descriptor " + (FIRST + i) + " is not open");
        }
      }
      List<Given> given = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        closeOnExec(FIRST + i);
        given.add(new Given(names.get(i), Descriptor.own(kernel, FIRST + i)));
      }
      return List.copyOf(given);
    }

    private void closeOnExec(int fd) {
      try {
        kernel.setCloseOnExec(fd, "keep a socket of ours from children");
      } catch (SystemCallException e) {
        throw new IllegalStateException("descriptor " + fd + " was open just now", e);
      }
    }

    private static long number(String variable, String text, long most) {
      long number;
      try {
        number = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw new MalformedEnvironmentException(variable, text, "not a number");
      }
      if (number < 0 || number > most || text.startsWith("+")) {
        throw new MalformedEnvironmentException(variable, text, "not a number that can be");
      }
      return number;
    }

    private static List<String> names(@Nullable String text, int count) {
      if (text == null || (text.isEmpty() && count == 0)) {
        String[] unknown = new String[count];
        Arrays.fill(unknown, "unknown");
        return List.of(unknown);
      }
      List<String> names = List.of(text.split(":", -1));
      if (names.size() != count) {
        throw new MalformedEnvironmentException(
            NAMES, text, names.size() + " names for " + count + " descriptors");
      }
      return names;
    }
  }
}
