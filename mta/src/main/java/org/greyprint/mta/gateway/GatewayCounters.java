// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What the gateway counted since its start; every number but {@code open} only grows. */
public final class GatewayCounters {
  final LongAdder open = new LongAdder();
  final LongAdder sessions = new LongAdder();
  final LongAdder turnedAway = new LongAdder();
  final LongAdder synSeen = new LongAdder();
  final LongAdder synMissing = new LongAdder();
  final LongAdder delivered = new LongAdder();
  final LongAdder deferred = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder undecided = new LongAdder();
  final LongAdder messages = new LongAdder();
  final LongAdder refusedMessages = new LongAdder();
  final LongAdder octets = new LongAdder();
  final LongAdder forged = new LongAdder();
  final LongAdder strays = new LongAdder();
  final LongAdder timeouts = new LongAdder();
  final LongAdder errors = new LongAdder();
  final LongAdder hopFailures = new LongAdder();
  final LongAdder tls = new LongAdder();

  /** Every number by its name, in order. */
  public Map<String, Long> all() {
    Map<String, Long> all = new TreeMap<>();
    all.put("open", open.sum());
    all.put("sessions", sessions.sum());
    all.put("turned-away", turnedAway.sum());
    all.put("syn-seen", synSeen.sum());
    all.put("syn-missing", synMissing.sum());
    all.put("recipients-delivered", delivered.sum());
    all.put("recipients-deferred", deferred.sum());
    all.put("recipients-rejected", rejected.sum());
    all.put("recipients-undecided", undecided.sum());
    all.put("messages", messages.sum());
    all.put("messages-refused", refusedMessages.sum());
    all.put("octets", octets.sum());
    all.put("forged-headers", forged.sum());
    all.put("stray-octets", strays.sum());
    all.put("timeouts", timeouts.sum());
    all.put("errors", errors.sum());
    all.put("next-hop-failures", hopFailures.sum());
    all.put("tls-sessions", tls.sum());
    return all;
  }
}
