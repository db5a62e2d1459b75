/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reactorproc.ipc.flow.TapMode;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;

/** How a tapped flow ends, on both sides and for the observer. */
@Timeout(60)
final class TapEndTest {
  private final TapFixture between = new TapFixture();

  @AfterEach
  void close() {
    between.close();
  }

  private void assertWriterMeetsABrokenPipe() {
    assertThatThrownBy(() -> between.writer.write(new byte[1]))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Broken pipe");
  }

  @Test
  void endOfFile_reachesTheReaderAndTheObserver() {
    RunningTap tap = between.open(Tap.exact());
    ByteProbe observer = ByteProbe.unbounded();
    tap.bytes().subscribe(observer);
    between.writer.say("all of it");
    between.writer.close();

    assertThat(between.reader.awaitEnd()).hasSize(9);
    assertThat(observer.awaitComplete().text()).isEqualTo("all of it");
    assertThat(TapFixture.end(tap)).isEqualTo(new WriteOutcome(9, false));
  }

  @Test
  void endOfFileWithoutAByteOrDemand_isAnEndToo() {
    RunningTap tap = between.open(Tap.exact());
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    between.writer.close();

    assertThat(between.reader.awaitEnd()).isEmpty();
    assertThat(observer.awaitComplete().bytes()).isEmpty();
  }

  @Test
  void endOfFileBehindAFullPipe_comesAfterTheLastByte() {
    RunningTap tap = between.open(Tap.lossy());
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    int[] written = {0};
    Await.until(
        "both pipes are full",
        () -> {
          int more = between.writer.fill();
          written[0] += more;
          between.loop.settle();
          return more == 0;
        });
    between.writer.close();
    between.loop.settle();

    assertThat(between.reader.awaitEnd()).hasSize(written[0]);
    assertThat(TapFixture.end(tap)).isEqualTo(new WriteOutcome(written[0], false));
    observer.request(Long.MAX_VALUE);
    observer.awaitComplete();
    assertThat(tap.seen() + tap.missed()).isEqualTo(written[0]);
  }

  @Test
  void endOfFileWhileTheObserverHoldsTheFlow_losesNothing() {
    RunningTap tap = between.open(Tap.exact().capacity(4096));
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    between.writer.write(new byte[20_000]);
    between.writer.close();
    Await.until("held", () -> tap.passed() == 4096);
    between.loop.settle();
    observer.request(Long.MAX_VALUE);

    assertThat(between.reader.awaitEnd()).hasSize(20_000);
    assertThat(observer.awaitComplete().bytes()).hasSize(20_000);
  }

  @ParameterizedTest
  @EnumSource(TapMode.class)
  void aReaderThatGoesAwayWhileNothingFlows_breaksTheWritersPipe(TapMode mode) {
    RunningTap tap = between.open(new Tap(mode, 0));
    ByteProbe observer = ByteProbe.unbounded();
    tap.bytes().subscribe(observer);
    between.writer.say("seen");
    assertThat(between.reader.awaitText(4)).isEqualTo("seen");
    between.reader.close();

    between.awaitBothClosed();
    assertWriterMeetsABrokenPipe();
    assertThat(TapFixture.end(tap)).isEqualTo(new WriteOutcome(4, true));
    assertThat(observer.awaitComplete().text()).isEqualTo("seen");
  }

  @Test
  void aReaderThatGoesAwayWhileItsPipeIsFull_breaksTheWritersPipe() {
    RunningTap tap = between.open(Tap.lossy());
    Await.until(
        "both pipes are full",
        () -> {
          between.loop.settle();
          return between.writer.fill() == 0;
        });
    between.reader.close();

    between.awaitBothClosed();
    assertWriterMeetsABrokenPipe();
    assertThat(TapFixture.end(tap).readerGone()).isTrue();
    tap.bytes().subscribe(ByteProbe.unbounded());
  }

  @Test
  void aReaderThatGoesAwayWhileTheObserverHoldsTheFlow_breaksTheWritersPipe() {
    RunningTap tap = between.open(Tap.exact().capacity(4096));
    ByteProbe observer = new ByteProbe();
    tap.bytes().subscribe(observer);
    between.writer.write(new byte[20_000]);
    Await.until("held", () -> tap.passed() == 4096);
    between.reader.close();

    between.awaitBothClosed();
    assertThat(TapFixture.end(tap)).isEqualTo(new WriteOutcome(4096, true));
    observer.request(Long.MAX_VALUE);
    assertThat(observer.awaitComplete().bytes()).hasSize(4096);
  }

  @Test
  void dispose_closesBothAndEndsTheObserver() {
    RunningTap tap = between.open(Tap.exact());
    ByteProbe observer = ByteProbe.unbounded();
    tap.bytes().subscribe(observer);
    tap.dispose();
    tap.dispose();

    between.awaitBothClosed();
    assertWriterMeetsABrokenPipe();
    assertThat(between.reader.awaitEnd()).isEmpty();
    observer.awaitComplete();
    assertThatThrownBy(() -> tap.end().block(TapFixture.SOON))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  void dispose_letsGoOfWhatNobodySubscribedTo() {
    RunningTap tap = between.open(Tap.lossy());
    between.writer.say("unseen");
    assertThat(between.reader.awaitText(6)).isEqualTo("unseen");
    between.writer.close();
    TapFixture.end(tap);
    tap.dispose(); // the leak check sees a pipe that is left open
    between.loop.settle();

    ByteProbe late = ByteProbe.unbounded();
    tap.bytes().subscribe(late);
    assertThat(late.awaitComplete().bytes()).isEmpty();
  }

  @Test
  void aSecondObserver_isRefused() {
    RunningTap tap = between.open(Tap.lossy());
    tap.bytes().subscribe(ByteProbe.unbounded());
    ByteProbe second = ByteProbe.unbounded();
    tap.chunks().map(TapChunk::bytes).subscribe(second);

    assertThat(second.awaitError()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSecondSubscription_isRefused() {
    Mono<RunningTap> opening =
        DescriptorStreams.tap(
            between.first.readEnd(), between.second.writeEnd(), Tap.lossy(), between.loop.loops());
    RunningTap tap = opening.block(TapFixture.SOON);
    assertThat(tap).isNotNull();
    tap.bytes().subscribe(ByteProbe.unbounded());

    assertThatThrownBy(() -> opening.block(TapFixture.SOON))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatIsNoPipe_isRefusedAndBothAreClosed() {
    Pipe sockets = Ends.socketPair(Ends.SOCK_STREAM);
    assertThatThrownBy(
            () ->
                DescriptorStreams.tap(sockets.readEnd(), between.second.writeEnd(), Tap.exact())
                    .block(TapFixture.SOON))
        .satisfies(
            thrown -> {
              Throwable cause = Exceptions.unwrap(thrown);
              assertThat(cause).isInstanceOf(SystemCallException.class);
              assertThat(((SystemCallException) cause).is(Errno.EINVAL)).isTrue();
            });
    assertThat(sockets.readEnd().isOpen()).isFalse();
    assertThat(between.second.writeEnd().isOpen()).isFalse();
    sockets.close();
    between.first.readEnd().close();
  }

  @Test
  void aLoopThatIsShutDown_isAnErrorForAll() {
    RunningTap tap = between.open(Tap.exact());
    ByteProbe observer = ByteProbe.unbounded();
    tap.bytes().subscribe(observer);
    between.loop.settle();
    between.loop.shutDown();

    between.awaitBothClosed();
    assertThatThrownBy(() -> tap.end().block(TapFixture.SOON)).hasStackTraceContaining("shut down");
    assertThat(observer.awaitError()).hasMessageContaining("shut down");
  }

  /** The name of the call, and whether the flow survives its failure. */
  @ParameterizedTest
  @CsvSource({
    "pipe, 0, false",
    "setNonBlocking, 0, false",
    "pipeCapacity, 0, false",
    "pipeCapacity, 1, false",
    "available, 0, false",
    "available, 3, false",
    "tee, 0, true",
    "tee, 2, true",
    "splice, 0, false",
    "splice, 2, false",
    "setPipeCapacity, 0, true"
  })
  void aSystemCallThatFailsOnce_isToldAndLeavesNothingOpen(
      String call, int at, boolean flowSurvives) {
    FaultyCalls faults = new FaultyCalls(call, at, Errno.EIO);
    byte[] all = PatternBytes.array(0, 30_000);
    RunningTap tap;
    try {
      tap = between.open(Tap.exact().capacity(16 * 1024), faults.kernel());
    } catch (RuntimeException e) {
      assertThat(Exceptions.unwrap(e)).isInstanceOf(SystemCallException.class);
      assertThat(flowSurvives).isFalse();
      between.awaitBothClosed();
      return;
    }
    ByteProbe observer = ByteProbe.unbounded();
    tap.bytes().subscribe(observer);
    between.writer.write(all);
    between.writer.close();
    byte[] read = between.reader.awaitEnd();
    Await.until("the observer's end", observer::isOver);

    assertThat(faults.count(call)).as("the call was made").isGreaterThan(at);
    assertThat(PatternBytes.firstDifference(read, 0)).isEqualTo(-1);
    assertThat(PatternBytes.firstDifference(observer.bytes(), 0)).isEqualTo(-1);
    if (flowSurvives) {
      assertThat(read).hasSize(all.length);
      assertThat(TapFixture.end(tap).bytes()).isEqualTo(all.length);
    } else {
      assertThatThrownBy(() -> tap.end().block(TapFixture.SOON))
          .hasRootCauseInstanceOf(SystemCallException.class);
    }
    assertThat(observer.error() != null).isEqualTo(!call.equals("setPipeCapacity"));
  }

  @Test
  void cancelBeforeTheTapIsThere_closesBoth() {
    for (int i = 0; i < 50; i++) {
      Pipe first = Ends.pipe();
      Pipe second = Ends.pipe();
      DescriptorStreams.tap(first.readEnd(), second.writeEnd(), Tap.exact(), between.loop.loops())
          .subscribe()
          .dispose();
      between.loop.settle();
      if (first.readEnd().isOpen()) {
        // The tap was delivered before the cancel: then it is for its owner to end.
        first.writeEnd().close();
        Await.until("closed", () -> !first.readEnd().isOpen());
      }
      first.close();
      second.close();
    }
    between.first.readEnd().close();
    between.second.writeEnd().close();
  }

  @Test
  void aRegularFile_isRefused() {
    assertThatThrownBy(
            () ->
                DescriptorStreams.tap(
                        Ends.openToRead(Path.of("/dev/null")),
                        between.second.writeEnd(),
                        Tap.exact())
                    .block(TapFixture.SOON))
        .hasStackTraceContaining("EINVAL");
    between.first.readEnd().close();
  }
}
