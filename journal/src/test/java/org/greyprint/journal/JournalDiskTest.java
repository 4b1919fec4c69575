// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.greyprint.decision.Verdict;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full: a small file system in memory. */
@Tag("peer")
@Needs(
    value = {"mount", "umount"},
    root = true)
class JournalDiskTest {
  @TempDir Path directory;

  private void run(String... command) {
    Programs.Result result = Programs.run(Duration.ofSeconds(20), List.of(command));
    assertThat(result.status()).as(result.out()).isZero();
  }

  @BeforeEach
  void mount() {
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.toString());
  }

  @AfterEach
  void unmount() {
    run("umount", "-l", directory.toString());
  }

  private JournalSettings settings() {
    return new JournalSettings(
        directory.resolve("journal"),
        Duration.ofDays(30),
        1 << 28,
        1 << 24,
        100_000,
        Duration.ofMillis(20));
  }

  private static void write(Journal journal, String prefix, int count) {
    for (int i = 0; i < count; i++) {
      journal.decided(
          Entries.inquiry(Entries.TIME, "192.0.2.7", 1, "bob@example.net"),
          Entries.decision(prefix + i, new Verdict.Deliver(), Map.of("own", "x".repeat(500))));
    }
  }

  private List<String> ids() throws IOException {
    return new JournalReader(settings().directory())
        .newest(Query.ALL, 100_000).stream().map(Entry::id).toList();
  }

  @Test
  void aFullDiskIsCountedAndWrittenAgainWhenThereIsRoom() throws IOException {
    Path filler = directory.resolve("filler");
    Files.write(filler, new byte[600_000]);
    try (Journal journal = Journal.open(settings(), InstantSource.system())) {
      write(journal, "a", 3000);
      await().untilAsserted(() -> assertThat(journal.counts().get("failed")).isPositive());
      await().untilAsserted(() -> assertThat(journal.counts().get("waiting")).isZero());
      Files.delete(filler);
      await()
          .untilAsserted(() -> {
            write(journal, "b", 1);
            assertThat(ids()).contains("b0", "a0");
          });
    }
    try (Journal journal = Journal.open(settings(), InstantSource.system())) {
      write(journal, "c", 1);
      await().untilAsserted(() -> assertThat(ids()).contains("c0"));
      assertThat(journal.counts()).containsEntry("failed", 0L);
    }
  }
}
