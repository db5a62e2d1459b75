/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import com.kenai.jffi.Library;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;

/**
 * The environment this process was given, as raw {@code NAME=value} bytes: names and values need
 * not be text in any charset, and {@code System.getenv} would damage those that are not. Read once
 * from the C library's {@code environ}.
 */
public final class InheritedEnvironment {
  private InheritedEnvironment() {}

  /** The entries in their order, duplicates and entries without {@code =} included. */
  public static List<byte[]> entries() {
    return Holder.ENTRIES;
  }

  private static final class Holder {
    static final List<byte[]> ENTRIES = read();

    private Holder() {}

    private static List<byte[]> read() {
      Native.require();
      long variable = Library.getDefault().getSymbolAddress("environ");
      Pointer array = Pointer.wrap(Native.runtime(), variable).getPointer(0);
      List<byte[]> entries = new ArrayList<>();
      if (array == null) {
        return entries;
      }
      for (long at = 0; ; at += Long.BYTES) {
        Pointer entry = array.getPointer(at);
        if (entry == null) {
          return List.copyOf(entries);
        }
        byte[] bytes = new byte[entry.indexOf(0, (byte) 0)];
        entry.get(0, bytes, 0, bytes.length);
        entries.add(bytes);
      }
    }
  }
}
