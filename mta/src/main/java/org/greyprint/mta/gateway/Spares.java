// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the next hop that a session left in good order and another may use within two
 * seconds. Each is used on its own event loop alone; bounded.
 */
final class Spares {
  private static final int MOST = 64;

  private final Map<EventLoop, ArrayDeque<SmtpHop>> resting = new ConcurrentHashMap<>();

  private volatile boolean stopped;

  /** Keeps none from now on. */
  void stop() {
    stopped = true;
  }

  /** Keeps a connection; false if it must be ended. To be called on its loop. */
  boolean keep(EventLoop loop, Hop hop) {
    if (stopped || !(hop instanceof SmtpHop open)) {
      return false;
    }
    ArrayDeque<SmtpHop> own = of(loop);
    own.removeIf(other -> !other.alive());
    if (own.size() >= MOST || !open.rest()) {
      return false;
    }
    own.push(open);
    return true;
  }

  /** A connection that rests, for a new owner; null if there is none. */
  @Nullable SmtpHop take(EventLoop loop, Hop.Owner owner) {
    ArrayDeque<SmtpHop> own = of(loop);
    for (SmtpHop hop = own.poll(); hop != null; hop = own.poll()) {
      if (stopped) {
        hop.quit();
      } else if (hop.idle()) {
        hop.use(owner);
        return hop;
      }
    }
    return null;
  }

  private ArrayDeque<SmtpHop> of(EventLoop loop) {
    return resting.computeIfAbsent(loop, key -> new ArrayDeque<>());
  }
}
