/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.ExitStatus;
import io.reactorproc.RunningProcess;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A service that was started and is its user's to look after. May be used from any thread; what it
 * delivers is delivered on the event loop of its notify socket.
 *
 * <p>Looking at it costs the service nothing: no subscriber here holds up its messages.
 */
public final class RunningService implements Disposable {
  private final RunningProcess process;
  private final ServiceMonitor monitor;

  RunningService(RunningProcess process, ServiceMonitor monitor) {
    this.process = process;
    this.monitor = monitor;
  }

  /**
   * The child. Its own {@link RunningProcess#exit()} tells of the status alone; {@link #exit()}
   * here also tells why it was ended.
   */
  public RunningProcess process() {
    return process;
  }

  /**
   * Its readiness, for any number of subscribers, before and after it came. A service that ends
   * before, or takes too long, is a {@link ServiceException}. Cancelling does nothing to it.
   */
  public Mono<Ready> ready() {
    return monitor.ready();
  }

  /** What is known of it now. */
  public ServiceState state() {
    return monitor.state();
  }

  /**
   * Its state: the present one at the subscription, and each that follows, to {@link
   * ServiceState.Phase#EXITED}. A subscriber without demand gets the latest when it asks again; the
   * ones between are passed over.
   */
  public Flux<ServiceState> states() {
    return monitor.states();
  }

  /**
   * Its messages, of which the last 64 are kept for those who come late, until it has ended. For a
   * subscriber without demand 256 are held, then the oldest are dropped and counted.
   */
  public Flux<Notification> notifications() {
    return monitor.messages();
  }

  /** What its socket has received. */
  public NotifyCounters counters() {
    return monitor.counters();
  }

  /**
   * How the child ended, for any number of subscribers, once all its messages are read. The status
   * is a value and is not checked. Where its readiness took too long or its watchdog bit, a {@link
   * ServiceException} says so; a timeout of the command is the error that {@link
   * RunningProcess#exit()} has.
   */
  public Mono<ExitStatus> exit() {
    return monitor.exit();
  }

  /** Asks the child to end, as its command's termination says; {@link #exit()} tells. */
  public void terminate() {
    monitor.terminated();
    process.terminate();
  }

  /** Lets go: closes our ends of its pipes and ends it. Repeating does nothing. */
  @Override
  public void dispose() {
    monitor.terminated();
    process.dispose();
  }

  /** Whether the child is reaped. */
  @Override
  public boolean isDisposed() {
    return process.isDisposed();
  }

  @Override
  public String toString() {
    return "service " + process;
  }
}
