/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

/**
 * What has happened on an exchange so far. Each number is exact, but they are not of one instant.
 *
 * @param requested requests of ours that were given an id
 * @param answered of these, those with an answer
 * @param failed of these, those with an error as the answer
 * @param timedOut requests of ours without an answer in time
 * @param cancelled requests of ours whose subscriber gave up
 * @param inFlight requests of ours that wait for the answer
 * @param waiting requests of ours that wait until others are answered
 * @param lateAnswers answers to requests that had an answer, a timeout or a cancel before; dropped
 * @param unknownAnswers answers to what was never asked; dropped
 * @param malformed frames and parts of batches that were left out
 * @param handled requests of the peer that the handler was given
 * @param refused requests of the peer that were too many
 * @param calledOff requests of the peer that it called off in time
 * @param notified notifications of ours
 * @param notifications notifications of the peer
 */
public record ExchangeStats(
    long requested,
    long answered,
    long failed,
    long timedOut,
    long cancelled,
    int inFlight,
    int waiting,
    long lateAnswers,
    long unknownAnswers,
    long malformed,
    long handled,
    long refused,
    long calledOff,
    long notified,
    long notifications) {}
