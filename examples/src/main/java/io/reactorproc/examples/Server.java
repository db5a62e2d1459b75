/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import io.reactorproc.Command;
import io.reactorproc.Output;
import io.reactorproc.RunningProcess;
import io.reactorproc.Stdin;
import io.reactorproc.ipc.json.JsonRpc;
import io.reactorproc.ipc.json.JsonRpcSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** A server that is a child and speaks JSON-RPC over its stdin and stdout. */
record Server(RunningProcess child, JsonRpc rpc) {
  private static final Duration TO_END_BY_ITSELF = Duration.ofSeconds(2);

  /** Starts a server, talks to it, and ends it, whatever came of the talk. */
  static <T> Mono<T> use(
      List<String> argv, JsonRpcSpec spec, Function<JsonRpc, Mono<T>> conversation) {
    return Mono.usingWhen(
        Command.of(argv)
            .stdin(Stdin.pipe())
            .stderr(Output.inherit())
            .start()
            .map(child -> new Server(child, spec.connect(child.stdout(), child.stdin()))),
        server -> conversation.apply(server.rpc()),
        Server::end);
  }

  /** Its stdin ends, upon which it should; else it is made to. */
  private Mono<Void> end() {
    rpc.dispose();
    return child
        .exit()
        .timeout(TO_END_BY_ITSELF)
        .onErrorResume(
            TimeoutException.class,
            late -> {
              child.terminate();
              return child.exit();
            })
        .doFinally(over -> child.dispose())
        .then();
  }
}
