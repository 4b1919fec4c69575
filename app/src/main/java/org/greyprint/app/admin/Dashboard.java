// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.greyprint.journal.JournalReader;
import org.greyprint.journal.Query;
import org.jspecify.annotations.Nullable;

/**
 * The page at {@code /}: who was deferred, who came back, who gave up, and how long it took, by
 * operating system over time. It shows sums alone, loads nothing from elsewhere and runs nothing.
 *
 * <p>It is read from the journal, at most twice a minute for each span of time, however often it is
 * asked for.
 */
final class Dashboard {
  private static final Duration FRESH = Duration.ofSeconds(30);

  /** What can be looked at: the parameter, how long it is, and how long one bar of it is. */
  enum Range {
    DAY("24h", Duration.ofHours(24), Duration.ofHours(1)),
    WEEK("7d", Duration.ofDays(7), Duration.ofHours(6)),
    MONTH("30d", Duration.ofDays(30), Duration.ofDays(1));

    final String word;
    final Duration length;
    final Duration bar;

    Range(String word, Duration length, Duration bar) {
      this.word = word;
      this.length = length;
      this.bar = bar;
    }

    static Range of(String word) {
      for (Range range : values()) {
        if (range.word.equals(word)) {
          return range;
        }
      }
      return DAY;
    }
  }

  private record Made(Instant at, String page) {}

  private final Managed daemon;
  private final Clock clock;
  private final Map<Range, Made> pages = new HashMap<>();

  Dashboard(Managed daemon, Clock clock) {
    this.daemon = daemon;
    this.clock = clock;
  }

  void show(ServerRequest request, ServerResponse response) throws IOException {
    String page = page(Range.of(Requests.query(request, "range").orElse("")));
    response.header("Content-Type", "text/html; charset=utf-8");
    response.header(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
    response.header("Cache-Control", "no-store");
    response.send(page.getBytes(StandardCharsets.UTF_8));
  }

  private synchronized String page(Range range) throws IOException {
    Instant now = clock.instant();
    @Nullable Made made = pages.get(range);
    if (made == null || Duration.between(made.at(), now).abs().compareTo(FRESH) > 0) {
      made = new Made(now, DashboardPage.of(trend(range, now), range, daemon, now));
      pages.put(range, made);
    }
    return made.page();
  }

  private Trend trend(Range range, Instant now) throws IOException {
    long bar = range.bar.toMillis();
    Instant end = Instant.ofEpochMilli((now.toEpochMilli() / bar + 1) * bar);
    Instant from = end.minus(range.length);
    Trend trend = new Trend(from, now, range.bar);
    new JournalReader(daemon.configuration().journal().directory())
        .each(Query.since(from), trend::add);
    trend.end();
    return trend;
  }

  /** The names of the ranges. */
  static List<String> words() {
    return List.of(Range.DAY.word, Range.WEEK.word, Range.MONTH.word);
  }
}
