/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalAttributes;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.ipc.sys.Terminals;
import jnr.constants.platform.Errno;

/** The terminals of this machine, of which the next calls of one name fail. */
final class FaultyTerminals implements Terminals {
  private final Terminals real = Terminals.system();
  private volatile String failing = "";
  private volatile Errno error = Errno.EIO;

  void fail(String call, Errno with) {
    error = with;
    failing = call;
  }

  private void enter(String call) throws SystemCallException {
    if (failing.equals(call)) {
      throw new SystemCallException(call, error.intValue(), "see what happens");
    }
  }

  @Override
  public int open() throws SystemCallException {
    enter("open");
    return real.open();
  }

  @Override
  public byte[] slave(int master) throws SystemCallException {
    enter("slave");
    return real.slave(master);
  }

  @Override
  public boolean isTerminal(int fd) {
    return real.isTerminal(fd);
  }

  @Override
  public TerminalAttributes attributes(int fd) throws SystemCallException {
    enter("attributes");
    return real.attributes(fd);
  }

  @Override
  public void setAttributes(int fd, TerminalAttributes attributes) throws SystemCallException {
    enter("setAttributes");
    real.setAttributes(fd, attributes);
  }

  @Override
  public TerminalSize size(int fd) throws SystemCallException {
    enter("size");
    return real.size(fd);
  }

  @Override
  public void setSize(int fd, TerminalSize size) throws SystemCallException {
    enter("setSize");
    real.setSize(fd, size);
  }

  @Override
  public boolean isReadable(int fd) {
    return real.isReadable(fd);
  }

  @Override
  public void discardInput(int master) throws SystemCallException {
    enter("discardInput");
    real.discardInput(master);
  }

  @Override
  public boolean write(int fd, byte character) throws SystemCallException {
    enter("write");
    return real.write(fd, character);
  }
}
