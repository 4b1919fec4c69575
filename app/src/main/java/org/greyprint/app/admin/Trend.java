// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.greyprint.journal.Entry;
import org.jspecify.annotations.Nullable;

/**
 * What became of senders over time, by operating system: one pass over the journal's entries in
 * their order. A sender is a client's network (IPv4 /24, IPv6 /64), a sender and a recipient; it
 * counts in the span in which it was first deferred, and under the system it was deferred with.
 */
final class Trend {
  /** Counts of one span or one system. */
  static final class Counts {
    long delivered;
    long deferred;
    long rejected;
    long senders;
    long passed;
    long gaveUp;
    final List<Long> waited = new ArrayList<>();

    long decisions() {
      return delivered + deferred + rejected;
    }

    /** Senders that may still come. */
    long open() {
      return senders - passed - gaveUp;
    }

    /** How long a share of those that passed had waited at most, in seconds. */
    Optional<Long> waited(double share) {
      if (waited.isEmpty()) {
        return Optional.empty();
      }
      List<Long> sorted = waited.stream().sorted().toList();
      int index = (int) Math.ceil(share * sorted.size()) - 1;
      return Optional.of(sorted.get(Math.clamp(index, 0, sorted.size() - 1)));
    }
  }

  private static final class Sender {
    final int span;
    final String system;
    long last;
    boolean passed;

    Sender(int span, String system) {
      this.span = span;
      this.system = system;
    }
  }

  /** After this time without a try a sender has given up. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  /** Bounds what is remembered; further senders count as deferred alone. */
  private static final int MOST_SENDERS = 1_000_000;

  private final Instant from;
  private final Duration span;
  private final List<Counts> all = new ArrayList<>();
  private final Map<String, List<Counts>> bySystem = new HashMap<>();
  private final Map<String, Counts> sums = new HashMap<>();
  private final Counts sum = new Counts();
  private final Map<Long, Sender> senders = new HashMap<>();
  private final Instant now;

  /**
   * Begins with nothing.
   *
   * @param from the first span's beginning
   * @param now the last one's end
   * @param span how long each is
   */
  Trend(Instant from, Instant now, Duration span) {
    this.from = from;
    this.now = now;
    this.span = span;
    for (int i = 0; i < spans(); i++) {
      all.add(new Counts());
    }
  }

  int spans() {
    long count = Duration.between(from, now).plus(span).minusNanos(1).toMillis() / span.toMillis();
    return Math.clamp(count, 1, 1000);
  }

  private int index(Instant time) {
    return Math.clamp(Duration.between(from, time).toMillis() / span.toMillis(), 0, all.size() - 1);
  }

  private List<Counts> spans(String system) {
    return bySystem.computeIfAbsent(
        system, name -> all.stream().map(each -> new Counts()).toList());
  }

  private List<Counts> counts(int span, String system) {
    return List.of(
        sum,
        all.get(span),
        spans(system).get(span),
        sums.computeIfAbsent(system, name -> new Counts()));
  }

  void add(Entry entry) {
    String family = entry.text("os.family");
    String label = entry.text("os.label");
    String role = entry.text("os.role");
    String system =
        family.isEmpty() || family.equals("unknown")
            ? "unknown"
            : role.equals("server") && label.contains("Server") ? family + " Server" : family;
    int at = index(entry.time());
    for (Counts counts : counts(at, system)) {
      switch (entry.verdict()) {
        case "defer" -> counts.deferred++;
        case "reject" -> counts.rejected++;
        default -> counts.delivered++;
      }
    }
    boolean deferred = entry.verdict().equals("defer");
    boolean passing = entry.text("greylist.state").equals("passed") && !entry.observed();
    if (!deferred && !passing) {
      return;
    }
    long key = key(entry);
    @Nullable Sender known = senders.get(key);
    if (deferred) {
      if ((known == null || known.passed) && senders.size() < MOST_SENDERS) {
        known = new Sender(at, system);
        senders.put(key, known);
        counts(at, system).forEach(counts -> counts.senders++);
      }
      if (known != null) {
        known.last = entry.time().toEpochMilli();
      }
    } else if (known != null && !known.passed) {
      known.passed = true;
      long waited = entry.number("greylist.waited").orElse(0L);
      counts(known.span, known.system)
          .forEach(counts -> {
            counts.passed++;
            counts.waited.add(waited);
          });
    }
  }

  /** Counts those who have given up; to be called once, at the end. */
  void end() {
    long limit = now.minus(PATIENCE).toEpochMilli();
    for (Sender sender : senders.values()) {
      if (!sender.passed && sender.last < limit) {
        counts(sender.span, sender.system).forEach(counts -> counts.gaveUp++);
      }
    }
  }

  Instant from() {
    return from;
  }

  Duration span() {
    return span;
  }

  Counts sum() {
    return sum;
  }

  List<Counts> all() {
    return all;
  }

  List<Counts> of(String system) {
    return spans(system);
  }

  Counts sum(String system) {
    return sums.getOrDefault(system, new Counts());
  }

  /** The systems, those with the most deferred senders first, then by decisions. */
  List<String> systems() {
    return sums.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, Counts> each) -> -each.getValue().senders)
                .thenComparingLong(each -> -each.getValue().decisions())
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A 64-bit FNV-1a hash of what makes a sender. */
  private static long key(Entry entry) {
    String text =
        network(entry.client())
            + "\0"
            + entry.text("envelope.sender").toLowerCase(Locale.ROOT)
            + "\0"
            + entry.text("envelope.recipient").toLowerCase(Locale.ROOT);
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private static String network(InetAddress client) {
    byte[] bytes = client.getAddress();
    StringBuilder network = new StringBuilder();
    for (int i = 0; i < (bytes.length == 4 ? 3 : 8); i++) {
      network.append(bytes[i]).append('.');
    }
    return network.toString();
  }
}
