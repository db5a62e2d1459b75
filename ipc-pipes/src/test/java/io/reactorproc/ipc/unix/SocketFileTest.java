/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.Ends;
import io.reactorproc.ipc.OneLoop;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SocketType;
import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The file of a server: its mode, whom it replaces, and when it goes. */
@Timeout(60)
final class SocketFileTest {
  private final OneLoop loop = new OneLoop();

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  Path directory;

  @AfterEach
  void close() {
    loop.close();
  }

  private Path path() {
    return directory.resolve("server.sock");
  }

  private UnixServer server() {
    return UnixServer.at(path()).loops(loop.loops());
  }

  private static int mode(Path file) throws Exception {
    return (int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  private static long inode(Path file) throws Exception {
    return (long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  /** A socket of this type that has the name of the server; dead once it is closed. */
  private Descriptor bound(SocketType type) throws SystemCallException {
    Descriptor socket = Descriptor.own(Sockets.system().open(type, "test"));
    byte[] name = path().toString().getBytes(StandardCharsets.UTF_8);
    assertThat(Sockets.system().bind(socket.number(), name)).isZero();
    return socket;
  }

  private UnixBindException.Reason refusal() {
    Throwable error = Wait.error(server().bind());
    assertThat(error).isInstanceOf(UnixBindException.class).hasMessageContaining("server.sock");
    return ((UnixBindException) error).reason();
  }

  @Test
  void theFile_is0600InADirectoryThatIs0700() throws Exception {
    Path made = directory.resolve("a");
    Path nested = made.resolve("b/server.sock");
    UnixListener listener = Wait.value(UnixServer.at(nested).bind());

    assertThat(mode(nested)).isEqualTo(0600);
    assertThat(mode(made.resolve("b"))).isEqualTo(0700);
    assertThat(mode(made)).isEqualTo(0700);
    Wait.end(listener.close());
  }

  /** What bind creates is what fchmod has set: SocketsTest shows it; here, that nothing follows. */
  @Test
  void theModeComesBeforeTheName() {
    FaultySockets calls = new FaultySockets("bind", 1, Errno.EIO);
    Wait.error(server().bind(calls.sockets(), loop.loops()));

    assertThat(calls.count("setMode")).isEqualTo(1);
    assertThat(path()).doesNotExist();
  }

  @Test
  void aWiderMode_isExactWhateverTheUmask() throws Exception {
    UnixListener listener = Wait.value(server().permissions("rw-rw-rw-").bind());

    assertThat(mode(path())).isEqualTo(0666);
    Wait.end(listener.close());
  }

  @ParameterizedTest
  @EnumSource
  void theFileOfADeadSocket_isReplaced(SocketType type) throws Exception {
    bound(type).close();
    UnixListener listener = Wait.value(server().bind());

    Wait.end(Wait.value(UnixClient.to(path()).connect()).close());
    Wait.end(listener.close());
    assertThat(path()).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void aSocketThatIsBoundAndDoesNotListenYet_isAlive(SocketType type) throws Exception {
    try (Descriptor live = bound(type)) {
      long before = inode(path());
      assertThat(refusal()).isEqualTo(UnixBindException.Reason.IN_USE);
      assertThat(inode(path())).isEqualTo(before);
      assertThat(live.isOpen()).isTrue();
    }
  }

  @Test
  void aLiveServer_isNotReplacedAndSeesNothing() {
    FaultySockets calls = FaultySockets.none();
    UnixListener live = Wait.value(server().bind(calls.sockets(), loop.loops()));
    var serving = live.connections().subscribe(UnixConnection::dispose);
    loop.settle();
    for (int i = 0; i < 5; i++) {
      assertThat(refusal()).isEqualTo(UnixBindException.Reason.IN_USE);
    }
    loop.settle();

    assertThat(calls.count("accept")).isZero();
    assertThat(live.accepted()).isZero();
    serving.dispose();
    Wait.end(live.close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "directory", "fifo", "link to a dead socket", "dangling link"})
  void whatIsNoSocket_isNeverRemoved(String kind) throws Exception {
    switch (kind) {
      case "file" -> Files.writeString(path(), "precious");
      case "directory" -> Files.createDirectory(path());
      case "fifo" -> Ends.fifo(path());
      case "link to a dead socket" -> {
        bound(SocketType.STREAM).close();
        Files.move(path(), directory.resolve("dead"));
        Files.createSymbolicLink(path(), directory.resolve("dead"));
      }
      default -> Files.createSymbolicLink(path(), directory.resolve("nowhere"));
    }
    long before = inode(path());

    assertThat(refusal()).isEqualTo(UnixBindException.Reason.NOT_A_SOCKET);
    assertThat(inode(path())).isEqualTo(before);
  }

  @Test
  void manyStartersAtOnce_areOneServerAndTypedErrors() throws Exception {
    for (int round = 0; round < 10; round++) {
      bound(SocketType.STREAM).close(); // what they race to replace
      List<Object> outcomes =
          Objects.requireNonNull(
              Flux.range(0, 16)
                  .flatMap(
                      i ->
                          server()
                              .bind()
                              .subscribeOn(Schedulers.parallel())
                              .cast(Object.class)
                              .onErrorResume(Mono::just),
                      16)
                  .collectList()
                  .block(Duration.ofSeconds(20)));
      List<UnixListener> started =
          outcomes.stream()
              .filter(UnixListener.class::isInstance)
              .map(UnixListener.class::cast)
              .toList();

      assertThat(started).hasSize(1);
      assertThat(outcomes)
          .filteredOn(Throwable.class::isInstance)
          .hasSize(15)
          .allSatisfy(
              error ->
                  assertThat(((UnixBindException) error).reason())
                      .isEqualTo(UnixBindException.Reason.IN_USE));
      Wait.end(Wait.value(UnixClient.to(path()).connect()).close());
      Wait.end(started.get(0).close());
      assertThat(path()).doesNotExist();
    }
  }

  @Test
  void aFileThatIsNotOursAnyMore_stays() throws Exception {
    UnixListener listener = Wait.value(server().bind());
    Files.delete(path());
    Descriptor successor = bound(SocketType.STREAM);
    Wait.end(listener.close());

    assertThat(path()).exists();
    successor.close();
  }

  @Test
  void anotherStartersLock_isWaitedFor() throws Exception {
    byte[] name = (directory + "\0").getBytes(StandardCharsets.UTF_8);
    Descriptor lock = Descriptor.own(Kernel.system().open(name, 0, 0, "test"));
    assertThat(Sockets.system().lock(lock.number())).isZero();
    FaultySockets calls = FaultySockets.none();
    var binding = server().bind(calls.sockets(), loop.loops()).cache();
    binding.subscribe();
    Await.until("it tries", () -> calls.count("lock") > 1);
    assertThat(path()).doesNotExist();
    lock.close();

    Wait.end(Wait.value(binding).close());
  }

  @Test
  void aDirectoryWhereEverybodyMayReplaceFiles_isRefused() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(refusal()).isEqualTo(UnixBindException.Reason.UNSAFE_DIRECTORY);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void noDirectoryAtAll_isAnErrorThatNamesIt() throws Exception {
    Files.writeString(directory.resolve("file"), "");
    assertThat(Wait.error(UnixServer.at(directory.resolve("file/server.sock")).bind()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "setMode", "bind", "listen", "lock"})
  void aStartThatFails_leavesNothing(String call) {
    int before = Proc.descriptors().size();
    FaultySockets calls = new FaultySockets(call, 1, Errno.EMFILE);
    assertThat(Wait.error(server().bind(calls.sockets(), loop.loops())))
        .isInstanceOfSatisfying(
            SystemCallException.class, e -> assertThat(e.is(Errno.EMFILE)).isTrue());

    assertThat(path()).doesNotExist();
    assertThat(Proc.descriptors()).hasSize(before);
  }
}
