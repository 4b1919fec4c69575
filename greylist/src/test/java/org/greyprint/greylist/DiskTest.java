// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.greyprint.greylist.StoreContract.join;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or read-only: a small file system in memory. */
@Tag("peer")
@Needs(
    value = {"mount", "umount"},
    root = true)
class DiskTest {
  private static final RocksDbSettings SMALL =
      new RocksDbSettings(1 << 20, 256 << 10, 512 << 10, 10_000, Duration.ofMillis(500));

  @TempDir Path directory;

  private final Clock clock = new Clock();

  private void run(String... command) {
    Programs.Result result = Programs.run(Duration.ofSeconds(20), List.of(command));
    assertThat(result.status()).as(result.out()).isZero();
  }

  @BeforeEach
  void mount() {
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", directory.toString());
  }

  @AfterEach
  void unmount() {
    run("umount", "-l", directory.toString());
  }

  private static Attempt attempt(String sender) {
    return Attempt.of(Net.address("192.0.2.1").orElseThrow(), sender, "me@example.org");
  }

  private static String name(String prefix, int number) {
    StringBuilder text = new StringBuilder(prefix);
    for (int rest = number, i = 0; i < 4; i++, rest /= 26) {
      text.append((char) ('a' + rest % 26));
    }
    return text + "@b.example";
  }

  private static int failures(Greylist greylist, String prefix, int count) {
    List<CompletionStage<Answer>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(greylist.ask(attempt(name(prefix, i))));
    }
    int failed = 0;
    for (CompletionStage<Answer> each : all) {
      Answer answer = join(each);
      assertThat(answer).isNotInstanceOf(Answer.Passed.class);
      failed += answer instanceof Answer.Failed ? 1 : 0;
    }
    return failed;
  }

  /** Writes until nothing more fits. */
  private static void fill(Path file) {
    assertThatThrownBy(
            () -> {
              while (true) {
                Files.write(
                    file, new byte[16 << 10], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
              }
            })
        .hasMessageContaining("No space");
  }

  @Test
  void aFullDiskDeliversAndIsWrittenAgainWhenThereIsRoom() throws Exception {
    Path filler = directory.resolve("filler");
    try (Store store = RocksDbStore.open(directory.resolve("store"), SMALL);
        Greylist greylist = Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, clock)) {
      assertThat(failures(greylist, "before", 100)).isZero();
      fill(filler);
      int failed = 0;
      for (int i = 0; i < 100 && failed == 0; i++) {
        failed = failures(greylist, "full" + (char) ('a' + i / 26) + (char) ('a' + i % 26), 1000);
      }
      assertThat(failed).as("the disk filled up").isPositive();
      assertThat(greylist.counters().failures()).isEqualTo(failed);
      assertThat(store.figures().getOrDefault("failures", 0L)).isPositive();
      Files.delete(filler);
      await().atMost(Duration.ofSeconds(90)).until(() -> greylist.trouble().isEmpty());
      assertThat(failures(greylist, "after", 100)).isZero();
      clock.minutes(6);
      assertThat(join(greylist.ask(attempt(name("before", 50)))))
          .as("nothing that was answered before is lost")
          .isInstanceOfSatisfying(
              Answer.Passed.class, passed -> assertThat(passed.why()).isEqualTo(Why.RETRY));
      assertThat(store.figures()).containsEntry("damaged", 0L);
    }
  }

  @Test
  void aReadOnlyDiskDeliversAndIsWrittenAgainWhenItCanBe() throws Exception {
    Path folder = directory.resolve("store");
    try (Store store = RocksDbStore.open(folder, SMALL);
        Greylist greylist = Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, clock)) {
      assertThat(failures(greylist, "before", 10)).isZero();
    }
    run("mount", "-o", "remount,ro", directory.toString());
    try (Store store = RocksDbStore.open(folder, SMALL);
        Greylist greylist = Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, clock)) {
      assertThat(store.trouble())
          .hasValueSatisfying(why -> assertThat(why).containsIgnoringCase("read-only"));
      assertThat(failures(greylist, "during", 10)).isEqualTo(10);
      run("mount", "-o", "remount,rw", directory.toString());
      await().atMost(Duration.ofSeconds(90)).until(() -> greylist.trouble().isEmpty());
      assertThat(failures(greylist, "after", 10)).isZero();
      clock.minutes(6);
      assertThat(join(greylist.ask(attempt(name("before", 5))))).isInstanceOf(Answer.Passed.class);
      assertThat(store.figures()).containsEntry("damaged", 0L);
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsNoReasonNotToStart() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    try (Store store = RocksDbStore.open(file.resolve("store"), SMALL);
        Greylist greylist = Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, clock)) {
      assertThat(failures(greylist, "a", 3)).isEqualTo(3);
      Files.delete(file);
      await().atMost(Duration.ofSeconds(90)).until(() -> greylist.trouble().isEmpty());
      assertThat(failures(greylist, "b", 3)).isZero();
    }
  }
}
