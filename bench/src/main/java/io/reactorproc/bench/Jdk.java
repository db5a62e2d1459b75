/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK that peers run on.
 *
 * @param home its directory
 * @param version such as 17.0.15
 */
record Jdk(Path home, String version) {

  static Jdk running() {
    return new Jdk(Path.of(System.getProperty("java.home")), System.getProperty("java.version"));
  }

  /**
   * The JDK in a directory, by its file {@code release}.
   *
   * @throws IOException if there is none
   */
  static Jdk at(Path home) throws IOException {
    if (!Files.isExecutable(home.resolve("bin/java"))) {
      throw new IOException("no bin/java in " + home);
    }
    return new Jdk(home, versionOf(Files.readAllLines(home.resolve("release"))));
  }

  static String versionOf(List<String> release) throws IOException {
    for (String line : release) {
      if (line.startsWith("JAVA_VERSION=")) {
        return line.substring("JAVA_VERSION=".length()).replace("\"", "");
      }
    }
    throw new IOException("no JAVA_VERSION in the file release");
  }

  int feature() {
    return Integer.parseInt(version.split("[.+-]", -1)[0]);
  }

  /**
   * The start of a command line, the same for all: collector and heap, and no diagnosis of leaks.
   */
  List<String> java(long touchedBytes) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmn384m"));
    command.add("-Dio.netty.leakDetection.level=disabled");
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.add("-Xmx" + (1024 + (touchedBytes >> 20)) + "m");
    if (feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    if (feature() >= 23) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    return command;
  }
}
