/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import static org.assertj.core.api.Assertions.assertThat;

import io.reactorproc.ipc.Pipe;
import java.util.List;
import jnr.posix.POSIXFactory;
import org.junit.jupiter.api.Test;

final class InheritableDescriptorsTest {
  @Test
  void whatAChildWouldInherit_isListedFromTheLeastNumberOn() throws SystemCallException {
    try (Pipe pipe = Pipe.open();
        // dup(2) makes a descriptor without FD_CLOEXEC, as careless libraries do
        Descriptor inheritable =
            Descriptor.own(POSIXFactory.getNativePOSIX().dup(pipe.readEnd().number()))) {
      int number = inheritable.number();

      List<Integer> all = InheritableDescriptors.from(Kernel.system(), 3);
      assertThat(all).contains(number);
      assertThat(all).doesNotContain(pipe.readEnd().number(), pipe.writeEnd().number());
      assertThat(all).allSatisfy(fd -> assertThat(fd).isGreaterThanOrEqualTo(3));
      assertThat(InheritableDescriptors.from(Kernel.system(), number + 1)).doesNotContain(number);
    }
  }
}
