/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.reactorproc.ipc.exchange.ExchangeOverloadException;
import io.reactorproc.ipc.exchange.MalformedMessageException;
import io.reactorproc.ipc.exchange.Message;
import io.reactorproc.ipc.exchange.MessageCodec;
import io.reactorproc.ipc.exchange.NoHandlerException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The objects of <a href="https://www.jsonrpc.org/specification">JSON-RPC 2.0</a>. Ids of the
 * peer's requests are {@link JsonNode}s, to be given back exactly; those of answers are made {@link
 * Long}s where they are whole numbers, as ours are.
 */
final class JsonRpcCodec implements MessageCodec<JsonRpcMessage, JsonNode> {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String VERSION = "2.0";

  private final Json json;
  private final Cancellation cancellation;

  JsonRpcCodec(Json json, Cancellation cancellation) {
    this.json = json;
    this.cancellation = cancellation;
  }

  // Writing.

  @Override
  public ByteBuf encode(Message<JsonRpcMessage, JsonNode> message) {
    return json.bytes(tree(message));
  }

  private JsonNode tree(Message<JsonRpcMessage, JsonNode> message) {
    if (message instanceof Message.Batch<JsonRpcMessage, JsonNode> batch) {
      ArrayNode array = NODES.arrayNode();
      batch.members().forEach(member -> array.add(tree(member)));
      return array;
    }
    ObjectNode object = NODES.objectNode().put("jsonrpc", VERSION);
    if (message instanceof Message.Request<JsonRpcMessage, JsonNode> request) {
      object.set("id", id(request.id()));
      put(object, request.body());
    } else if (message instanceof Message.Notification<JsonRpcMessage, JsonNode> notification) {
      put(object, notification.body());
    } else if (message instanceof Message.Response<JsonRpcMessage, JsonNode> response) {
      object.set("id", id(response.id()));
      object.set("result", response.body());
    } else if (message instanceof Message.ErrorResponse<JsonRpcMessage, JsonNode> response) {
      object.set("id", id(response.id()));
      object.set("error", error(response.error()));
    } else {
      throw new IllegalArgumentException("not to be sent: " + message);
    }
    return object;
  }

  private static void put(ObjectNode object, JsonRpcMessage body) {
    object.put("method", body.method());
    JsonNode params = body.params();
    if (params != null) {
      object.set("params", params);
    }
  }

  private static JsonNode id(@Nullable Object id) {
    if (id instanceof JsonNode node) {
      return node;
    }
    if (id instanceof Long number) {
      return NODES.numberNode(number);
    }
    return id == null ? NODES.nullNode() : NODES.textNode(id.toString());
  }

  /** What a peer is told of a failure: of those that it did not cause, that there is one. */
  private static JsonNode error(Throwable failure) {
    if (failure instanceof JsonRpcException known) {
      ObjectNode error = error(known.code(), known.reason());
      known.data().ifPresent(data -> error.set("data", data));
      return error;
    }
    if (failure instanceof CancellationException) {
      return error(JsonRpcException.REQUEST_CANCELLED, "the request was cancelled");
    }
    if (failure instanceof ExchangeOverloadException) {
      return error(JsonRpcException.OVERLOADED, "too many requests");
    }
    if (failure instanceof NoHandlerException) {
      return error(JsonRpcException.METHOD_NOT_FOUND, "no method is offered");
    }
    return error(JsonRpcException.INTERNAL_ERROR, "internal error");
  }

  private static ObjectNode error(int code, String message) {
    return NODES.objectNode().put("code", code).put("message", message);
  }

  // Reading.

  @Override
  public Message<JsonRpcMessage, JsonNode> decode(ByteBuf frame) {
    JsonNode tree;
    try {
      tree = json.tree(frame);
    } catch (MalformedMessageException e) {
      return invalid(e, JsonRpcException.PARSE_ERROR, NODES.nullNode());
    }
    if (!tree.isArray()) {
      return single(tree);
    }
    if (tree.isEmpty()) {
      return invalid("an empty batch", tree, NODES.nullNode());
    }
    List<Message<JsonRpcMessage, JsonNode>> members = new ArrayList<>(tree.size());
    tree.forEach(member -> members.add(single(member)));
    return new Message.Batch<>(members);
  }

  private static Message<JsonRpcMessage, JsonNode> single(JsonNode tree) {
    JsonNode id = tree.get("id");
    JsonNode known = id != null && isId(id) ? id : NODES.nullNode();
    if (!tree.isObject() || !VERSION.equals(tree.path("jsonrpc").textValue())) {
      return invalid("no object of JSON-RPC 2.0", tree, known);
    }
    if (id != null && !isId(id)) {
      return invalid("its id is neither a string nor a number", tree, known);
    }
    boolean answer = tree.has("result") || tree.has("error");
    if (tree.has("method")) {
      return answer ? invalid("both asked and answered", tree, known) : asked(tree, id, known);
    }
    return answer ? answered(tree, id) : invalid("neither asked nor answered", tree, known);
  }

  private static Message<JsonRpcMessage, JsonNode> asked(
      JsonNode tree, @Nullable JsonNode id, JsonNode known) {
    String method = tree.path("method").textValue();
    JsonNode params = tree.get("params");
    if (method == null) {
      return invalid("its method is no string", tree, known);
    }
    if (params != null && params.isNull()) {
      params = null; // not by the letter, but sent by some
    }
    if (params != null && !params.isContainerNode()) {
      return invalid("its params are neither an object nor an array", tree, known);
    }
    JsonRpcMessage body = new JsonRpcMessage(method, params);
    return id == null ? new Message.Notification<>(body) : new Message.Request<>(id, body);
  }

  private static Message<JsonRpcMessage, JsonNode> answered(JsonNode tree, @Nullable JsonNode id) {
    JsonNode error = tree.get("error");
    JsonNode result = tree.get("result");
    Object of = id == null ? null : answeredId(id);
    if (error == null || (error.isNull() && result != null)) {
      return result == null || of == null
          ? invalid("an answer to nothing", tree, null)
          : new Message.Response<>(of, result);
    }
    JsonNode code = error.path("code");
    String text = error.path("message").textValue();
    if (!code.isIntegralNumber() || !code.canConvertToInt() || text == null) {
      // Whoever waits for it has its answer all the same.
      return new Message.ErrorResponse<>(
          of, new MalformedMessageException("an error that is none", Json.excerpt(error), null));
    }
    return new Message.ErrorResponse<>(
        of, new JsonRpcException(code.intValue(), text, error.get("data")));
  }

  private static boolean isId(JsonNode id) {
    return id.isTextual() || id.isNumber() || id.isNull();
  }

  private static @Nullable Object answeredId(JsonNode id) {
    if (id.isNull()) {
      return null;
    }
    return id.isIntegralNumber() && id.canConvertToLong() ? (Object) id.longValue() : id;
  }

  private static Message<JsonRpcMessage, JsonNode> invalid(
      String problem, JsonNode tree, @Nullable JsonNode id) {
    return invalid(
        new MalformedMessageException(problem, Json.excerpt(tree), null),
        JsonRpcException.INVALID_REQUEST,
        id);
  }

  /**
   * @param id null where it is an answer, which is not answered
   */
  private static Message<JsonRpcMessage, JsonNode> invalid(
      MalformedMessageException reason, int code, @Nullable JsonNode id) {
    String text = code == JsonRpcException.PARSE_ERROR ? "parse error" : "invalid request";
    Message<JsonRpcMessage, JsonNode> answer =
        id == null ? null : new Message.ErrorResponse<>(id, new JsonRpcException(code, text));
    return new Message.Invalid<>(reason, answer);
  }

  // Calling off.

  @Override
  public @Nullable JsonRpcMessage cancellation(Object id) {
    return cancellation == Cancellation.NONE
        ? null
        : new JsonRpcMessage(
            cancellation.method, NODES.objectNode().set(cancellation.idName, id(id)));
  }

  @Override
  public @Nullable Object cancelled(JsonRpcMessage notification) {
    JsonNode params = notification.params();
    return cancellation != Cancellation.NONE
            && params != null
            && notification.method().equals(cancellation.method)
        ? params.get(cancellation.idName)
        : null;
  }

  @Override
  public boolean answersCancelled() {
    return cancellation.answers;
  }
}
