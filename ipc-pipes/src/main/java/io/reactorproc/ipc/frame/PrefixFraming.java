/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.frame;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.StreamDecoder;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * The length in a field of its own, then the content.
 *
 * @param field how the length is written
 * @param maxLength the longest content
 */
record PrefixFraming(LengthField field, int maxLength) implements Framing {
  private static final int SEVEN_BITS = 0x7F;
  private static final int GOES_ON = 0x80;

  PrefixFraming {
    Objects.requireNonNull(field, "field");
    Limits.check(maxLength);
  }

  @Override
  public Framing maxLength(int bytes) {
    return new PrefixFraming(field, bytes);
  }

  @Override
  public Flux<ByteBuf> decode(Publisher<? extends ByteBuf> chunks) {
    return StreamDecoder.decode(
        chunks,
        field == LengthField.VARINT
            ? () -> new VarintCutter(maxLength)
            : () -> new PrefixCutter(field, maxLength));
  }

  @Override
  public ByteBuf encode(ByteBuf content) {
    Limits.checkToSend(content, Math.min(field.most, maxLength));
    ByteBuf header = Limits.header(field.size, content);
    int length = content.readableBytes();
    switch (field) {
      case U8 -> header.writeByte(length);
      case U16 -> header.writeShort(length);
      case U16_LE -> header.writeShortLE(length);
      case U32 -> header.writeInt(length);
      case U32_LE -> header.writeIntLE(length);
      case VARINT -> writeVarint(header, length);
    }
    return Limits.join(header, content);
  }

  private static void writeVarint(ByteBuf to, int length) {
    int left = length;
    while (left > SEVEN_BITS) {
      to.writeByte(left | GOES_ON);
      left >>>= 7;
    }
    to.writeByte(left);
  }

  /** Reads a field of a fixed size. */
  private static final class PrefixCutter extends FrameCutter {
    private final LengthField field;
    private long value;
    private int taken;

    PrefixCutter(LengthField field, int maxLength) {
      super(maxLength, 0);
      this.field = field;
    }

    @Override
    int header(ByteBuf chunk) {
      if (taken == 0 && chunk.readableBytes() >= field.size) {
        return checked(whole(chunk));
      }
      while (chunk.isReadable()) {
        long next = chunk.readUnsignedByte();
        value = field.isLittleEndian() ? value | (next << (8 * taken)) : (value << 8) | next;
        taken++;
        if (taken == field.size) {
          long announced = value;
          value = 0;
          taken = 0;
          return checked(announced);
        }
      }
      return MORE;
    }

    private long whole(ByteBuf chunk) {
      return switch (field) {
        case U8 -> chunk.readUnsignedByte();
        case U16 -> chunk.readUnsignedShort();
        case U16_LE -> chunk.readUnsignedShortLE();
        case U32 -> chunk.readUnsignedInt();
        case U32_LE -> chunk.readUnsignedIntLE();
        case VARINT -> throw new IllegalStateException("has no fixed size");
      };
    }
  }

  /** Reads seven bits at a time. */
  private static final class VarintCutter extends FrameCutter {
    private long value;
    private int taken;

    VarintCutter(int maxLength) {
      super(maxLength, 0);
    }

    @Override
    int header(ByteBuf chunk) {
      while (chunk.isReadable()) {
        int next = chunk.readUnsignedByte();
        value |= (long) (next & SEVEN_BITS) << (7 * taken);
        taken++;
        if (next < GOES_ON) {
          if (next == 0 && taken > 1) {
            throw malformed("its length is a longer varint than it has to be");
          }
          long announced = value;
          value = 0;
          taken = 0;
          return checked(announced);
        }
        if (taken == LengthField.VARINT.size) {
          throw malformed("its length is a varint of more than 9 bytes");
        }
      }
      return MORE;
    }
  }
}
