/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.netty.channel.unix.FileDescriptor;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The other end of a stream under test: plain, non-blocking {@code read} and {@code write}. */
public final class RawEnd implements AutoCloseable {
  private final Descriptor descriptor;
  private final FileDescriptor fd;

  public RawEnd(Descriptor descriptor) throws SystemCallException {
    this.descriptor = descriptor;
    this.fd = new FileDescriptor(descriptor.number());
    Kernel.system().setNonBlocking(descriptor.number(), "test");
  }

  /** One {@code write}: how much was taken, 0 at {@code EAGAIN}. */
  public int write(byte[] bytes) {
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    try {
      return fd.write(direct, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a text that must fit. */
  public void say(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (write(bytes) != bytes.length) {
      throw new AssertionError("no room for " + bytes.length + " bytes");
    }
  }

  /** Writes until {@code EAGAIN}; the answer is how much fitted. */
  public int fill() {
    byte[] page = new byte[4096];
    int total = 0;
    for (int taken = write(page); taken > 0; taken = write(page)) {
      total += taken;
    }
    return total;
  }

  /** One {@code read}: what there was, empty at {@code EAGAIN}; null at end of file. */
  public byte @Nullable [] read(int most) {
    ByteBuffer direct = ByteBuffer.allocateDirect(most);
    try {
      int read = fd.read(direct, 0, most);
      if (read < 0) {
        return null;
      }
      byte[] bytes = new byte[read];
      direct.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for that many bytes. */
  public byte[] awaitBytes(int count) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Await.until(
        count + " bytes",
        () -> {
          byte[] read = read(Math.max(1, count - all.size()));
          if (read == null) {
            throw new AssertionError("end of file after " + all.size() + " bytes");
          }
          all.writeBytes(read);
          return all.size() >= count;
        });
    return all.toByteArray();
  }

  public String awaitText(int bytes) {
    return new String(awaitBytes(bytes), StandardCharsets.UTF_8);
  }

  /** Waits for end of file; the answer is what came before it. */
  public byte[] awaitEnd() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Await.until(
        "end of file",
        () -> {
          for (byte[] read = read(65536); read != null; read = read(65536)) {
            all.writeBytes(read);
            if (read.length == 0) {
              return false;
            }
          }
          return true;
        });
    return all.toByteArray();
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
