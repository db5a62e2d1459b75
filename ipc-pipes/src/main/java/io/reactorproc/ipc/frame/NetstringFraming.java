/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.reactorproc.ipc.StreamDecoder;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * Netstrings: the length in decimal digits, a colon, the content, a comma.
 *
 * @param maxLength the longest content
 */
record NetstringFraming(int maxLength) implements Framing {
  private static final int MOST_DIGITS = 18; // 63 bits hold all of these

  NetstringFraming {
    Limits.check(maxLength);
  }

  @Override
  public Framing maxLength(int bytes) {
    return new NetstringFraming(bytes);
  }

  @Override
  public Flux<ByteBuf> decode(Publisher<? extends ByteBuf> chunks) {
    return StreamDecoder.decode(chunks, () -> new Cutter(maxLength));
  }

  @Override
  public ByteBuf encode(ByteBuf content) {
    Limits.checkToSend(content, maxLength);
    ByteBuf header = Limits.header(MOST_DIGITS + 2, content);
    ByteBufUtil.writeAscii(header, Integer.toString(content.readableBytes()));
    header.writeByte(':');
    ByteBuf both = Limits.join(header, content);
    return both.writeByte(',');
  }

  private static final class Cutter extends FrameCutter {
    private long value;
    private int digits;

    Cutter(int maxLength) {
      super(maxLength, 1);
    }

    @Override
    int header(ByteBuf chunk) {
      while (chunk.isReadable()) {
        byte next = chunk.readByte();
        if (next == ':' && digits > 0) {
          long announced = value;
          value = 0;
          digits = 0;
          return checked(announced);
        }
        if (next < '0' || next > '9') {
          throw malformed(
              digits == 0 ? "a netstring begins with a digit" : "no colon after its length");
        }
        if (digits == 1 && value == 0) {
          throw malformed("its length begins with a superfluous 0");
        }
        if (digits == MOST_DIGITS) {
          throw beyondCount();
        }
        value = 10 * value + next - '0';
        digits++;
      }
      return MORE;
    }

    @Override
    void checkTrailer(byte found) {
      if (found != ',') {
        throw malformed("no comma after its content");
      }
    }
  }
}
