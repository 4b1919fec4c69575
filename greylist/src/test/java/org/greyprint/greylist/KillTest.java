// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.greyprint.greylist.StoreContract.join;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that answers 32 askers at once is killed again and again: no answer is forgotten. */
class KillTest {
  @TempDir Path directory;

  @Test
  void everyAnsweredTripletIsRemembered() throws Exception {
    kill(10, 20261125);
  }

  @Test
  @Tag("long")
  void everyAnsweredTripletIsRememberedAHundredTimes() throws Exception {
    kill(100, 4);
  }

  private void kill(int times, long seed) throws Exception {
    Random random = new Random(seed);
    Path folder = directory.resolve("store");
    Set<String> all = new HashSet<>();
    for (int round = 0; round < times; round++) {
      Path told = directory.resolve("told-" + round);
      int enough = 50 + random.nextInt(3000);
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Child.class.getName(),
                  folder.toString(),
                  Integer.toString(round))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(told.toFile())
              .start();
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(Duration.ofSeconds(240))
          .until(() -> !child.isAlive() || Files.size(told) >= enough * 30L);
      assertThat(child.isAlive()).as("the child ended by itself").isTrue();
      child.destroyForcibly();
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
      Set<String> promised = new HashSet<>();
      for (String line : Files.readAllLines(told)) {
        if (line.endsWith(".")) {
          promised.add(line.substring(0, line.length() - 1));
        }
      }
      assertThat(promised).hasSizeGreaterThan(20);
      all.addAll(promised);
      check(folder, round + 1 == times ? all : promised);
    }
  }

  private static void check(Path folder, Set<String> promised) throws Exception {
    InstantSource later = () -> Instant.now().plus(Duration.ofMinutes(1));
    try (Store store = RocksDbStore.open(folder);
        Greylist greylist = Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, later)) {
      assertThat(store.trouble()).isEmpty();
      assertThat(store.figures()).containsEntry("damaged", 0L);
      for (String sender : promised) {
        Explanation known = join(greylist.explain(Child.attempt(sender)));
        assertThat(known.triplets()).as(sender).hasSize(1);
      }
    }
  }

  /** Answers 32 threads, and tells each sender whose answer has come. */
  static final class Child {
    static Attempt attempt(String sender) {
      return Attempt.of(Net.address("192.0.2.1").orElseThrow(), sender, "me@example.org");
    }

    public static void main(String[] args) throws Exception {
      Store store = RocksDbStore.open(Path.of(args[0]));
      Greylist greylist =
          Greylist.start(GreylistSettings.DEFAULT, Pools.NONE, store, InstantSource.system());
      AtomicLong next = new AtomicLong();
      List<Thread> threads =
          java.util.stream.IntStream.range(0, 32)
              .mapToObj(i -> Thread.ofPlatform().start(() -> ask(greylist, args[1], next)))
              .toList();
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private static void ask(Greylist greylist, String round, AtomicLong next) {
      while (true) {
        String sender = name(Integer.parseInt(round), next.incrementAndGet());
        Answer answer = join(greylist.ask(attempt(sender)));
        if (!(answer instanceof Answer.Deferred deferred) || deferred.why() != Why.NEW) {
          throw new IllegalStateException(sender + ": " + answer);
        }
        System.out.println(sender + ".");
      }
    }

    /** Letters only, so that no two become the same key; always of the same length. */
    private static String name(int round, long number) {
      StringBuilder text = new StringBuilder();
      for (long rest = round * 100_000_000L + number; text.length() < 12; rest /= 26) {
        text.append((char) ('a' + rest % 26));
      }
      return text + "@sender.example.com";
    }
  }
}
