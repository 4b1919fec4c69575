// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code replay --format p0f} writes, octet for octet, the lines that p0f logs of the same file.
 */
@Tag("peer")
@Needs({"p0f"})
class ReplayLikeP0fTest {
  private static final int SYNS = 20_000;
  private static final int ETHERNET = 1;

  /** Whole options; the MSS of some is changed. */
  private static final List<String> OPTIONS =
      List.of(
          "020405b40103030801010402",
          "020405b40103030201010402",
          "020405b401010402",
          "020405b40402080a000000010000000001030307",
          "020405b40402080a00000001000000000103030a",
          "020405b4010303060101080a000000010000000004020000",
          "020405b4010303060402080a0000000100000000",
          "020405b401010402010303060101080a0000000100000000",
          "",
          "0204",
          "020405b4030f0101");

  private static final int[] WINDOWS = {64240, 65535, 8192, 5840, 29200, 14600, 16384, 1024};
  private static final int[] MSS = {1460, 1452, 1400, 1380, 1360, 536};

  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(5);

  private byte[] frame(int i) {
    byte[] options = HexFormat.of().parseHex(OPTIONS.get(random.nextInt(OPTIONS.size())));
    if (options.length >= 4) {
      int mss = MSS[random.nextInt(MSS.length)];
      options[2] = (byte) (mss >> 8);
      options[3] = (byte) mss;
    }
    options = java.util.Arrays.copyOf(options, options.length + 3 & ~3);
    boolean six = random.nextInt(4) == 0;
    int length = 20 + options.length;
    ByteBuffer b = ByteBuffer.allocate(14 + (six ? 40 : 20) + length);
    b.putLong(0x0200000000010200L).putInt(2).putShort((short) (six ? 0x86dd : 0x0800));
    int ttl = 1 + random.nextInt(255);
    int tos = random.nextInt(8) == 0 ? random.nextInt(256) : 0;
    if (six) {
      b.putInt(0x60000000 | tos << 20 | random.nextInt(2)).putShort((short) length);
      b.put((byte) 6).put((byte) ttl).putLong(0x20010db800000000L).putLong(i);
      b.putLong(0x20010db800000000L).putLong(0x19L);
    } else {
      b.put((byte) 0x45).put((byte) tos).putShort((short) (20 + length));
      b.putShort((short) (random.nextInt(4) == 0 ? 0 : i)).putShort((short) 0x4000);
      b.put((byte) ttl).put((byte) 6).putShort((short) 0).putInt(0x0a000000 | i);
      b.putInt(0xc0000219);
    }
    b.putShort((short) (1024 + random.nextInt(60_000))).putShort((short) 25);
    b.putInt(random.nextInt() | 1).putInt(0).put((byte) (length / 4 << 4));
    b.put((byte) (random.nextInt(8) == 0 ? 0xc2 : 2));
    b.putShort((short) WINDOWS[random.nextInt(WINDOWS.length)]).putInt(0).put(options);
    return b.array();
  }

  private Path capture() throws IOException {
    Path file = folder.resolve("syns.pcap");
    try (OutputStream out = Files.newOutputStream(file)) {
      ByteBuffer b = ByteBuffer.allocate(65_536).order(ByteOrder.LITTLE_ENDIAN);
      b.putInt(0xa1b2c3d4).putInt(0x00040002).putLong(0).putInt(65535).putInt(ETHERNET);
      for (int i = 0; i < SYNS; i++) {
        byte[] frame = frame(i);
        // Every seventh comes twice, as a SYN that was not answered does.
        for (int again = i % 7 == 0 ? 2 : 1; again > 0; again--) {
          b.putInt(1_769_860_800 + i / 100).putInt(i % 100 * 10_000 + again);
          b.putInt(frame.length).putInt(frame.length).put(frame);
        }
        if (b.remaining() < 1000) {
          out.write(b.array(), 0, b.position());
          b.clear();
        }
      }
      out.write(b.array(), 0, b.position());
    }
    return file;
  }

  @Test
  void writesTheSameLines() throws IOException {
    Path capture = capture();
    Path log = folder.resolve("p0f.log");
    Programs.Result ran =
        Programs.run(
            Duration.ofMinutes(2),
            List.of(
                Programs.find("p0f").orElseThrow().toString(),
                "-r",
                capture.toString(),
                "-o",
                log.toString()));
    assertThat(ran.status()).as(ran.out()).isZero();
    String text = Files.readString(Path.of("/etc/p0f/p0f.fp"), StandardCharsets.ISO_8859_1);
    Fingerprinter fingerprinter =
        new Fingerprinter(List.of((Database) Database.parse("p0f.fp", text)));
    ByteArrayOutputStream ours = new ByteArrayOutputStream();
    boolean well =
        Replay.run(
            new Replay.Settings(List.of(capture.toString()), Replay.Format.P0F, false),
            fingerprinter,
            ours,
            false);
    assertThat(well).isTrue();
    List<String> theirs =
        Files.readAllLines(log, StandardCharsets.ISO_8859_1).stream()
            .filter(line -> line.contains("] mod=syn|") || line.contains("] mod=mtu|"))
            .toList();
    assertThat(theirs).hasSizeGreaterThan(SYNS);
    assertThat(ours.toString(StandardCharsets.UTF_8).lines().toList()).isEqualTo(theirs);
  }
}
