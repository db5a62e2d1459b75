/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.service;

import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * From whom a {@link Service} takes messages. What others send is ignored and counted. An immutable
 * value.
 *
 * <p>A process that has ended by the time its message is looked at is known by its pid alone, so
 * that it counts as the child if it was the child, and as a stranger otherwise. Senders that wait
 * for a barrier, as {@code systemd-notify} does, are alive at that time.
 */
public final class NotifyAccess {
  private enum Kind {
    CHILD,
    GROUP,
    DESCENDANTS,
    MATCHING
  }

  private final Kind kind;
  private final @Nullable Predicate<NotifySender> predicate;

  private NotifyAccess(Kind kind, @Nullable Predicate<NotifySender> predicate) {
    this.kind = kind;
    this.predicate = predicate;
  }

  /** From the child alone, and from the process that it has named with {@code MAINPID=}. */
  public static NotifyAccess child() {
    return new NotifyAccess(Kind.CHILD, null);
  }

  /**
   * From the child and the processes in its process group; the default. As {@link #child()} where
   * that group is the JVM's own.
   */
  public static NotifyAccess group() {
    return new NotifyAccess(Kind.GROUP, null);
  }

  /**
   * From the child, its process group, and every process that has the child among its ancestors,
   * which {@code /proc} is asked for, off the event loop. One whose parent has ended has other
   * ancestors.
   */
  public static NotifyAccess descendants() {
    return new NotifyAccess(Kind.DESCENDANTS, null);
  }

  /**
   * From the child and from whoever this function accepts, such as all processes of a user. It is
   * called on an event loop and must not block.
   */
  public static NotifyAccess matching(Predicate<NotifySender> accepts) {
    return new NotifyAccess(Kind.MATCHING, Objects.requireNonNull(accepts, "accepts"));
  }

  boolean includesGroup() {
    return kind == Kind.GROUP || kind == Kind.DESCENDANTS;
  }

  boolean includesDescendants() {
    return kind == Kind.DESCENDANTS;
  }

  boolean matches(NotifySender sender) {
    return predicate != null && predicate.test(sender);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case CHILD -> "the child";
      case GROUP -> "the child's process group";
      case DESCENDANTS -> "the child's descendants";
      case MATCHING -> "matching senders";
    };
  }
}
