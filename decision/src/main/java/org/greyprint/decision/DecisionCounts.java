// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What was counted since the start; safe for any thread. */
public final class DecisionCounts {
  final LongAdder delivered = new LongAdder();
  final LongAdder deferred = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder observed = new LongAdder();
  final LongAdder passed = new LongAdder();
  final LongAdder noFingerprint = new LongAdder();
  final LongAdder unknownEvidence = new LongAdder();
  final LongAdder ruleFailures = new LongAdder();
  final LongAdder greylistFailures = new LongAdder();
  final LongAdder listenerFailures = new LongAdder();
  final LongAdder failures = new LongAdder();

  DecisionCounts() {}

  /**
   * The counts by name: delivered, deferred, rejected; observed (would have been deferred or
   * rejected), passed (by the greylist after waiting), no-fingerprint, unknown-evidence (a rule
   * hung on what DNS did not answer), and what failed and therefore delivered or was left out:
   * rule-failures, greylist-failures, listener-failures, failures.
   */
  public Map<String, Long> snapshot() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("delivered", delivered.sum());
    counts.put("deferred", deferred.sum());
    counts.put("rejected", rejected.sum());
    counts.put("observed", observed.sum());
    counts.put("passed", passed.sum());
    counts.put("no-fingerprint", noFingerprint.sum());
    counts.put("unknown-evidence", unknownEvidence.sum());
    counts.put("rule-failures", ruleFailures.sum());
    counts.put("greylist-failures", greylistFailures.sum());
    counts.put("listener-failures", listenerFailures.sum());
    counts.put("failures", failures.sum());
    return counts;
  }
}
