/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The programs of this module behind one name: {@code ./examples/run PROGRAM}. */
@Command(
    name = "./examples/run",
    synopsisSubcommandLabel = "PROGRAM",
    description = "Programs made of child processes as reactive streams.",
    commandListHeading = "%nPrograms:%n",
    footerHeading = "%nTry:%n",
    footer = {
      "  ./examples/run watch find /usr -name '*.jar'",
      "  ./examples/run watch --slow 1ms seq 1 100000",
      "  ./examples/run watch make -j4 | tee build.log",
      "  ./examples/run top-words README.md",
      "  ./examples/run packages -n 5",
      "  ./examples/run checksum /etc/ssl",
      "  ./examples/run tail /var/log/syslog /var/log/dpkg.log",
      "  ./examples/run chat sh -c 'while read -r line; do echo \"$(($line))\"; done'",
      "  ./examples/run deadline",
      "  ./examples/run symbols package.json vscode-json-languageserver --stdio",
      "  ./examples/run mcp -c echo -a '{\"message\": \"hi\"}' mcp-server-everything",
      "  ./examples/run service sh -c 'sleep 1; systemd-notify --ready; sleep 3'",
      "  ./examples/run terminal --record session.cast vi",
      "",
      "./examples/run help PROGRAM tells the options of one."
    },
    subcommands = {
      Watch.class,
      TopWords.class,
      Packages.class,
      Checksum.class,
      Tail.class,
      Chat.class,
      Deadline.class,
      Symbols.class,
      Mcp.class,
      Serve.class,
      OnTerminal.class,
      CommandLine.HelpCommand.class
    })
public final class Examples implements Runnable {
  private static final int OUTPUT_CHARS = 32 * 1024;

  /** What follows the name of a child's program is the child's, options too. */
  private static final Set<String> TAKE_A_COMMAND =
      Set.of("watch", "chat", "deadline", "symbols", "mcp", "service", "terminal");

  private final CommandLine commandLine;

  private Examples() {
    commandLine = new CommandLine(this);
  }

  /** Runs one program and ends the JVM with its status. */
  public static void main(String[] arguments) {
    // Not System.out: it would hide that a pipe's reader is gone, and encode by the locale.
    PrintWriter out =
        new PrintWriter(
            new BufferedWriter(
                new OutputStreamWriter(
                    new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8),
                OUTPUT_CHARS));
    System.exit(commandLine(out).execute(arguments));
  }

  /** All programs, writing to {@code out}. */
  static CommandLine commandLine(PrintWriter out) {
    CommandLine commandLine = new Examples().commandLine;
    commandLine.setOut(out);
    commandLine.setExpandAtFiles(false); // an argument of a child may begin with @
    commandLine.registerConverter(Duration.class, new DurationConverter());
    commandLine.setExecutionExceptionHandler(new Failures());
    commandLine
        .getSubcommands()
        .forEach((name, program) -> program.setStopAtPositional(TAKE_A_COMMAND.contains(name)));
    return commandLine;
  }

  /** Where a program writes what it finds out. */
  static PrintWriter out(@Nullable CommandSpec spec) {
    return Objects.requireNonNull(spec, "picocli sets it").commandLine().getOut();
  }

  /** No program was named: tells which there are. */
  @Override
  public void run() {
    commandLine.usage(commandLine.getOut());
    commandLine.getOut().flush();
  }
}
