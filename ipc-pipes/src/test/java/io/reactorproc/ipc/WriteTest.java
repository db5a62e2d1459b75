/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.flow.WriteOutcome;
import io.reactorproc.testkit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** What goes into a sink comes out of the pipe, whole, in order, and not faster than it is read. */
@Timeout(60)
final class WriteTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final ByteBufAllocator POOL = PooledByteBufAllocator.DEFAULT;

  private final OneLoop loop = new OneLoop();
  private final Pipe pipe = Ends.pipe();
  private final RawEnd reader = Ends.raw(pipe.readEnd());
  private final ByteSink sink = sink(pipe);

  @AfterEach
  void close() {
    reader.close(); // ends the sink, too
    Await.until("the sink's end is closed", () -> !pipe.writeEnd().isOpen());
    loop.close();
  }

  private ByteSink sink(Pipe target) {
    ByteSink made = DescriptorStreams.write(target.writeEnd(), loop.loops()).block(SOON);
    assertThat(made).isNotNull();
    return made;
  }

  private static WriteOutcome outcome(Mono<WriteOutcome> write) {
    WriteOutcome outcome = write.block(SOON);
    assertThat(outcome).isNotNull();
    return outcome;
  }

  private static ByteBuf pooled(String text) {
    return POOL.directBuffer().writeBytes(text.getBytes(UTF_8));
  }

  @Test
  void everyKindOfContent_isWritten() {
    ByteBuffer buffer = ByteBuffer.wrap("_bytebuffer".getBytes(UTF_8)).position(1);
    assertThat(outcome(sink.write("bytes ".getBytes(UTF_8)))).isEqualTo(new WriteOutcome(6, false));
    outcome(sink.write("ünïcode "));
    outcome(sink.write(buffer));
    outcome(sink.writeText(Flux.just(" and", " texts")));

    assertThat(buffer.position()).isEqualTo(1);
    String all = "bytes ünïcode bytebuffer and texts";
    assertThat(reader.awaitText(all.getBytes(UTF_8).length)).isEqualTo(all);
  }

  /** Sources that Reactor asks by a call in place of a subscription. */
  @Test
  void aSourceOfOneBufferOrNone_hasTheOutcomeOfAnyOther() {
    IllegalStateException failure = new IllegalStateException("no buffer");
    ByteBuf one = pooled("one");

    assertThat(outcome(sink.write(Mono.empty()))).isEqualTo(new WriteOutcome(0, false));
    assertThat(sink.write(Mono.<ByteBuf>error(failure)).materialize().block(SOON))
        .satisfies(signal -> assertThat(signal.getThrowable()).isSameAs(failure));
    IOException checked = new IOException("nor this one");
    Mono<ByteBuf> throwing =
        Mono.fromCallable(
            () -> {
              throw checked;
            });
    assertThat(sink.write(throwing).materialize().block(SOON))
        .satisfies(signal -> assertThat(signal.getThrowable()).isSameAs(checked));
    assertThat(outcome(sink.write(Mono.just(one)))).isEqualTo(new WriteOutcome(3, false));

    assertThat(reader.awaitText(3)).isEqualTo("one");
    assertThat(one.refCnt()).isZero();
  }

  static Stream<Arguments> buffers() {
    return Stream.of(
        kind("heap", text -> Unpooled.wrappedBuffer(text.getBytes(UTF_8))),
        kind("pooled heap", text -> POOL.heapBuffer().writeBytes(text.getBytes(UTF_8))),
        kind("pooled direct", WriteTest::pooled),
        kind("unpooled direct", text -> Unpooled.directBuffer().writeBytes(text.getBytes(UTF_8))),
        kind("read-only direct", text -> pooled(text).asReadOnly()),
        kind("slice", text -> pooled(text + "]").readSlice(text.length())),
        kind(
            "direct NIO, read-only",
            text ->
                Unpooled.wrappedBuffer(
                    ByteBuffer.allocateDirect(text.length())
                        .put(text.getBytes(UTF_8))
                        .flip()
                        .asReadOnlyBuffer())),
        kind(
            "composite",
            text ->
                POOL.compositeBuffer()
                    .addComponent(true, pooled(text.substring(0, 2)))
                    .addComponent(true, Unpooled.wrappedBuffer(text.substring(2).getBytes(UTF_8)))),
        kind("partly consumed", text -> pooled("xx" + text).skipBytes(2)));
  }

  private static Arguments kind(String name, Function<String, ByteBuf> make) {
    return Arguments.argumentSet(name, make);
  }

  @ParameterizedTest
  @MethodSource("buffers")
  void everyKindOfBuffer_isWrittenWholeAndReleased(Function<String, ByteBuf> make) {
    ByteBuf first = make.apply("content1");
    ByteBuf second = make.apply("content2");
    int references = first.refCnt();
    outcome(sink.write(Flux.just(first, second)));

    assertThat(reader.awaitText(16)).isEqualTo("content1content2");
    assertThat(first.refCnt()).isEqualTo(references - 1);
    if (references > 1) {
      first.release();
      second.release();
    }
  }

  @Test
  void emptyElementsAndEmptySources_writeNothingAndComplete() {
    assertThat(outcome(sink.write(Flux.just(Unpooled.EMPTY_BUFFER, POOL.directBuffer()))).bytes())
        .isZero();
    assertThat(outcome(sink.write(Flux.empty()))).isEqualTo(new WriteOutcome(0, false));
    assertThat(reader.read(10)).isEmpty();
  }

  @Test
  void aFullPipe_isContinuedWhenTheReaderMakesRoom() {
    byte[] content = new byte[1 << 20];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i >>> 7);
    }
    CompletableFuture<WriteOutcome> write = sink.write(content).toFuture();
    loop.settle();
    assertThat(write).isNotDone();

    assertThat(reader.awaitBytes(content.length)).isEqualTo(content);
    assertThat(write).succeedsWithin(SOON).isEqualTo(new WriteOutcome(content.length, false));
  }

  @Test
  void manySmallBuffers_keepTheirOrderThroughWritev() {
    int count = 20_000;
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < count; i++) {
      expected.append("<").append(i).append(">");
    }
    CompletableFuture<WriteOutcome> write =
        sink.write(Flux.range(0, count).map(i -> pooled("<" + i + ">"))).toFuture();

    assertThat(reader.awaitText(expected.length())).isEqualTo(expected.toString());
    assertThat(write).succeedsWithin(SOON);
  }

  @Test
  void eachElement_isReadableBeforeTheNextIsThere() {
    Sinks.Many<ByteBuf> source = Sinks.many().unicast().onBackpressureBuffer();
    CompletableFuture<WriteOutcome> write = sink.write(source.asFlux()).toFuture();
    for (int i = 0; i < 10; i++) {
      source.emitNext(pooled("line" + i), Sinks.EmitFailureHandler.FAIL_FAST);
      assertThat(reader.awaitText(5)).isEqualTo("line" + i);
    }
    assertThat(write).isNotDone();
    source.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);

    assertThat(write).succeedsWithin(SOON).isEqualTo(new WriteOutcome(50, false));
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 100, 4096, 5000, 20_000, 65_536, 131_072, 300_000})
  void prefetch_isBoundedInBytes(int size) {
    AtomicLong requested = new AtomicLong();
    Flux<ByteBuf> source =
        Flux.range(0, Integer.MAX_VALUE)
            .map(i -> POOL.directBuffer(size, size).writeZero(size))
            .doOnRequest(requested::addAndGet);
    int capacity = 65_536;
    var write = sink.write(source).subscribe();
    loop.settle();

    long waiting = requested.get() * size - capacity;
    assertThat(waiting).isLessThanOrEqualTo(128 * 1024 + size);
    write.dispose();
    loop.settle();
  }

  @Test
  void writesFromManyThreads_doNotMixWithinAnElement() {
    int writers = 4;
    int elements = 200;
    List<CompletableFuture<WriteOutcome>> writes = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      byte letter = (byte) ('a' + w);
      byte[] element = new byte[1000];
      Arrays.fill(element, letter);
      writes.add(
          Flux.range(0, elements)
              .concatMap(i -> sink.write(element))
              .last()
              .subscribeOn(Schedulers.boundedElastic())
              .toFuture());
    }
    byte[] all = reader.awaitBytes(writers * elements * 1000);

    int[] seen = new int[writers];
    for (int at = 0; at < all.length; at += 1000) {
      byte[] element = Arrays.copyOfRange(all, at, at + 1000);
      byte[] whole = new byte[1000];
      Arrays.fill(whole, element[0]);
      assertThat(element).isEqualTo(whole);
      seen[element[0] - 'a']++;
    }
    assertThat(seen).containsOnly(elements);
    assertThat(writes).allSatisfy(write -> assertThat(write).succeedsWithin(SOON));
  }

  @Test
  void writes_happenInTheOrderOfTheirSubscriptions() {
    Sinks.Many<ByteBuf> slow = Sinks.many().unicast().onBackpressureBuffer();
    CompletableFuture<WriteOutcome> first = sink.write(slow.asFlux()).toFuture();
    CompletableFuture<WriteOutcome> second = sink.write("second").toFuture();
    slow.emitNext(pooled("first "), Sinks.EmitFailureHandler.FAIL_FAST);
    assertThat(reader.awaitText(6)).isEqualTo("first ");
    assertThat(second).isNotDone();
    slow.emitComplete(Sinks.EmitFailureHandler.FAIL_FAST);

    assertThat(reader.awaitText(6)).isEqualTo("second");
    assertThat(first).succeedsWithin(SOON);
    assertThat(second).succeedsWithin(SOON);
  }

  @Test
  void sourcesOnOtherThreads_keepTheirOrder() {
    CompletableFuture<WriteOutcome> write =
        sink.write(
                Flux.range(0, 5_000)
                    .publishOn(Schedulers.parallel())
                    .map(i -> pooled(String.format("%05d", i))))
            .toFuture();
    String all = reader.awaitText(25_000);

    for (int i = 0; i < 5_000; i++) {
      assertThat(all.substring(i * 5, i * 5 + 5)).isEqualTo(String.format("%05d", i));
    }
    assertThat(write).succeedsWithin(SOON);
  }

  @Test
  void aSourceThatSubscribesOnAnotherThread_isWritten() {
    CompletableFuture<WriteOutcome> write =
        sink.write(
                subscriber ->
                    Schedulers.parallel()
                        .schedule(() -> Flux.just(pooled("late")).subscribe(subscriber)))
            .toFuture();

    assertThat(reader.awaitText(4)).isEqualTo("late");
    assertThat(write).succeedsWithin(SOON);
  }
}
