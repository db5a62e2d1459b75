/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.Output;
import io.reactorproc.Stdin;
import java.io.File;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** What a caller gave for a placeholder. Immutable as far as what was given is. */
sealed interface Value {

  /** One argument, or a part of one. */
  record Text(String text) implements Value {}

  /** An argument each. */
  record Several(List<String> texts) implements Value {
    public Several {
      texts = List.copyOf(texts);
    }
  }

  /** What {@code <} reads. */
  record Input(Stdin stdin) implements Value {}

  /** What {@code >} writes to. */
  record Target(Output output) implements Value {}

  /**
   * Takes what the caller gave.
   *
   * @throws IllegalArgumentException if nothing can be made of it
   */
  static Value of(@Nullable Object given) {
    if (given instanceof Collection<?> several) {
      return new Several(several.stream().map(Value::text).toList());
    }
    if (given instanceof Object[] several) {
      return new Several(Arrays.stream(several).map(Value::text).toList());
    }
    if (given instanceof Stdin stdin) {
      return new Input(stdin);
    }
    if (given instanceof Output output) {
      return new Target(output);
    }
    if (given instanceof Publisher<?> publisher) {
      return new Input(Stdin.publisher(Flux.from(publisher).map(Value::buffer)));
    }
    if (given instanceof InputStream stream) {
      return new Input(Stdin.stream(() -> stream));
    }
    if (given instanceof byte[] bytes) {
      return new Input(Stdin.bytes(bytes));
    }
    return new Text(text(given));
  }

  /** Only what has an obvious text: {@code toString} of anything else is rarely what is meant. */
  private static String text(@Nullable Object given) {
    boolean isText =
        Stream.of(
                CharSequence.class,
                Number.class,
                Boolean.class,
                Character.class,
                Enum.class,
                Path.class,
                File.class,
                URI.class,
                URL.class,
                UUID.class,
                TemporalAccessor.class,
                TemporalAmount.class)
            .anyMatch(type -> type.isInstance(given));
    if (given == null || !isText) {
      throw new IllegalArgumentException(
          (given == null ? "null" : "a " + given.getClass().getName())
              + " is no value for {}: give a text, number, path or date, or a Collection of them");
    }
    String text = given.toString();
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("an argument cannot hold a NUL character");
    }
    return text;
  }

  private static ByteBuf buffer(Object element) {
    if (element instanceof ByteBuf buffer) {
      return buffer;
    }
    if (element instanceof byte[] bytes) {
      return Unpooled.wrappedBuffer(bytes);
    }
    if (element instanceof CharSequence text) {
      return Unpooled.wrappedBuffer(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    throw new IllegalArgumentException(
        "an input is a Publisher of ByteBuf, byte[] or text, not of " + element.getClass());
  }
}
