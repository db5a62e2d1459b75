/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.channel.IoEventLoop;
import io.reactorproc.Wiring.Port;
import io.reactorproc.cgroup.Cgroup;
import io.reactorproc.cgroup.CgroupException;
import io.reactorproc.ipc.sys.Capabilities;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.StringBlock;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/** Prepares one child and starts it with {@code posix_spawn(3)}. */
final class ChildStart implements MemberStart {
  private static final int SIGKILL = 9;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0x40;
  private static final int O_TRUNC = 0x200;
  private static final int O_APPEND = 0x400;
  static final int FILE_MODE = 0666;

  private final Part part;
  private final Settings settings;
  private final Kernel kernel;
  private final IoEventLoop loop;
  private final OpenEnds ends;
  private final int[] from;
  private final int[] to;
  private boolean gated;
  private int count;
  private byte[] path = {};
  private @Nullable StringBlock argv;

  /** What is being done, for the reason of a failure. */
  private StartStep step = StartStep.DIRECTORY;

  ChildStart(Part part, @Nullable Descriptor fromBefore) {
    this.part = part;
    this.settings = part.settings();
    this.kernel = part.run().runtime().kernel();
    this.loop = part.run().loop();
    List<Port> ports = part.ports();
    int highest = ports.get(ports.size() - 1).descriptor();
    this.ends = new OpenEnds(kernel, Math.max(10, highest + 1), fromBefore);
    this.from = new int[ports.size() + 1];
    this.to = new int[ports.size() + 1];
  }

  @Override
  public void prepare() throws SystemCallException, ProcessStartException {
    Program program = part.command().program();
    step = StartStep.DIRECTORY;
    checkDirectory(program);
    step = StartStep.EXECUTABLE;
    path = program.path(kernel);
    step = StartStep.DESCRIPTORS;
    ReserveDescriptor.ensure(kernel);
    wire(part.ports());
    step = StartStep.SPAWN;
    RunCgroup cgroup = part.run().cgroup();
    if (cgroup != null) {
      enter(cgroup.cgroup());
    }
  }

  /** Starts the program by way of a shell, which has one descriptor more. */
  private void enter(Cgroup cgroup) throws SystemCallException, ProcessStartException {
    int gate;
    try {
      gate = CgroupEntry.gate(part.ports());
    } catch (CgroupException e) {
      throw new ProcessStartException(
          ProcessStartException.Reason.CGROUP, part, e.getMessage() + "", e);
    }
    CgroupEntry entry = CgroupEntry.of(part.command(), path, cgroup, gate, kernel);
    path = entry.path;
    argv = entry.argv;
    int source = ends.outputPipe(0);
    int at = count++;
    for (; at > 0 && to[at - 1] > gate; at--) {
      from[at] = from[at - 1];
      to[at] = to[at - 1];
    }
    from[at] = source;
    to[at] = gate;
    gated = true;
  }

  @Override
  public @Nullable Descriptor takeToNext() {
    return ends.takeToNext();
  }

  @Override
  public Child spawn(SpawnArena arena, int leader) throws SystemCallException {
    step = StartStep.SPAWN;
    int epoch = SpawnEpochs.enter();
    try {
      return spawn(arena, leader, group(leader));
    } finally {
      SpawnEpochs.leave(epoch);
    }
  }

  private Child spawn(SpawnArena arena, int leader, SpawnRequest.Group group)
      throws SystemCallException {
    Foreground foreground = group == SpawnRequest.Group.OWN ? part.run().foreground() : null;
    boolean itself = foreground != null && Capabilities.get().foreground();
    int terminal = itself ? Objects.requireNonNull(foreground).terminal() : -1;
    long startNanos = System.nanoTime();
    int pid;
    int joined = group == SpawnRequest.Group.JOINED ? leader : 0;
    try {
      pid = kernel.spawn(request(group, leader).inForegroundOf(terminal), arena);
    } catch (SystemCallException e) {
      if (group != SpawnRequest.Group.JOINED || !e.is(Errno.EPERM)) {
        throw e;
      }
      // Nobody is in that group any more: its leader went elsewhere, or somebody else reaped it.
      pid = kernel.spawn(request(SpawnRequest.Group.OWN, 0), arena);
      joined = 0;
    }
    ChildInfo info =
        info(pid, group == SpawnRequest.Group.INHERITED ? 0 : joined == 0 ? pid : joined);
    ChildListeners.started(info);
    try {
      Instant started = Instant.now();
      ends.closeChildEnds();
      if (foreground != null && !itself) {
        step = StartStep.TERMINAL;
        foreground.putThereFromHere(pid);
      }
      step = StartStep.WATCH;
      ExitWatch watch = part.run().runtime().exits().watch(kernel, loop, pid);
      List<@Nullable Descriptor> ours = ends.takeParentEnds();
      ExecGate gate = null;
      if (gated) {
        Descriptor last = Objects.requireNonNull(ours.remove(ours.size() - 1));
        gate = new ExecGate(loop, last);
      }
      return new Child(part, watch, info, gate, ours, started, startNanos);
    } catch (SystemCallException | RuntimeException | Error e) {
      endUnwatched(kernel, info);
      throw e;
    }
  }

  private SpawnRequest.Group group(int leader) {
    return switch (settings.group) {
      case INHERITED -> SpawnRequest.Group.INHERITED;
      case SESSION -> SpawnRequest.Group.SESSION;
      case OWN -> leader == 0 ? SpawnRequest.Group.OWN : SpawnRequest.Group.JOINED;
    };
  }

  private ChildInfo info(int pid, int group) {
    RunCgroup cgroup = part.run().cgroup();
    return new ChildInfo(
        pid,
        group,
        settings.life == Settings.Life.DETACHED,
        cgroup == null ? Optional.empty() : Optional.of(cgroup.cgroup()));
  }

  private SpawnRequest request(SpawnRequest.Group group, int leader) {
    Program program = part.command().program();
    return new SpawnRequest(
        path,
        argv == null ? program.argv : argv,
        program.environment,
        program.directory,
        Arrays.copyOf(from, count),
        Arrays.copyOf(to, count),
        group,
        leader);
  }

  /**
   * EAGAIN is a limit of processes that others may leave soon. ETXTBSY means that some thread of
   * this JVM forked while the program's file was open for writing; it is over with that child's
   * exec.
   */
  @Override
  public boolean mayPass(SystemCallException e) {
    return step == StartStep.SPAWN && (e.is(Errno.EAGAIN) || e.is(Errno.ETXTBSY));
  }

  @Override
  public ProcessStartException explain(SystemCallException e) {
    return step.explain(part, kernel, e);
  }

  @Override
  public void close() {
    ends.close();
  }

  private void checkDirectory(Program program) throws SystemCallException {
    byte[] directory = program.directory;
    if (directory != null) {
      byte[] withSlash = Arrays.copyOf(directory, directory.length + 1);
      withSlash[directory.length - 1] = '/';
      int error = kernel.executable(withSlash);
      if (error != 0) {
        throw new SystemCallException("access", error, "enter the directory " + settings.directory);
      }
    }
  }

  /** Opens what each port needs. */
  private void wire(List<Port> ports) throws SystemCallException {
    int stdout = -1;
    for (Port port : ports) {
      int source = source(port, stdout);
      if (port.descriptor() == 1) {
        stdout = source;
      }
      if (source >= 0) {
        from[count] = source;
        to[count++] = port.descriptor();
      }
    }
  }

  /** The descriptor of this process that becomes the child's, or -1 for the one of equal number. */
  private int source(Port port, int stdout) throws SystemCallException {
    Wiring.End end = port.end();
    if (end instanceof Wiring.OutputPipe || end instanceof Wiring.ToTap) {
      return ends.outputPipe(settings.pipeCapacity);
    }
    if (end instanceof Wiring.InputPipe
        || end instanceof Wiring.StageInput
        || end instanceof Wiring.TapInput) {
      return ends.inputPipe(settings.pipeCapacity);
    }
    if (end instanceof Wiring.ToNext) {
      return ends.toNext(settings.pipeCapacity);
    }
    if (end instanceof Wiring.FromBefore) {
      return ends.fromBefore();
    }
    if (end instanceof Wiring.File file) {
      step = StartStep.REDIRECT;
      String purpose = "open " + file.path();
      int number = ends.file(Strings.cPath(file.path()), flags(file.access()), FILE_MODE, purpose);
      step = StartStep.DESCRIPTORS;
      return number;
    }
    if (end instanceof Wiring.Lent) {
      return ends.lent(part.run().lent(port.descriptor()));
    }
    if (end instanceof Wiring.LentByName lent) {
      return ends.lent(lent.descriptor());
    }
    if (end instanceof Wiring.SameAsStdout) {
      ends.none();
      return stdout >= 0 ? stdout : 1;
    }
    if (end instanceof Wiring.Inherited && GivenDescriptors.contain(kernel, port.descriptor())) {
      ends.none();
      return -1;
    }
    // A JVM that was started without this descriptor has none to pass on: the child gets /dev/null.
    return ends.shared(NullDevice.descriptor(kernel));
  }

  /** Those of {@code open(2)}. */
  static int flags(Wiring.Access access) {
    return switch (access) {
      case READ -> 0;
      case TRUNCATE -> O_WRONLY | O_CREAT | O_TRUNC;
      case APPEND -> O_WRONLY | O_CREAT | O_APPEND;
    };
  }

  /** A child that nobody can watch is ended and reaped here; after SIGKILL that takes no time. */
  static void endUnwatched(Kernel kernel, ChildInfo child) {
    int pid = child.pid();
    ChildListeners.ending(child);
    try {
      // Its own group, if it leads one, and itself, where it joined another's.
      kernel.kill(-pid, SIGKILL);
      kernel.kill(pid, SIGKILL);
    } catch (SystemCallException e) {
      throw new IllegalStateException("child " + pid + " cannot be watched and not be ended", e);
    }
    while (kernel.waitFor(false, pid, WaitResult.EXITED).kind() == WaitResult.Kind.NOTHING) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    ChildListeners.ended(child);
  }
}
