/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.signals;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import sun.misc.SignalHandler;

/**
 * Signals through the JVM's own handler, {@code sun.misc.Signal}: works in every JVM, for the
 * signals the JVM lets go of.
 *
 * <p>The class belongs to {@code jdk.unsupported}, which exports it because no supported API
 * replaces it (JEP 260); this is the only file that names it.
 */
final class HandlerSource implements SignalSource {
  @Override
  public @Nullable String refusal(Signal signal) {
    return HandlerRefusals.reason(signal);
  }

  @Override
  public Disposable open(Signal signal, Receiver receiver) {
    if (signal == Signal.SIGCHLD) {
      initialiseProcessImpl();
    }
    sun.misc.Signal target = new sun.misc.Signal(signal.name().substring("SIG".length()));
    SignalHandler ours = arrived -> receiver.onArrival(Instant.now(), null);
    SignalHandler previous = handle(signal, target, ours);
    return () -> restore(target, ours, previous);
  }

  /**
   * Gives a signal its default disposition, whatever listens to it; false where that is refused.
   */
  static boolean makeDefault(Signal signal) {
    try {
      sun.misc.Signal.handle(
          new sun.misc.Signal(signal.name().substring("SIG".length())), SignalHandler.SIG_DFL);
      return true;
    } catch (IllegalArgumentException refused) {
      return false; // such as SIGKILL, or SIGTERM under -Xrs, which have no other
    }
  }

  private static SignalHandler handle(
      Signal signal, sun.misc.Signal target, SignalHandler handler) {
    try {
      return sun.misc.Signal.handle(target, handler);
    } catch (IllegalArgumentException refused) {
      throw new UnsupportedSignalException(signal, "the virtual machine refuses it", refused);
    }
  }

  /**
   * Puts back what was there. For a SIGHUP, SIGINT or SIGTERM that was ignored when the JVM started
   * that is no change: HotSpot answered the installation with "ignored" and left it so.
   */
  private static void restore(sun.misc.Signal target, SignalHandler ours, SignalHandler previous) {
    SignalHandler replaced = sun.misc.Signal.handle(target, previous);
    if (replaced != ours) {
      // Somebody installed a handler of their own over ours while we listened. It is theirs to
      // keep.
      sun.misc.Signal.handle(target, replaced);
    }
  }

  /**
   * The static initialiser of the JDK's process class sets SIGCHLD to its default, with no regard
   * for a handler. Once it has run it never comes back, so it has to run first.
   */
  private static void initialiseProcessImpl() {
    try {
      Class.forName("java.lang.ProcessImpl", true, null);
    } catch (ClassNotFoundException absent) {
      // A JDK without this class has nothing that would take the handler away.
    }
  }
}
