// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-31T12:00:00Z"), ZoneOffset.UTC);

  @TempDir private Path folder;

  private Journal open() {
    return Journal.open(folder.resolve("journal"), CLOCK);
  }

  private List<Journal.Entry> read() {
    return Journal.read(folder.resolve("journal"));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    Map<String, String> values = Map.of("a", "one\ttwo\nthree%0A\r%", "b", "", "c", "x=y");
    try (Journal journal = open()) {
      journal.write("begin", values);
    }
    assertThat(read()).containsExactly(new Journal.Entry("begin", values));
  }

  @Test
  void aLineCutShortIsLeftOutAndTheNextIsWhole() throws IOException {
    Path file = folder.resolve("journal");
    try (Journal journal = open()) {
      journal.write("begin");
      journal.write("fencing");
    }
    byte[] all = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(all, all.length - 5));
    try (Journal journal = open()) {
      assertThat(journal.last("fencing")).isEmpty();
      journal.write("opened");
    }
    assertThat(read()).extracting(Journal.Entry::event).containsExactly("begin", "opened");
  }

  @Test
  void twoMovesCannotWorkWithOne() {
    try (Journal journal = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOf(MoveFailure.class)
          .hasMessageContaining("another move works with this journal");
      journal.write("begin");
    }
    try (Journal again = open()) {
      assertThat(again.last("begin")).isPresent();
    }
  }

  @Test
  void aReturnThatWasRolledBackLeavesTheMoveBeforeCurrent() {
    try (Journal journal = open()) {
      journal.write("begin", Map.of("back", "false"));
      journal.write("finished");
      assertThat(journal.last("finished")).isPresent();
      journal.write("begin", Map.of("back", "true"));
      assertThat(journal.last("finished")).isEmpty();
      journal.write("rolled-back");
      assertThat(journal.last("finished")).isPresent();
      assertThat(journal.last("rolled-back")).isEmpty();
      journal.write("begin", Map.of("back", "true"));
      journal.write("finished");
      assertThat(journal.last("begin").orElseThrow().value("back")).isEqualTo("true");
    }
  }

  @Test
  void aMoveThatWasRolledBackIsCurrent() {
    try (Journal journal = open()) {
      journal.write("begin", Map.of("back", "false"));
      journal.write("rolled-back");
      assertThat(journal.last("rolled-back")).isPresent();
      assertThat(Steps.underWay(journal.current())).isFalse();
    }
  }

  /** Whatever is in the file, it is read without an exception, and whole records survive. */
  @Test
  void anyBytesAreRead() throws IOException {
    Path file = folder.resolve("journal");
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      Files.deleteIfExists(file);
      try (Journal journal = open()) {
        journal.write("begin", Map.of("from", "a@b:1"));
      }
      byte[] junk = new byte[random.nextInt(200)];
      random.nextBytes(junk);
      Files.write(file, junk, StandardOpenOption.APPEND);
      assertThat(read()).first().extracting(Journal.Entry::event).isEqualTo("begin");
      byte[] all = Files.readAllBytes(file);
      all[random.nextInt(all.length)] ^= (byte) (1 + random.nextInt(255));
      Files.write(file, all);
      assertThat(read()).hasSizeLessThanOrEqualTo(1);
    }
  }
}
