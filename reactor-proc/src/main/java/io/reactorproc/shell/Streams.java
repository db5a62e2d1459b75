/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.ArrayList;
import java.util.List;

/** Where stdin, stdout and stderr lead at one place of a script. A value. */
record Streams(Slot in, Slot out, Slot err) {

  Slot get(int descriptor) {
    return switch (descriptor) {
      case 0 -> in;
      case 1 -> out;
      default -> err;
    };
  }

  Streams with(int descriptor, Slot slot) {
    return switch (descriptor) {
      case 0 -> new Streams(slot, out, err);
      case 1 -> new Streams(in, slot, err);
      default -> new Streams(in, out, slot);
    };
  }

  /** With another place for one of them. */
  Streams replacing(Slot slot, Slot with) {
    return new Streams(in == slot ? with : in, out == slot ? with : out, err == slot ? with : err);
  }

  /** Whether anything leads there. */
  boolean leadTo(Slot slot) {
    return in == slot || out == slot || err == slot;
  }

  /** The different places. */
  List<Slot> slots() {
    List<Slot> slots = new ArrayList<>(List.of(in));
    if (out != in) {
      slots.add(out);
    }
    if (err != in && err != out) {
      slots.add(err);
    }
    return slots;
  }
}
