/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.DescriptorStreams;
import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.Pipe;
import io.reactorproc.ipc.RawEnd;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import reactor.core.publisher.Flux;

/** Two pipes: one side for an exchange, on the other a test that plays the peer, line by line. */
public final class Wire implements AutoCloseable {
  private final Pipe in = Ends.pipe();
  private final Pipe out = Ends.pipe();
  private final RawEnd mouth = Ends.raw(in.writeEnd());
  private final RawEnd ear = Ends.raw(out.readEnd());
  private final StringBuilder heard = new StringBuilder();

  private boolean inTaken;
  private boolean outTaken;

  /** What the peer says. */
  public Flux<ByteBuf> in() {
    inTaken = true;
    return DescriptorStreams.read(in.readEnd());
  }

  /** Where the peer reads. */
  public ByteSink out() {
    outTaken = true;
    return DescriptorStreams.write(out.writeEnd())
        .blockOptional(Duration.ofSeconds(20))
        .orElseThrow();
  }

  /** The peer says lines. */
  public void say(String... lines) {
    for (String line : lines) {
      byte[] bytes = (line + "\n").getBytes(UTF_8);
      int[] said = {0};
      Await.until(
          "room for a line",
          () -> {
            said[0] += mouth.write(Arrays.copyOfRange(bytes, said[0], bytes.length));
            return said[0] == bytes.length;
          });
    }
  }

  /** The peer says bytes. */
  public RawEnd mouth() {
    return mouth;
  }

  /** The next line that the peer hears. */
  public String hear() {
    Await.until("a line", () -> listen().indexOf("\n") >= 0);
    int end = heard.indexOf("\n");
    String line = heard.substring(0, end);
    heard.delete(0, end + 1);
    return line;
  }

  /** The next lines that the peer hears. */
  public List<String> hear(int count) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lines.add(hear());
    }
    return lines;
  }

  /** What the peer has heard and not taken yet. */
  public String pending() {
    return listen().toString();
  }

  private StringBuilder listen() {
    byte[] more = ear.read(65536);
    if (more != null) {
      heard.append(new String(more, UTF_8));
    }
    return heard;
  }

  /** Waits until the exchange has closed its side; the answer is what the peer has not taken. */
  public String hearEnd() {
    heard.append(new String(ear.awaitEnd(), UTF_8));
    return heard.toString();
  }

  /** The peer says no more. */
  public void endSaying() {
    mouth.close();
  }

  /** The peer reads no more. */
  public void endHearing() {
    ear.close();
  }

  @Override
  public void close() {
    mouth.close();
    ear.close();
    if (!inTaken) {
      in.close();
    }
    if (!outTaken) {
      out.close();
    }
  }
}
