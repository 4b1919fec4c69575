// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.Loaded;
import org.greyprint.fingerprint.Reading;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * How many SYNs a second one thread reads and matches, with the first 200,000 packets of a capture
 * file that {@code bench/syn-pcap.py} made, and what it allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"-Xmx1g", "-XX:+UseSerialGC"})
public class MatchBench {
  private static final int SYNS = 200_000;
  private static final int ETHERNET = 14;

  /** Of {@code bench/syn-pcap.py}, without VLAN tags. */
  @Param("")
  public String file = "";

  /** A file in p0f's syntax, or "builtin". */
  @Param("builtin")
  public String signatures = Database.BUILTIN;

  /**
   * "traffic": as captured, many clients of few kinds; "distinct": TTL and MSS of each drawn, so
   * that hardly two are alike and nothing remembered helps.
   */
  @Param({"traffic", "distinct"})
  public String syns = "traffic";

  private byte[][] packets = {};
  private Reading reading = Fingerprinter.builtin().reading();

  /** Measures; arguments are the capture file, then signatures. */
  public static void main(String[] args) throws RunnerException {
    String[] signatures = java.util.Arrays.copyOfRange(args, 1, args.length);
    new Runner(
            new OptionsBuilder()
                .include(MatchBench.class.getName())
                .param("file", args[0])
                .param("signatures", signatures)
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }

  /** Reads the file. */
  @Setup
  public void read() throws IOException {
    packets = packets(Path.of(file));
    if (syns.equals("distinct")) {
      SplittableRandom random = new SplittableRandom(1);
      for (byte[] packet : packets) {
        scatter(packet, random);
      }
    }
    reading = fingerprinter().reading();
  }

  private Fingerprinter fingerprinter() throws IOException {
    if (signatures.equals(Database.BUILTIN)) {
      return Fingerprinter.builtin();
    }
    String text = Files.readString(Path.of(signatures), StandardCharsets.ISO_8859_1);
    Loaded loaded = Database.parse(signatures, text);
    if (loaded instanceof Database database) {
      return new Fingerprinter(List.of(database));
    }
    throw new IllegalArgumentException(loaded.toString());
  }

  /** Gives how many were named. */
  @Benchmark
  @OperationsPerInvocation(SYNS)
  public int readAndMatch() {
    int named = 0;
    for (byte[] packet : packets) {
      if (reading.read(packet, ETHERNET, packet.length) && !reading.name().isEmpty()) {
        named++;
      }
    }
    return named;
  }

  /** A distance of up to 30 hops, and any MSS from 1,000 on; what is no SYN over IP stays. */
  private static void scatter(byte[] packet, SplittableRandom random) {
    boolean six = (packet[ETHERNET] & 0xf0) == 0x60;
    packet[ETHERNET + (six ? 7 : 8)] -= (byte) random.nextInt(31);
    int tcp = ETHERNET + (six ? 40 : (packet[ETHERNET] & 15) * 4);
    int end = tcp + (packet[tcp + 12] >> 4 & 15) * 4;
    for (int i = tcp + 20; i < end && packet[i] != 0; i += packet[i] == 1 ? 1 : packet[i + 1]) {
      if (packet[i] == 2) {
        int mss = 1000 + random.nextInt(461);
        packet[i + 2] = (byte) (mss >> 8);
        packet[i + 3] = (byte) mss;
        return;
      }
    }
  }

  private static byte[][] packets(Path file) throws IOException {
    List<byte[]> packets = new ArrayList<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      in.skipNBytes(24);
      while (packets.size() < SYNS) {
        in.readInt();
        in.readInt();
        int length = Integer.reverseBytes(in.readInt());
        in.readInt();
        byte[] packet = new byte[length];
        in.readFully(packet);
        packets.add(packet);
      }
      return packets.toArray(byte[][]::new);
    } catch (EOFException e) {
      throw new IllegalArgumentException(file + ": has fewer than " + SYNS + " packets", e);
    }
  }
}
