// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UNIX signals. The JDK has them in the module jdk.unsupported, which compilers warn of and which
 * may one day be gone; so it is reached by name, and its absence costs the signal alone.
 */
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /**
   * Runs something in a thread of its own when a signal comes. The JVM leaves a signal ignored that
   * whoever started it ignores, as nohup does with SIGHUP; that is logged.
   *
   * @param name HUP, TERM, INT
   */
  @SuppressWarnings("ReferenceEquality") // what equals() of a handler is
  static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invocation =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "equals" -> arguments != null && proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "handler of SIG" + name;
              };
      Object proxy =
          Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, invocation);
      Object former =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      if (former == handler.getField("SIG_IGN").get(null)) {
        LOG.warn("SIG{} was ignored when this was started (nohup?) and stays so", name);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.warn("SIG{} cannot be handled by this JVM: {}", name, e.toString());
    }
  }
}
