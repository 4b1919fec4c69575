// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients by address: how many sessions each has open (an IPv6 /64 counts as one client), and
 * how its last one ended. Bounded: the ends of {@value #REMEMBERED} addresses are kept, oldest out.
 */
final class Clients {
  static final int REMEMBERED = 20_000;

  private final Map<ByteBuffer, Integer> open = new ConcurrentHashMap<>();
  private final Map<InetAddress, String> ends =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** Counts a session in; false if the client has as many as it may. */
  boolean enter(InetAddress client, int limit) {
    boolean[] entered = {false};
    open.compute(
        network(client),
        (key, count) -> {
          int now = count == null ? 0 : count;
          entered[0] = now < limit;
          return entered[0] ? Integer.valueOf(now + 1) : count;
        });
    return entered[0];
  }

  /** Counts a session out that was counted in, and remembers how it ended. */
  void leave(InetAddress client, String end) {
    open.computeIfPresent(network(client), (key, count) -> count <= 1 ? null : count - 1);
    synchronized (ends) {
      ends.remove(client);
      ends.put(client, end);
    }
  }

  /** How the client's last session ended; "" if that is not known. */
  String lastEnd(InetAddress client) {
    synchronized (ends) {
      return ends.getOrDefault(client, "");
    }
  }

  private static ByteBuffer network(InetAddress client) {
    byte[] octets = client.getAddress();
    return ByteBuffer.wrap(client instanceof Inet6Address ? Arrays.copyOf(octets, 8) : octets);
  }
}
