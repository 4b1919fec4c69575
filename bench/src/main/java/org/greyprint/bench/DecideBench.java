// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.greyprint.decision.Decisions;
import org.greyprint.decision.Dns;
import org.greyprint.decision.DnsAnswer;
import org.greyprint.decision.DnsEvidence;
import org.greyprint.decision.DnsSettings;
import org.greyprint.decision.GreylistGate;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.RuleDefinition;
import org.greyprint.decision.Rules;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.greyprint.journal.Journal;
import org.greyprint.journal.JournalReader;
import org.greyprint.journal.JournalSettings;
import org.greyprint.journal.Query;
import org.greyprint.journal.Summing;
import org.slf4j.LoggerFactory;

/**
 * How long a decision takes beside the greylist's store, and how fast the journal is written and
 * read. One thread; each figure is the median of seven rounds after three to warm up.
 */
public final class DecideBench {
  private static final int WARM = 3;
  private static final int ROUNDS = 7;
  private static final Optional<Fingerprint> PC = print("Windows", "10 or 11", Role.CLIENT);
  private static final Optional<Fingerprint> LINUX = print("Linux", "5 or newer", Role.UNKNOWN);

  private DecideBench() {}

  private interface Work {
    void run() throws IOException;
  }

  public static void main(String[] args) throws IOException {
    // A line of log a decision is not what is measured here.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 200_000;
    decisions(count);
    journal(count);
  }

  private static void decisions(int count) throws IOException {
    long start = System.nanoTime();
    Decisions first = builder().build();
    decide(first, 1, PC);
    System.out.printf(
        Locale.ROOT,
        "from nothing to the first decision: %.0f ms%n",
        (System.nanoTime() - start) / 1e6);
    Decisions plain = builder().build();
    time("decide, default rules, Linux (delivered)", count, () -> decide(plain, count, LINUX));
    time("decide, default rules, Windows PC (gate)", count, () -> decide(plain, count, PC));
    RuleDefinition rule =
        RuleDefinition.of(
            "Windows PC without a mail server's DNS",
            "os.family == 'Windows' && os.role != 'server' && !dns.mail_server",
            "greylist");
    if (!(Rules.compile(List.of(rule)) instanceof Rules rules)) {
      throw new IllegalStateException("the rule does not compile");
    }
    Dns dns =
        (name, type) ->
            CompletableFuture.completedFuture(new DnsAnswer.Absent(Duration.ofHours(1)));
    Decisions asking =
        builder()
            .rules(rules)
            .evidence(
                new DnsEvidence(
                    dns,
                    DnsSettings.DEFAULT,
                    com.github.benmanes.caffeine.cache.Ticker.systemTicker()))
            .build();
    time("decide, rule over DNS (cached), Windows PC", count, () -> decide(asking, count, PC));
  }

  private static void journal(int count) throws IOException {
    Path directory = Files.createTempDirectory("greyprint-bench");
    try {
      JournalSettings settings =
          new JournalSettings(
              directory,
              Duration.ofDays(30),
              1L << 32,
              1 << 24,
              Math.max(1, count),
              Duration.ofSeconds(1));
      try (Journal journal = Journal.open(settings, InstantSource.system())) {
        Decisions kept = builder().listener(journal).build();
        time(
            "decide and journal, until written",
            count,
            () -> {
              long before = journal.written();
              decide(kept, count, PC);
              while (journal.written() + journal.dropped() < before + count) {
                Thread.onSpinWait();
              }
            });
        if (journal.dropped() > 0) {
          throw new IllegalStateException("dropped " + journal.dropped());
        }
      }
      long entries = (long) count * (WARM + ROUNDS);
      long octets;
      try (Stream<Path> files = Files.list(directory)) {
        octets = files.mapToLong(file -> file.toFile().length()).sum();
      }
      System.out.printf(
          Locale.ROOT, "journal: %,d entries, %d octets each%n", entries, octets / entries);
      JournalReader reader = new JournalReader(directory);
      time(
          "journal, search for a client that is not in it",
          (int) entries,
          () ->
              reader.each(
                  Query.byClient(InetAddress.getByName("203.0.113.9"), 0),
                  entry -> {
                    throw new IllegalStateException("found");
                  }));
      time(
          "journal, report over everything",
          (int) entries,
          () -> {
            if (Summing.of(reader, Instant.EPOCH, Instant.now()).total() != entries) {
              throw new IllegalStateException("entries are missing");
            }
          });
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static Decisions.Builder builder() {
    return Decisions.builder()
        .greylist(question ->
            CompletableFuture.completedFuture(
                new GreylistGate.Deferred(Duration.ofMinutes(5), "new", 1)));
  }

  private static void decide(Decisions decisions, int count, Optional<Fingerprint> print)
      throws IOException {
    InetAddress address = InetAddress.getByName("192.0.2.7");
    Inquiry.Session session =
        new Inquiry.Session("milter", "s1", 25, "mail.example.org", "", "TLSv1.3");
    for (int i = 0; i < count; i++) {
      Inquiry inquiry =
          new Inquiry(
              Instant.now(),
              new Inquiry.Client(address, 1024 + i % 60_000, "mail.example.org", ""),
              session,
              new Inquiry.Envelope("m" + i, "anna@example.org", "bob" + i + "@example.net", 4096),
              print,
              Map.of());
      if (!decisions.decide(inquiry).toCompletableFuture().isDone()) {
        throw new IllegalStateException("a decision waited");
      }
    }
  }

  private static void time(String what, int count, Work work) throws IOException {
    double[] nanos = new double[ROUNDS];
    for (int round = -WARM; round < ROUNDS; round++) {
      long start = System.nanoTime();
      work.run();
      if (round >= 0) {
        nanos[round] = (System.nanoTime() - start) / (double) count;
      }
    }
    Arrays.sort(nanos);
    double median = nanos[ROUNDS / 2];
    System.out.printf(
        Locale.ROOT,
        "%-50s %9.0f ns each, %,12.0f a second (%.0f to %.0f ns)%n",
        what,
        median,
        1e9 / median,
        nanos[0],
        nanos[ROUNDS - 1]);
  }

  private static Optional<Fingerprint> print(String family, String flavor, Role role) {
    return Optional.of(
        new Fingerprint(
            new OperatingSystem(family, family, flavor, role, Quality.EXACT, 0.98),
            12,
            "Ethernet or modem",
            1500,
            "4:116+12:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"));
  }
}
