// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * MariaDB's GTIDs: {@code domain-server-sequence}, comma separated.
 *
 * @see <a href="https://mariadb.com/kb/en/gtid/">MariaDB: GTID</a>
 */
record GtidList(List<Gtid> gtids) {
  /** One transaction's name. */
  record Gtid(long domain, long server, long sequence) {
    @Override
    public String toString() {
      return domain + "-" + server + "-" + sequence;
    }
  }

  static GtidList parse(String text) {
    List<Gtid> gtids = new ArrayList<>();
    for (String part : text.split(",")) {
      String one = part.strip();
      if (one.isEmpty()) {
        continue;
      }
      String[] numbers = one.split("-");
      if (numbers.length != 3) {
        throw new MoveFailure("not a MariaDB GTID: '" + one + "'");
      }
      gtids.add(
          new Gtid(
              Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2])));
    }
    return new GtidList(List.copyOf(gtids));
  }

  /**
   * What this server has that the other never wrote nor received. Both are {@code
   * gtid_binlog_state}, the last sequence of each domain and server; the direction counts: a
   * replica behind its master has nothing errant.
   */
  List<Gtid> notIn(GtidList master) {
    Map<String, Long> known = new HashMap<>();
    master.gtids.forEach(g -> known.merge(g.domain + "-" + g.server, g.sequence, Math::max));
    return gtids.stream()
        .filter(g -> g.sequence > known.getOrDefault(g.domain + "-" + g.server, -1L))
        .toList();
  }

  /** Whether every domain's sequence is at least the other's. */
  boolean covers(GtidList other) {
    Map<Long, Long> highest = new HashMap<>();
    gtids.forEach(g -> highest.merge(g.domain, g.sequence, Math::max));
    return other.gtids.stream().allMatch(g -> highest.getOrDefault(g.domain, -1L) >= g.sequence);
  }

  /** The highest sequence of a domain; 0 where there is none. */
  long sequence(long domain) {
    return gtids.stream().filter(g -> g.domain == domain).mapToLong(Gtid::sequence).max().orElse(0);
  }
}
