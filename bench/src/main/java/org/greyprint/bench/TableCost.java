// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.greyprint.capture.ClientTable;

/**
 * The cost of taking a SYN into the client table, by how many hosts there are: {@code TableCost
 * [ROUNDS]}. Each host's SYNs come from changing ports; hosts take turns at random. The table is
 * full before it is measured, so every SYN evicts one.
 */
public final class TableCost {
  private static final int SYNS = 4_000_000;

  private TableCost() {}

  public static void main(String[] args) {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    for (int round = 0; round < rounds; round++) {
      for (int hosts : new int[] {10_000, 100_000, 1_000_000}) {
        measure(hosts);
      }
    }
  }

  private static void measure(int hosts) {
    try (ClientTable table =
        new ClientTable(
            ClientTable.DEFAULT_CAPACITY,
            Duration.ofHours(2),
            Clock.systemUTC(),
            (packet, start, end) -> Optional.empty())) {
      byte[] packet =
          HexFormat.of()
              .parseHex(
                  "45000034000740007406000000000000c0000219"
                      + "0000001900000000000000008002faf000000000"
                      + "020405b40103030801010402");
      ByteBuffer b = ByteBuffer.wrap(packet);
      fill(table, packet, b, hosts, 1);
      long start = System.nanoTime();
      fill(table, packet, b, hosts, 2);
      double nanos = (double) (System.nanoTime() - start) / SYNS;
      System.out.printf(
          Locale.ROOT,
          "%,9d hosts: %.0f ns a SYN, %,d addresses held, %d MB%n",
          hosts,
          nanos,
          table.counters().addresses(),
          table.counters().memory() >> 20);
    }
  }

  private static void fill(ClientTable table, byte[] packet, ByteBuffer b, int hosts, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long now = System.currentTimeMillis() * 1_000_000;
    for (int i = 0; i < SYNS; i++) {
      // Addresses are spread as those of the world are, not one after the other.
      b.putInt(12, random.nextInt(hosts) * 0x9e3779b1);
      b.putShort(20, (short) random.nextInt(65536));
      b.putInt(24, i);
      table.add(packet, 0, packet.length, now + i * 1000L);
    }
  }
}
