// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.Loaded;
import org.greyprint.fingerprint.Reading;

/**
 * How many SYNs a second one thread reads and matches, with the packets of a capture file that
 * {@code bench/syn-pcap.py} made, and what it allocates. The median, least and most of eleven
 * rounds after five to warm up.
 */
public final class MatchBench {
  private static final int WARM = 5;
  private static final int ROUNDS = 11;
  private static final int ETHERNET = 14;

  private MatchBench() {}

  public static void main(String[] args) throws IOException {
    byte[][] packets = packets(Path.of(args[0]));
    measure("builtin", Fingerprinter.builtin(), packets);
    if (args.length > 1) {
      String text = Files.readString(Path.of(args[1]), StandardCharsets.ISO_8859_1);
      if (Database.parse(args[1], text) instanceof Database database) {
        measure(args[1], new Fingerprinter(List.of(database)), packets);
      } else {
        Loaded faulty = Database.parse(args[1], text);
        throw new IllegalArgumentException(faulty.toString());
      }
    }
  }

  private static void measure(String what, Fingerprinter fingerprinter, byte[][] packets) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    Reading reading = fingerprinter.reading();
    double[] rates = new double[ROUNDS];
    long named = 0;
    long allocated = 0;
    for (int round = -WARM; round < ROUNDS; round++) {
      named = 0;
      long octets = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      for (int pass = 0; pass < 10; pass++) {
        for (byte[] packet : packets) {
          if (reading.read(packet, ETHERNET, packet.length) && !reading.name().isEmpty()) {
            named++;
          }
        }
      }
      long nanos = System.nanoTime() - start;
      if (round >= 0) {
        rates[round] = packets.length * 10.0 / nanos * 1e9;
        allocated += threads.getCurrentThreadAllocatedBytes() - octets;
      }
    }
    Arrays.sort(rates);
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f million SYN/s (%.1f to %.1f), %.1f %% named, %.4f octets allocated each%n",
        what,
        rates[ROUNDS / 2] / 1e6,
        rates[0] / 1e6,
        rates[ROUNDS - 1] / 1e6,
        named * 10.0 / packets.length,
        allocated / (packets.length * 10.0 * ROUNDS));
  }

  private static byte[][] packets(Path file) throws IOException {
    List<byte[]> packets = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      in.skipNBytes(24);
      while (true) {
        in.readInt();
        in.readInt();
        int length = Integer.reverseBytes(in.readInt());
        in.readInt();
        byte[] packet = new byte[length];
        in.readFully(packet);
        packets.add(packet);
      }
    } catch (EOFException end) {
      return packets.toArray(byte[][]::new);
    }
  }
}
