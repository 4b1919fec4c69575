// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.greyprint.decision.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes a journal as fast as it can is killed, several times in a row. */
class JournalCrashTest {
  @TempDir Path directory;

  @Test
  void whatWasWrittenSurvivesKill() throws Exception {
    Set<String> promised = new HashSet<>();
    for (int round = 0; round < 5; round++) {
      Path told = directory.resolve("told-" + round);
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Child.class.getName(),
                  directory.toString(),
                  Integer.toString(round))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(told.toFile())
              .start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !child.isAlive() || Files.readAllLines(told).size() >= 20);
      child.destroyForcibly();
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      List<String> lines = Files.readAllLines(told);
      assertThat(lines).as("what the child told").hasSizeGreaterThanOrEqualTo(20);
      lines.stream().filter(line -> line.endsWith(".")).forEach(promised::add);
      Set<String> read = new HashSet<>();
      new JournalReader(directory).each(Query.ALL, entry -> read.add(entry.id() + "."));
      assertThat(read).containsAll(promised);
    }
    try (Journal journal = Journal.open(JournalSettings.in(directory), Clock.systemUTC())) {
      assertThat(journal.counts()).containsEntry("written", 0L);
    }
    JournalReader reader = new JournalReader(directory);
    reader.each(Query.ALL, entry -> assertThat(entry.rule()).isEqualTo("rule"));
    assertThat(reader.broken()).isZero();
  }

  /** Writes, and tells the last id of what has reached the file. */
  static final class Child {
    public static void main(String[] args) throws IOException {
      JournalSettings settings = JournalSettings.in(Path.of(args[0]));
      Journal journal = Journal.open(settings, Clock.systemUTC());
      for (long i = 0; ; i++) {
        String id = args[1] + "x" + i;
        journal.decided(
            Entries.inquiry(Instant.now(), "192.0.2.7", 1, "bob@example.net"),
            Entries.decision(id, new Verdict.Deliver(), Map.of("os.family", "Windows")));
        if (i % 100 == 99) {
          long expected = i + 1;
          await().pollInterval(Duration.ofMillis(1)).until(() -> journal.written() == expected);
          System.out.println(id + ".");
          System.out.flush();
        }
      }
    }
  }
}
