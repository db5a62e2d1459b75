/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.Records;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;

/** Every framing there is, and what tests do with all of them. */
final class Framings {
  private Framings() {}

  static Stream<Named<Framing>> all() {
    return Stream.concat(
        selfDelimiting(),
        Stream.of(
            Named.of("lines", Framing.lines()),
            Named.of("separated", Framing.records(Records.separatedBy("\r\n--")))));
  }

  /** Those that say the length first, so that an end within a frame is noticed. */
  static Stream<Named<Framing>> selfDelimiting() {
    return Stream.concat(
        Arrays.stream(LengthField.values())
            .map(field -> Named.of(field.name(), Framing.lengthPrefixed(field))),
        Stream.of(
            Named.of("netstrings", Framing.netstrings()),
            Named.of("Content-Length", Framing.contentLength())));
  }

  /** A content that every framing can carry: letters, sometimes more than any chunk has. */
  static byte[] content(Framing framing, Random random) {
    int most =
        framing instanceof PrefixFraming prefix && prefix.field() == LengthField.U8 ? 255 : 400;
    int length = random.nextInt(12) == 0 ? 0 : random.nextInt(most + 1);
    if (most > 255 && random.nextInt(25) == 0) {
      length = 20_000 + random.nextInt(40_000);
    }
    byte[] content = new byte[length];
    for (int i = 0; i < length; i++) {
      content[i] = (byte) ('a' + random.nextInt(26));
    }
    return content;
  }

  static byte[] encode(Framing framing, byte[] content) {
    ByteBuf frame = framing.encode(Unpooled.wrappedBuffer(content));
    try {
      return ByteBufUtil.getBytes(frame);
    } finally {
      frame.release();
    }
  }

  static byte[] encode(Framing framing, List<byte[]> contents) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    contents.forEach(content -> all.writeBytes(encode(framing, content)));
    return all.toByteArray();
  }

  /**
   * What a stream was made into.
   *
   * @param frames copies
   * @param error how it ended, null where regularly
   */
  record Decoded(List<byte[]> frames, @Nullable Throwable error) {}

  /** Decodes to the end, with all the demand at once; frames are copied and released. */
  static Decoded decode(Framing framing, Flux<ByteBuf> chunks) {
    return decode(framing, chunks, Long.MAX_VALUE);
  }

  /** Decodes to the end, with demand for so many at a time. */
  static Decoded decode(Framing framing, Flux<ByteBuf> chunks, long demand) {
    List<byte[]> frames = new ArrayList<>();
    AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
    boolean[] over = {false};
    framing
        .decode(chunks)
        .subscribe(
            new BaseSubscriber<>() {
              @Override
              protected void hookOnSubscribe(Subscription subscription) {
                request(demand);
              }

              @Override
              protected void hookOnNext(ByteBuf frame) {
                frames.add(ByteBufUtil.getBytes(frame));
                frame.release();
                if (demand != Long.MAX_VALUE && frames.size() % demand == 0) {
                  request(demand);
                }
              }

              @Override
              protected void hookOnError(Throwable error) {
                failed.set(error);
              }

              @Override
              protected void hookFinally(SignalType type) {
                over[0] = true;
              }
            });
    if (!over[0]) {
      throw new AssertionError("neither complete nor failed after " + frames.size() + " frames");
    }
    return new Decoded(frames, failed.get());
  }
}
