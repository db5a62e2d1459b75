/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.batch;

import org.jspecify.annotations.Nullable;

/**
 * An item failed, and {@link OnFailure} says that this is a failure of the whole. The cause is that
 * of the item, such as a {@code ProcessExitException}.
 */
public final class ItemFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable ItemResult<?, ?> item;

  ItemFailedException(ItemResult<?, ?> item) {
    super(item.toString(), item.error().orElse(null));
    this.item = item;
  }

  /** The first item that failed. */
  public ItemResult<?, ?> item() {
    if (item == null) {
      throw new IllegalStateException("the item was not serialised: " + getMessage());
    }
    return item;
  }
}
