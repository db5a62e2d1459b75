/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

import io.netty.channel.unix.FileDescriptor;
import io.reactorproc.ChildInfo;
import io.reactorproc.ChildListener;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.ipc.sys.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a guard is told, and our end of its life pipe. Any thread; everything is under the lock of
 * this object, which is held for one {@code write(2)} of a few bytes that never blocks.
 *
 * <p>A child's end is told before it is reaped, on the thread that reaps: as long as a number is
 * with the guard, the kernel gives it to nobody else. Its start is told after the spawn, which is
 * when the number is known: a JVM that dies between the two leaves a child that nobody knows. A
 * cgroup is told before anything is in it, and has no such gap.
 */
final class GuardLine implements ChildListener {
  /** One word from this to the guard is more than it can be behind in any good state. */
  private final Runnable behind;

  private final ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
  private final Map<Integer, Integer> groups = new HashMap<>();
  private final Set<Path> bases = new LinkedHashSet<>();
  private @Nullable Descriptor pipe;
  private @Nullable FileDescriptor writer;

  /**
   * A line that nobody listens to.
   *
   * @param behind called, under the lock, when the guard cannot be told something: it does not
   *     read, or is gone
   */
  GuardLine(Runnable behind) {
    this.behind = behind;
  }

  /** A new guard reads from this pipe: it is told all that is true now. */
  synchronized void connect(Descriptor writeEnd) {
    close();
    pipe = writeEnd;
    writer = new FileDescriptor(writeEnd.number());
    bases.forEach(base -> say(base.toString()));
    groups.forEach(this::sayChild);
  }

  /** Whether its guard could not be told something. */
  synchronized boolean isBroken() {
    return pipe != null && writer == null;
  }

  /** The guard shall go and touch nobody; false where it cannot be told. */
  synchronized boolean dismiss() {
    boolean told = say(".");
    close();
    return told;
  }

  /**
   * Closes the pipe. To a guard that reads it this is the end of the JVM: only for one that is gone
   * or was dismissed.
   */
  synchronized void close() {
    Descriptor open = pipe;
    pipe = null;
    writer = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public synchronized void placing(Cgroup cgroup) {
    cgroup.base().filter(bases::add).ifPresent(base -> say(base.toString()));
  }

  @Override
  public synchronized void started(ChildInfo child) {
    if (!child.detached()
        && child.cgroup().isEmpty()
        && groups.put(child.pid(), child.group()) == null) {
      sayChild(child.pid(), child.group());
    }
  }

  @Override
  public synchronized void ending(ChildInfo child) {
    if (groups.remove(child.pid()) != null) {
      say("-" + child.pid());
    }
  }

  private void sayChild(int pid, int group) {
    say(pid == group ? Integer.toString(pid) : pid + " " + group);
  }

  /** A line is shorter than PIPE_BUF: it is written whole or not at all. */
  private boolean say(String line) {
    FileDescriptor to = writer;
    if (to == null) {
      return false;
    }
    buffer.clear();
    buffer.put(line.getBytes(StandardCharsets.UTF_8)).put((byte) '\n');
    try {
      if (to.write(buffer, 0, buffer.position()) > 0) {
        return true;
      }
    } catch (IOException e) {
      // EPIPE: it is gone, which its exit tells, too
    }
    writer = null; // not a word more: what it knows is wrong by now
    behind.run();
    return false;
  }
}
