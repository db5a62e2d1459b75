/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.reactorproc.ipc.sys.TerminalSize;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A session on a terminal as a file, in the format asciicast v2: a line of JSON that tells what it
 * is, and then one for each thing that happened, with the seconds since the beginning. What is
 * typed is not in it, as passwords are. For any thread; writing blocks.
 */
final class Cast implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_BYTES_OF_A_CHARACTER = 4;

  private final BufferedWriter file;
  private final LongSupplier nanos;
  private final long start;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);

  /** The first bytes of a character whose last are still to come. */
  private ByteBuffer unfinished = ByteBuffer.allocate(0);

  private Cast(BufferedWriter file, LongSupplier nanos) {
    this.file = file;
    this.nanos = nanos;
    this.start = nanos.getAsLong();
  }

  /** Begins a file, in the place of one that is there. */
  static Cast create(Path path, TerminalSize size, List<String> argv, Map<String, String> env)
      throws IOException {
    return create(path, size, argv, env, System::nanoTime);
  }

  static Cast create(
      Path path, TerminalSize size, List<String> argv, Map<String, String> env, LongSupplier nanos)
      throws IOException {
    Cast cast = new Cast(Files.newBufferedWriter(path), nanos);
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("version", 2);
    header.put("width", size.columns());
    header.put("height", size.rows());
    header.put("timestamp", Instant.now().getEpochSecond());
    header.put("command", String.join(" ", argv));
    header.put("env", env);
    cast.line(header);
    return cast;
  }

  /** Something was shown. */
  synchronized void shown(ByteBuffer bytes) {
    ByteBuffer all = ByteBuffer.allocate(unfinished.remaining() + bytes.remaining());
    all.put(unfinished).put(bytes).flip();
    event("o", decoded(all, false));
    unfinished = all;
  }

  private String decoded(ByteBuffer bytes, boolean last) {
    CharBuffer text = CharBuffer.allocate(bytes.remaining() + MOST_BYTES_OF_A_CHARACTER);
    decoder.reset();
    decoder.decode(bytes, text, last);
    if (last) {
      decoder.flush(text);
    }
    return text.flip().toString();
  }

  /** The window has another size. */
  synchronized void resized(TerminalSize size) {
    event("r", size.toString());
  }

  private void event(String code, String data) {
    if (data.isEmpty()) {
      return;
    }
    double seconds = TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong() - start) / 1e6;
    try {
      line(List.of(seconds, code, data));
      file.flush(); // it is there also if we are killed
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void line(Object value) throws IOException {
    file.write(JSON.writeValueAsString(value));
    file.write('\n');
  }

  @Override
  public synchronized void close() throws IOException {
    event("o", decoded(unfinished, true));
    file.close();
  }
}
