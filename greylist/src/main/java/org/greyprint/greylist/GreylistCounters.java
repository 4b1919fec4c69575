// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/** What the greylist has answered and done since the start. Safe for any thread. */
public final class GreylistCounters {
  final Map<Why, LongAdder> answers = new EnumMap<>(Why.class);
  final LongAdder failures = new LongAdder();
  final LongAdder recorded = new LongAdder();
  final LongAdder expired = new LongAdder();
  final LongAdder sweeps = new LongAdder();
  final LongAdder unreadable = new LongAdder();
  final LongAdder clockSetBack = new LongAdder();
  final LongAdder sweepFailures = new LongAdder();
  final LongAdder listFailures = new LongAdder();

  GreylistCounters() {
    for (Why why : Why.values()) {
      answers.put(why, new LongAdder());
    }
  }

  void count(Why why) {
    answers.getOrDefault(why, failures).increment();
  }

  /** Reads a stored record; one that cannot be read is counted and is none. */
  <T> Optional<T> read(Store.Value value, Function<byte[], T> reader) {
    try {
      return Optional.of(reader.apply(value.bytes()));
    } catch (Input.Malformed e) {
      unreadable.increment();
      return Optional.empty();
    }
  }

  /** How often it answered so. */
  public long answered(Why why) {
    return answers.getOrDefault(why, failures).sum();
  }

  /** How often the store failed and the mail was delivered. */
  public long failures() {
    return failures.sum();
  }

  /** All by name, in a fixed order; names are words with dashes. */
  public Map<String, Long> all() {
    Map<String, Long> all = new LinkedHashMap<>();
    answers.forEach((why, count) -> all.put("answered-" + why.word(), count.sum()));
    all.put("failures", failures.sum());
    all.put("recorded", recorded.sum());
    all.put("expired", expired.sum());
    all.put("sweeps", sweeps.sum());
    all.put("unreadable", unreadable.sum());
    all.put("clock-set-back", clockSetBack.sum());
    all.put("sweep-failures", sweepFailures.sum());
    all.put("list-failures", listFailures.sum());
    return all;
  }
}
