// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** A capture file of SYNs of several systems from random addresses, for {@link Training}. */
final class TrainingCapture {
  /** TTL, TOS, IP ID, flags, window, TCP options. */
  private record Stack(int ttl, int tos, boolean id, int flags, int window, String options) {}

  private static final List<Stack> STACKS =
      List.of(
          new Stack(116, 0, true, 2, 64240, "020405b40103030801010402"),
          new Stack(113, 0, true, 2, 65535, "020405b40103030801010402"),
          new Stack(118, 2, true, 0xc2, 64240, "020405b40103030801010402"),
          new Stack(120, 0, true, 2, 8192, "020405780103030201010402"),
          new Stack(52, 0, true, 2, 64240, "020405b40402080a000000010000000001030307"),
          new Stack(50, 0, false, 2, 65535, "020405b4010303060101080a000000010000000004020000"),
          new Stack(49, 0, true, 2, 16384, "020405b401010402010303060101080a0000000100000000"));

  private TrainingCapture() {}

  /** Writes a file of Ethernet frames in microseconds, as tcpdump does. */
  static void write(Path file, int syns) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    ByteBuffer b = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out = Files.newOutputStream(file);
        OutputStream buffered = new java.io.BufferedOutputStream(out, 1 << 16)) {
      b.putInt(0xa1b2c3d4).putInt(0x00040002).putLong(0).putInt(65535).putInt(1);
      flush(b, buffered);
      for (int i = 0; i < syns; i++) {
        frame(b, STACKS.get(random.nextInt(STACKS.size())), random, i);
        flush(b, buffered);
      }
    }
  }

  private static void flush(ByteBuffer b, OutputStream to) throws IOException {
    to.write(b.array(), 0, b.position());
    b.clear();
  }

  private static void frame(ByteBuffer b, Stack stack, SplittableRandom random, int index) {
    byte[] options = HexFormat.of().parseHex(stack.options);
    int length = 40 + options.length;
    b.order(ByteOrder.LITTLE_ENDIAN).putInt(1_769_860_800 + index / 1000).putInt(index % 1000);
    b.putInt(14 + length).putInt(14 + length).order(ByteOrder.BIG_ENDIAN);
    b.putLong(0x0200000000010200L).putInt(2).putShort((short) 0x0800);
    b.put((byte) 0x45).put((byte) stack.tos).putShort((short) length);
    b.putShort((short) (stack.id ? 1 + random.nextInt(65535) : 0)).putShort((short) 0x4000);
    b.put((byte) (stack.ttl - random.nextInt(8))).put((byte) 6).putShort((short) 0);
    b.putInt(random.nextInt()).putInt(0xc0000219).putShort((short) random.nextInt());
    b.putShort((short) 25).putInt(random.nextInt()).putInt(0);
    b.put((byte) ((20 + options.length) / 4 << 4)).put((byte) stack.flags);
    b.putShort((short) stack.window).putInt(0).put(options);
  }
}
