/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.FifoException.Reason;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
class FifoTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final POSIX LIBC = POSIXFactory.getNativePOSIX();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  private Path path() {
    return directory.resolve("a fifo");
  }

  private Fifo fifo() {
    return Fifo.create(path()).blockOptional(DEADLINE).orElseThrow();
  }

  private static void failsWith(Mono<?> action, Reason reason, String call) {
    StepVerifier.create(action)
        .expectErrorSatisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOfSatisfying(
                        FifoException.class,
                        fifo -> {
                          assertThat(fifo.reason()).isEqualTo(reason);
                          assertThat(fifo).hasMessageContaining("FIFO " + fifo.path());
                          assertThat(fifo).hasMessageContaining(call);
                        }))
        .verify(DEADLINE);
  }

  // Making and removing.

  @ParameterizedTest
  @ValueSource(ints = {0, 022, 077, 0777})
  void create_makesExactlyWhatItsOwnerAloneMayUse(int umask) throws IOException {
    int before = LIBC.umask(umask);
    try {
      fifo();
    } finally {
      LIBC.umask(before);
    }

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
        .isEqualTo("rw-------");
    assertThat((int) Files.getAttribute(path(), "unix:mode")).isEqualTo(0010600);
  }

  @Test
  void create_doesNothingBeforeTheSubscription() {
    Mono<Fifo> unused = Fifo.create(path());

    assertThat(unused).isNotNull();
    assertThat(path()).doesNotExist();
  }

  @Test
  void createWhereSomethingIs_leavesItAlone() throws IOException {
    Files.writeString(path(), "a file");

    failsWith(Fifo.create(path()), Reason.EXISTS, "mkfifo");
    assertThat(path()).hasContent("a file");
  }

  @Test
  void createOverADanglingLink_isRefused() throws IOException {
    Files.createSymbolicLink(path(), directory.resolve("nowhere"));

    failsWith(Fifo.create(path()), Reason.EXISTS, "mkfifo");
    assertThat(directory.resolve("nowhere")).doesNotExist();
  }

  @Test
  void createInAMissingDirectory_isSaid() {
    failsWith(Fifo.create(directory.resolve("none/fifo")), Reason.MISSING, "ENOENT");
  }

  @Test
  void createBelowAFile_isSaid() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    failsWith(Fifo.create(file.resolve("fifo")), Reason.NOT_A_DIRECTORY, "ENOTDIR");
  }

  @Test
  void remove_removes() {
    Fifo fifo = fifo();

    fifo.remove().block(DEADLINE);

    assertThat(path()).doesNotExist();
    failsWith(fifo.remove(), Reason.MISSING, "ENOENT");
  }

  @Test
  void removeOfWhatHasTakenItsPlace_isRefused() throws IOException {
    Fifo fifo = fifo();
    Files.delete(path());
    Files.writeString(path(), "a file");

    failsWith(fifo.remove(), Reason.NOT_A_FIFO, "not a FIFO");
    assertThat(path()).hasContent("a file");
  }

  // What is no FIFO.

  private void isRefused(Reason reason, String text) {
    Fifo fifo = Fifo.at(path());
    failsWith(fifo.read().then(), reason, text);
    failsWith(fifo.readForever().then(), reason, text);
    failsWith(fifo.write(), reason, text);
  }

  @Test
  void aRegularFile_isRefused() throws IOException {
    Files.writeString(path(), "a file");

    isRefused(Reason.NOT_A_FIFO, "not a FIFO");
    assertThat(path()).hasContent("a file");
  }

  @Test
  void aDirectory_isRefused() throws IOException {
    Files.createDirectory(path());

    isRefused(Reason.NOT_A_FIFO, "not a FIFO");
  }

  /** A socket's {@code ENXIO} must not be taken for that of a FIFO without readers. */
  @Test
  void aSocket_isRefused() throws IOException {
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path()));

      isRefused(Reason.NOT_A_FIFO, "not a FIFO");
    }
  }

  @Test
  void aDevice_isRefused() {
    failsWith(Fifo.at(Path.of("/dev/null")).read().then(), Reason.NOT_A_FIFO, "not a FIFO");
  }

  @Test
  void nothing_isSaid() {
    isRefused(Reason.MISSING, "ENOENT");
  }

  @Test
  void aDanglingLink_isRefused() throws IOException {
    Files.createSymbolicLink(path(), directory.resolve("nowhere"));

    isRefused(Reason.SYMBOLIC_LINK, "symbolic link");
  }

  @Test
  void aLinkToAFifo_isRefused() throws IOException {
    Ends.fifo(directory.resolve("real"));
    Files.createSymbolicLink(path(), directory.resolve("real"));

    isRefused(Reason.SYMBOLIC_LINK, "symbolic link");
  }

  // Reading.

  @Test
  void read_waitsForItsFirstWriterAndEndsWithItsLast() {
    Fifo fifo = fifo();
    ByteProbe probe = ByteProbe.unbounded();
    fifo.read().subscribe(probe);
    try (RawEnd two = Ends.raw(writer())) {
      try (RawEnd one = Ends.raw(writer())) {
        one.say("one");
        probe.awaitSize(3);
      }
      assertThat(probe.isOver()).isFalse();
      two.say(" two");
    }

    assertThat(probe.awaitComplete().text()).isEqualTo("one two");
  }

  private Descriptor writer() {
    return openWhenRead(path());
  }

  @Test
  void read_canBeRepeated() {
    Fifo fifo = fifo();
    for (String text : List.of("first", "second")) {
      ByteProbe probe = ByteProbe.unbounded();
      fifo.read().subscribe(probe);
      try (RawEnd writer = Ends.raw(writer())) {
        writer.say(text);
      }
      assertThat(probe.awaitComplete().text()).isEqualTo(text);
    }
  }

  @Test
  void readForever_outlivesItsWriters() {
    Fifo fifo = fifo();
    ByteProbe probe = ByteProbe.unbounded();
    fifo.readForever().subscribe(probe);
    for (int i = 0; i < 100; i++) {
      try (RawEnd writer = Ends.raw(writer())) {
        writer.say("0123456789");
      }
    }

    probe.awaitSize(1000);
    assertThat(probe.isOver()).isFalse();
    probe.cancel();
  }

  @Test
  void readWithoutDemand_readsNothing() {
    Fifo fifo = fifo();
    ByteProbe probe = new ByteProbe(first -> first.request(1), each -> {});
    fifo.readForever().subscribe(probe);
    try (RawEnd writer = Ends.raw(writer())) {
      writer.say("one");
      probe.awaitChunks(1);
      assertThat(writer.fill()).isGreaterThan(0);
      assertThat(writer.write(new byte[4096])).isZero();
    }

    assertThat(probe.chunks()).isEqualTo(1);
    probe.cancel();
  }

  // Writing.

  @Test
  void write_waitsForAReader() {
    Fifo fifo = fifo();
    AtomicReference<ByteSink> sink = new AtomicReference<>();
    Disposable writing = fifo.write().subscribe(sink::set);
    Await.within(Duration.ofMillis(20), () -> sink.get() != null);
    assertThat(sink.get()).isNull();

    ByteProbe probe = ByteProbe.unbounded();
    fifo.read().subscribe(probe);
    Await.until("the sink", () -> sink.get() != null);
    ByteSink writer = Objects.requireNonNull(sink.get());
    writer.write("hello").then(writer.close()).block(DEADLINE);

    assertThat(probe.awaitComplete().text()).isEqualTo("hello");
    writing.dispose();
  }

  /** Nothing but another attempt tells of a reader that waits in its own {@code open}. */
  @Test
  void aReaderThatBlocksInItsOpen_isFound() throws Exception {
    Fifo fifo = fifo();
    Path copy = directory.resolve("copy");
    Process cat =
        new ProcessBuilder(
                "sh", "-c", "cat < \"$1\" > \"$2\"", "sh", path().toString(), copy.toString())
            .start();

    fifo.write()
        .flatMap(sink -> sink.write("to a blocked reader").then(sink.close()))
        .block(DEADLINE);

    assertThat(cat.waitFor()).isZero();
    assertThat(copy).hasContent("to a blocked reader");
  }

  @Test
  void writeToAReaderThatLeaves_isAnOutcome() {
    Fifo fifo = fifo();
    ByteProbe probe = new ByteProbe();
    fifo.read().subscribe(probe);
    ByteSink sink = fifo.write().blockOptional(DEADLINE).orElseThrow();
    probe.cancel();
    Await.until(
        "the reader is gone",
        () -> sink.write("x").blockOptional(DEADLINE).orElseThrow().readerGone());

    assertThat(sink.write("x").blockOptional(DEADLINE).orElseThrow().readerGone()).isTrue();
  }

  @Test
  void cancelledWaiting_endsTheAttempts() {
    Fifo fifo = fifo();
    StepVerifier.create(fifo.write())
        .expectSubscription()
        .expectNoEvent(Duration.ofMillis(10))
        .thenCancel()
        .verify(DEADLINE);
    RawEnd reader = Ends.raw(Ends.openToRead(path()));

    assertThat(reader.read(1)).isNull(); // end of file: nobody opened it to write
    reader.close();
  }

  /** Whatever moment the cancel hits, no descriptor is left: the leak extension looks. */
  @Test
  void cancelAtAnyMoment_leavesNothing() {
    Fifo fifo = fifo();
    List<Disposable> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      all.add(fifo.readForever().subscribe(chunk -> chunk.release()));
      all.add(fifo.read().subscribe(chunk -> chunk.release()));
      all.add(fifo.write().subscribe(sink -> sink.close().subscribe()));
      if (i % 3 == 0) {
        Thread.onSpinWait();
      }
      all.get(3 * i).dispose();
      all.get(3 * i + 1).dispose();
      if (i % 2 == 0) {
        all.get(3 * i + 2).dispose();
      }
    }
    all.forEach(Disposable::dispose);
  }

  @Test
  void waitingWriters_holdNoThread() {
    Fifo fifo = fifo();
    int elastic = elasticThreads();
    List<Disposable> waiting = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      waiting.add(fifo.write().subscribe(sink -> sink.close().subscribe()));
    }
    ByteProbe other = new ByteProbe();
    Path second = Ends.fifo(directory.resolve("second"));
    Fifo.at(second).readForever().subscribe(other); // has its turn among them
    try (RawEnd writer = Ends.raw(openWhenRead(second))) {
      writer.say("x");
      other.request(1);
      other.awaitChunks(1);
    }
    other.cancel();
    waiting.forEach(Disposable::dispose);

    assertThat(elasticThreads() - elastic)
        .isLessThanOrEqualTo(10 * Runtime.getRuntime().availableProcessors());
  }

  private static Descriptor openWhenRead(Path path) {
    AtomicReference<Descriptor> opened = new AtomicReference<>();
    Await.until(
        "a reader",
        () -> {
          try {
            opened.set(Ends.openToWrite(path));
            return true;
          } catch (UncheckedIOException nobodyReads) {
            return false;
          }
        });
    return Objects.requireNonNull(opened.get());
  }

  private static int elasticThreads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("boundedElastic"))
            .count();
  }
}
