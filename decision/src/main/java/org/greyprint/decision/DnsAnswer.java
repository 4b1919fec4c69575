// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.List;

/** What the DNS says. */
public sealed interface DnsAnswer {
  /**
   * There are such records.
   *
   * @param values in the form that {@link DnsType} tells; not empty
   * @param ttl how long they hold
   */
  record Found(List<String> values, Duration ttl) implements DnsAnswer {}

  /**
   * There are none.
   *
   * @param ttl how long that holds
   */
  record Absent(Duration ttl) implements DnsAnswer {}

  /** It could not be told: no answer, a malformed one, a server that failed. */
  record Failed(String why) implements DnsAnswer {}

  /** The values; empty if there are none or it could not be told. */
  default List<String> values() {
    return List.of();
  }

  /** Whether it could be told. */
  default boolean known() {
    return !(this instanceof Failed);
  }
}
