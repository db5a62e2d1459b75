/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.Command;
import io.reactorproc.testkit.Await;
import io.reactorproc.testkit.Proc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real terminal emulator without a window: one server of tmux(1) with one pane. */
final class Tmux implements AutoCloseable {
  private final Path socket;

  /** Runs a line of shell in a pane of 80 columns and 24 rows, in this directory. */
  Tmux(Path directory, String line) {
    socket = directory.resolve("tmux");
    tmux(
        "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "-c", directory + "", line);
  }

  private String tmux(String... arguments) {
    List<String> argv = new ArrayList<>(List.of("tmux", "-S", socket.toString()));
    argv.addAll(List.of(arguments));
    return Command.of(argv)
        .withoutEnv("TMUX")
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .text()
        .blockOptional(ExampleJvm.DEADLINE)
        .orElse("");
  }

  /** Presses keys, by the names that tmux has for them, or text. */
  void press(String... keys) {
    List<String> argv = new ArrayList<>(List.of("send-keys"));
    argv.addAll(List.of(keys));
    tmux(argv.toArray(String[]::new));
  }

  void resize(int columns, int rows) {
    tmux("resize-window", "-x", "" + columns, "-y", "" + rows);
  }

  /** What the window shows. */
  String screen() {
    return tmux("capture-pane", "-p");
  }

  /** Waits until the window shows this. */
  void await(String text) {
    assertThat(Await.within(ExampleJvm.DEADLINE, () -> screen().contains(text)))
        .as("'%s' on the screen:%n%s", text, screen())
        .isTrue();
  }

  /** Waits until the program in the window has switched to the alternate screen, or back. */
  void awaitAlternateScreen(String on) {
    Await.until(
        "the alternate screen is " + on,
        ExampleJvm.DEADLINE,
        () -> tmux("display-message", "-p", "#{alternate_on}").strip().equals(on));
  }

  /** The process that the shell in the window runs. */
  int child() {
    int shell = Integer.parseInt(tmux("display-message", "-p", "#{pane_pid}").strip());
    Await.until(
        "the shell has a child", ExampleJvm.DEADLINE, () -> !Proc.children(shell).isEmpty());
    return Proc.children(shell).keySet().iterator().next();
  }

  @Override
  public void close() {
    tmux("kill-server");
  }
}
