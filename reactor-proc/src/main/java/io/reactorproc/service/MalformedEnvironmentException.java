/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

/**
 * A variable by which a manager tells this JVM of a protocol cannot be read. That is the manager's
 * fault, not the service's; to go on as if it were not set would hide it.
 */
public final class MalformedEnvironmentException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final String variable;

  MalformedEnvironmentException(String variable, String value, String why) {
    super(variable + "=" + value + " in the environment: " + why);
    this.variable = variable;
  }

  /** The variable's name. */
  public String variable() {
    return variable;
  }
}
