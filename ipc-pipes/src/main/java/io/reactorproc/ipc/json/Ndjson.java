/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.exchange.Malformed;
import io.reactorproc.ipc.exchange.MalformedMessageException;
import io.reactorproc.ipc.frame.Framing;
import java.util.Objects;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * A JSON value on each line, in UTF-8, as many programs write their output and their logs. Empty
 * lines are skipped. Immutable.
 *
 * @param <T> what a line is made into
 */
public final class Ndjson<T> {
  private final Json json;
  private final Class<T> type;
  private final Framing framing;
  private final Malformed malformed;

  private Ndjson(Json json, Class<T> type, Framing framing, Malformed malformed) {
    this.json = json;
    this.type = type;
    this.framing = framing;
    this.malformed = malformed;
  }

  /** Lines as trees. */
  public static Ndjson<JsonNode> trees() {
    return of(JsonNode.class);
  }

  /** Lines as values of a type, as Jackson makes them unless told otherwise. */
  public static <T> Ndjson<T> of(Class<T> type) {
    Objects.requireNonNull(type, "type");
    return new Ndjson<>(Json.DEFAULT, type, Framing.lines(), Malformed.FAIL);
  }

  /** The same by another mapper. */
  public Ndjson<T> mapper(ObjectMapper mapper) {
    return new Ndjson<>(
        new Json(Objects.requireNonNull(mapper, "mapper")), type, framing, malformed);
  }

  /**
   * The same with another limit on the length of a line; {@link Framing#DEFAULT_MAX_LENGTH} unless
   * told. How deep a value may be nested and the like are limits of the mapper.
   *
   * @throws IllegalArgumentException if {@code bytes} is out of range
   */
  public Ndjson<T> maxLength(int bytes) {
    return new Ndjson<>(json, type, framing.maxLength(bytes), malformed);
  }

  /**
   * What is done about a line that is no such value: it ends the stream unless told, or is left
   * out, as one wants where a program writes other things in between.
   */
  public Ndjson<T> onMalformed(Malformed action) {
    return new Ndjson<>(json, type, framing, Objects.requireNonNull(action, "action"));
  }

  /**
   * Makes lines into values. Demand, threads, cancel and the release of chunks are those of {@link
   * Framing#decode}. Errors: {@link MalformedMessageException} after the values before it, {@link
   * io.reactorproc.ipc.frame.FrameTooLongException}, and those of the chunks.
   */
  public Flux<T> decode(Publisher<? extends ByteBuf> chunks) {
    return framing
        .decode(chunks)
        .handle(
            (line, sink) -> {
              T value;
              try {
                if (isBlank(line)) {
                  return;
                }
                value = value(line);
              } catch (MalformedMessageException e) {
                if (malformed == Malformed.FAIL) {
                  sink.error(e);
                }
                return;
              } finally {
                line.release();
              }
              sink.next(value);
            });
  }

  private T value(ByteBuf line) {
    JsonNode tree = json.tree(line);
    try {
      T value = json.value(tree, type);
      if (value == null) {
        throw new MalformedMessageException("null", Json.excerpt(tree), null);
      }
      return value;
    } catch (JacksonException e) {
      throw new MalformedMessageException(
          "no " + type.getSimpleName() + " (" + e.getOriginalMessage() + ")",
          Json.excerpt(tree),
          e);
    }
  }

  private static boolean isBlank(ByteBuf line) {
    return line.forEachByte(value -> value == ' ' || value == '\t' || value == '\r') < 0;
  }

  /**
   * Makes values into lines, one buffer for each. What cannot be written is an {@link
   * IllegalArgumentException} that cancels the values.
   */
  public Flux<ByteBuf> encode(Publisher<? extends T> values) {
    return Flux.from(values).map(value -> framing.encode(json.bytes(value)));
  }
}
