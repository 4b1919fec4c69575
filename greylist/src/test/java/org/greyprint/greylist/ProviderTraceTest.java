// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.greyprint.greylist.StoreContract.join;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Test;

/**
 * Ten providers' retries as they were measured, with an injected clock. Source: F. Pagani, M. De
 * Astis, M. Graziano, A. Lanzi, D. Balzarotti, "Measuring the Role of Greylisting and Nolisting in
 * Fighting Spam", DSN 2016, slides, table of webmail delivery attempts; the number of addresses is
 * theirs as well. That they take turns in a row, each in a network of its own, is the worst case.
 */
class ProviderTraceTest {
  /**
   * A provider, how many addresses it sends from, and when it comes again: min:s after the first.
   */
  private record Provider(String name, int addresses, String retries) {
    List<Duration> times() {
      List<Duration> times = new ArrayList<>(List.of(Duration.ZERO));
      for (String retry : retries.split(" ")) {
        String[] parts = retry.split(":");
        times.add(
            Duration.ofMinutes(Long.parseLong(parts[0])).plusSeconds(Long.parseLong(parts[1])));
      }
      return times;
    }
  }

  private static final List<Provider> PROVIDERS =
      List.of(
          new Provider("gmail.com", 7, "6:02 29:02 56:36 98:44 162:03 229:44 309:05 434:46"),
          new Provider("yahoo.co.uk", 1, "2:07 5:39 12:58 27:16 55:13 109:35 216:47 430:36"),
          new Provider("hotmail.com", 1, "1:01 2:03 3:04 5:06 8:07 12:08 16:10 20:10 24:10 28:10"),
          new Provider(
              "qq.com", 2, "5:05 5:11 5:17 6:19 8:22 12:25 20:29 52:31 84:35 144:42 204:56"),
          new Provider(
              "mail.ru",
              7,
              "1:18 19:15 49:14 79:49 113:20 154:18 187:53 235:20 271:03 305:50 340:38 373:45"),
          new Provider("yandex.com", 1, "1:05 2:58 6:53 14:55 30:28 45:41 61:01 76:31 92:01"),
          new Provider("mail.com", 2, "5:02 12:37 23:59 41:03 66:38 105:01 162:35 248:56 378:28"),
          new Provider("gmx.com", 3, "5:01 12:33 23:50 40:46 66:09 104:14 161:22 247:04 375:36"),
          new Provider("aol.com", 1, "5:32 11:32 21:32 31:32"),
          new Provider(
              "india.com", 1, "6:21 16:21 36:21 76:21 146:22 216:21 286:21 356:21 426:21"));

  private static final List<Duration> DELAYS =
      List.of(Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(10));

  /** How a provider's machines are recognised. */
  private enum Way {
    SPF,
    LISTED,
    NEITHER
  }

  private static InetAddress address(int number) {
    return Net.address("198.18." + number + ".1").orElseThrow();
  }

  private static Pools listed() {
    return switch (Pools.read("test", "greyprint-pools 1\npool p\nsource x\ndomain pool.example")) {
      case Pools.Reading.Good good -> good.pools();
      case Pools.Reading.Bad bad -> throw new AssertionError(bad.mistakes());
    };
  }

  /** How long a message waits; empty if its sender gives up before it passes. */
  private static Optional<Duration> wait(
      Provider provider, int addresses, Duration delay, Way way) {
    Clock clock = new Clock();
    try (Store store = Store.inMemory();
        Greylist greylist =
            Greylist.start(GreylistSettings.DEFAULT.withDelay(delay), listed(), store, clock)) {
      List<Duration> times = provider.times();
      for (int i = 0; i < times.size(); i++) {
        clock.set(Clock.START.plus(times.get(i)));
        int number = i % addresses;
        Attempt attempt =
            new Attempt(
                address(number),
                "mx" + number + "." + provider.name(),
                way == Way.LISTED ? "mx" + number + ".pool.example" : "",
                "someone@" + provider.name(),
                "me@example.org",
                way == Way.SPF ? provider.name() : "",
                Optional.empty(),
                false);
        if (join(greylist.ask(attempt)) instanceof Answer.Passed) {
          return Optional.of(times.get(i));
        }
      }
      return Optional.empty();
    }
  }

  private static Duration firstRetryAfter(Provider provider, Duration delay) {
    return provider.times().stream()
        .filter(time -> time.compareTo(delay) >= 0)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withPoolsEachMessagePassesAtTheFirstRetryAfterTheDelay() {
    for (Duration delay : DELAYS) {
      for (Provider provider : PROVIDERS) {
        for (Way way : List.of(Way.SPF, Way.LISTED)) {
          assertThat(wait(provider, provider.addresses(), delay, way))
              .as(provider.name() + " " + delay + " " + way)
              .contains(firstRetryAfter(provider, delay));
        }
      }
    }
  }

  @Test
  void withPoolsOneOfFiftyAddressesIsAsGoodAsOne() {
    for (Duration delay : DELAYS) {
      for (Provider provider : PROVIDERS) {
        assertThat(wait(provider, 50, delay, Way.SPF))
            .as(provider.name())
            .contains(firstRetryAfter(provider, delay));
      }
    }
  }

  @Test
  void withoutPoolsNoneIsLostEither() {
    for (Duration delay : DELAYS) {
      for (Provider provider : PROVIDERS) {
        assertThat(wait(provider, provider.addresses(), delay, Way.NEITHER))
            .as(provider.name() + " " + delay)
            .isPresent();
      }
    }
  }

  @Test
  void aMessageFromFiftyAddressesOutsideAnyPoolPassesByMaxTriesOrMaxWait() {
    for (Provider provider : PROVIDERS) {
      int tries = provider.times().size();
      Duration end = provider.times().getLast();
      Optional<Duration> wait = wait(provider, 50, Duration.ofMinutes(5), Way.NEITHER);
      boolean goesOnLongEnough = tries >= 10 || end.compareTo(Duration.ofHours(6)) >= 0;
      assertThat(wait.isPresent()).as(provider.name()).isEqualTo(goesOnLongEnough);
    }
  }

  private static String shown(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }

  private static String row(String name, int addresses, List<List<Duration>> columns, int at) {
    StringBuilder row = new StringBuilder("| " + name + " | " + addresses + " |");
    columns.forEach(column -> row.append(' ').append(shown(column.get(at))).append(" |"));
    return row.toString();
  }

  private static Duration median(List<Duration> all) {
    List<Duration> sorted = all.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.get(middle - 1).plus(sorted.get(middle)).dividedBy(2);
  }

  /** The table in the documentation is what comes out here. */
  @Test
  void theDocumentedTableIsWhatComesOut() throws IOException {
    List<List<Duration>> columns = new ArrayList<>();
    for (Way way : List.of(Way.SPF, Way.NEITHER)) {
      for (Duration delay : DELAYS) {
        List<Duration> column = new ArrayList<>();
        for (Provider provider : PROVIDERS) {
          column.add(wait(provider, provider.addresses(), delay, way).orElseThrow());
        }
        columns.add(column);
      }
    }
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < PROVIDERS.size(); i++) {
      rows.add(row(PROVIDERS.get(i).name(), PROVIDERS.get(i).addresses(), columns, i));
    }
    StringBuilder medians = new StringBuilder("| median | |");
    StringBuilder worst = new StringBuilder("| worst | |");
    for (List<Duration> column : columns) {
      medians.append(' ').append(shown(median(column))).append(" |");
      Duration longest = column.stream().max(Duration::compareTo).orElseThrow();
      worst.append(' ').append(shown(longest)).append(" |");
    }
    rows.add(medians.toString());
    rows.add(worst.toString());
    String page = Files.readString(Programs.root().resolve("docs/greylisting.md"));
    assertThat(page).contains(String.join("\n", rows));
    for (int i = 0; i < DELAYS.size(); i++) {
      List<Duration> steps = new ArrayList<>();
      for (Provider provider : PROVIDERS) {
        List<Duration> times = provider.times();
        int at = times.indexOf(firstRetryAfter(provider, DELAYS.get(i)));
        steps.add(times.get(at).minus(times.get(at - 1)));
      }
      assertThat(median(columns.get(i)))
          .as("the median is at most the delay and one step between retries")
          .isLessThanOrEqualTo(DELAYS.get(i).plus(median(steps)));
    }
  }

  @Test
  void timesAreReadAsTheyArePrinted() {
    assertThat(PROVIDERS)
        .allSatisfy(
            provider -> assertThat(provider.times()).isSorted().first().isEqualTo(Duration.ZERO));
    assertThat(Instant.EPOCH.plus(PROVIDERS.getFirst().times().get(1)))
        .isEqualTo(Instant.ofEpochSecond(362));
  }
}
