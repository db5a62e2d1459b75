/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One message of a service to its manager: assignments of variables, as sd_notify(3) lists them.
 * What was malformed is left out of it.
 *
 * @param sender who sent it
 * @param values in the order of the message; of a name that comes twice the first counts
 * @param descriptors how many descriptors came with it; they were closed
 */
public record Notification(NotifySender sender, Map<String, String> values, int descriptors) {
  private static final String YES = "1";

  /** {@code READY=1}: start-up, or a reload, is finished. */
  public boolean isReady() {
    return says("READY", YES);
  }

  /** {@code RELOADING=1}: begins to reload; {@code READY=1} ends it. */
  public boolean isReloading() {
    return says("RELOADING", YES);
  }

  /** {@code STOPPING=1}: begins to shut down. */
  public boolean isStopping() {
    return says("STOPPING", YES);
  }

  /** {@code WATCHDOG=1}: is alive. */
  public boolean isKeepAlive() {
    return says("WATCHDOG", YES);
  }

  /** {@code WATCHDOG=trigger}: wants to be taken for dead. */
  public boolean isWatchdogTrigger() {
    return says("WATCHDOG", "trigger");
  }

  /** {@code WATCHDOG_USEC=}: the time between two signs of life, from now on; 0 for none. */
  public Optional<Duration> watchdogTimeout() {
    return micros("WATCHDOG_USEC");
  }

  /** {@code EXTEND_TIMEOUT_USEC=}: how much longer it will take at least. */
  public Optional<Duration> extendTimeout() {
    return micros("EXTEND_TIMEOUT_USEC");
  }

  /** {@code MONOTONIC_USEC=}: the sender's {@code CLOCK_MONOTONIC}, with {@code RELOADING=1}. */
  public Optional<Duration> monotonic() {
    return micros("MONOTONIC_USEC");
  }

  /** {@code STATUS=}: a line for people to read. */
  public Optional<String> status() {
    return value("STATUS");
  }

  /** {@code MAINPID=}: the process that the service is from now on. */
  public OptionalInt mainPid() {
    return number("MAINPID");
  }

  /** {@code ERRNO=}: why it failed. */
  public OptionalInt errno() {
    return number("ERRNO");
  }

  /** Any variable, also one that is not listed here. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  private boolean says(String name, String value) {
    return value.equals(values.get(name));
  }

  private OptionalInt number(String name) {
    String value = values.get(name);
    return value == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(value));
  }

  private Optional<Duration> micros(String name) {
    return value(name).map(Micros::parse);
  }
}
