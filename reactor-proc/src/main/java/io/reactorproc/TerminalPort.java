/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.reactorproc.ipc.flow.WriteChannel;
import io.reactorproc.ipc.sys.Descriptor;
import io.reactorproc.ipc.sys.SystemCallException;
import io.reactorproc.ipc.sys.TerminalAttributes;
import io.reactorproc.ipc.sys.TerminalKey;
import io.reactorproc.ipc.sys.TerminalSize;
import io.reactorproc.ipc.sys.Terminals;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our side of a child's terminal, beside its streams: what changes it, and what keeps it from being
 * hung up. Reading and writing have descriptors of their own, which end when nobody has the
 * terminal open any more; a child that closed it and lives on must not get SIGHUP for that, so this
 * one stays until the child is reaped or we let go. On the child's loop.
 */
final class TerminalPort {
  private static final Logger LOG = LoggerFactory.getLogger(TerminalPort.class);

  private final Terminals terminals;
  private final Descriptor master;
  private final String name;

  TerminalPort(Terminals terminals, Descriptor master, String name) {
    this.terminals = terminals;
    this.master = master;
    this.name = name;
  }

  /** Such as {@code /dev/pts/7}. Any thread. */
  String name() {
    return name;
  }

  /** False where it is closed. */
  boolean resize(TerminalSize size) throws SystemCallException {
    if (!master.isOpen()) {
      return false;
    }
    terminals.setSize(master.number(), size);
    return true;
  }

  /** Empty where it is closed. */
  Optional<TerminalSize> size() throws SystemCallException {
    return master.isOpen() ? Optional.of(terminals.size(master.number())) : Optional.empty();
  }

  /** False where it is closed. */
  boolean mode(TerminalMode mode) throws SystemCallException {
    if (!master.isOpen()) {
      return false;
    }
    TerminalAttributes now = terminals.attributes(master.number());
    terminals.setAttributes(master.number(), mode.applyTo(now));
    return true;
  }

  /** Empty where it is closed. */
  Optional<TerminalMode> mode() throws SystemCallException {
    return master.isOpen()
        ? Optional.of(TerminalMode.of(terminals.attributes(master.number())))
        : Optional.empty();
  }

  /**
   * Presses a key that sends a signal, ahead of what waits to be written; false where it is closed
   * or has no room. What is not read yet would hold the key up for ever where it fills the
   * terminal, and just then somebody wants to interrupt. The key drops it anyway: so it is dropped
   * first.
   */
  boolean press(TerminalKey key, WriteChannel typed) throws SystemCallException {
    if (!master.isOpen()) {
      return false;
    }
    TerminalAttributes now = terminals.attributes(master.number());
    byte character = now.character(key);
    if (character == 0) {
      return false;
    }
    if (now.signalsDropInput()) {
      terminals.discardInput(master.number());
    }
    boolean pressed = terminals.write(master.number(), character);
    if (pressed) {
      typed.overtakenBy(character);
    }
    return pressed;
  }

  /**
   * What must be typed for a reader to see the end of the input. Only a terminal in cooked mode
   * knows an end: the character hands over what the line has so far, and is the end where that is
   * nothing.
   *
   * @param lastByte what was typed before
   */
  ByteBuf endOfInput(byte lastByte) {
    try {
      if (master.isOpen()) {
        TerminalAttributes now = terminals.attributes(master.number());
        byte end = now.character(TerminalKey.END_OF_FILE);
        if (now.isCooked() && end != 0) {
          boolean lineIsEmpty = lastByte == 0 || lastByte == end || endsALine(now, lastByte);
          return Unpooled.wrappedBuffer(lineIsEmpty ? new byte[] {end} : new byte[] {end, end});
        }
      }
    } catch (SystemCallException e) {
      LOG.debug("the input of {} ends without a word", name, e);
    }
    return Unpooled.EMPTY_BUFFER;
  }

  private static boolean endsALine(TerminalAttributes now, byte typed) {
    return typed == '\n'
        || typed == '\r'
        || (now.signalsDropInput()
            && (typed == now.character(TerminalKey.INTERRUPT)
                || typed == now.character(TerminalKey.QUIT)
                || typed == now.character(TerminalKey.SUSPEND)));
  }

  /** Lets go. */
  void close() {
    master.close();
  }
}
