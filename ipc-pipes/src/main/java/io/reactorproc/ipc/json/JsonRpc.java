/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.reactorproc.ipc.exchange.Exchange;
import io.reactorproc.ipc.exchange.MalformedMessageException;
import io.reactorproc.ipc.frame.Framing;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * <a href="https://www.jsonrpc.org/specification">JSON-RPC 2.0</a> over one channel, in both
 * directions: an {@link Exchange} of methods, parameters and results. May be used from any thread.
 *
 * <p>Requests of ours are sent one by one. A batch of the peer is taken apart; the answers to its
 * requests go back together, when the last one is there. Answers that come as a batch are fine.
 *
 * <pre>{@code
 * JsonRpc server = JsonRpc.lsp().connect(child.stdout(), child.stdin());
 * Mono<JsonNode> symbols = server.call("textDocument/documentSymbol", params);
 * }</pre>
 */
public final class JsonRpc implements Disposable {
  private final Exchange<JsonRpcMessage, JsonNode> exchange;
  private final Json json;

  JsonRpc(Exchange<JsonRpcMessage, JsonNode> exchange, Json json) {
    this.exchange = exchange;
    this.json = json;
  }

  /** JSON-RPC in frames of any kind. */
  public static JsonRpcSpec over(Framing framing) {
    return new JsonRpcSpec(Objects.requireNonNull(framing, "framing"), Cancellation.NONE);
  }

  /** As language servers speak it: {@code Content-Length} headers, {@link Cancellation#LSP}. */
  public static JsonRpcSpec lsp() {
    return over(Framing.contentLength()).cancellation(Cancellation.LSP);
  }

  /** As servers of the Model Context Protocol speak it: lines, {@link Cancellation#MCP}. */
  public static JsonRpcSpec mcp() {
    return over(Framing.lines()).cancellation(Cancellation.MCP);
  }

  /** Calls a method without parameters; see {@link Exchange#request(Object)}. */
  public Mono<JsonNode> call(String method) {
    return call(method, null);
  }

  /**
   * Calls a method of the peer.
   *
   * @param params an object or an array of JSON, or what the mapper makes one of; null for none
   * @return the result; {@link JsonRpcException} where the peer answers with an error, and the
   *     errors of {@link Exchange#request(Object)}
   */
  public Mono<JsonNode> call(String method, @Nullable Object params) {
    Objects.requireNonNull(method, "method");
    return Mono.defer(() -> exchange.request(message(method, params)));
  }

  /**
   * As the other one, with the result as a type; {@link MalformedMessageException} where it is
   * none. A result that is {@code null} is empty.
   */
  public <T> Mono<T> call(String method, @Nullable Object params, Class<T> type) {
    Objects.requireNonNull(type, "type");
    return call(method, params)
        .filter(result -> !result.isNull())
        .map(result -> value(result, type));
  }

  private <T> T value(JsonNode result, Class<T> type) {
    try {
      return json.value(result, type);
    } catch (JacksonException e) {
      throw new MalformedMessageException(
          "the result is no " + type.getSimpleName() + " (" + e.getOriginalMessage() + ")",
          Json.excerpt(result),
          e);
    }
  }

  /** Tells the peer something; see {@link Exchange#tell(Object)}. */
  public Mono<Void> tell(String method, @Nullable Object params) {
    Objects.requireNonNull(method, "method");
    return Mono.defer(() -> exchange.tell(message(method, params)));
  }

  private JsonRpcMessage message(String method, @Nullable Object params) {
    return new JsonRpcMessage(method, params == null ? null : json.tree(params));
  }

  /**
   * The parameters of this notification from the subscription on, {@code null} of JSON where there
   * are none; see {@link Exchange#notifications()}.
   */
  public Flux<JsonNode> notifications(String method) {
    return exchange
        .notifications()
        .filter(notification -> notification.method().equals(method))
        .map(
            notification -> {
              JsonNode params = notification.params();
              return params == null ? JsonNodeFactory.instance.nullNode() : params;
            });
  }

  /** What is below: all notifications, the end, the counters. */
  public Exchange<JsonRpcMessage, JsonNode> exchange() {
    return exchange;
  }

  /** When it is over: see {@link Exchange#closed()}. */
  public Mono<Void> closed() {
    return exchange.closed();
  }

  /** Ends it at once: see {@link Exchange#dispose()}. */
  @Override
  public void dispose() {
    exchange.dispose();
  }

  @Override
  public boolean isDisposed() {
    return exchange.isDisposed();
  }
}
