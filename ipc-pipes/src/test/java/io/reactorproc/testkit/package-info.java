/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/** What the tests of all modules share; published to them as the test-jar of this module. */
@NullMarked
package io.reactorproc.testkit;

import org.jspecify.annotations.NullMarked;
