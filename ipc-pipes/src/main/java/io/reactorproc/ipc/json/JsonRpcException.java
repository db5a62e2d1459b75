/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The error that a request was answered with: by the peer, or by a handler of ours, which answers
 * with exactly this.
 */
public final class JsonRpcException extends RuntimeException {
  /** What was sent is no JSON. */
  public static final int PARSE_ERROR = -32700;

  /** What was sent is no request. */
  public static final int INVALID_REQUEST = -32600;

  /** There is no such method. */
  public static final int METHOD_NOT_FOUND = -32601;

  /** The parameters are not those of the method. */
  public static final int INVALID_PARAMS = -32602;

  /** Answering failed. */
  public static final int INTERNAL_ERROR = -32603;

  /** More requests wait than may; the first of the codes that are left to servers. */
  public static final int OVERLOADED = -32000;

  /** The request was called off; a code of the Language Server Protocol. */
  public static final int REQUEST_CANCELLED = -32800;

  private static final long serialVersionUID = 1L;

  private final int code;
  private final String reason;

  @SuppressWarnings("serial") // the trees of Jackson are serializable, their common type is not
  private final @Nullable JsonNode data;

  /** An error without further data. */
  public JsonRpcException(int code, String message) {
    this(code, message, null);
  }

  /**
   * An error.
   *
   * @param data whatever may help, or null
   */
  public JsonRpcException(int code, String message, @Nullable JsonNode data) {
    super("error " + code + ": " + message + (data == null ? "" : ", " + Json.excerpt(data)));
    this.code = code;
    this.reason = message;
    this.data = data;
  }

  /** The code: negative ones from -32768 to -32000 are reserved, all others are the method's. */
  public int code() {
    return code;
  }

  /** The message as it was sent, without the rest that is in {@link #getMessage()}. */
  public String reason() {
    return reason;
  }

  /** Further data, if there are any. */
  public Optional<JsonNode> data() {
    return Optional.ofNullable(data);
  }
}
