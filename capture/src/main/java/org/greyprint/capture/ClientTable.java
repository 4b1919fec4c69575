// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.greyprint.fingerprint.Fingerprint;
import org.jspecify.annotations.Nullable;

/**
 * Holds the SYNs lately seen, by the client's address and port, and by address alone for askers
 * without a port.
 *
 * <p>Bounded: the oldest connection leaves first, in constant time, and an address leaves with its
 * last connection. Records lie outside the heap and are taken as needed, up to about 330 octets for
 * each connection of the capacity. Safe for many threads: addresses are spread over {@value
 * #SHARDS} shards by a hash with a secret seed, so that nobody can aim at one of them.
 *
 * <p>A SYN is kept as it came; what it tells is read when somebody asks, so new signatures hold for
 * SYNs already seen, and a flood of spoofed ones costs one copy each.
 */
public final class ClientTable implements SynLookup, AutoCloseable {
  /** Connections held when nothing else is configured. */
  public static final int DEFAULT_CAPACITY = 1 << 19;

  /** After this time a SYN is no longer given. */
  public static final Duration DEFAULT_MAX_AGE = Duration.ofHours(2);

  static final int SHARDS = 16;

  /** More askers than this do not wait, but are told at once that nothing was seen. */
  static final int MAX_WAITERS = 100_000;

  private static final long NANOS = 1_000_000_000L;
  private static final int MILLISECOND_CLOCK = 1000;

  private final Shard[] shards = new Shard[SHARDS];
  private final long seed;
  private final Clock clock;
  private final long maxAgeNanos;
  private volatile SynReader reader;
  private volatile Unknowns unknowns;
  private final ScheduledExecutorService timer;
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder seen = new LongAdder();
  private final LongAdder found = new LongAdder();
  private final LongAdder missed = new LongAdder();

  /**
   * How full the table is and what went through it.
   *
   * @param connections held now
   * @param addresses held now
   * @param seen SYNs taken, retransmissions too
   * @param retransmissions SYNs that were the same connection's once more
   * @param evicted connections that made room for newer ones
   * @param oversized SYNs not taken because their headers are longer than 128 octets
   * @param found questions that were answered
   * @param missed questions for which no SYN was seen
   * @param memory octets taken outside the heap
   */
  public record Counters(
      long connections,
      long addresses,
      long seen,
      long retransmissions,
      long evicted,
      long oversized,
      long found,
      long missed,
      long memory) {}

  /** Sums over the shards. */
  static final class Sums {
    long connections;
    long addresses;
    long evicted;
    long retransmissions;
    long oversized;
    long memory;
  }

  /**
   * A table.
   *
   * @param capacity connections held at most, 16 to 2^26
   * @param maxAge how old a SYN may be that is given
   * @param clock the time of questions
   * @throws IllegalArgumentException if the capacity is out of range
   */
  public ClientTable(int capacity, Duration maxAge, Clock clock, SynReader reader) {
    if (capacity < SHARDS || capacity > 1 << 26) {
      throw new IllegalArgumentException("capacity " + capacity + " is not within 16 to 2^26");
    }
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new Shard(capacity / SHARDS);
    }
    this.seed = RandomGenerator.getDefault().nextLong();
    this.clock = clock;
    this.maxAgeNanos = maxAge.toNanos();
    this.reader = reader;
    this.unknowns = new Unknowns(Unknowns.DEFAULT_CAPACITY);
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("capture-waiters").factory());
    executor.setRemoveOnCancelPolicy(true);
    this.timer = executor;
  }

  /** Reads with other signatures from now on; no SYN is lost and no question waits. */
  public void reader(SynReader newReader) {
    reader = newReader;
    unknowns = new Unknowns(Unknowns.DEFAULT_CAPACITY);
  }

  /** The SYNs of clients that were asked about and had no name, by count. */
  public Unknowns unknowns() {
    return unknowns;
  }

  /**
   * Takes the SYN in an IP packet, e.g. one the kernel saved (TCP_SAVED_SYN).
   *
   * @param nanos when it was captured, nanoseconds since 1970
   * @return false where it is no SYN
   */
  public boolean add(byte[] packet, int start, int end, long nanos) {
    SynPacket syn = new SynPacket();
    if (!syn.read(packet, start, end)) {
      return false;
    }
    add(syn, packet, nanos);
    return true;
  }

  void add(SynPacket syn, byte[] bytes, long nanos) {
    seen.increment();
    syn.readOptions(bytes);
    int hash = hash(syn.clientHigh, syn.clientLow);
    List<Shard.Waiter> waiters = shard(hash).add(syn, bytes, hash, nanos);
    if (!waiters.isEmpty()) {
      try {
        timer.execute(() -> waiters.forEach(Shard.Waiter::seen));
      } catch (RejectedExecutionException closed) {
        waiters.forEach(Shard.Waiter::seen);
      }
    }
  }

  @Override
  public CompletionStage<Optional<Observation>> find(
      InetAddress client, int clientPort, Duration patience) {
    Question question = new Question(client, clientPort);
    Shard.Found answer = new Shard.Found();
    boolean wait = patience.isPositive() && waiting.get() < MAX_WAITERS;
    if (question.ask(answer, wait ? question : null)) {
      found.increment();
      Optional<Observation> observation = observation(client, answer);
      count(observation);
      return CompletableFuture.completedFuture(observation);
    }
    if (!wait) {
      missed.increment();
      return CompletableFuture.completedFuture(Optional.empty());
    }
    waiting.incrementAndGet();
    question.startTimer(patience);
    return question.answer.minimalCompletionStage();
  }

  /**
   * What is known of an address.
   *
   * @return empty if the table holds no SYN of it
   */
  public Optional<ClientHistory> history(InetAddress client) {
    Shard.Found answer = new Shard.Found();
    if (!new Question(client, 0).ask(answer, null)) {
      return Optional.empty();
    }
    return observation(client, answer)
        .map(latest ->
            new ClientHistory(
                latest,
                Instant.ofEpochMilli(answer.firstMillis),
                answer.connections,
                instant(answer.sharingMillis),
                instant(answer.changeMillis),
                latest.uptime().isEmpty() ? 0 : Clock32.wrapDays(answer.clockRate)));
  }

  /** How full the table is and what went through it since it was made. */
  public Counters counters() {
    Sums sums = new Sums();
    for (Shard shard : shards) {
      shard.addTo(sums);
    }
    return new Counters(
        sums.connections,
        sums.addresses,
        seen.sum(),
        sums.retransmissions,
        sums.evicted,
        sums.oversized,
        found.sum(),
        missed.sum(),
        sums.memory);
  }

  /** Ends the waiting of all askers. */
  @Override
  public void close() {
    timer.shutdown();
  }

  private void count(Optional<Observation> observation) {
    observation.ifPresent(o -> unknowns.count(o.fingerprint()));
  }

  private Optional<Observation> observation(InetAddress client, Shard.Found answer) {
    SynPacket syn = new SynPacket();
    if (!syn.read(answer.packet, 0, answer.length)) {
      return Optional.empty();
    }
    Optional<Fingerprint> fingerprint = reader.read(answer.packet, 0, answer.length);
    if (fingerprint.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Observation(
            instantOfNanos(answer.nanos),
            client,
            syn.clientPort,
            SynPacket.address(syn.serverHigh, syn.serverLow),
            syn.serverPort,
            fingerprint.get(),
            Math.max(1, answer.hosts),
            uptime(answer, fingerprint.get())));
  }

  /**
   * How long the machine has been up. Since version 4.10 Linux adds a random offset to its clock of
   * a thousand ticks for each pair of addresses, so a clock of that rate tells nothing there.
   */
  private Optional<Duration> uptime(Shard.Found answer, Fingerprint fingerprint) {
    if (answer.clockRate == 0) {
      return Optional.empty();
    }
    if (answer.clockRate == MILLISECOND_CLOCK) {
      switch (fingerprint.os().family()) {
        case "Linux", "Android", "ChromeOS", "unknown" -> {
          return Optional.empty();
        }
        default -> {}
      }
    }
    long ticks = answer.timestamp & 0xffff_ffffL;
    long since = Math.max(0, clock.millis() - answer.timestampMillis);
    return Optional.of(Duration.ofMillis(ticks * 1000 / answer.clockRate + since));
  }

  private static Optional<Instant> instant(long millis) {
    return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  private static Instant instantOfNanos(long nanos) {
    return Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS));
  }

  private Shard shard(int hash) {
    return shards[hash >>> 28];
  }

  private int hash(long high, long low) {
    long h = (low ^ seed) * 0x9e3779b97f4a7c15L;
    h = (h ^ h >>> 32 ^ high) * 0xd6e8feb86659fd93L;
    h = (h ^ h >>> 32 ^ seed) * 0xd6e8feb86659fd93L;
    return (int) (h ^ h >>> 32);
  }

  /** One asker, who may wait. */
  private final class Question implements Shard.Waiter {
    private final InetAddress client;
    private final int port;
    private final long high;
    private final long low;
    private final int hash;
    private final CompletableFuture<Optional<Observation>> answer = new CompletableFuture<>();

    Question(InetAddress client, int port) {
      byte[] raw = client.getAddress();
      this.client = client;
      this.port = port;
      high = SynPacket.high(raw);
      low = SynPacket.low(raw);
      hash = hash(high, low);
    }

    boolean ask(Shard.Found into, Shard.@Nullable Waiter waiter) {
      Instant now = clock.instant();
      long nanos = now.getEpochSecond() * NANOS + now.getNano();
      return shard(hash).get(high, low, hash, port, nanos - maxAgeNanos, into, waiter);
    }

    void startTimer(Duration patience) {
      try {
        var timeout = timer.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
        answer.whenComplete((result, failure) -> timeout.cancel(false));
      } catch (RejectedExecutionException closed) {
        giveUp();
      }
    }

    @Override
    public void seen() {
      Shard.Found copy = new Shard.Found();
      if (ask(copy, null)) {
        Optional<Observation> observation = observation(client, copy);
        count(observation);
        complete(observation);
      } else {
        complete(Optional.empty());
      }
    }

    private void giveUp() {
      shard(hash).forget(high, low, port, this);
      complete(Optional.empty());
    }

    private void complete(Optional<Observation> result) {
      if (answer.complete(result)) {
        waiting.decrementAndGet();
        (result.isPresent() ? found : missed).increment();
      }
    }
  }
}
