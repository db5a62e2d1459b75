/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A protocol of lines: {@code ?1 text} asks, {@code =1 text} answers, {@code -1 text} fails, {@code
 * !text} tells, {@code !x1} calls off, parts of a batch are joined by {@code |}.
 */
final class TextCodec implements MessageCodec<String, String> {
  @Override
  public ByteBuf encode(Message<String, String> message) {
    return Unpooled.wrappedBuffer(text(message).getBytes(UTF_8));
  }

  private static String text(Message<String, String> message) {
    if (message instanceof Message.Request<String, String> request) {
      if (request.body().equals("unwritable")) {
        throw new IllegalArgumentException("unwritable");
      }
      return "?" + request.id() + " " + request.body();
    } else if (message instanceof Message.Notification<String, String> notification) {
      return "!" + notification.body();
    } else if (message instanceof Message.Response<String, String> response) {
      if (response.body().equals("unwritable")) {
        throw new IllegalArgumentException("unwritable");
      }
      return "=" + response.id() + " " + response.body();
    } else if (message instanceof Message.ErrorResponse<String, String> response) {
      return "-" + response.id() + " " + response.error().getClass().getSimpleName();
    } else if (message instanceof Message.Batch<String, String> batch) {
      return batch.members().stream().map(TextCodec::text).collect(Collectors.joining("|"));
    }
    throw new IllegalArgumentException(message.toString());
  }

  @Override
  public Message<String, String> decode(ByteBuf frame) {
    String line = frame.toString(UTF_8);
    if (line.contains("|")) {
      return new Message.Batch<>(
          Arrays.stream(line.split("\\|", -1)).map(TextCodec::message).toList());
    }
    return message(line);
  }

  private static Message<String, String> message(String line) {
    if (line.startsWith("!")) {
      return new Message.Notification<>(line.substring(1));
    }
    int space = line.indexOf(' ');
    if (space < 0 || !"?=-".contains(line.substring(0, 1))) {
      return invalid(line);
    }
    Object id;
    try {
      id = Long.valueOf(line.substring(1, space));
    } catch (NumberFormatException noNumber) {
      return invalid(line);
    }
    String text = line.substring(space + 1);
    return switch (line.charAt(0)) {
      case '?' -> new Message.Request<>(id, text);
      case '=' -> new Message.Response<>(id, text);
      default -> new Message.ErrorResponse<>(id, new IllegalStateException(text));
    };
  }

  private static Message<String, String> invalid(String line) {
    MalformedMessageException reason = new MalformedMessageException("no message", line, null);
    if (line.equals("thrown")) {
      throw reason;
    }
    return new Message.Invalid<>(reason, new Message.ErrorResponse<>(null, reason));
  }

  @Override
  public String cancellation(Object id) {
    return "x" + id;
  }

  @Override
  public @Nullable Object cancelled(String notification) {
    return notification.matches("x\\d+") ? Long.valueOf(notification.substring(1)) : null;
  }
}
