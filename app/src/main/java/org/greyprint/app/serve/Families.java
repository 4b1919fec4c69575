// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.greyprint.decision.Decision;
import org.greyprint.decision.DecisionListener;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;

/** Counts decisions by the family of the operating system. */
final class Families implements DecisionListener {
  /** More families than any database has; what exceeds it is "other". */
  private static final int MOST = 64;

  /** A family and what was done. */
  record Key(String family, String verdict) {}

  private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();

  @Override
  public void decided(Inquiry inquiry, Decision decision) {
    String family = inquiry.fingerprint().map(print -> print.os().family()).orElse("unseen");
    String verdict =
        switch (decision.verdict()) {
          case Verdict.Deliver deliver -> "deliver";
          case Verdict.Defer defer -> "defer";
          case Verdict.Reject reject -> "reject";
        };
    Key key = new Key(family, verdict);
    LongAdder count = counts.get(key);
    if (count == null) {
      Key kept = counts.size() < 3 * MOST ? key : new Key("other", verdict);
      count = counts.computeIfAbsent(kept, each -> new LongAdder());
    }
    count.increment();
  }

  Map<Key, Long> all() {
    Map<Key, Long> all = new LinkedHashMap<>();
    counts.forEach((key, count) -> all.put(key, count.sum()));
    return all;
  }
}
