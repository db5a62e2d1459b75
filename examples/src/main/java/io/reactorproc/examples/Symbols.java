/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import com.fasterxml.jackson.databind.JsonNode;
import io.reactorproc.ipc.json.JsonRpc;
import io.reactorproc.ipc.json.JsonRpcSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A client of a language server: JSON-RPC with headers over a child's stdin and stdout. */
@picocli.CommandLine.Command(
    name = "symbols",
    description = "Shows what a file declares, as the language server that you name sees it.",
    mixinStandardHelpOptions = true)
final class Symbols implements Callable<Integer> {
  /** What servers call a language, where that is not the end of the file's name. */
  private static final Map<String, String> LANGUAGES =
      Map.of(
          "sh",
          "shellscript",
          "py",
          "python",
          "js",
          "javascript",
          "ts",
          "typescript",
          "rs",
          "rust");

  /** The kinds of symbols by their numbers, from 1 on. */
  private static final List<String> KINDS =
      List.of(
          "file",
          "module",
          "namespace",
          "package",
          "class",
          "method",
          "property",
          "field",
          "constructor",
          "enum",
          "interface",
          "function",
          "variable",
          "constant",
          "string",
          "number",
          "boolean",
          "array",
          "object",
          "key",
          "null",
          "enum member",
          "struct",
          "event",
          "operator",
          "type parameter");

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-l", "--language"},
      paramLabel = "ID",
      description = "The language of the file; by the end of its name unless told.")
  @Nullable String language;

  @Option(
      names = {"-t", "--timeout"},
      defaultValue = "30s",
      description = "How long an answer may take; 30s by default.")
  Duration timeout = Duration.ZERO;

  @Parameters(index = "0", paramLabel = "FILE")
  Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "The server, such as bash-language-server start.")
  List<String> argv = List.of();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = Examples.out(spec);
    String text = Files.readString(file);
    String uri = file.toAbsolutePath().toUri().toString();
    return Server.use(argv, client(), server -> symbols(server, uri, text))
        .publishOn(Schedulers.boundedElastic())
        .map(symbols -> show(symbols, 0, out))
        .blockOptional()
        .orElseThrow();
  }

  /** What a server may ask of its client, answered as by one that has nothing to say. */
  private JsonRpcSpec client() {
    return JsonRpc.lsp()
        .exchange(exchange -> exchange.timeout(timeout))
        .onRequest(
            "workspace/configuration",
            params -> Mono.just(new Object[params == null ? 0 : params.path("items").size()]))
        .onRequest("workspace/workspaceFolders", params -> Mono.empty())
        .onRequest("client/registerCapability", params -> Mono.empty())
        .onRequest("window/workDoneProgress/create", params -> Mono.empty());
  }

  private Mono<JsonNode> symbols(JsonRpc server, String uri, String text) {
    Map<String, ?> introduction =
        Map.of(
            "processId",
            ProcessHandle.current().pid(),
            "capabilities",
            Map.of(
                "textDocument",
                Map.of("documentSymbol", Map.of("hierarchicalDocumentSymbolSupport", true))));
    Map<String, ?> document =
        Map.of("uri", uri, "languageId", languageId(), "version", 1, "text", text);
    return server
        .call("initialize", introduction)
        .then(server.tell("initialized", Map.of()))
        .then(server.tell("textDocument/didOpen", Map.of("textDocument", document)))
        .then(
            server.call("textDocument/documentSymbol", Map.of("textDocument", Map.of("uri", uri))))
        .flatMap(
            found ->
                server
                    .call("shutdown")
                    .then(server.tell("exit", null))
                    .onErrorComplete() // we have what we wanted
                    .thenReturn(found));
  }

  private String languageId() {
    if (language != null) {
      return language;
    }
    String name = file.toString();
    String end = name.substring(name.lastIndexOf('.') + 1);
    return LANGUAGES.getOrDefault(end, end);
  }

  private static int show(JsonNode symbols, int depth, PrintWriter out) {
    for (JsonNode symbol : symbols) {
      int kind = symbol.path("kind").asInt();
      JsonNode range = symbol.has("range") ? symbol.path("range") : symbol.at("/location/range");
      StringBuilder line = new StringBuilder("  ".repeat(depth));
      line.append(range.at("/start/line").asInt() + 1).append(": ");
      Printable.append(line, symbol.path("name").asText());
      if (kind >= 1 && kind <= KINDS.size()) {
        line.append(" (").append(KINDS.get(kind - 1)).append(')');
      }
      OutputGoneException.println(out, line.toString());
      show(symbol.path("children"), depth + 1, out);
    }
    return 0;
  }
}
