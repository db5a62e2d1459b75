/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.flow.ChannelFlux;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.signals.Signal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A pipeline that was started and is its user's to look after. May be used from any thread; what it
 * delivers is delivered on the event loop of its children.
 *
 * <p>Each stage is a {@link RunningProcess} with its pid, its stderr and its exit. What that says
 * of a process group is here one of the whole pipeline: signalled and terminated through the handle
 * of a stage, that child alone is meant.
 */
public final class RunningPipeline implements Disposable {
  private final Pipeline pipeline;
  private final Run run;
  private final SortedMap<Integer, RunningProcess> stages;
  private final @Nullable ChannelFlux stdout;
  private final Sinks.One<PipelineResult> exit;

  RunningPipeline(
      Pipeline pipeline,
      Run run,
      Map<Integer, RunningProcess> stages,
      @Nullable ChannelFlux stdout,
      Sinks.One<PipelineResult> exit) {
    this.pipeline = pipeline;
    this.run = run;
    this.stages = Collections.unmodifiableSortedMap(new TreeMap<>(stages));
    this.stdout = stdout;
    this.exit = exit;
  }

  /** What it runs. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /** The children, in the order of their stages; a stage in Java, or of several, is none. */
  public List<RunningProcess> children() {
    return List.copyOf(stages.values());
  }

  /**
   * The child of one stage.
   *
   * @param position where it stands, counted from 0 and with the stages in Java
   * @throws NoSuchElementException if there is no such stage, it is in Java, or a job of several
   */
  public RunningProcess stage(int position) {
    RunningProcess stage = stages.get(position);
    if (stage == null) {
      throw new NoSuchElementException("no child is stage " + position + ", counted from 0");
    }
    return stage;
  }

  /**
   * The writer of the first stage's stdin.
   *
   * @throws IllegalStateException unless that is {@link Stdin#pipe()}
   */
  public ByteSink stdin() {
    return stage(0).stdin();
  }

  /**
   * Stdout of the last stage, by demand, for one subscriber, who releases the buffers.
   *
   * @return an error at the subscription where it was sent elsewhere
   */
  public Flux<ByteBuf> stdout() {
    ChannelFlux flux = stdout;
    return flux != null
        ? flux
        : Flux.error(new IllegalStateException("stdout does not come through the JVM"));
  }

  /** The lines of the last stage's stdout; instead of {@link #stdout}. */
  public Flux<String> lines() {
    return run.settings().records.decodeText(stdout(), run.settings().decoding);
  }

  /** Stderr of one stage, by demand, for one subscriber, who releases the buffers. */
  public Flux<ByteBuf> stderr(int position) {
    return stage(position).stderr();
  }

  /** Whether a stage is not over yet. */
  public boolean isAlive() {
    return !run.isOver();
  }

  /**
   * How all stages ended, once the last child is reaped, for any number of subscribers, before and
   * after that. The statuses are values and are not checked. Where a timeout ended the pipeline, a
   * {@link PipelineException} says so. Cancelling does nothing to the children.
   */
  public Mono<PipelineResult> exit() {
    return exit.asMono();
  }

  /**
   * Sends a signal to the process group of the pipeline, when subscribed; one by one to children
   * that are not in it.
   *
   * @return whether it was sent; false where all children are gone. An error of {@code kill(2)} is
   *     a {@link SystemCallException}
   */
  public Mono<Boolean> signal(Signal signal) {
    return Mono.create(
        sink ->
            run.loop()
                .execute(
                    () -> {
                      try {
                        sink.success(run.ending().signal(signal.number()));
                      } catch (SystemCallException e) {
                        sink.error(e);
                      }
                    }));
  }

  /**
   * The cgroup that its children were started in, where it has {@linkplain Pipeline#cgroup one}.
   */
  public Optional<Cgroup> cgroup() {
    return Optional.ofNullable(run.cgroup()).map(RunCgroup::cgroup);
  }

  /**
   * When its stages stop and go on, each by itself; as {@link RunningProcess#jobChanges()}, until
   * the last child is reaped. A stage that is a job of several children is not told of.
   */
  public Flux<PipelineEvent> jobChanges() {
    List<Child> children = new ArrayList<>();
    for (Part part : run.parts()) {
      if (part.isChild()) {
        children.add(part.child());
      }
    }
    return JobChanges.of(
        run.loop(),
        children,
        (child, change) -> new PipelineEvent(child.part().position(), change));
  }

  /**
   * Stops all its children, when subscribed, by SIGSTOP to their process group; as {@link
   * RunningProcess#pause()}, or by freezing their cgroup. Stages in Java wait for those in front of
   * and behind them.
   *
   * @return true once each child has stopped or is gone, and false where all are gone, or they were
   *     told to go on before they had stopped
   */
  public Mono<Boolean> pause() {
    return Mono.create(
        sink -> run.loop().execute(() -> run.pausing().pause(run, run.ending().members(), sink)));
  }

  /** Lets all its children go on, when subscribed; as {@link RunningProcess#resume()}. */
  public Mono<Boolean> resume() {
    return Mono.create(
        sink -> run.loop().execute(() -> run.pausing().resume(run, run.ending().members(), sink)));
  }

  /**
   * Asks all children to end, as the pipeline's {@link Termination} and {@link EndingOrder} say;
   * {@link #exit()} tells.
   */
  public void terminate() {
    terminate(run.settings().termination);
  }

  /** Asks all children to end in another way; it takes the place of one that is on its way. */
  public void terminate(Termination termination) {
    run.loop().execute(() -> run.ending().terminate(termination));
  }

  /** Lets go: closes our ends of all pipes and ends the children. Repeating does nothing. */
  @Override
  public void dispose() {
    run.loop().execute(run.ending()::hangUp);
  }

  /** Whether all children are reaped. */
  @Override
  public boolean isDisposed() {
    return !isAlive();
  }

  @Override
  public String toString() {
    return pipeline + (isAlive() ? " (running)" : " (ended)");
  }
}
