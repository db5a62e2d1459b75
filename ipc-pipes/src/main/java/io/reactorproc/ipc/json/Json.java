/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.exchange.MalformedMessageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Between bytes of UTF-8 and values, by one mapper. Immutable; any thread. */
final class Json {
  static final Json DEFAULT = new Json(JsonMapper.builder().build());

  private static final int EXCERPT = 120;

  final ObjectMapper mapper;
  private final ObjectReader trees;
  private final ObjectWriter writer;

  Json(ObjectMapper mapper) {
    this.mapper = mapper;
    trees = mapper.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    // A line feed would end the frame where frames are lines.
    writer = mapper.writer().without(SerializationFeature.INDENT_OUTPUT);
  }

  /** The one value that a frame holds. */
  JsonNode tree(ByteBuf frame) {
    byte[] bytes = ByteBufUtil.getBytes(frame);
    JsonNode tree;
    try {
      tree = trees.readTree(bytes);
    } catch (IOException | RuntimeException e) {
      throw new MalformedMessageException("not JSON", excerpt(bytes), e);
    }
    if (tree == null || tree.isMissingNode()) {
      throw new MalformedMessageException("not JSON", "nothing", null);
    }
    return tree;
  }

  /** A tree as another type. */
  <T> T value(JsonNode tree, Class<T> type) throws JacksonException {
    return mapper.treeToValue(tree, type);
  }

  /**
   * A value as a tree.
   *
   * @throws IllegalArgumentException if there is no such tree
   */
  JsonNode tree(Object value) {
    return mapper.valueToTree(value);
  }

  /** A value as the content of a frame. */
  ByteBuf bytes(Object value) {
    try {
      return Unpooled.wrappedBuffer(writer.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
    }
  }

  static String excerpt(byte[] bytes) {
    int size = Math.min(bytes.length, EXCERPT);
    String text = new String(bytes, 0, size, StandardCharsets.UTF_8);
    StringBuilder printable = new StringBuilder(size);
    text.codePoints()
        .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
        .forEach(printable::appendCodePoint);
    return bytes.length > size ? printable + "…" : printable.toString();
  }

  static String excerpt(JsonNode tree) {
    return excerpt(tree.toString().getBytes(StandardCharsets.UTF_8));
  }
}
