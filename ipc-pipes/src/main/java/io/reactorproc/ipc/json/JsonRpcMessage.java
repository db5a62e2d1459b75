/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a request or a notification says.
 *
 * @param method the name of the method
 * @param params an object or an array, or null where there are none
 */
public record JsonRpcMessage(String method, @Nullable JsonNode params) {
  /**
   * Checks the shape.
   *
   * @throws IllegalArgumentException if {@code params} is neither an object nor an array
   */
  public JsonRpcMessage {
    Objects.requireNonNull(method, "method");
    if (params != null && !params.isContainerNode()) {
      throw new IllegalArgumentException(
          "params must be an object or an array: " + Json.excerpt(params));
    }
  }
}
