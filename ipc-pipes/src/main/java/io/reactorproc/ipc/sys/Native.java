/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import io.netty.channel.epoll.Epoll;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * Loads the native libraries once, and says clearly why where they cannot be had.
 *
 * <p>jffi unpacks its library into the temporary directory and, failing that, into the current
 * directory, from where anybody might have placed another one. Its directory is therefore pinned
 * before its first use, which turns that second attempt into a failure.
 */
final class Native {
  private static final String EXTRACT_DIRECTORY = "jffi.extract.dir";

  /** All that {@link #require} looks at has been found good. */
  private static volatile boolean usable;

  private Native() {}

  static Libc libc() {
    return Loaded.LIBC;
  }

  static POSIX posix() {
    return Loaded.FUNCTIONS;
  }

  static Runtime runtime() {
    return Loaded.RUNTIME;
  }

  /** Fails with one readable sentence where the native side is missing. */
  static void require() {
    if (!usable) {
      check();
      usable = true;
    }
  }

  private static void check() {
    String os = System.getProperty("os.name", "");
    if (!os.equals("Linux")) {
      throw new UnsupportedPlatformException(
          "reactor-proc runs on Linux only, this is " + os, null);
    }
    if (!Layout.isSupportedArchitecture()) {
      throw new UnsupportedPlatformException(
          "reactor-proc knows x86_64 and aarch64, this is " + System.getProperty("os.arch"), null);
    }
    try {
      Loaded.touch();
    } catch (LinkageError | RuntimeException e) {
      throw new UnsupportedPlatformException(explain("the C library cannot be bound", e), e);
    }
    try {
      Epoll.ensureAvailability();
    } catch (LinkageError e) {
      throw new UnsupportedPlatformException(explain("Netty's epoll cannot be loaded", e), e);
    }
  }

  private static String explain(String what, Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return what
        + ": "
        + root
        + " (the JVM needs --enable-native-access where native access is denied, and a"
        + " java.io.tmpdir it can write to and execute from)";
  }

  /** Initialised at the first use, under the class lock of the JVM. */
  private static final class Loaded {
    static final Libc LIBC;
    static final POSIX FUNCTIONS;
    static final Runtime RUNTIME;

    static {
      pinExtractDirectory();
      LIBC = LibraryLoader.create(Libc.class).load("c");
      RUNTIME = Runtime.getRuntime(LIBC);
      FUNCTIONS = POSIXFactory.getNativePOSIX();
      if (!FUNCTIONS.isNative()) {
        throw new IllegalStateException("jnr-posix fell back to its Java implementation");
      }
    }

    private Loaded() {}

    @SuppressWarnings("ReturnValueIgnored") // called for the initialisation of this class
    static void touch() {
      RUNTIME.getClass();
    }

    private static void pinExtractDirectory() {
      if (System.getProperty(EXTRACT_DIRECTORY) == null) {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp")).toAbsolutePath();
        if (!Files.isDirectory(temporary)) {
          throw new IllegalStateException("the temporary directory is missing: " + temporary);
        }
        System.setProperty(EXTRACT_DIRECTORY, temporary.toString());
      }
    }
  }
}
