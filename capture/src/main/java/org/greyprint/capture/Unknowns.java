// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.greyprint.fingerprint.Entries;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Quality;

/**
 * Counts the signatures that had no name. Bounded: where it is full, one that was not seen for the
 * longest time makes room.
 */
public final class Unknowns {
  /** Signatures held when nothing else is said. */
  public static final int DEFAULT_CAPACITY = 4096;

  private final Map<String, long[]> counts;

  /** A signature as an entry has it, and how often it was seen. */
  public record Count(String signature, long count) {}

  /** Counts up to {@code capacity} different signatures. */
  public Unknowns(int capacity) {
    counts =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, long[]> eldest) {
            return size() > capacity;
          }
        };
  }

  /** Counts it if it has no name. */
  public void count(Fingerprint fingerprint) {
    if (fingerprint.os().quality() == Quality.NONE) {
      count(Entries.signature(fingerprint.signature()));
    }
  }

  synchronized void count(String signature) {
    counts.computeIfAbsent(signature, key -> new long[1])[0]++;
  }

  /**
   * The most frequent first, at most {@code limit}, as entries that can be pasted into a database.
   */
  public String text(int limit) {
    StringBuilder text = new StringBuilder();
    for (Count each : top(limit)) {
      text.append(Entries.text(each.signature, each.count));
    }
    return text.isEmpty() ? "; every SYN has a name\n" : text.toString();
  }

  /** The most frequent first, at most {@code limit}. */
  public synchronized List<Count> top(int limit) {
    return counts.entrySet().stream()
        .map(entry -> new Count(entry.getKey(), entry.getValue()[0]))
        .sorted(Comparator.comparingLong(Count::count).reversed().thenComparing(Count::signature))
        .limit(limit)
        .toList();
  }
}
