// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.greyprint.greylist.Answer;
import org.greyprint.greylist.Attempt;
import org.greyprint.greylist.Greylist;
import org.greyprint.greylist.GreylistSettings;
import org.greyprint.greylist.Pools;
import org.greyprint.greylist.RocksDbStore;
import org.greyprint.greylist.Store;

/**
 * What the greylist and its store cost: {@code GreylistBench rates FOLDER}, {@code fill FOLDER
 * COUNT}, {@code first FOLDER}, {@code expiry FOLDER}.
 */
public final class GreylistBench {
  private static final int ROUNDS = 5;

  private final Store store;
  private final Greylist greylist;
  private final AtomicLong next = new AtomicLong();

  private GreylistBench(Path folder, InstantSource clock) throws IOException {
    store = RocksDbStore.open(folder);
    greylist = Greylist.start(GreylistSettings.DEFAULT, Pools.builtin(), store, clock);
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    switch (args[0]) {
      case "rates" -> rates(folder);
      case "fill" -> fill(folder, Integer.parseInt(args[2]));
      case "first" -> first(folder);
      case "expiry" -> expiry(folder);
      default -> throw new IllegalArgumentException("rates, fill, first or expiry: " + args[0]);
    }
  }

  /** A sender of letters, as long as most are; always the same for a number. */
  private static String sender(long number) {
    StringBuilder text = new StringBuilder();
    long rest = number * 0x9E3779B97F4A7C15L >>> 1;
    for (int i = 0; i < 13; i++, rest /= 26) {
      text.append((char) ('a' + rest % 26));
    }
    return text.insert(6, '.') + "@mail" + (char) ('a' + number % 26) + ".example.com";
  }

  private static Attempt attempt(long number) {
    try {
      byte[] address = {
        (byte) (number >> 16 | 1), (byte) (number >> 8), (byte) number, (byte) (number >> 3)
      };
      return Attempt.of(
          InetAddress.getByAddress(address),
          sender(number),
          "user" + (char) ('a' + number % 23) + (char) ('a' + number % 19) + "@example.org");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks so many times with so many questions under way; gives each answer's time in ns. */
  private long[] ask(int count, int atOnce, boolean known) throws InterruptedException {
    long[] times = new long[count];
    Semaphore room = new Semaphore(atOnce);
    CountDownLatch done = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      Attempt attempt = attempt(known ? i % 1000 : 1_000_000_000L + next.incrementAndGet());
      room.acquire();
      int at = i;
      long start = System.nanoTime();
      greylist
          .ask(attempt)
          .thenAccept(answer -> {
            times[at] = System.nanoTime() - start;
            if (answer instanceof Answer.Failed failed) {
              throw new IllegalStateException(failed.reason());
            }
            room.release();
            done.countDown();
          });
    }
    done.await();
    return times;
  }

  private static double milliseconds(long[] sorted, double share) {
    return sorted[(int) Math.min(sorted.length - 1, Math.round(sorted.length * share))] / 1e6;
  }

  private void report(String what, int count, int atOnce, boolean known)
      throws InterruptedException {
    double[] rates = new double[ROUNDS];
    double[] halves = new double[ROUNDS];
    double[] nines = new double[ROUNDS];
    long cpu = cpu();
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      long[] times = ask(count, atOnce, known);
      rates[round] = count / ((System.nanoTime() - start) / 1e9);
      Arrays.sort(times);
      halves[round] = milliseconds(times, 0.5);
      nines[round] = milliseconds(times, 0.99);
    }
    double each = (cpu() - cpu) / 1e3 / ((double) count * ROUNDS);
    Arrays.sort(rates);
    Arrays.sort(halves);
    Arrays.sort(nines);
    System.out.printf(
        Locale.ROOT,
        "%-8s %5d at once: %,9.0f a second (%,.0f to %,.0f), median %.3f ms, p99 %.3f ms; %.1f us of CPU each%n",
        what,
        atOnce,
        rates[ROUNDS / 2],
        rates[0],
        rates[ROUNDS - 1],
        halves[ROUNDS / 2],
        nines[ROUNDS / 2],
        each);
  }

  /** Processor time of the whole process in ns, which other programs hardly change. */
  private static long cpu() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static void rates(Path folder) throws Exception {
    Instant[] now = {Instant.now()};
    GreylistBench bench = new GreylistBench(folder, () -> now[0]);
    for (long i = 0; i < 1000; i++) {
      bench.greylist.ask(attempt(i)).toCompletableFuture().join();
    }
    now[0] = now[0].plus(Duration.ofMinutes(6));
    for (long i = 0; i < 1000; i++) {
      bench.greylist.ask(attempt(i)).toCompletableFuture().join();
    }
    bench.ask(50_000, 1024, false);
    for (int atOnce : new int[] {1, 32, 1024}) {
      bench.report("new", atOnce == 1 ? 3_000 : 30_000 * (atOnce == 1024 ? 3 : 1), atOnce, false);
      bench.report("known", 100_000, atOnce, true);
    }
    bench.close();
  }

  private static void fill(Path folder, int count) throws Exception {
    GreylistBench bench = new GreylistBench(folder, InstantSource.system());
    Semaphore room = new Semaphore(1024);
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      room.acquire();
      bench.greylist.ask(attempt(i)).thenAccept(answer -> room.release());
    }
    room.acquire(1024);
    System.out.printf(
        Locale.ROOT,
        "%,d triplets in %.1f s, %d MB on disk%n",
        count,
        (System.nanoTime() - start) / 1e9,
        megabytes(folder));
    bench.close();
    System.out.printf("%d MB on disk after it was closed%n", megabytes(folder));
  }

  private static long megabytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      long octets = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        octets += Files.size(file);
      }
      return octets >> 20;
    }
  }

  /** From the start of the JVM to the first answer, and the memory after many. */
  private static void first(Path folder) throws Exception {
    GreylistBench bench = new GreylistBench(folder, InstantSource.system());
    Answer answer = bench.greylist.ask(attempt(4711)).toCompletableFuture().join();
    Instant started = ProcessHandle.current().info().startInstant().orElseThrow();
    System.out.printf(
        Locale.ROOT,
        "first answer %d ms after the process started (%s)%n",
        Duration.between(started, Instant.now()).toMillis(),
        answer);
    for (long i = 0; i < 200_000; i++) {
      bench.greylist.ask(attempt(i * 7919 % 1_000_000)).toCompletableFuture().join();
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS") || line.startsWith("VmHWM")) {
        System.out.println(line.replaceAll("\\s+", " "));
      }
    }
    System.out.println(bench.store.figures());
    bench.close();
  }

  /** Answers' times while nothing, and while everything, expires. */
  private static void expiry(Path folder) throws Exception {
    Instant[] now = {Instant.now()};
    GreylistBench bench = new GreylistBench(folder, () -> now[0]);
    bench.ask(50_000, 32, false);
    bench.report("as it is", 30_000, 32, false);
    now[0] = now[0].plus(Duration.ofDays(40));
    long before = bench.greylist.counters().all().getOrDefault("expired", 0L);
    bench.report("expiring", 30_000, 32, false);
    System.out.printf(
        Locale.ROOT,
        "%,d expired meanwhile%n",
        bench.greylist.counters().all().getOrDefault("expired", 0L) - before);
    bench.close();
  }

  private void close() {
    greylist.close();
    store.close();
  }
}
