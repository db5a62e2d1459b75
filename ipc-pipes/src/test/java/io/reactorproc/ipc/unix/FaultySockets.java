/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.unix;

import io.reactorproc.ipc.sys.Sockets;
import io.reactorproc.ipc.sys.SystemCallException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Errno;

/** The sockets of this machine, of which one call fails a number of times, and all are counted. */
final class FaultySockets implements InvocationHandler {
  private final Sockets real = Sockets.system();
  private final Map<String, AtomicInteger> made = new ConcurrentHashMap<>();
  private final String failing;
  private final Errno error;
  private final AtomicInteger left;

  FaultySockets(String failing, int times, Errno error) {
    this.failing = failing;
    this.error = error;
    this.left = new AtomicInteger(times);
  }

  static FaultySockets none() {
    return new FaultySockets("", 0, Errno.EIO);
  }

  Sockets sockets() {
    return (Sockets)
        Proxy.newProxyInstance(
            Sockets.class.getClassLoader(), new Class<?>[] {Sockets.class}, this);
  }

  int count(String call) {
    return made.getOrDefault(call, new AtomicInteger()).get();
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
    String name = method.getName();
    made.computeIfAbsent(name, n -> new AtomicInteger()).getAndIncrement();
    if (name.equals(failing) && left.getAndDecrement() > 0) {
      if (method.getExceptionTypes().length == 0) {
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
