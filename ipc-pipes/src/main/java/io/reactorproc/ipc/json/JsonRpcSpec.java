/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.ByteSink;
import io.reactorproc.ipc.exchange.ExchangeSpec;
import io.reactorproc.ipc.frame.Framing;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** How a connection with JSON-RPC is to be. Immutable; one may serve any number of connections. */
public final class JsonRpcSpec {
  private final Framing framing;
  private final Json json;
  private final Cancellation cancellation;
  private final Map<String, Method> methods;
  private final Map<String, Consumer<@Nullable JsonNode>> listeners;
  private final UnaryOperator<ExchangeSpec<JsonRpcMessage, JsonNode>> settings;

  /** What a method does. It is given the mapper, as that may be set after the method is. */
  private interface Method {
    Publisher<?> answer(Json json, @Nullable JsonNode params);
  }

  private JsonRpcSpec(
      Framing framing,
      Json json,
      Cancellation cancellation,
      Map<String, Method> methods,
      Map<String, Consumer<@Nullable JsonNode>> listeners,
      UnaryOperator<ExchangeSpec<JsonRpcMessage, JsonNode>> settings) {
    this.framing = framing;
    this.json = json;
    this.cancellation = cancellation;
    this.methods = methods;
    this.listeners = listeners;
    this.settings = settings;
  }

  JsonRpcSpec(Framing framing, Cancellation cancellation) {
    this(framing, Json.DEFAULT, cancellation, Map.of(), Map.of(), UnaryOperator.identity());
  }

  /** The same with another mapper; one with Jackson's own settings unless told. */
  public JsonRpcSpec mapper(ObjectMapper mapper) {
    return new JsonRpcSpec(
        framing,
        new Json(Objects.requireNonNull(mapper, "mapper")),
        cancellation,
        methods,
        listeners,
        settings);
  }

  /** The same with another way to call requests off; {@link Cancellation#NONE} unless told. */
  public JsonRpcSpec cancellation(Cancellation way) {
    return new JsonRpcSpec(
        framing, json, Objects.requireNonNull(way, "way"), methods, listeners, settings);
  }

  /**
   * The same with other limits, timeouts and policies, such as {@code exchange(e ->
   * e.timeout(Duration.ofSeconds(5)))}. Handlers are set here, not there.
   */
  public JsonRpcSpec exchange(UnaryOperator<ExchangeSpec<JsonRpcMessage, JsonNode>> changes) {
    Objects.requireNonNull(changes, "changes");
    return new JsonRpcSpec(
        framing,
        json,
        cancellation,
        methods,
        listeners,
        spec -> changes.apply(settings.apply(spec)));
  }

  /**
   * Offers a method to the peer. Its parameters are null where there are none; its result may be
   * anything that the mapper can write, and none is {@code null}. A {@link JsonRpcException} is
   * answered as such, any other error as {@link JsonRpcException#INTERNAL_ERROR} without its text.
   * The rest is as in {@link ExchangeSpec#onRequest}. Methods that nobody offers are answered with
   * {@link JsonRpcException#METHOD_NOT_FOUND}.
   */
  public JsonRpcSpec onRequest(
      String method, Function<@Nullable JsonNode, ? extends Publisher<?>> handler) {
    Objects.requireNonNull(handler, "handler");
    return offering(method, (by, params) -> handler.apply(params));
  }

  private JsonRpcSpec offering(String method, Method offered) {
    Objects.requireNonNull(method, "method");
    Map<String, Method> more = new HashMap<>(methods);
    more.put(method, offered);
    return new JsonRpcSpec(framing, json, cancellation, Map.copyOf(more), listeners, settings);
  }

  /**
   * As the other one, with parameters of a type. What the mapper cannot make into it, none
   * included, is answered with {@link JsonRpcException#INVALID_PARAMS}.
   */
  public <P> JsonRpcSpec onRequest(
      String method, Class<P> type, Function<P, ? extends Publisher<?>> handler) {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(handler, "handler");
    return offering(method, (by, params) -> handler.apply(parameters(by, params, type)));
  }

  private static <P> P parameters(Json json, @Nullable JsonNode params, Class<P> type) {
    P value;
    try {
      value = params == null ? null : json.value(params, type);
    } catch (JacksonException e) {
      throw new JsonRpcException(
          JsonRpcException.INVALID_PARAMS, "invalid params: " + e.getOriginalMessage());
    }
    if (value == null) {
      throw new JsonRpcException(JsonRpcException.INVALID_PARAMS, "params are missing");
    }
    return value;
  }

  /**
   * Listens to a notification of the peer, as {@link ExchangeSpec#onNotification} does; {@link
   * JsonRpc#notifications(String)} is for those who come later.
   */
  public JsonRpcSpec onNotification(String method, Consumer<@Nullable JsonNode> listener) {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(listener, "listener");
    Map<String, Consumer<@Nullable JsonNode>> more = new HashMap<>(listeners);
    more.put(method, listener);
    return new JsonRpcSpec(framing, json, cancellation, methods, Map.copyOf(more), settings);
  }

  /**
   * Begins: subscribes to what the peer says, at once.
   *
   * @param in bytes of the peer, such as a child's stdout; read until the end
   * @param out where the peer reads, such as a child's stdin; closed at the end
   */
  public JsonRpc connect(Publisher<? extends ByteBuf> in, ByteSink out) {
    ExchangeSpec<JsonRpcMessage, JsonNode> spec =
        settings
            .apply(ExchangeSpec.of(framing, new JsonRpcCodec(json, cancellation)))
            .onRequest(this::answer)
            .onNotification(this::hear);
    return new JsonRpc(spec.connect(in, out), json);
  }

  private Publisher<JsonNode> answer(JsonRpcMessage request) {
    Method method = methods.get(request.method());
    if (method == null) {
      return Mono.error(
          new JsonRpcException(
              JsonRpcException.METHOD_NOT_FOUND, "no such method: " + request.method()));
    }
    return Mono.from(method.answer(json, request.params()))
        .<JsonNode>map(json::tree)
        .defaultIfEmpty(NullNode.instance);
  }

  private void hear(JsonRpcMessage notification) {
    Consumer<@Nullable JsonNode> listener = listeners.get(notification.method());
    if (listener != null) {
      listener.accept(notification.params());
    }
  }
}
