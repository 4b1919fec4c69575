// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * What was done in a time, summed up by {@link Summing}.
 *
 * @param from the first entry's time, or what was asked for
 * @param to until when
 * @param decisions how many of each verdict: deliver, defer, reject
 * @param observed how many would have been deferred or rejected, by that verdict
 * @param deferred distinct senders to a recipient that were deferred
 * @param passed those of them that passed on a retry
 * @param gaveUp those of them that have not come for longer than is waited for
 * @param waiting the rest of them
 * @param delays how long those that passed had waited, shortest first
 * @param byOs by the label of the operating system, the most frequent first
 * @param byRule by rule, the most frequent first
 * @param byDay by day (UTC), every day between the first and the last
 */
public record Summary(
    Instant from,
    Instant to,
    Map<String, Long> decisions,
    Map<String, Long> observed,
    long deferred,
    long passed,
    long gaveUp,
    long waiting,
    List<Duration> delays,
    Map<String, Line> byOs,
    Map<String, Line> byRule,
    Map<LocalDate, Line> byDay) {

  /**
   * Counts of one kind.
   *
   * @param delivered decisions to deliver
   * @param deferred decisions to defer
   * @param rejected decisions to reject
   * @param observed decisions that would have been to defer or reject
   * @param senders distinct senders to a recipient that were deferred
   * @param passed those of them that passed on a retry
   * @param gaveUp those of them that gave up
   */
  public record Line(
      long delivered,
      long deferred,
      long rejected,
      long observed,
      long senders,
      long passed,
      long gaveUp) {
    public long decisions() {
      return delivered + deferred + rejected;
    }
  }

  /** How many decisions there were. */
  public long total() {
    return decisions.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * The delay that a share of those that passed did not exceed.
   *
   * @param share from 0 to 1; 0.5 is the median
   * @return zero if none passed
   */
  public Duration delay(double share) {
    if (delays.isEmpty()) {
      return Duration.ZERO;
    }
    int index = (int) Math.ceil(share * delays.size()) - 1;
    return delays.get(Math.clamp(index, 0, delays.size() - 1));
  }
}
