/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
/**
 * What the tests of all modules share; published to them as the test-jar of this module.
 *
 * <ul>
 *   <li>{@link io.reactorproc.testkit.LeakExtension} watches every Jupiter test; {@link
 *       io.reactorproc.testkit.Tolerates} makes an exception, with its reason.
 *   <li>{@link io.reactorproc.testkit.BlockingCalls} proves that no event loop blocks.
 *   <li>{@link io.reactorproc.testkit.EnabledIfExecutable} and {@link
 *       io.reactorproc.testkit.EnabledIfFile} skip what a bare machine cannot run.
 *   <li>{@link io.reactorproc.testkit.Proc} and {@link io.reactorproc.testkit.Await} ask the
 *       kernel.
 * </ul>
 */
@NullMarked
package io.reactorproc.testkit;

import org.jspecify.annotations.NullMarked;
