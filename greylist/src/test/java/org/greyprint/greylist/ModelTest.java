// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.greyprint.greylist.StoreContract.join;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drawn attempts at drawn times, compared with a simple model and with what always must hold. */
class ModelTest {
  private static final Duration DELAY = Duration.ofMinutes(5);
  private static final Duration WINDOW = Duration.ofHours(12);
  private static final Duration LIFETIME = Duration.ofDays(3);
  private static final Duration MAX_WAIT = Duration.ofHours(2);
  private static final int MAX_TRIES = 6;

  private static final GreylistSettings SETTINGS =
      GreylistSettings.DEFAULT
          .withDelay(DELAY)
          .withWindow(WINDOW)
          .withLifetime(LIFETIME)
          .withMaxWait(MAX_WAIT)
          .withMaxTries(MAX_TRIES)
          .withAutoAllow(
              new GreylistSettings.AutoAllow(
                  0,
                  Duration.ofHours(1),
                  GreylistSettings.AutoAllow.Scope.BOTH,
                  Duration.ofDays(36)));

  @TempDir Path directory;

  /** One place of one sender and recipient, in the model. */
  private static final class Known {
    final String pair;
    int network;
    String domain = "";
    Instant first = Instant.EPOCH;
    Instant last = Instant.EPOCH;
    boolean passed;
    boolean released;

    Known(String pair) {
      this.pair = pair;
    }

    boolean alive(Instant now) {
      return now.isBefore(passed ? last.plus(LIFETIME) : first.plus(WINDOW));
    }
  }

  /** What is counted from wherever a sender and recipient come, in the model. */
  private static final class Count {
    Instant first = Instant.EPOCH;
    Instant last = Instant.EPOCH;
    Instant spacedAt = Instant.EPOCH;
    int spaced;
  }

  /** Greylisting written down as simply as it can be: lists that are searched. */
  private static final class Model {
    final List<Known> all = new ArrayList<>();
    final java.util.Map<String, Count> counts = new java.util.HashMap<>();

    String ask(int network, String sender, String recipient, boolean spf, Instant now) {
      String pair = sender + " " + recipient;
      String domain = spf ? sender.substring(sender.indexOf('@') + 1) : "";
      Optional<Known> found =
          all.stream()
              .filter(known -> known.pair.equals(pair) && known.alive(now))
              .filter(known ->
                  known.network == network || !domain.isEmpty() && known.domain.equals(domain))
              .min(
                  Comparator.comparing((Known known) -> !known.passed)
                      .thenComparing(known -> known.first));
      if (found.isPresent() && found.get().passed) {
        Duration refresh = LIFETIME.dividedBy(8);
        if (!now.isBefore(found.get().last.plus(refresh))) {
          seen(found.get(), network, domain, now);
        }
        return "known";
      }
      if (found.isPresent() && found.get().released) {
        return pass(found.get(), network, domain, now, "released");
      }
      if (found.isPresent() && !now.isBefore(found.get().first.plus(DELAY))) {
        return pass(found.get(), network, domain, now, "retry");
      }
      Count count = counts.computeIfAbsent(pair, each -> new Count());
      if (count.spaced == 0 || !now.isBefore(count.last.plus(WINDOW))) {
        count.first = now;
        count.spaced = 1;
        count.spacedAt = now;
      } else if (!now.isBefore(count.spacedAt.plus(Duration.ofMinutes(1)))) {
        count.spaced++;
        count.spacedAt = now;
      }
      count.last = now;
      Known known =
          found.orElseGet(() -> {
            Known fresh = new Known(pair);
            fresh.first = now;
            all.add(fresh);
            return fresh;
          });
      seen(known, network, domain, now);
      if (count.spaced >= 3 && !now.isBefore(count.first.plus(MAX_WAIT))) {
        return pass(known, network, domain, now, "max-wait");
      }
      if (count.spaced >= MAX_TRIES) {
        return pass(known, network, domain, now, "max-tries");
      }
      return (found.isPresent() ? "early " : "new ")
          + Duration.between(now, known.first.plus(DELAY)).toMillis();
    }

    private String pass(Known known, int network, String domain, Instant now, String why) {
      known.passed = true;
      known.released = false;
      seen(known, network, domain, now);
      counts.remove(known.pair);
      return why;
    }

    private static void seen(Known known, int network, String domain, Instant now) {
      known.network = network;
      known.last = now;
      known.domain = domain.isEmpty() ? known.domain : domain;
    }

    void release(String pair) {
      all.stream()
          .filter(known -> known.pair.equals(pair) && !known.passed)
          .forEach(known -> known.released = true);
    }

    void forget(String pair) {
      all.removeIf(known -> known.pair.equals(pair));
      counts.remove(pair);
    }
  }

  private static InetAddress address(int network, int host) {
    return Net.address("10.0." + network + "." + (host + 1)).orElseThrow();
  }

  private static String word(Answer answer) {
    return switch (answer) {
      case Answer.Passed passed -> passed.why().word();
      case Answer.Deferred deferred ->
          deferred.why().word() + " " + deferred.retryAfter().toMillis();
      case Answer.Failed failed -> "failed " + failed.reason();
    };
  }

  private static Duration step(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> Duration.ofMillis(1);
      case 1, 2 -> Duration.ofMillis(random.nextInt(70_000));
      case 3, 4, 5, 6 -> Duration.ofMillis(random.nextInt(600_000));
      case 7, 8 -> Duration.ofMinutes(random.nextInt(240));
      default -> Duration.ofHours(random.nextInt(48));
    };
  }

  private static void compare(Store store, long seed, int steps) {
    Random random = new Random(seed);
    Clock clock = new Clock();
    Model model = new Model();
    List<String> history = new ArrayList<>();
    try (Greylist greylist = Greylist.start(SETTINGS, Pools.NONE, store, clock)) {
      for (int i = 0; i < steps; i++) {
        clock.advance(step(random));
        String sender = (char) ('a' + random.nextInt(2)) + "@" + random.nextInt(2) + ".example";
        String recipient = "me@example.org";
        int network = random.nextInt(4);
        boolean spf = random.nextInt(3) == 0;
        TripletFilter filter = TripletFilter.ALL.withSender(sender).withRecipient(recipient);
        String did;
        switch (random.nextInt(40)) {
          case 0 -> {
            join(greylist.release(filter, "test"));
            model.release(sender + " " + recipient);
            did = "release " + sender;
          }
          case 1 -> {
            join(greylist.forget(filter));
            model.forget(sender + " " + recipient);
            did = "forget " + sender;
          }
          case 2 -> {
            join(store.sweep(clock.instant(), 1000));
            did = "sweep";
          }
          default -> {
            Attempt attempt =
                new Attempt(
                    address(network, random.nextInt(200)),
                    "",
                    "",
                    sender,
                    recipient,
                    spf ? Mailboxes.domain(sender) : "",
                    Optional.empty(),
                    random.nextBoolean());
            String expected = model.ask(network, sender, recipient, spf, clock.instant());
            String actual = word(join(greylist.ask(attempt)));
            did = clock.instant() + " " + network + " " + sender + " " + spf + ": " + actual;
            history.add(did);
            assertThat(actual)
                .as(() -> "seed " + seed + "\n" + String.join("\n", history))
                .isEqualTo(expected);
            continue;
          }
        }
        history.add(clock.instant() + " " + did);
      }
    }
  }

  @Test
  void answersAreTheModels() {
    for (long seed = 0; seed < 150; seed++) {
      try (Store store = Store.inMemory()) {
        compare(store, seed, 300);
      }
    }
  }

  @Test
  void answersFromDiskAreTheModels() throws Exception {
    for (long seed = 1000; seed < 1003; seed++) {
      try (Store store = RocksDbStore.open(directory.resolve("store-" + seed))) {
        compare(store, seed, 300);
      }
    }
  }

  /** With a clock that jumps back and forth nobody is ever told to wait longer than the delay. */
  @Test
  void whateverTheClockDoesNobodyWaitsLongerThanTheDelay() {
    for (long seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Clock clock = new Clock();
      try (Store store = Store.inMemory();
          Greylist greylist = Greylist.start(SETTINGS, Pools.NONE, store, clock)) {
        for (int i = 0; i < 200; i++) {
          Duration step = step(random);
          clock.advance(random.nextInt(4) == 0 ? step.negated() : step);
          String sender = (char) ('a' + random.nextInt(3)) + "@b.example";
          Attempt attempt = Attempt.of(address(random.nextInt(3), 0), sender, "me@example.org");
          Answer answer = join(greylist.ask(attempt));
          if (answer instanceof Answer.Deferred deferred) {
            assertThat(deferred.retryAfter()).isPositive().isLessThanOrEqualTo(DELAY);
            clock.advance(deferred.retryAfter());
            assertThat(join(greylist.ask(attempt)))
                .as("seed " + seed + " step " + i)
                .isInstanceOf(Answer.Passed.class);
          } else {
            assertThat(answer).isInstanceOf(Answer.Passed.class);
          }
          if (random.nextInt(10) == 0) {
            join(store.sweep(clock.instant(), 100));
          }
        }
      }
    }
  }

  /** What was written is read as the same; anything else is refused and never does harm. */
  @Test
  void recordsAreReadAsTheyWereWritten() {
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      Pair pair = Pair.begin(clockTime(random));
      for (int n = random.nextInt(5); n > 0; n--) {
        Place place =
            new Place(
                address(random.nextInt(9), random.nextInt(9)),
                random.nextInt(33),
                random.nextBoolean() ? "" : "d.example",
                random.nextBoolean() ? "" : "pool");
        Origin origin = Origin.begin(place, clockTime(random), DELAY, random.nextBoolean());
        origin = random.nextBoolean() ? origin.released("who") : origin;
        pair = pair.withOrigins(append(pair.origins(), origin)).tried(origin.last(), SETTINGS);
      }
      byte[] bytes = pair.bytes();
      assertThat(Pair.read(bytes)).isEqualTo(pair);
      byte[] harmed = bytes.clone();
      harmed[random.nextInt(harmed.length)] = (byte) random.nextInt(256);
      byte[] cut = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
      for (byte[] bad : List.of(harmed, cut)) {
        try {
          Pair read = Pair.read(bad);
          assertThat(read.origins()).hasSizeLessThanOrEqualTo(Pair.MOST);
        } catch (Input.Malformed e) {
          assertThat(e).hasMessageMatching("[a-z ]+");
        }
      }
    }
  }

  private static List<Origin> append(List<Origin> origins, Origin origin) {
    List<Origin> all = new ArrayList<>(origins);
    all.add(origin);
    return all;
  }

  private static Instant clockTime(Random random) {
    return Clock.START.plusMillis(random.nextInt(1_000_000_000));
  }
}
