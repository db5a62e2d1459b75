/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.reactorproc.ipc.exchange.ExchangeClosedException;
import io.reactorproc.ipc.exchange.Malformed;
import io.reactorproc.ipc.exchange.MalformedMessageException;
import io.reactorproc.ipc.exchange.Wire;
import io.reactorproc.ipc.frame.Framing;
import io.reactorproc.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

@Timeout(60)
class JsonRpcTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Wire wire = new Wire();
  private final List<JsonRpc> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(JsonRpc::dispose);
    wire.close();
  }

  private JsonRpc connect(JsonRpcSpec spec) {
    JsonRpc rpc = spec.connect(wire.in(), wire.out());
    open.add(rpc);
    return rpc;
  }

  private JsonRpc connect() {
    return connect(JsonRpc.mcp());
  }

  /** A parameter and a result. */
  record Sum(int a, int b) {}

  // Ours.

  @Test
  void call_isAnsweredByAResult() {
    JsonRpc rpc = connect();
    StepVerifier.create(rpc.call("add", new Sum(1, 2)))
        .expectSubscription()
        .then(
            () -> {
              assertThat(wire.hear())
                  .isEqualTo(
                      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"add\",\"params\":{\"a\":1,\"b\":2}}");
              wire.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":3}");
            })
        .assertNext(result -> assertThat(result.intValue()).isEqualTo(3))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void callWithoutParams_sendsNone() {
    connect().call("ping").subscribe(result -> {}, error -> {});

    assertThat(wire.hear()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
  }

  @Test
  void anErrorOfThePeer_isATypedException() {
    JsonRpc rpc = connect();
    StepVerifier.create(rpc.call("x"))
        .expectSubscription()
        .then(
            () ->
                wire.say(
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":"
                        + "{\"code\":-32601,\"message\":\"no x\",\"data\":{\"hint\":\"y\"}}}"))
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOfSatisfying(
                        JsonRpcException.class,
                        failure -> {
                          assertThat(failure.code()).isEqualTo(JsonRpcException.METHOD_NOT_FOUND);
                          assertThat(failure.reason()).isEqualTo("no x");
                          assertThat(failure.data().orElseThrow().path("hint").textValue())
                              .isEqualTo("y");
                          assertThat(failure).hasMessageContaining("-32601: no x");
                        }))
        .verify(DEADLINE);
  }

  @Test
  void aResultOfAType_isMappedOrATypedError() {
    JsonRpc rpc = connect();
    StepVerifier.create(rpc.call("x", null, Sum.class))
        .expectSubscription()
        .then(() -> wire.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":1,\"b\":2}}"))
        .expectNext(new Sum(1, 2))
        .expectComplete()
        .verify(DEADLINE);
    StepVerifier.create(rpc.call("x", null, Sum.class))
        .expectSubscription()
        .then(() -> wire.say("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":\"text\"}"))
        .expectError(MalformedMessageException.class)
        .verify(DEADLINE);
    StepVerifier.create(rpc.call("x", null, Sum.class))
        .expectSubscription()
        .then(() -> wire.say("{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":null}"))
        .expectComplete()
        .verify(DEADLINE);
  }

  @Test
  void aMalformedError_isTheAnswerAllTheSame() {
    JsonRpc rpc = connect();
    StepVerifier.create(rpc.call("x"))
        .expectSubscription()
        .then(() -> wire.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":\"oops\"}"))
        .expectError(MalformedMessageException.class)
        .verify(DEADLINE);
    assertThat(rpc.isDisposed()).isFalse();
  }

  @Test
  void paramsThatAreNeitherObjectNorArray_areNotSent() {
    JsonRpc rpc = connect();

    StepVerifier.create(rpc.call("x", 3)).verifyError(IllegalArgumentException.class);
    StepVerifier.create(rpc.call("x", new Object())).verifyError(IllegalArgumentException.class);
    StepVerifier.create(rpc.tell("x", "text")).verifyError(IllegalArgumentException.class);
    assertThatThrownBy(() -> new JsonRpcMessage("x", TextNode.valueOf("t")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(wire.pending()).isEmpty();
  }

  @Test
  void cancel_isToldAsTheProtocolSays() {
    Disposable mcp = connect().call("x").subscribe(result -> {}, error -> {});
    assertThat(wire.hear()).contains("\"id\":1");
    mcp.dispose();

    assertThat(wire.hear())
        .isEqualTo(
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
  }

  @Test
  void cancelInLsp_isToldInHeadersAndAll() {
    Disposable lsp = connect(JsonRpc.lsp()).call("x").subscribe(result -> {}, error -> {});
    String request = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}";
    assertThat(wire.hear()).isEqualTo("Content-Length: " + request.length() + "\r");
    Await.until("the request", () -> wire.pending().endsWith(request));
    lsp.dispose();
    String told = "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":1}}";

    Await.until("the cancel", () -> wire.pending().endsWith(told));
  }

  // The peer's.

  private JsonRpc server() {
    return connect(
        JsonRpc.over(Framing.lines())
            .exchange(exchange -> exchange.onMalformed(Malformed.SKIP))
            .onRequest("add", Sum.class, sum -> Mono.just(sum.a() + sum.b()))
            .onRequest("echo", params -> Mono.justOrEmpty(params))
            .onRequest("nothing", params -> Mono.empty())
            .onRequest("fail", params -> Mono.error(new IllegalStateException("secret")))
            .onRequest(
                "refuse", params -> Mono.error(new JsonRpcException(7, "no", IntNode.valueOf(1)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`add`,`params`:{`a`:1,`b`:2}}#`id`:1,`result`:3",
        "{`jsonrpc`:`2.0`,`id`:`s`,`method`:`echo`,`params`:[1]}#`id`:`s`,`result`:[1]",
        "{`jsonrpc`:`2.0`,`id`:1.5,`method`:`nothing`}#`id`:1.5,`result`:null",
        "{`jsonrpc`:`2.0`,`id`:null,`method`:`nothing`}#`id`:null,`result`:null",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`fail`}#`error`:{`code`:-32603,`message`:`internal error`}",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`refuse`}#{`code`:7,`message`:`no`,`data`:1}",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`none`}#`code`:-32601,`message`:`no such method: none`",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`add`,`params`:{`a`:`x`}}#`code`:-32602",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`add`}#`code`:-32602",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:2}#`id`:1,`error`:{`code`:-32600",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`add`,`params`:3}#`id`:1,`error`:{`code`:-32600",
        "{`jsonrpc`:`1.0`,`id`:1,`method`:`add`}#`id`:1,`error`:{`code`:-32600",
        "{`jsonrpc`:`2.0`,`id`:{},`method`:`add`}#`id`:null,`error`:{`code`:-32600",
        "{`jsonrpc`:`2.0`,`id`:1}#`id`:1,`error`:{`code`:-32600",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`x`,`result`:1}#`id`:1,`error`:{`code`:-32600",
        "{`jsonrpc`:`2.0`,`id`:1,`method`:`x`#`id`:null,`error`:{`code`:-32700",
        "[]#`id`:null,`error`:{`code`:-32600",
        "3#`id`:null,`error`:{`code`:-32600",
        "[1]#[{`jsonrpc`:`2.0`,`id`:null,`error`:{`code`:-32600,`message`:`invalid request`}}]"
      })
  void theLettersOfTheSpecification(String said, String heard) {
    server();
    wire.say(said.replace('`', '"'));

    assertThat(wire.hear()).contains(heard.replace('`', '"'));
  }

  @Test
  void aMapperSetAfterAMethod_servesItToo() {
    connect(
        JsonRpc.mcp()
            .onRequest("add", Sum.class, sum -> Mono.just(sum.a() + sum.b()))
            .mapper(
                JsonMapper.builder()
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                    .build()));
    wire.say("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"add\",\"params\":{\"A\":1,\"B\":2}}");

    assertThat(wire.hear()).contains("\"result\":3");
  }

  /** The batch of the specification's examples, with methods of ours. */
  @Test
  void aBatch_isAnsweredByABatch() {
    JsonRpc server = server();
    List<JsonNode> told = new CopyOnWriteArrayList<>();
    server.notifications("hello").subscribe(told::add);
    wire.say(
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"add\",\"params\":{\"a\":1,\"b\":2}},"
            + "{\"jsonrpc\":\"2.0\",\"method\":\"hello\",\"params\":[7]},"
            + "{\"foo\":\"boo\"},"
            + "{\"jsonrpc\":\"2.0\",\"id\":\"9\",\"method\":\"nothing\"}]");

    assertThat(wire.hear())
        .isEqualTo(
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":3},"
                + "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"invalid request\"}},"
                + "{\"jsonrpc\":\"2.0\",\"id\":\"9\",\"result\":null}]");
    Await.until("told", () -> told.size() == 1);
  }

  @Test
  void answersAsABatch_reachWhoAsked() {
    JsonRpc rpc = connect();
    AtomicInteger sum = new AtomicInteger();
    rpc.call("a").subscribe(result -> sum.addAndGet(result.intValue()), error -> {});
    rpc.call("b").subscribe(result -> sum.addAndGet(result.intValue()), error -> {});
    wire.hear(2);
    wire.say(
        "[{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":20},{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}]");

    Await.until("both", () -> sum.get() == 21);
  }

  @Test
  void whatThePeerCallsOff_isAnsweredInLspAndNotInMcp() {
    for (Cancellation way : List.of(Cancellation.LSP, Cancellation.MCP)) {
      try (Wire own = new Wire()) {
        AtomicInteger cancelled = new AtomicInteger();
        JsonRpc rpc =
            JsonRpc.mcp()
                .cancellation(way)
                .onRequest("wait", p -> Mono.never().doOnCancel(cancelled::incrementAndGet))
                .onRequest("go", p -> Mono.just("on"))
                .connect(own.in(), own.out());
        own.say(
            "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"wait\"}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"$/cancelRequest\",\"params\":{\"id\":5}}",
            "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":5}}",
            "{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"go\"}");
        if (way == Cancellation.LSP) {
          assertThat(own.hear()).contains("\"id\":5,\"error\":{\"code\":-32800");
        }
        assertThat(own.hear()).contains("\"id\":6,\"result\":\"on\"");
        assertThat(cancelled).hasValue(1);
        rpc.dispose();
        own.hearEnd();
      }
    }
  }

  @Test
  void aListenerOfOneNotification_getsThatAlone() {
    List<String> told = new CopyOnWriteArrayList<>();
    connect(
        JsonRpc.mcp()
            .onNotification("a", params -> told.add("a" + params))
            .onNotification("b", params -> told.add("b" + params)));
    wire.say(
        "{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"params\":[1]}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"c\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"b\"}");

    Await.until("both", () -> told.size() == 2);
    assertThat(told).containsExactly("a[1]", "bnull");
  }

  @Test
  void inAStrictExchange_whatIsNoJsonIsTheEnd() {
    JsonRpc rpc = connect();
    wire.say("Listening on port 1");

    StepVerifier.create(rpc.closed())
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(MalformedMessageException.class)
                    .hasMessageContaining("Listening on port 1"))
        .verify(DEADLINE);
    StepVerifier.create(rpc.call("x")).verifyError(ExchangeClosedException.class);
  }

  /** Whatever comes, it ends in an answer, a count or a typed error, and nothing is thrown. */
  @Test
  void garbage_neverThrows() {
    JsonRpc server = server();
    String[] parts = {
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\"jsonrpc\":\"2.0\"",
      "\"id\":",
      "1",
      "null",
      "\"method\":",
      "\"add\"",
      "\"params\":",
      "{\"a\":1,\"b\":2}",
      "\"result\":",
      "\"error\":",
      "{}",
      "\"\\ud800\"",
      "1e999",
      "99999999999999999999",
      "true",
      "\"code\":1",
      "\"message\":\"m\""
    };
    for (long seed = 0; seed < 1500; seed++) {
      Random random = new Random(seed);
      StringBuilder line = new StringBuilder(random.nextBoolean() ? "{\"jsonrpc\":\"2.0\"," : "");
      for (int left = random.nextInt(12); left > 0; left--) {
        line.append(parts[random.nextInt(parts.length)]);
      }
      wire.say(line.toString());
      wire.pending();
    }
    wire.say("{\"jsonrpc\":\"2.0\",\"id\":\"the last\",\"method\":\"nothing\"}");

    Await.until("it is alive", () -> wire.pending().contains("\"the last\""));
    assertThat(server.isDisposed()).isFalse();
    assertThat(server.exchange().stats().malformed()).isGreaterThan(1000);
  }

  @Test
  void mapsAndTrees_areParamsToo() {
    connect().call("x", Map.of("k", List.of(1))).subscribe(result -> {}, error -> {});

    assertThat(wire.hear()).contains("\"params\":{\"k\":[1]}");
  }
}
