/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.FanOut;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One receiver of a {@linkplain Output#tee tee} or of a {@link FanOut}. A factory: it is opened
 * anew for each child, on a thread that may block, before the first byte.
 */
@FunctionalInterface
public interface OutputTarget {

  /** Opens the channel of one child; it is closed at the end of that output. */
  WritableByteChannel open() throws IOException;

  /**
   * This receiver as one of a {@link FanOut}: its branch is written on Reactor's bounded elastic
   * scheduler, and a failure to open, write or close the channel is that of the target.
   */
  default FanOut.Target asTarget() {
    return branch -> TargetWriter.write(branch.bytes(), this);
  }

  /** A file, created or truncated. */
  static OutputTarget file(Path file) {
    Objects.requireNonNull(file, "file");
    return () ->
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** A file, created or appended to. */
  static OutputTarget append(Path file) {
    Objects.requireNonNull(file, "file");
    return () -> FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** A stream of the caller's, flushed after each chunk and left open. */
  static OutputTarget stream(OutputStream stream) {
    Objects.requireNonNull(stream, "stream");
    return () -> Channels.newChannel(new Unclosed(stream));
  }

  /** A function that gets each chunk as a read-only view, valid during the call only. */
  static OutputTarget consumer(Consumer<ByteBuffer> consumer) {
    Objects.requireNonNull(consumer, "consumer");
    return () -> new ConsumingChannel(consumer);
  }
}
