/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.Terminals;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where children are watched. {@link #shared()} serves everybody who says nothing else; {@link
 * #on(EventLoops)} watches on the caller's event loops, so that a server and its children share
 * them. Starting is done by the same few threads for all runtimes of the JVM.
 */
public final class ProcessRuntime {
  private final EventLoops loops;
  private final Kernel kernel;
  private final Terminals terminals;
  private final ExitWatch.Factory exits;
  private final Set<Child> living = ConcurrentHashMap.newKeySet();

  ProcessRuntime(EventLoops loops, Kernel kernel, ExitWatch.Factory exits) {
    this(loops, kernel, Terminals.system(), exits);
  }

  ProcessRuntime(EventLoops loops, Kernel kernel, Terminals terminals, ExitWatch.Factory exits) {
    this.loops = loops;
    this.kernel = kernel;
    this.terminals = terminals;
    this.exits = exits;
    JvmExit.guard(this);
  }

  /**
   * The runtime of this JVM.
   *
   * @throws io.reactorproc.ipc.sys.UnsupportedPlatformException if the platform lacks the minimum
   */
  public static ProcessRuntime shared() {
    return Shared.INSTANCE;
  }

  /** A runtime on these loops; they stay their owner's, and must outlive the children. */
  public static ProcessRuntime on(EventLoops loops) {
    return create(Objects.requireNonNull(loops, "loops"), Kernel.system());
  }

  static ProcessRuntime create(EventLoops loops, Kernel kernel) {
    SigchldDisposition.repair();
    return new ProcessRuntime(loops, kernel, ExitWatch.Factory.of(Capabilities.get()));
  }

  /** How many children it has that are not reaped. */
  public int liveChildren() {
    return living.size();
  }

  Set<Child> living() {
    return living;
  }

  IoEventLoop nextLoop() {
    return loops.next();
  }

  Kernel kernel() {
    return kernel;
  }

  Terminals terminals() {
    return terminals;
  }

  ExitWatch.Factory exits() {
    return exits;
  }

  private static final class Shared {
    static final ProcessRuntime INSTANCE = create(EventLoops.shared(), Kernel.system());

    private Shared() {}
  }
}
