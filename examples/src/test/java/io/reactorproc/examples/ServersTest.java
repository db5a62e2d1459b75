/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.testkit.EnabledIfExecutable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers that are spoken to over stdin and stdout: tiny ones in sh always, and real ones where
 * {@code examples/fetch-servers} has brought them.
 */
@Timeout(120)
class ServersTest {
  private static final String MCP = "target/servers/node_modules/.bin/mcp-server-everything";
  private static final String LSP = "target/servers/node_modules/.bin/vscode-json-languageserver";

  /** Answers lines by what is in them. */
  private static final String TINY_MCP =
      """
      echo 'a greeting that is no JSON'
      answer() { printf '{"jsonrpc":"2.0","id":%s,%s}\\n' "$id" "$1"; }
      while IFS= read -r line; do
        id=$(printf '%s' "$line" | sed -n 's/.*"id":\\([0-9]*\\).*/\\1/p')
        case $line in
          *'"initialize"'*)
            echo '{"jsonrpc":"2.0","id":"p","method":"ping"}'
            answer '"result":{"serverInfo":{"name":"tiny","version":"1.0"}}' ;;
          *'"tools/list"'*)
            answer '"result":{"tools":[{"name":"shout","description":"Louder.\\nMuch."}]}' ;;
          *'"message":"hi"'*)
            answer '"result":{"content":[{"type":"text","text":"HI"},{"type":"image"}]}' ;;
          *'"tools/call"'*)
            answer '"error":{"code":-32602,"message":"no such tool"}' ;;
        esac
      done
      """;

  /** Reads headers and a body, answers with the same. */
  private static final String TINY_LSP =
      """
      say() { printf 'Content-Length: %s\\r\\n\\r\\n%s' "${#1}" "$1"; }
      while IFS= read -r header; do
        length=${header#*: }; length=${length%?}
        IFS= read -r empty
        body=$(head -c "$length")
        id=$(printf '%s' "$body" | sed -n 's/.*"id":\\([0-9]*\\).*/\\1/p')
        case $body in
          *'"initialize"'*)
            say '{"jsonrpc":"2.0","id":7,"method":"workspace/configuration","params":{"items":[1]}}'
            say '{"jsonrpc":"2.0","id":'"$id"',"result":{}}' ;;
          *'documentSymbol'*)
            say '{"jsonrpc":"2.0","id":'"$id"',"result":[{"name":"top","kind":5,"range":{"start":{"line":2}},"children":[{"name":"inner","kind":6,"range":{"start":{"line":4}}}]}]}' ;;
          *'"shutdown"'*) say '{"jsonrpc":"2.0","id":'"$id"',"result":null}' ;;
          *'"exit"'*) exit 0 ;;
        esac
      done
      """;

  @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file =
        Files.writeString(directory.resolve("a.json"), "{\n\"name\": \"x\",\n\"list\": [1, 2]\n}");
  }

  @Test
  void mcp_listsTheTools() {
    Outcome outcome = Outcome.of("mcp", "sh", "-c", TINY_MCP);

    assertThat(outcome.out()).containsExactly("tiny 1.0", "  shout: Louder.");
    assertThat(outcome.status()).isZero();
  }

  @Test
  void mcp_callsATool() {
    Outcome outcome =
        Outcome.of("mcp", "-c", "shout", "-a", "{\"message\":\"hi\"}", "sh", "-c", TINY_MCP);

    assertThat(outcome.out()).containsExactly("HI", "(image)");
    assertThat(outcome.status()).isZero();
  }

  @Test
  void mcp_tellsTheErrorOfTheServer() {
    Outcome outcome = Outcome.of("mcp", "-c", "none", "sh", "-c", TINY_MCP);

    assertThat(outcome.err()).isEqualTo("mcp: error -32602: no such tool\n");
    assertThat(outcome.status()).isEqualTo(125);
  }

  @Test
  void mcp_ofWhatIsNoServer_saysSo() {
    Outcome outcome = Outcome.of("mcp", "true");

    assertThat(outcome.err()).contains("mcp: the ");
    assertThat(outcome.status()).isEqualTo(125);
  }

  @Test
  void mcp_ofWhatNeverAnswers_timesOutAndEndsIt() {
    Outcome outcome = Outcome.of("mcp", "-t", "100ms", "sleep", "1000");

    assertThat(outcome.err()).contains("no answer within PT0.1S");
    assertThat(outcome.status()).isEqualTo(124);
  }

  @Test
  void mcp_takesArgumentsThatAreAnObject() {
    assertThat(Outcome.of("mcp", "-a", "[1]", "true").err()).contains("no object of JSON: [1]");
    assertThat(Outcome.of("mcp", "-a", "{", "true").status()).isEqualTo(2);
  }

  @Test
  void symbols_areShownAsATree() {
    Outcome outcome = Outcome.of("symbols", file.toString(), "sh", "-c", TINY_LSP);

    assertThat(outcome.out()).containsExactly("3: top (class)", "  5: inner (method)");
    assertThat(outcome.status()).isZero();
  }

  @Test
  @EnabledIfExecutable({"node", MCP})
  void mcp_ofARealServer() {
    Outcome tools = Outcome.of("mcp", MCP);
    assertThat(tools.out()).anyMatch(line -> line.startsWith("  echo: "));
    assertThat(tools.status()).isZero();

    Outcome echo = Outcome.of("mcp", "-c", "echo", "-a", "{\"message\":\"hé 😀\"}", MCP);
    assertThat(echo.text()).isEqualTo("Echo: hé 😀");
  }

  @Test
  @EnabledIfExecutable({"node", LSP})
  void symbols_ofARealServer() {
    Outcome outcome = Outcome.of("symbols", file.toString(), LSP, "--stdio");

    assertThat(outcome.out()).anyMatch(line -> line.startsWith("2: name"));
    assertThat(outcome.out()).anyMatch(line -> line.startsWith("3: list"));
    assertThat(outcome.status()).isZero();
  }
}
