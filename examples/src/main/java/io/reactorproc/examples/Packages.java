/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.Output;
import io.reactorproc.StartFailures;
import io.reactorproc.shell.Shell;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/**
 * The biggest packages of a Debian, Ubuntu or Fedora. At the prompt of a shell:
 *
 * <pre>{@code
 * { dpkg-query -W -f '${Installed-Size} ${Package}\n' ||
 *   rpm -qa --qf '%{SIZE} %{NAME}\n' | awk '{ print int($1 / 1024), $2 }'
 * } 2>/dev/null | sort -rn | head -n 10
 * }</pre>
 *
 * <p>and here the same line, and once more the same in Java.
 */
@picocli.CommandLine.Command(
    name = "packages",
    description = "Lists the biggest packages, in KiB: a line of shell without a shell.",
    mixinStandardHelpOptions = true)
final class Packages implements Callable<Integer> {
  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-n", "--number"},
      defaultValue = "10",
      description = "How many packages; 10 by default.")
  int number;

  @Option(names = "--java", description = "With commands that Java joins, to the same effect.")
  boolean inJava;

  @Override
  public Integer call() {
    PrintWriter out = Examples.out(spec);
    (inJava ? joinedByJava(number) : asALineOfShell(number))
        .publishOn(Schedulers.boundedElastic())
        .doOnNext(line -> OutputGoneException.println(out, line))
        .blockLast();
    return 0;
  }

  static Flux<String> asALineOfShell(int number) {
    return Shell.sh(
            """
            { dpkg-query -W -f '${Installed-Size} ${Package}\\n' ||
              rpm -qa --qf '%{SIZE} %{NAME}\\n' | awk '{ print int($1 / 1024), $2 }'
            } 2>/dev/null | sort -rn | head -n {}
            """,
            number)
        .lines();
  }

  static Flux<String> joinedByJava(int number) {
    Command dpkg = Command.of("dpkg-query", "-W", "-f", "${Installed-Size} ${Package}\\n");
    Command rpm = Command.of("rpm", "-qa", "--qf", "%{SIZE} %{NAME}\\n");
    Command inKibibytes = Command.of("awk", "{ print int($1 / 1024), $2 }");
    return dpkg.orElse(rpm.pipe(inKibibytes))
        .startFailures(StartFailures.STATUS)
        .stderr(Output.discard())
        .pipe(Command.of("sort", "-rn"))
        .pipe(Command.of("head", "-n", Integer.toString(number)))
        .lines();
  }
}
