// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.greyprint.decision.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final Verdict DELIVER = new Verdict.Deliver();

  @TempDir Path temporary;

  private final AtomicReference<Instant> now = new AtomicReference<>(Entries.TIME);
  private final InstantSource clock = now::get;

  private JournalSettings settings() {
    return new JournalSettings(
        temporary.resolve("journal"),
        Duration.ofDays(30),
        1 << 18,
        1 << 16,
        100_000,
        Duration.ofMillis(10));
  }

  private static void write(Journal journal, int from, int to) {
    for (int i = from; i < to; i++) {
      Instant time = Entries.TIME.plusSeconds(i);
      journal.decided(
          Entries.inquiry(time, "192.0.2." + i % 250, 1000 + i, "r" + i % 10 + "@example.net"),
          Entries.decision(
              "id" + i, DELIVER, Map.of("envelope.recipient", "R" + i % 10 + "@example.net")));
    }
  }

  private List<String> ids(Query query) throws IOException {
    List<String> ids = new ArrayList<>();
    new JournalReader(settings().directory()).each(query, entry -> ids.add(entry.id()));
    return ids;
  }

  @Test
  void findsByIdClientTimeAndRecipient() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 500);
    }
    JournalReader reader = new JournalReader(settings().directory());
    assertThat(reader.find("id123").orElseThrow().reason()).isEqualTo("reason of id123");
    assertThat(reader.find("id1234")).isEmpty();
    assertThat(ids(Query.byClient(Entries.address("192.0.2.7"), 0)))
        .containsExactly("id7", "id257");
    assertThat(ids(Query.byClient(Entries.address("192.0.2.7"), 1257))).containsExactly("id257");
    assertThat(ids(Query.since(Entries.TIME.plusSeconds(498)))).containsExactly("id498", "id499");
    assertThat(ids(Query.ALL.before(Entries.TIME.plusSeconds(2)))).containsExactly("id0", "id1");
    assertThat(ids(Query.ALL.to("r3@EXAMPLE.net"))).hasSize(50);
    assertThat(reader.newest(Query.ALL, 2)).extracting(Entry::id).containsExactly("id499", "id498");
    assertThat(reader.broken()).isZero();
    assertThat(reader.unreadable()).isZero();
  }

  @Test
  void isReadWhileItIsWritten() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 10);
      await().untilAsserted(() -> assertThat(ids(Query.ALL)).hasSize(10));
      write(journal, 10, 20);
      await().untilAsserted(() -> assertThat(ids(Query.ALL)).hasSize(20));
    }
  }

  @Test
  void aTornTailIsCutAndWritingGoesOnBehindTheLastWholeRecord() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 10);
    }
    Path segment = Segments.list(settings().directory()).getFirst().path();
    byte[] bytes = Files.readAllBytes(segment);
    Files.write(segment, java.util.Arrays.copyOf(bytes, bytes.length - 5));
    try (Journal journal = Journal.open(settings(), clock)) {
      assertThat(journal.counts().get("cut")).isPositive();
      write(journal, 10, 12);
    }
    assertThat(ids(Query.ALL))
        .hasSize(11)
        .startsWith("id0")
        .doesNotContain("id9")
        .endsWith("id10", "id11");
    assertThat(Segments.list(settings().directory())).hasSize(1);
  }

  @Test
  void aSegmentThatIsNoneIsReplaced() throws IOException {
    Files.createDirectories(settings().directory());
    Files.writeString(
        Segments.path(settings().directory(), 5), "garbage", StandardOpenOption.CREATE_NEW);
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 3);
    }
    assertThat(ids(Query.ALL)).containsExactly("id0", "id1", "id2");
  }

  @Test
  void oldSegmentsAreRemovedBySize() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 20_000);
      await().untilAsserted(() -> assertThat(journal.counts().get("waiting")).isZero());
      await()
          .untilAsserted(() ->
              assertThat(size(settings().directory()))
                  .isLessThanOrEqualTo(settings().maxBytes() + (1 << 19)));
      assertThat(journal.counts().get("removed")).isPositive();
      assertThat(journal.counts()).containsEntry("written", 20_000L).containsEntry("dropped", 0L);
    }
    assertThat(ids(Query.ALL)).contains("id19999").doesNotContain("id0");
  }

  @Test
  void oldSegmentsAreRemovedByAge() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 1);
      await().untilAsserted(() -> assertThat(ids(Query.ALL)).hasSize(1));
      now.set(Entries.TIME.plus(Duration.ofDays(5)));
      await()
          .untilAsserted(
              () -> assertThat(Segments.list(settings().directory())).hasSizeGreaterThan(1));
      now.set(Entries.TIME.plus(Duration.ofDays(40)));
      await().untilAsserted(() -> assertThat(ids(Query.ALL)).isEmpty());
    }
  }

  @Test
  void aFullQueueDropsAndCounts() throws IOException {
    JournalSettings small =
        new JournalSettings(
            settings().directory(),
            Duration.ofDays(30),
            1 << 28,
            1 << 24,
            1,
            Duration.ofMillis(10));
    try (Journal journal = Journal.open(small, clock)) {
      write(journal, 0, 50_000);
      await().untilAsserted(() -> assertThat(journal.counts().get("waiting")).isZero());
      await()
          .untilAsserted(() -> assertThat(journal.written() + journal.dropped()).isEqualTo(50_000));
      assertThat(journal.dropped()).isPositive();
      assertThat(ids(Query.ALL)).hasSize((int) journal.written());
    }
  }

  @Test
  void aSecondWriterIsRefused() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      assertThatThrownBy(() -> Journal.open(settings(), clock))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process writes");
      assertThat(journal.counts()).containsEntry("written", 0L);
    }
    Journal.open(settings(), clock).close();
  }

  @Test
  void aDirectoryThatIsTakenAwayIsMadeAgain() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 5);
      await().untilAsserted(() -> assertThat(ids(Query.ALL)).hasSize(5));
      remove(settings().directory());
      now.set(Entries.TIME.plusSeconds(1));
      await()
          .untilAsserted(() -> {
            write(journal, 5, 6);
            assertThat(ids(Query.ALL)).contains("id5");
          });
    }
  }

  @Test
  void aClockThatIsSetBackLosesNothing() throws IOException {
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 0, 5);
    }
    now.set(Entries.TIME.minus(Duration.ofHours(1)));
    try (Journal journal = Journal.open(settings(), clock)) {
      write(journal, 5, 2000);
    }
    assertThat(ids(Query.ALL)).contains("id0", "id5", "id1999");
  }

  @Test
  void noDirectoryIsAnEmptyJournal() throws IOException {
    assertThat(ids(Query.ALL)).isEmpty();
  }

  private static long size(Path directory) throws IOException {
    long size = 0;
    for (Segments.Segment segment : Segments.list(directory)) {
      size += Files.exists(segment.path()) ? Files.size(segment.path()) : 0;
    }
    return size;
  }

  private static void remove(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
