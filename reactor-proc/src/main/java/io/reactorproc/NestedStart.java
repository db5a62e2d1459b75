/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.Wiring.Port;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SystemCallException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the pipes of a stage that is a {@link NestedJob}: the child's ends are lent to it. */
final class NestedStart implements MemberStart {
  private final Part part;
  private final NestedJob job;
  private final Kernel kernel;
  private final OpenEnds ends;
  private final Map<Integer, LentDescriptor> lent = new HashMap<>(4);
  private boolean handedOver;

  NestedStart(Part part, NestedJob job, @Nullable Descriptor fromBefore) {
    this.part = part;
    this.job = job;
    this.kernel = part.run().runtime().kernel();
    this.ends = new OpenEnds(kernel, OpenEnds.LEAST_OF_OURS, fromBefore);
  }

  @Override
  public void prepare() throws SystemCallException {
    for (Port port : part.ports()) {
      LentDescriptor end = lend(port);
      if (end != null) {
        lent.put(port.descriptor(), end);
      }
    }
  }

  /** What the job gets as this descriptor, or null where it is the job's own business. */
  private @Nullable LentDescriptor lend(Port port) throws SystemCallException {
    int capacity = part.settings().pipeCapacity;
    Wiring.End end = port.end();
    if (end instanceof Wiring.OutputPipe || end instanceof Wiring.ToTap) {
      ends.outputPipe(capacity);
    } else if (end instanceof Wiring.InputPipe
        || end instanceof Wiring.Memory
        || end instanceof Wiring.StageInput
        || end instanceof Wiring.TapInput) {
      ends.inputPipe(capacity);
    } else if (end instanceof Wiring.ToNext) {
      ends.toNext(capacity);
    } else if (end instanceof Wiring.FromBefore) {
      ends.fromBefore();
    } else {
      ends.none();
      return end instanceof Wiring.Lent
          ? part.run().lent(port.descriptor())
          : end instanceof Wiring.SameAsStdout ? lent.get(1) : null;
    }
    return new LentDescriptor(ends.takeChildEnd());
  }

  @Override
  public @Nullable Descriptor takeToNext() {
    return ends.takeToNext();
  }

  @Override
  public Member spawn(SpawnArena arena, int leader) {
    handedOver = true;
    return new NestedMember(part, job, lent, ends.takeParentEnds());
  }

  @Override
  public boolean mayPass(SystemCallException failure) {
    return false;
  }

  @Override
  public ProcessStartException explain(SystemCallException failure) {
    return StartStep.DESCRIPTORS.explain(part, kernel, failure);
  }

  @Override
  public void close() {
    ends.close();
    if (!handedOver) {
      for (LentDescriptor end : lent.values()) {
        if (!part.run().lends(end)) {
          end.close();
        }
      }
    }
  }
}
