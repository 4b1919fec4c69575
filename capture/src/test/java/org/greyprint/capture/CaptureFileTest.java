// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureFileTest {
  private static final byte[] SYN = Syns.ipv4("192.0.2.7", 50000, 1, 116, Syns.WINDOWS);
  private static final byte[] SYN6 =
      Syns.ip(Syns.address("2001:db8::7"), Syns.address("2001:db8::25"), 50001, 2, 60, Syns.LINUX);
  private static final String MACS = "020000000001 020000000002";

  private static CaptureFile open(byte[] file) throws IOException {
    return CaptureFile.open("test", new ByteArrayInputStream(file), () -> {});
  }

  /** Ports of the SYNs in a file, then what is wrong with it. */
  private static List<Object> read(byte[] file) throws IOException {
    List<Object> ports = new ArrayList<>();
    SynPacket syn = new SynPacket();
    try (CaptureFile capture = open(file)) {
      while (capture.next()) {
        int at =
            LinkLayer.ipOffset(capture.linkType(), capture.bytes(), capture.start(), capture.end());
        if (at >= 0 && syn.read(capture.bytes(), at, capture.end())) {
          ports.add(syn.clientPort);
        }
      }
      capture.damage().ifPresent(damage -> ports.add(damage.offset() + " " + damage.message()));
    }
    return ports;
  }

  @ParameterizedTest
  @CsvSource({
    "a1b2c3d4, 1700000000123456000",
    "a1b23c4d, 1700000000000123456",
  })
  void readsBothByteOrdersAndPrecisions(String magic, long nanos) throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] file = Syns.pcap(order, Integer.parseUnsignedInt(magic, 16), 101, SYN, SYN6);
      try (CaptureFile capture = open(file)) {
        assertThat(capture.next()).isTrue();
        assertThat(capture.nanos()).isEqualTo(nanos);
        assertThat(Arrays.copyOfRange(capture.bytes(), capture.start(), capture.end()))
            .isEqualTo(SYN);
        assertThat(capture.next()).isTrue();
        assertThat(capture.next()).isFalse();
        assertThat(capture.damage()).isEmpty();
      }
    }
  }

  @Test
  void readsPcapng() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      try (CaptureFile capture = open(Syns.pcapng(order, 101, 6, SYN, SYN6))) {
        assertThat(capture.next()).isTrue();
        assertThat(capture.nanos()).isEqualTo(1_700_000_000_123_456_000L);
      }
      assertThat(read(Syns.pcapng(order, 101, 6, SYN, SYN6))).containsExactly(50000, 50001);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "6, 1700000000123456, 1700000000123456000",
    "9, 1700000000123456789, 1700000000123456789",
    "3, 1700000000123, 1700000000123000000",
    "12, 1700000000123456789, 1700000000123456",
    "0, 1700000000, 1700000000000000000",
    "128, 1700000000, 1700000000000000000",
    "129, 3400000001, 1700000000500000000",
  })
  void countsTicksOfEveryResolution(int resolution, long ticks, long nanos) {
    assertThat(PcapNg.nanos(ticks, resolution)).isEqualTo(nanos);
  }

  @Test
  void findsIpInEveryKindOfFrame() throws IOException {
    record Link(int type, byte[] frame) {}
    List<Link> links =
        List.of(
            new Link(1, Syns.bytes(MACS + "0800", SYN)),
            new Link(1, Syns.bytes(MACS + "8100 0064 0800", SYN)),
            new Link(1, Syns.bytes(MACS + "88a8 0064 8100 0065 0800", SYN)),
            new Link(1, Syns.bytes(MACS + "8864 1100 0001 0040 0021", SYN)),
            new Link(113, Syns.bytes("0000 0001 0006 020000000001 0000 0800", SYN)),
            new Link(113, Syns.bytes("0000 0001 0006 020000000001 0000 8100 0064 0800", SYN)),
            new Link(276, Syns.bytes("0800 0000 00000002 0001 00 06 020000000001 0000", SYN)),
            new Link(101, SYN),
            new Link(12, SYN),
            new Link(228, SYN),
            new Link(0, Syns.bytes("02000000", SYN)),
            new Link(108, Syns.bytes("00000002", SYN)),
            new Link(9, Syns.bytes("ff03 0021", SYN)),
            new Link(9, Syns.bytes("21", SYN)),
            new Link(50, Syns.bytes("ff03 0021", SYN)),
            new Link(51, Syns.bytes("1100 0001 0040 0021", SYN)));
    for (Link link : links) {
      byte[] file = Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, link.type, link.frame);
      assertThat(read(file)).as("link type %d", link.type).containsExactly(50000);
    }
  }

  @Test
  void skipsIpv6ExtensionHeaders() throws IOException {
    byte[] tcp = Arrays.copyOfRange(SYN6, 40, SYN6.length);
    byte[] header = Arrays.copyOf(SYN6, 40);
    header[6] = 0;
    byte[] options = Syns.bytes("3c00 010400000000", new byte[0]);
    byte[] destination = Syns.bytes("0601 010c 000000000000000000000000", tcp);
    byte[] packet = Syns.bytes("", header);
    packet = concat(packet, options, destination);
    assertThat(read(Syns.pcap(ByteOrder.BIG_ENDIAN, 0xa1b2c3d4, 101, packet)))
        .containsExactly(50001);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  @Test
  void readsGzipAlsoOfSeveralMembers() throws IOException {
    byte[] file = Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, SYN, SYN6);
    byte[] first = gzip(Arrays.copyOf(file, 70));
    byte[] second = gzip(Arrays.copyOfRange(file, 70, file.length));
    assertThat(read(concat(first, second))).containsExactly(50000, 50001);
    byte[] whole = gzip(file);
    assertThat(read(Arrays.copyOf(whole, whole.length - 12)).getLast().toString())
        .contains("cut off");
  }

  private static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(data);
    }
    return out.toByteArray();
  }

  @Test
  void keepsWhatWasReadBeforeTheDamage() throws IOException {
    byte[] file = Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, SYN, SYN6);
    int second = 24 + 16 + SYN.length;
    assertThat(read(Arrays.copyOf(file, file.length - 1)))
        .containsExactly(50000, second + " the file ends within a packet");
    assertThat(read(Arrays.copyOf(file, second + 3)))
        .containsExactly(50000, second + " the file ends within a packet's header");
    byte[] hostile = file.clone();
    hostile[second + 11] = (byte) 0xff;
    assertThat(read(hostile).getLast().toString())
        .startsWith(second + 8 + " a packet of 42781")
        .endsWith("octets");
    assertThat(read(new byte[0])).containsExactly("0 the file is empty");
    assertThat(read("not a capture at all".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly("0 not a pcap or pcapng file");
    assertThat(read(Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 147, SYN)))
        .containsExactly("20 frames of link type 147 are not understood");
  }

  @Test
  void readsPacketsLongerThanTheBuffer() throws IOException {
    byte[] big = Arrays.copyOf(SYN, 3 << 20);
    byte[] file = new byte[24 + 2 * 16 + big.length + SYN6.length];
    byte[] small = Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, SYN, SYN6);
    System.arraycopy(small, 0, file, 0, 40);
    file[32] = 0;
    file[33] = 0;
    file[34] = 0x30;
    System.arraycopy(big, 0, file, 40, big.length);
    System.arraycopy(small, 40 + SYN.length, file, 40 + big.length, small.length - 40 - SYN.length);
    assertThat(read(file)).containsExactly(50000, 50001);
  }

  @Test
  void givesAPacketBeforeTheNextIsWritten() throws IOException {
    byte[] file = Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, SYN, SYN6);
    int second = 24 + 16 + SYN.length;
    try (PipedOutputStream writer = new PipedOutputStream();
        InputStream in = new PipedInputStream(writer, 4096)) {
      writer.write(file, 0, second);
      writer.flush();
      try (CaptureFile capture = CaptureFile.open("pipe", in, () -> {})) {
        assertThat(capture.next()).isTrue();
        writer.write(file, second, file.length - second);
        writer.flush();
        assertThat(capture.next()).isTrue();
      }
    }
  }

  @Test
  void readsFilesAndSaysWhichAreMissing(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.pcap");
    Files.write(file, Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, SYN));
    try (CaptureFile capture = CaptureFile.open(file, () -> {})) {
      assertThat(capture.next()).isTrue();
      assertThat(capture.next()).isFalse();
    }
    assertThatThrownBy(() -> CaptureFile.open(folder.resolve("none"), () -> {}))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void survivesMutatedFiles() throws IOException {
    fuzz(20_000, 1);
  }

  @Test
  @org.junit.jupiter.api.Tag("long")
  void survivesAMillionMutatedFiles() throws IOException {
    fuzz(1_000_000, Long.getLong("seed", 2));
  }

  /** No exception but those of reading escapes, and no more packets come than fit the file. */
  private static void fuzz(int rounds, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] frame = Syns.bytes(MACS + "8100 0064 0800", SYN);
    byte[][] originals = {
      Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 1, frame, frame, frame),
      Syns.pcap(ByteOrder.BIG_ENDIAN, 0xa1b23c4d, 113, SYN, SYN6),
      Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2cd34, 101, SYN, SYN6),
      Syns.pcapng(ByteOrder.LITTLE_ENDIAN, 101, 6, SYN, SYN6, SYN),
      Syns.pcapng(ByteOrder.BIG_ENDIAN, 1, 0x89, frame, frame),
      gzip(Syns.pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4, 101, SYN, SYN6)),
    };
    byte[] buffer = new byte[(1 << 20) + CaptureFile.SLACK];
    long packets = 0;
    for (int i = 0; i < rounds; i++) {
      byte[] file = mutate(originals[random.nextInt(originals.length)], random);
      long count = 0;
      SynPacket syn = new SynPacket();
      try (CaptureFile capture =
          CaptureFile.open("fuzz", new ByteArrayInputStream(file), () -> {}, buffer)) {
        while (capture.next()) {
          count++;
          assertThat(capture.end()).isLessThanOrEqualTo(capture.bytes().length);
          int at =
              LinkLayer.ipOffset(
                  capture.linkType(), capture.bytes(), capture.start(), capture.end());
          if (at >= 0) {
            syn.read(capture.bytes(), at, capture.end());
          }
        }
      }
      assertThat(count).isLessThan(20_000);
      packets += count;
    }
    assertThat(packets).isPositive();
  }

  private static byte[] mutate(byte[] original, Random random) {
    byte[] file = original.clone();
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(file.length);
      switch (random.nextInt(4)) {
        case 0 -> file[at] = (byte) random.nextInt(256);
        case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> file[at] = (byte) (random.nextBoolean() ? 0xff : 0);
        default -> file = Arrays.copyOf(file, Math.max(1, at));
      }
    }
    return file;
  }
}
