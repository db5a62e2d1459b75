/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.Command;
import io.reactorproc.Stdin;
import io.reactorproc.Termination;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.testkit.Proc;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** A service that does nothing; the test says for it what it would say. */
final class Puppet {
  static final Duration SOON = Duration.ofSeconds(20);

  /** Tells where its socket is, and ends at the end of its input. */
  static final Command COMMAND =
      Command.shell("echo \"$NOTIFY_SOCKET\"; read end; exit 0")
          .stdin(Stdin.pipe())
          .termination(Termination.kill());

  final RunningService service;
  final String address;
  private final NotifyTarget target;

  private Puppet(RunningService service, String address) {
    this.service = service;
    this.address = address;
    this.target =
        new NotifyTarget(
            Sockets.system(), Map.of("NOTIFY_SOCKET", address), ProcessHandle.current().pid());
  }

  /** This JVM speaks for it. */
  static Service trusting() {
    return trusting(COMMAND);
  }

  static Service trusting(Command command) {
    return Service.of(command).access(NotifyAccess.matching(sender -> sender.pid() == Proc.self()));
  }

  static Puppet start(Service service) {
    RunningService running = Objects.requireNonNull(service.start().block(SOON));
    String address = running.process().lines().blockFirst(SOON);
    return new Puppet(running, Objects.requireNonNull(address));
  }

  Puppet says(String... assignments) {
    target.send(assignments).block(SOON);
    return this;
  }

  NotifyTarget target() {
    return target;
  }

  /** Lets it end by itself. */
  void end() {
    service.process().stdin().close().block(SOON);
  }

  void dispose() {
    service.dispose();
    service.process().exit().block(SOON);
  }
}
