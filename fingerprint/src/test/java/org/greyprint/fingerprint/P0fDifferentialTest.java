// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntFunction;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With p0f's own signatures, os, dist, params and raw_sig are what the real p0f logs, of every SYN;
 * and a packet that p0f logs nothing of gives nothing here, but for what docs/p0f-differences.md
 * lists.
 */
@Needs({"p0f"})
class P0fDifferentialTest {
  @TempDir Path folder;

  /** What came of a run. */
  private record Outcome(int logged, int named, int differing, List<String> first) {}

  private static Database p0fDatabase() throws IOException {
    String text = Files.readString(Path.of("/etc/p0f/p0f.fp"), StandardCharsets.ISO_8859_1);
    return (Database) Database.parse("p0f.fp", text);
  }

  @Test
  @Tag("peer")
  void saysWhatP0fSays() throws IOException {
    agree(100_000, 1);
  }

  @Test
  @Tag("long")
  void saysWhatP0fSaysOfTwoMillion() throws IOException {
    agree(2_100_000, 2);
  }

  private void agree(int count, long seed) throws IOException {
    SynForge forge = new SynForge(p0fDatabase().signatures(), seed);
    Outcome outcome = compare(count, forge::packet);
    System.out.printf(
        "p0f: %d packets, %d logged, %d named, %d differ%n",
        count, outcome.logged, outcome.named, outcome.differing);
    assertThat(outcome.first).isEmpty();
    assertThat(outcome.logged).isGreaterThan(count * 9 / 10);
    assertThat(outcome.named).isGreaterThan(count / 3);
  }

  private Outcome compare(int count, IntFunction<byte[]> packets) throws IOException {
    Path capture = folder.resolve("syns.pcap");
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(capture), 1 << 16);
        DataOutputStream out = new DataOutputStream(file)) {
      PcapFile.header(out);
      for (int i = 0; i < count; i++) {
        PcapFile.packet(out, i, packets.apply(i));
      }
    }
    Path log = folder.resolve("p0f.log");
    Programs.Result ran =
        Programs.run(
            Duration.ofMinutes(8),
            List.of(
                "sh",
                "-c",
                "exec p0f -f /etc/p0f/p0f.fp -r \"$0\" -o \"$1\" > /dev/null",
                capture.toString(),
                log.toString()));
    assertThat(ran.status()).as(ran.out()).isZero();

    Fingerprinter fingerprinter = new Fingerprinter(List.of(p0fDatabase()));
    List<String> first = new ArrayList<>();
    BitSet seen = new BitSet(count);
    int named = 0;
    int differing = 0;
    try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.contains("] mod=syn|") && !line.contains("] mod=sendsyn")) {
          continue;
        }
        int index = index(line);
        seen.set(index);
        byte[] packet = packets.apply(index);
        String ours =
            fingerprinter
                .readBoth(packet, 0, packet.length)
                .map(both -> text(both.p0f()))
                .orElse("nothing");
        String theirs = line.substring(line.indexOf("|subj=cli|") + 10);
        named += theirs.startsWith("os=???") ? 0 : 1;
        if (!ours.equals(theirs)) {
          differing++;
          if (first.size() < 20) {
            first.add(index + ": p0f " + theirs + "\n    ours " + ours);
          }
        }
      }
    }
    for (int i = seen.nextClearBit(0); i < count; i = seen.nextClearBit(i + 1)) {
      byte[] packet = packets.apply(i);
      if (fingerprinter.read(packet, 0, packet.length).isPresent()
          && !extended(packet)
          && !cut(packet)) {
        differing++;
        if (first.size() < 20) {
          first.add(
              i
                  + ": p0f logs nothing\n    ours "
                  + text(fingerprinter.readBoth(packet, 0, packet.length).orElseThrow().p0f()));
        }
      }
    }
    return new Outcome(seen.cardinality(), named, differing, first);
  }

  /** Whether IPv6 extension headers come before TCP, which p0f doesn't look behind. */
  private static boolean extended(byte[] packet) {
    return (packet[0] & 0xf0) == 0x60 && packet[6] != 6;
  }

  /** Whether less of it is there than its IP header says, which p0f passes over. */
  private static boolean cut(byte[] packet) {
    boolean six = (packet[0] & 0xf0) == 0x60;
    return (six ? 40 + Syn.u16(packet, 4) : Syn.u16(packet, 2)) > packet.length;
  }

  private static String text(P0fReport p0f) {
    return (p0f.application() ? "app=" : "os=")
        + p0f.label()
        + "|dist="
        + p0f.distance()
        + "|params="
        + p0f.params()
        + "|raw_sig="
        + p0f.rawSignature();
  }

  private static int index(String line) {
    int start = line.indexOf("|cli=") + 5;
    String address = line.substring(start, line.indexOf('/', start));
    if (address.contains(".")) {
      String[] parts = address.split("\\.");
      return Integer.parseInt(parts[1]) << 16
          | Integer.parseInt(parts[2]) << 8
          | Integer.parseInt(parts[3]);
    }
    String[] parts = address.split(":");
    return Integer.parseInt(parts[6], 16) << 16 | Integer.parseInt(parts[7], 16);
  }
}
