/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import io.reactorproc.ExitStatus;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a service at one moment, from all that it has said.
 *
 * @param phase where it is in its life
 * @param since when it came there
 * @param status the last line for people that it sent
 * @param mainPid the process that it said it is; empty where it is the child
 * @param errno the last reason of a failure that it sent
 * @param exit how the child ended, in {@link Phase#EXITED}; empty there where that is not known
 */
public record ServiceState(
    Phase phase,
    Instant since,
    Optional<String> status,
    OptionalInt mainPid,
    OptionalInt errno,
    Optional<ExitStatus> exit) {

  /** The steps of a life. */
  public enum Phase {
    /** It runs and has not said that it is ready. */
    STARTING,
    /** It has said {@code READY=1}. */
    READY,
    /** It has said {@code RELOADING=1}, and will say {@code READY=1}. */
    RELOADING,
    /** It has said {@code STOPPING=1}, or is being ended. */
    STOPPING,
    /** The child is reaped. */
    EXITED
  }

  static ServiceState starting() {
    return new ServiceState(
        Phase.STARTING,
        Instant.now(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty());
  }

  /** After a message. */
  ServiceState after(Notification message) {
    Phase next = nextPhase(message);
    return new ServiceState(
        next,
        next == phase ? since : Instant.now(),
        message.status().or(() -> status),
        message.mainPid().isPresent() ? message.mainPid() : mainPid,
        message.errno().isPresent() ? message.errno() : errno,
        exit);
  }

  /** Of several in one message the last one in a life counts. */
  private Phase nextPhase(Notification message) {
    if (message.isStopping()) {
      return Phase.STOPPING;
    }
    if (phase == Phase.STOPPING) {
      return phase; // there is no way back
    }
    if (message.isReady()) {
      return Phase.READY;
    }
    return message.isReloading() ? Phase.RELOADING : phase;
  }

  ServiceState stopping() {
    return phase == Phase.STOPPING
        ? this
        : new ServiceState(Phase.STOPPING, Instant.now(), status, mainPid, errno, exit);
  }

  ServiceState exited(@Nullable ExitStatus how) {
    return new ServiceState(
        Phase.EXITED, Instant.now(), status, mainPid, errno, Optional.ofNullable(how));
  }
}
