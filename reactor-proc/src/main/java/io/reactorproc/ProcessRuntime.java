/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.ipc.EventLoops;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Kernel;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import reactor.core.Disposable;

/**
 * Where children are watched. {@link #shared()} serves everybody who says nothing else; {@link
 * #on(EventLoops)} watches on the caller's event loops, so that a server and its children share
 * them. Starting is done by the same few threads for all runtimes of the JVM. {@link
 * Closing#of(ProcessRuntime)} ends its children together.
 */
public final class ProcessRuntime {
  private final EventLoops loops;
  private final Kernel kernel;
  private final ExitWatch.Factory exits;
  private final Set<Child> living = ConcurrentHashMap.newKeySet();
  private final StartGate gate = new StartGate();
  private final Closing closing = new Closing(this::close);

  /** Run when a child is gone or a start is over; empty until a closing begins. */
  private final List<Runnable> observers = new CopyOnWriteArrayList<>();

  ProcessRuntime(EventLoops loops, Kernel kernel, ExitWatch.Factory exits) {
    this.loops = loops;
    this.kernel = kernel;
    this.exits = exits;
    Runtimes.add(this);
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

  /**
   * Tells the listener of all children, those of all runtimes: of those that live already, each on
   * its loop, and of all that come.
   *
   * @return what ends that, once calls that are under way are over
   */
  public static Disposable listen(ChildListener listener) {
    return ChildListeners.add(Objects.requireNonNull(listener, "listener"));
  }

  /**
   * For those who look at processes of this JVM and ask whose they are: answers true as long as a
   * spawn that is under way at this call may have made a process that no {@linkplain #listen
   * listener} was told of yet. A process that was seen before the call, and that listeners do not
   * know after the answer false, was not started here. Asking again waits for no spawn that began
   * later.
   */
  public static BooleanSupplier spawnsUnderWay() {
    return SpawnEpochs.next();
  }

  private List<ProcessRuntime> close() {
    gate.close();
    return List.of(this);
  }

  /** How many children it has that are not reaped. */
  public int liveChildren() {
    return living.size();
  }

  Iterable<Child> living() {
    return living;
  }

  void born(Child child) {
    living.add(child);
  }

  void gone(Child child) {
    living.remove(child);
  }

  /** A child is gone and its run knows, or a start is over: runs the observers. */
  void changed() {
    observers.forEach(Runnable::run);
  }

  void observe(Runnable observer) {
    observers.add(observer);
  }

  StartGate gate() {
    return gate;
  }

  Closing closing() {
    return closing;
  }

  IoEventLoop nextLoop() {
    return loops.next();
  }

  Kernel kernel() {
    return kernel;
  }

  ExitWatch.Factory exits() {
    return exits;
  }

  private static final class Shared {
    static final ProcessRuntime INSTANCE = create(EventLoops.shared(), Kernel.system());

    private Shared() {}
  }
}
