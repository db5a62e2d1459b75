/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.testkit;

/** One fault, in words that name the culprit. */
record Finding(Fault fault, String text) {}
