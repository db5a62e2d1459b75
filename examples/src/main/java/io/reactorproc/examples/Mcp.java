/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.reactorproc.ipc.exchange.Malformed;
import io.reactorproc.ipc.json.JsonRpc;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A client of the Model Context Protocol: JSON-RPC in lines over a child's stdin and stdout. */
@picocli.CommandLine.Command(
    name = "mcp",
    description = "Shows the tools of an MCP server, any that speaks over stdin and stdout.",
    mixinStandardHelpOptions = true)
final class Mcp implements Callable<Integer> {
  private static final String VERSION = "2025-06-18";

  @Spec @Nullable CommandSpec spec;

  @Option(
      names = {"-c", "--call"},
      paramLabel = "TOOL",
      description = "A tool to call; its answer is shown instead.")
  @Nullable String tool;

  @Option(
      names = {"-a", "--arguments"},
      paramLabel = "JSON",
      defaultValue = "{}",
      description = "What it is called with, an object of JSON; empty by default.")
  String arguments = "{}";

  @Option(
      names = {"-t", "--timeout"},
      defaultValue = "30s",
      description = "How long an answer may take; 30s by default.")
  Duration timeout = Duration.ZERO;

  @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "The server.")
  List<String> argv = List.of();

  @Override
  public Integer call() {
    PrintWriter out = Examples.out(spec);
    JsonNode given = given();
    return Server.use(
            argv,
            JsonRpc.mcp()
                .exchange(
                    exchange ->
                        // Some servers write a line of greeting to stdout.
                        exchange.timeout(timeout).onMalformed(Malformed.SKIP))
                .onRequest("ping", params -> Mono.just(Map.of())),
            server -> talk(server, given, out))
        .blockOptional()
        .orElseThrow();
  }

  private JsonNode given() {
    try {
      JsonNode tree = JsonMapper.builder().build().readTree(arguments);
      if (tree.isObject()) {
        return tree;
      }
    } catch (JsonProcessingException noJson) {
      // said below, as for what is no object
    }
    if (spec == null) {
      throw new IllegalStateException("picocli sets it");
    }
    throw new ParameterException(spec.commandLine(), "no object of JSON: " + arguments);
  }

  private Mono<Integer> talk(JsonRpc server, JsonNode given, PrintWriter out) {
    Map<String, ?> introduction =
        Map.of(
            "protocolVersion", VERSION,
            "capabilities", Map.of(),
            "clientInfo", Map.of("name", "reactor-proc", "version", "0"));
    Mono<JsonNode> greeting =
        server
            .call("initialize", introduction)
            .flatMap(hello -> server.tell("notifications/initialized", null).thenReturn(hello));
    if (tool != null) {
      return greeting
          .then(server.call("tools/call", Map.of("name", tool, "arguments", given)))
          .publishOn(Schedulers.boundedElastic())
          .map(answer -> show(answer, out));
    }
    return greeting.flatMap(
        hello ->
            server
                .call("tools/list", Map.of())
                .publishOn(Schedulers.boundedElastic())
                .map(tools -> show(hello.path("serverInfo"), tools.path("tools"), out)));
  }

  private static int show(JsonNode server, JsonNode tools, PrintWriter out) {
    print(out, server.path("name").asText() + " " + server.path("version").asText());
    for (JsonNode each : tools) {
      String about = each.path("description").asText().lines().findFirst().orElse("");
      print(out, "  " + each.path("name").asText() + ": " + about);
    }
    return 0;
  }

  /** Texts as they are, the rest by its kind; an error of the tool is a status. */
  private static int show(JsonNode answer, PrintWriter out) {
    for (JsonNode content : answer.path("content")) {
      String kind = content.path("type").asText();
      if (kind.equals("text")) {
        content.path("text").asText().lines().forEach(line -> print(out, line));
      } else {
        print(out, "(" + kind + ")");
      }
    }
    return answer.path("isError").asBoolean() ? 1 : 0;
  }

  private static void print(PrintWriter out, String text) {
    StringBuilder line = new StringBuilder();
    Printable.append(line, text);
    OutputGoneException.println(out, line.toString());
  }
}
