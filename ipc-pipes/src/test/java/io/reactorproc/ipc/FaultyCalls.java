/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc;

import io.reactorproc.ipc.sys.Kernel;
import io.reactorproc.ipc.sys.SystemCallException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;

/** The kernel of this machine, of which one chosen call fails once, and all are counted. */
public final class FaultyCalls implements InvocationHandler {
  private final Kernel real = Kernel.system();
  private final Map<String, AtomicInteger> made = new ConcurrentHashMap<>();
  private final String failing;
  private final int at;
  private final Errno error;

  /** Fails the call of this name that has {@code at} others before it. */
  public FaultyCalls(String failing, int at, Errno error) {
    this.failing = failing;
    this.at = at;
    this.error = error;
  }

  /** A kernel of which nothing fails. */
  public static FaultyCalls none() {
    return new FaultyCalls("", 0, Errno.EIO);
  }

  /** The seam. */
  public Kernel kernel() {
    return (Kernel)
        Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {Kernel.class}, this);
  }

  /** How often a method of the seam was called. */
  public int count(String call) {
    return made.getOrDefault(call, new AtomicInteger()).get();
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    int before = made.computeIfAbsent(name, n -> new AtomicInteger()).getAndIncrement();
    if (name.equals(failing) && before == at) {
      if (method.getReturnType() == int.class && method.getExceptionTypes().length == 0) {
        return -error.intValue();
      }
      throw new SystemCallException(name, error.intValue(), "fail, as the test wants it");
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
