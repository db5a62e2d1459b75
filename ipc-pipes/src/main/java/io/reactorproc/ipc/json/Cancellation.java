/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

/**
 * How a side says that it does not wait for the answer to a request any more, which JSON-RPC itself
 * does not know.
 */
public enum Cancellation {
  /** It does not; a request goes on, and its answer is dropped. */
  NONE("", "", true),
  /**
   * As the Language Server Protocol: {@code $/cancelRequest} with {@code id}; the request is
   * answered all the same, with {@link JsonRpcException#REQUEST_CANCELLED}.
   */
  LSP("$/cancelRequest", "id", true),
  /**
   * As the Model Context Protocol: {@code notifications/cancelled} with {@code requestId}; the
   * request is not answered then.
   */
  MCP("notifications/cancelled", "requestId", false);

  final String method;
  final String idName;
  final boolean answers;

  Cancellation(String method, String idName, boolean answers) {
    this.method = method;
    this.idName = idName;
    this.answers = answers;
  }
}
