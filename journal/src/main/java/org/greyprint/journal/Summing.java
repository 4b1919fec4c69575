// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sums entries up in one pass.
 *
 * <p>A sender to a recipient is what the greylist takes for one, where the entry tells its key,
 * else the client's network (IPv4 /24, IPv6 /64), the sender and the recipient. Of each only a
 * 64-bit hash and a few numbers are kept.
 */
public final class Summing {
  private static final class Counts {
    long delivered;
    long deferred;
    long rejected;
    long observed;
    long senders;
    long passed;
    long gaveUp;

    Summary.Line line() {
      return new Summary.Line(delivered, deferred, rejected, observed, senders, passed, gaveUp);
    }

    long decisions() {
      return delivered + deferred + rejected;
    }
  }

  private static final class Sender {
    long last;
    boolean passed;
    final Counts os;
    final Counts rule;
    final Counts day;

    Sender(Counts os, Counts rule, Counts day) {
      this.os = os;
      this.rule = rule;
      this.day = day;
    }
  }

  private final Duration patience;
  private final Counts all = new Counts();
  private final Map<String, Counts> byOs = new HashMap<>();
  private final Map<String, Counts> byRule = new HashMap<>();
  private final Map<LocalDate, Counts> byDay = new TreeMap<>();
  private final Map<Long, Sender> senders = new HashMap<>();
  private final List<Duration> delays = new ArrayList<>();
  private long wouldDefer;
  private long wouldReject;
  private @Nullable Instant first;

  /**
   * Begins with nothing.
   *
   * @param patience a sender that has not come for longer has given up
   */
  public Summing(Duration patience) {
    this.patience = patience;
  }

  /** Sums up what a journal has since a time; a sender gives up after a day. */
  public static Summary of(JournalReader reader, Instant since, Instant now) throws IOException {
    Summing summing = new Summing(Duration.ofDays(1));
    reader.each(Query.since(since), summing::add);
    return summing.summary(now);
  }

  /** Adds an entry; entries come in the order of their time. */
  public void add(Entry entry) {
    if (first == null) {
      first = entry.time();
    }
    String label = entry.text("os.label");
    Counts os = byOs.computeIfAbsent(label.isEmpty() ? "UNKNOWN" : label, k -> new Counts());
    String by = entry.text("observed.rule");
    Counts rule = byRule.computeIfAbsent(by.isEmpty() ? entry.rule() : by, k -> new Counts());
    LocalDate date = entry.time().atOffset(ZoneOffset.UTC).toLocalDate();
    Counts day = byDay.computeIfAbsent(date, k -> new Counts());
    for (Counts counts : List.of(all, os, rule, day)) {
      switch (entry.verdict()) {
        case "defer" -> counts.deferred++;
        case "reject" -> counts.rejected++;
        default -> counts.delivered++;
      }
      counts.observed += entry.observed() ? 1 : 0;
    }
    if (entry.observed()) {
      wouldDefer += entry.intended().equals("defer") ? 1 : 0;
      wouldReject += entry.intended().equals("reject") ? 1 : 0;
    }
    sender(entry, os, rule, day);
  }

  private void sender(Entry entry, Counts os, Counts rule, Counts day) {
    boolean deferred = entry.verdict().equals("defer");
    boolean passing = entry.text("greylist.state").equals("passed") && !entry.observed();
    if (!deferred && !passing) {
      return;
    }
    long key = hash(entry);
    if (deferred) {
      Sender sender = senders.get(key);
      if (sender == null || sender.passed) {
        sender = new Sender(os, rule, day);
        senders.put(key, sender);
        for (Counts counts : List.of(all, os, rule, day)) {
          counts.senders++;
        }
      }
      sender.last = entry.time().toEpochMilli();
      return;
    }
    Sender sender = senders.get(key);
    if (sender != null && !sender.passed) {
      sender.passed = true;
      for (Counts counts : List.of(all, sender.os, sender.rule, sender.day)) {
        counts.passed++;
      }
      entry.number("greylist.waited").ifPresent(s -> delays.add(Duration.ofSeconds(s)));
    }
  }

  /** What was added, up to now. */
  public Summary summary(Instant now) {
    long limit = now.minus(patience).toEpochMilli();
    for (Sender sender : senders.values()) {
      if (!sender.passed && sender.last < limit) {
        for (Counts counts : List.of(all, sender.os, sender.rule, sender.day)) {
          counts.gaveUp++;
        }
      }
    }
    Map<String, Long> decisions = new LinkedHashMap<>();
    decisions.put("deliver", all.delivered);
    decisions.put("defer", all.deferred);
    decisions.put("reject", all.rejected);
    Map<String, Long> observed = new LinkedHashMap<>();
    observed.put("defer", wouldDefer);
    observed.put("reject", wouldReject);
    Map<LocalDate, Summary.Line> days = new LinkedHashMap<>();
    byDay.forEach((date, counts) -> days.put(date, counts.line()));
    Instant from = first;
    return new Summary(
        from == null ? now : from,
        now,
        decisions,
        observed,
        all.senders,
        all.passed,
        all.gaveUp,
        all.senders - all.passed - all.gaveUp,
        delays.stream().sorted().toList(),
        lines(byOs),
        lines(byRule),
        filled(days));
  }

  private static Map<String, Summary.Line> lines(Map<String, Counts> counts) {
    Map<String, Summary.Line> lines = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<String, Counts> e) -> -e.getValue().decisions())
                .thenComparing(Map.Entry::getKey))
        .forEach(e -> lines.put(e.getKey(), e.getValue().line()));
    return lines;
  }

  private static Map<LocalDate, Summary.Line> filled(Map<LocalDate, Summary.Line> days) {
    Map<LocalDate, Summary.Line> all = new LinkedHashMap<>();
    LocalDate last = null;
    for (Map.Entry<LocalDate, Summary.Line> day : days.entrySet()) {
      for (int gap = 0;
          last != null && gap < 400 && last.plusDays(1).isBefore(day.getKey());
          gap++) {
        last = last.plusDays(1);
        all.put(last, new Counts().line());
      }
      last = day.getKey();
      all.put(last, day.getValue());
    }
    return all;
  }

  /** A 64-bit FNV-1a hash of what makes a sender. */
  private static long hash(Entry entry) {
    String key = entry.text("greylist.key");
    if (key.isEmpty()) {
      key =
          network(entry.client())
              + "\0"
              + entry.text("envelope.sender").toLowerCase(Locale.ROOT)
              + "\0"
              + entry.text("envelope.recipient").toLowerCase(Locale.ROOT);
    }
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private static String network(InetAddress client) {
    byte[] bytes = client.getAddress();
    int kept = bytes.length == 4 ? 3 : 8;
    StringBuilder network = new StringBuilder();
    for (int i = 0; i < kept; i++) {
      network.append(bytes[i]).append('.');
    }
    return network.toString();
  }
}
