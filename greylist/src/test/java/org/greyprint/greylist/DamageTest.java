// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.greyprint.greylist.StoreContract.join;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were damaged at random: mail flows, and the store is whole again by itself. */
class DamageTest {
  /** Small, so that there are several tables and logs. */
  private static final RocksDbSettings SMALL =
      new RocksDbSettings(1 << 20, 64 << 10, 256 << 10, 1000, Duration.ofMillis(200));

  @TempDir Path directory;

  private final Clock clock = new Clock();

  private Greylist greylist(Store store) {
    return Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, clock);
  }

  private static Attempt attempt(String sender) {
    return Attempt.of(Net.address("192.0.2.1").orElseThrow(), sender, "me@example.org");
  }

  private static String name(int number) {
    return "s"
        + (char) ('a' + number % 26)
        + (char) ('a' + number / 26 % 26)
        + (char) ('a' + number / 676)
        + "@b.example";
  }

  private Path template() throws Exception {
    Path folder = directory.resolve("template");
    try (Store store = RocksDbStore.open(folder, SMALL);
        Greylist greylist = greylist(store)) {
      List<java.util.concurrent.CompletionStage<Answer>> all = new ArrayList<>();
      for (int i = 0; i < 6000; i++) {
        all.add(greylist.ask(attempt(name(i))));
        if (i % 500 == 499) {
          all.forEach(StoreContract::join);
        }
      }
      join(
          greylist.allow(
              new Exemption(
                  Exemption.Kind.CLIENT,
                  "198.51.100.0/24",
                  Duration.ZERO,
                  "admin",
                  Instant.EPOCH,
                  "",
                  Optional.empty())));
    }
    return folder;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** Harms one or two files; says what it did. */
  private static String harm(Path folder, Random random) throws IOException {
    StringBuilder done = new StringBuilder();
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      List<Path> files;
      try (Stream<Path> all = Files.list(folder)) {
        files = all.filter(file -> !file.endsWith("LOCK")).sorted().toList();
      }
      Path file = files.get(random.nextInt(files.size()));
      long size = Files.size(file);
      int kind = random.nextInt(5);
      done.append(file.getFileName())
          .append(" of ")
          .append(size)
          .append(" kind ")
          .append(kind)
          .append("; ");
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        switch (kind) {
          case 0 -> bytes.setLength(size == 0 ? 10 : random.nextLong(size));
          case 1 -> {
            for (int i = 0; i < 20 && size > 0; i++) {
              bytes.seek(random.nextLong(size));
              bytes.write(random.nextInt(256));
            }
          }
          case 2 -> {
            bytes.seek(size / 2);
            bytes.write(new byte[(int) (size - size / 2)]);
          }
          case 3 -> {
            byte[] noise = new byte[500];
            random.nextBytes(noise);
            bytes.seek(size);
            bytes.write(noise);
          }
          default -> Files.delete(file);
        }
      }
    }
    return done.toString();
  }

  @Test
  void aDamagedStoreIsMovedAsideOrWorksOn() throws Exception {
    damage(15, 1);
  }

  @Test
  @Tag("long")
  void aDamagedStoreIsMovedAsideOrWorksOnAThousandTimes() throws Exception {
    damage(1000, 2);
  }

  private void damage(int times, long seed) throws Exception {
    Path template = template();
    int aside = 0;
    int remembered = 0;
    for (int i = 0; i < times; i++) {
      Random random = new Random(seed * 1_000_003 + i);
      Path folder = directory.resolve("case-" + i).resolve("store");
      copy(template, folder);
      String harm = "case " + i + ": " + harm(folder, random);
      try (Store store = RocksDbStore.open(folder, SMALL);
          Greylist greylist = greylist(store)) {
        for (int n = 0; n < 100; n++) {
          Answer answer = join(greylist.ask(attempt(name(random.nextInt(6000)))));
          assertThat(answer).as(harm).isNotInstanceOf(Answer.Passed.class);
          if (answer instanceof Answer.Deferred deferred && deferred.why() == Why.EARLY) {
            remembered++;
          }
        }
        for (int pages = 0; pages < 3; pages++) {
          greylist
              .list(TripletFilter.ALL, "", 10_000)
              .toCompletableFuture()
              .handle((p, e) -> 0)
              .join();
        }
        await().alias(harm).atMost(Duration.ofSeconds(90)).until(() -> store.trouble().isEmpty());
        String fresh = "fresh" + (char) ('a' + i % 26) + "@new.example";
        await()
            .alias(harm)
            .atMost(Duration.ofSeconds(90))
            .until(() -> join(greylist.ask(attempt(fresh))) instanceof Answer.Deferred);
        aside += store.figures().getOrDefault("damaged", 0L) > 0 ? 1 : 0;
      }
      try (Store store = RocksDbStore.open(folder, SMALL)) {
        assertThat(store.trouble()).as(harm + "; opened again").isEmpty();
      }
      Damage.delete(directory.resolve("case-" + i));
    }
    // The damage must have been real, and must not always have cost everything.
    assertThat(aside).isPositive();
    assertThat(remembered).isPositive();
  }

  @Test
  void noMoreThanTwoDamagedStoresAreKept() throws Exception {
    Path folder = directory.resolve("store");
    for (int i = 0; i < 4; i++) {
      try (Store store = RocksDbStore.open(folder, SMALL)) {
        assertThat(store.trouble()).isEmpty();
      }
      Files.writeString(folder.resolve("CURRENT"), "nonsense");
    }
    try (Store store = RocksDbStore.open(folder, SMALL)) {
      assertThat(store.trouble()).isEmpty();
      assertThat(store.figures()).containsEntry("damaged", 1L);
    }
    try (Stream<Path> all = Files.list(directory)) {
      assertThat(all.map(each -> each.getFileName().toString()))
          .filteredOn(name -> name.startsWith("store.damaged-"))
          .hasSize(2);
    }
  }

  @Test
  void listEntriesSurviveAStoreThatHadToBeginAnewWhileItRan() throws Exception {
    Path folder = directory.resolve("store");
    try (Store store = RocksDbStore.open(folder, SMALL);
        Greylist greylist = greylist(store)) {
      Exemption entry =
          new Exemption(
              Exemption.Kind.CLIENT,
              "198.51.100.0/24",
              Duration.ZERO,
              "admin",
              Instant.EPOCH,
              "",
              Optional.empty());
      join(greylist.allow(entry));
      Damage.delete(folder);
      await()
          .ignoreExceptions()
          .until(() ->
              !join(store.scan(Store.Space.EXEMPTION, "", 10)).isEmpty() && store.generation() > 1);
      assertThat(greylist.exemptions()).containsExactly(entry);
    }
    try (Store store = RocksDbStore.open(folder, SMALL);
        Greylist greylist = greylist(store)) {
      assertThat(greylist.exemptions()).hasSize(1);
    }
  }
}
