// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the next hop that a session left in good order and another may use within two
 * seconds. Each is used on its own event loop alone; bounded.
 */
final class Spares {
  private static final int MOST = 32;

  private final Map<EventLoop, ArrayDeque<SmtpHop>> resting = new ConcurrentHashMap<>();

  private volatile boolean stopped;

  /** Keeps none from now on; those that rest are not used again and end by themselves. */
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

  /**
   * A connection that rests, for a new owner; one that was greeted with the same words, if there is
   * any. Null if none rests.
   */
  @Nullable SmtpHop take(EventLoop loop, Caller caller, Hop.Owner owner) {
    if (stopped) {
      return null;
    }
    ArrayDeque<SmtpHop> own = of(loop);
    SmtpHop best = null;
    for (Iterator<SmtpHop> all = own.iterator(); all.hasNext(); ) {
      SmtpHop hop = all.next();
      if (!hop.idle()) {
        all.remove();
      } else if (hop.fits(caller)) {
        best = hop;
        break;
      } else if (best == null) {
        best = hop;
      }
    }
    if (best != null) {
      own.remove(best);
      best.use(owner);
    }
    return best;
  }

  private ArrayDeque<SmtpHop> of(EventLoop loop) {
    return resting.computeIfAbsent(loop, key -> new ArrayDeque<>());
  }
}
