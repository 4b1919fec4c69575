// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How DNS is asked.
 *
 * @param servers whom to ask, in their order; none means the system's
 * @param deadline how long one session may be kept waiting for DNS in all; from 0 to 30 s
 * @param tryTimeout how long one server has to answer one try; from 10 ms to 10 s
 * @param cache how many answers are kept; at least 100
 * @param lists the block- and allow-lists
 */
public record DnsSettings(
    List<InetSocketAddress> servers,
    Duration deadline,
    Duration tryTimeout,
    int cache,
    List<DnsList> lists) {
  /** The system's servers, 3 s in all, 1.5 s a try, 50,000 answers, no lists. */
  public static final DnsSettings DEFAULT =
      new DnsSettings(List.of(), Duration.ofSeconds(3), Duration.ofMillis(1500), 50_000, List.of());

  public DnsSettings {
    check(
        !deadline.isNegative() && deadline.compareTo(Duration.ofSeconds(30)) <= 0,
        "deadline is not 0 to 30 s");
    check(
        tryTimeout.toMillis() >= 10 && tryTimeout.compareTo(Duration.ofSeconds(10)) <= 0,
        "try-timeout is not 10 ms to 10 s");
    check(cache >= 100, "cache is below 100");
    servers = List.copyOf(servers);
    lists = List.copyOf(lists);
  }

  /** The same with these servers. */
  public DnsSettings asking(List<InetSocketAddress> whom) {
    return new DnsSettings(whom, deadline, tryTimeout, cache, lists);
  }

  /** The same with this deadline. */
  public DnsSettings within(Duration time) {
    return new DnsSettings(servers, time, tryTimeout, cache, lists);
  }

  /** The same with these lists. */
  public DnsSettings with(List<DnsList> others) {
    return new DnsSettings(servers, deadline, tryTimeout, cache, others);
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException("dns: " + message);
    }
  }
}
