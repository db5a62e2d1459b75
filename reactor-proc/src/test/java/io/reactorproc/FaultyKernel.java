/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SpawnArena;
import io.reactorproc.ipc.sys.SpawnRequest;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.WaitResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;

/**
 * The kernel of this machine, of which chosen calls fail: the n-th that is made, or the next ones
 * of a name. Closing, waiting and signalling always work, as they are how a failed start cleans up.
 */
class FaultyKernel implements Kernel {
  private final Kernel real = Kernel.system();
  private final List<String> calls = new ArrayList<>();
  private final Map<String, AtomicInteger> failing = new ConcurrentHashMap<>();
  private int failAt = -1;
  private Errno error = Errno.EIO;

  /** Fails the call at this index, the first one being 0; counting starts now. */
  synchronized void failAt(int index, Errno with) {
    calls.clear();
    failAt = index;
    error = with;
  }

  /** Fails the next {@code times} calls of this name. */
  synchronized void fail(String call, int times, Errno with) {
    failing.put(call, new AtomicInteger(times));
    error = with;
  }

  /** The names of the calls made since counting started. */
  synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  private synchronized boolean fails(String call) {
    int index = calls.size();
    calls.add(call);
    AtomicInteger left = failing.get(call);
    return index == failAt || (left != null && left.getAndDecrement() > 0);
  }

  private void enter(String call, String purpose) throws SystemCallException {
    if (fails(call)) {
      throw new SystemCallException(call, error.intValue(), purpose);
    }
  }

  @Override
  public long pipe(String purpose) throws SystemCallException {
    enter("pipe", purpose);
    return real.pipe(purpose);
  }

  @Override
  public int open(byte[] pathWithNul, int flags, int mode, String purpose)
      throws SystemCallException {
    enter("open", purpose);
    return real.open(pathWithNul, flags, mode, purpose);
  }

  @Override
  public void close(int fd) {
    real.close(fd);
  }

  @Override
  public int duplicate(int fd, int least, String purpose) throws SystemCallException {
    enter("duplicate", purpose);
    return real.duplicate(fd, least, purpose);
  }

  @Override
  public void setNonBlocking(int fd, String purpose) throws SystemCallException {
    enter("setNonBlocking", purpose);
    real.setNonBlocking(fd, purpose);
  }

  @Override
  public void setNewPipeNonBlocking(int fd, String purpose) throws SystemCallException {
    enter("setNonBlocking", purpose);
    real.setNewPipeNonBlocking(fd, purpose);
  }

  @Override
  public void setBlocking(int fd, String purpose) throws SystemCallException {
    enter("setBlocking", purpose);
    real.setBlocking(fd, purpose);
  }

  @Override
  public void setCloseOnExec(int fd, String purpose) throws SystemCallException {
    enter("setCloseOnExec", purpose);
    real.setCloseOnExec(fd, purpose);
  }

  @Override
  public int setPipeCapacity(int fd, int bytes) {
    return fails("setPipeCapacity") ? -error.intValue() : real.setPipeCapacity(fd, bytes);
  }

  @Override
  public int pipeCapacity(int fd) {
    return real.pipeCapacity(fd);
  }

  @Override
  public int available(int fd) {
    return real.available(fd);
  }

  @Override
  public int tee(int from, int to, int most) {
    return fails("tee") ? -error.intValue() : real.tee(from, to, most);
  }

  @Override
  public int splice(int from, int to, int most) {
    return fails("splice") ? -error.intValue() : real.splice(from, to, most);
  }

  @Override
  public boolean isOpen(int fd) {
    return real.isOpen(fd);
  }

  @Override
  public boolean isInheritable(int fd) {
    return !fails("isInheritable") && real.isInheritable(fd);
  }

  @Override
  public int executable(byte[] pathWithNul) {
    return fails("executable") ? error.intValue() : real.executable(pathWithNul);
  }

  @Override
  public int pidfdOpen(int pid) throws SystemCallException {
    enter("pidfdOpen", "watch the child");
    return real.pidfdOpen(pid);
  }

  @Override
  public boolean pidfdSendSignal(int pidfd, int signal) throws SystemCallException {
    return real.pidfdSendSignal(pidfd, signal);
  }

  @Override
  public boolean kill(int pid, int signal) throws SystemCallException {
    return real.kill(pid, signal);
  }

  @Override
  public int processGroup(int pid) {
    return real.processGroup(pid);
  }

  @Override
  public int signalfd(int fd, long mask) throws SystemCallException {
    return real.signalfd(fd, mask);
  }

  @Override
  public WaitResult waitFor(boolean byPidfd, int id, int options) {
    return real.waitFor(byPidfd, id, options);
  }

  @Override
  public int spawn(SpawnRequest request, SpawnArena arena) throws SystemCallException {
    enter("spawn", "start the child");
    return real.spawn(request, arena);
  }
}
