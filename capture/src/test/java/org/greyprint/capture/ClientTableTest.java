// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientTableTest {
  private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");
  private static final InetAddress CLIENT = Syns.address("198.51.100.7");

  private volatile Instant time = START;
  private final Clock clock =
      new Clock() {
        @Override
        public ZoneOffset getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return time;
        }
      };
  private final ClientTable table = table(1600);

  private ClientTable table(int capacity) {
    return new ClientTable(capacity, Duration.ofHours(2), clock, Syns.BY_TTL);
  }

  @AfterEach
  void close() {
    table.close();
  }

  private void seen(ClientTable into, byte[] packet) {
    long nanos = time.getEpochSecond() * 1_000_000_000L + time.getNano();
    assertThat(into.add(packet, 0, packet.length, nanos)).isTrue();
  }

  private void seen(byte[] packet) {
    seen(table, packet);
  }

  private void later(Duration step) {
    time = time.plus(step);
  }

  private static Optional<Observation> now(CompletionStage<Optional<Observation>> stage) {
    CompletableFuture<Optional<Observation>> future = stage.toCompletableFuture();
    assertThat(future).isDone();
    return future.join();
  }

  private Optional<Observation> find(int port) {
    return now(table.find(CLIENT, port, Duration.ZERO));
  }

  @Test
  void tellsHostsBehindOneAddressApartByPort() {
    seen(Syns.ipv4("198.51.100.7", 1025, 1, 116, Syns.WINDOWS));
    seen(Syns.ipv4("198.51.100.7", 1026, 2, 52, Syns.LINUX));
    assertThat(find(1025).orElseThrow().fingerprint().os().family()).isEqualTo("Windows");
    assertThat(find(1026).orElseThrow().fingerprint().os().family()).isEqualTo("unknown");
    assertThat(find(1027)).isEmpty();
    Observation latest = find(0).orElseThrow();
    assertThat(latest.clientPort()).isEqualTo(1026);
    assertThat(latest.hosts()).isEqualTo(2);
    assertThat(latest.server()).isEqualTo(Syns.address("192.0.2.25"));
    assertThat(latest.serverPort()).isEqualTo(25);
    assertThat(latest.time()).isEqualTo(START);
  }

  @Test
  void knowsWhenHostsTakeTurns() {
    seen(Syns.ipv4("198.51.100.7", 1025, 1, 116, Syns.WINDOWS));
    assertThat(table.history(CLIENT).orElseThrow().lastChange()).isEmpty();
    later(Duration.ofSeconds(1));
    seen(Syns.ipv4("198.51.100.7", 1026, 2, 52, Syns.LINUX));
    ClientHistory changed = table.history(CLIENT).orElseThrow();
    assertThat(changed.lastChange()).contains(START.plusSeconds(1));
    assertThat(changed.lastSharing()).isEmpty();
    later(Duration.ofSeconds(1));
    seen(Syns.ipv4("198.51.100.7", 1027, 3, 116, Syns.WINDOWS));
    ClientHistory shared = table.history(CLIENT).orElseThrow();
    assertThat(shared.lastSharing()).contains(START.plusSeconds(2));
    assertThat(shared.firstSeen()).isEqualTo(START);
    assertThat(shared.connections()).isEqualTo(3);
  }

  @Test
  void holdsIpv6() {
    InetAddress client = Syns.address("2001:db8::7");
    seen(Syns.ip(client, Syns.address("2001:db8::25"), 5000, 1, 120, Syns.WINDOWS));
    Observation found = now(table.find(client, 5000, Duration.ZERO)).orElseThrow();
    assertThat(found.client()).isEqualTo(client);
    assertThat(found.server()).isEqualTo(Syns.address("2001:db8::25"));
  }

  @Test
  void keepsTheFirstSynOfAConnectionThatIsRetried() {
    seen(Syns.ipv4("198.51.100.7", 1025, 9, 116, Syns.WINDOWS));
    later(Duration.ofSeconds(3));
    seen(Syns.ipv4("198.51.100.7", 1025, 9, 116, "020405b401010402"));
    assertThat(find(1025).orElseThrow().time()).isEqualTo(START);
    assertThat(table.history(CLIENT).orElseThrow().connections()).isEqualTo(1);
    assertThat(table.counters().retransmissions()).isEqualTo(1);
  }

  @Test
  void replacesAConnectionOfTheSamePort() {
    seen(Syns.ipv4("198.51.100.7", 1025, 9, 116, Syns.WINDOWS));
    later(Duration.ofSeconds(1));
    seen(Syns.ipv4("198.51.100.7", 1025, 10, 50, Syns.LINUX));
    assertThat(find(1025).orElseThrow().fingerprint().signature()).isEqualTo("ttl 50");
  }

  @Test
  void forgetsWhatIsTooOld() {
    seen(Syns.ipv4("198.51.100.7", 1025, 9, 116, Syns.WINDOWS));
    later(Duration.ofHours(2));
    assertThat(find(1025)).isPresent();
    later(Duration.ofSeconds(1));
    assertThat(find(1025)).isEmpty();
    assertThat(table.history(CLIENT)).isEmpty();
  }

  @Test
  void answersAnAskerWhenTheSynComes() {
    CompletableFuture<Optional<Observation>> byPort =
        table.find(CLIENT, 1025, Duration.ofMinutes(1)).toCompletableFuture();
    CompletableFuture<Optional<Observation>> byAddress =
        table.find(CLIENT, 0, Duration.ofMinutes(1)).toCompletableFuture();
    seen(Syns.ipv4("198.51.100.7", 1024, 8, 116, Syns.WINDOWS));
    await().until(byAddress::isDone);
    assertThat(byPort).isNotDone();
    seen(Syns.ipv4("198.51.100.7", 1025, 9, 117, Syns.WINDOWS));
    await().until(byPort::isDone);
    assertThat(byPort.join().orElseThrow().fingerprint().signature()).isEqualTo("ttl 117");
    assertThat(table.counters().found()).isEqualTo(2);
  }

  @Test
  void givesUpWhenPatienceEnds() {
    CompletableFuture<Optional<Observation>> asked =
        table.find(CLIENT, 1025, Duration.ofMillis(20)).toCompletableFuture();
    await().until(asked::isDone);
    assertThat(asked.join()).isEmpty();
    assertThat(table.counters().missed()).isEqualTo(1);
  }

  @Test
  void worksOutUptimeFromThreeReadingsThatAgree() {
    int ticks = 100 * 3600 * 24;
    seen(Syns.stamped("198.51.100.7", 1, 1, ticks));
    later(Duration.ofSeconds(10));
    seen(Syns.stamped("198.51.100.7", 2, 2, ticks + 1000));
    assertThat(find(2).orElseThrow().uptime()).isEmpty();
    later(Duration.ofSeconds(20));
    seen(Syns.stamped("198.51.100.7", 3, 3, ticks + 3000));
    later(Duration.ofSeconds(30));
    assertThat(find(3).orElseThrow().uptime())
        .contains(Duration.ofDays(1).plus(Duration.ofSeconds(60)));
    assertThat(table.history(CLIENT).orElseThrow().wrapDays()).isEqualTo(497);
  }

  @Test
  void believesNoClockThatJumps() {
    Random random = new Random(1);
    for (int i = 1; i < 50; i++) {
      seen(Syns.stamped("198.51.100.7", i, i, random.nextInt()));
      later(Duration.ofSeconds(1));
      assertThat(find(i).orElseThrow().uptime()).isEmpty();
    }
  }

  @Test
  void doesNotBelieveTheRandomOffsetsOfLinux() {
    for (int i = 1; i < 5; i++) {
      seen(Syns.stamped("198.51.100.7", i, i, 987_654_321 + i * 1000));
      later(Duration.ofSeconds(1));
      assertThat(find(i).orElseThrow().uptime()).isEmpty();
    }
  }

  @Test
  void readsWithNewSignaturesWhatWasSeenBefore() {
    seen(Syns.ipv4("198.51.100.7", 1025, 9, 60, Syns.LINUX));
    assertThat(find(1025).orElseThrow().fingerprint().os().family()).isEqualTo("unknown");
    assertThat(table.unknowns().top(10)).containsExactly(new Unknowns.Count("ttl 60", 1));
    table.reader((packet, start, end) -> Syns.BY_TTL.read(windows(packet), start, end));
    assertThat(find(1025).orElseThrow().fingerprint().os().family()).isEqualTo("Windows");
    assertThat(table.unknowns().top(10)).isEmpty();
  }

  private static byte[] windows(byte[] packet) {
    byte[] changed = packet.clone();
    changed[8] = 127;
    return changed;
  }

  @Test
  void staysBoundedAndForgetsTheOldestFirst() {
    for (int i = 0; i < 100_000; i++) {
      seen(Syns.ipv4("10.%d.%d.%d".formatted(i >> 16, i >> 8 & 255, i & 255), 1, i, 60, ""));
    }
    ClientTable.Counters counters = table.counters();
    assertThat(counters.connections()).isEqualTo(1600);
    assertThat(counters.addresses()).isEqualTo(1600);
    assertThat(counters.evicted()).isEqualTo(100_000 - 1600);
    int i = 99_999;
    InetAddress last = Syns.address("10.%d.%d.%d".formatted(i >> 16, i >> 8 & 255, i & 255));
    assertThat(now(table.find(last, 1, Duration.ZERO))).isPresent();
    assertThat(now(table.find(Syns.address("10.0.0.1"), 1, Duration.ZERO))).isEmpty();
  }

  /** Against a plain model: a map in order of arrival, one for each shard's bound. */
  @Test
  void agreesWithASimpleModel() {
    Random random = new Random(7);
    Shard shard = new Shard(50);
    Map<Integer, Integer> model = new LinkedHashMap<>();
    Map<Integer, Integer> ringOf = new HashMap<>();
    java.util.ArrayDeque<int[]> ring = new java.util.ArrayDeque<>();
    SynPacket syn = new SynPacket();
    for (int i = 1; i < 200_000; i++) {
      int host = random.nextInt(20);
      int port = 1 + random.nextInt(8);
      int key = host * 10 + port;
      byte[] packet = Syns.ipv4("10.0.0." + host, port, i, 60, Syns.LINUX);
      assertThat(syn.read(packet, 0, packet.length)).isTrue();
      syn.readOptions(packet);
      shard.add(syn, packet, host % 3, i);
      if (ring.size() == 50) {
        int[] oldest = ring.removeFirst();
        if (ringOf.getOrDefault(oldest[0], -1) == oldest[1]) {
          ringOf.remove(oldest[0]);
          model.remove(oldest[0]);
        }
      }
      ring.addLast(new int[] {key, i});
      ringOf.put(key, i);
      model.put(key, i);
      int asked = random.nextInt(20) * 10 + 1 + random.nextInt(8);
      Shard.Found found = new Shard.Found();
      boolean present =
          shard.get(
              0,
              0xffff_0000_0000L | 0x0a000000L | asked / 10,
              asked / 10 % 3,
              asked % 10,
              0,
              found,
              null);
      assertThat(present).isEqualTo(model.containsKey(asked));
      if (present) {
        assertThat(found.nanos).isEqualTo((long) model.getOrDefault(asked, -1));
      }
    }
  }
}
