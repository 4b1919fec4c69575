// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws SYNs: most near to a signature of a database, the rest of any shape, some of them broken.
 * The same seed and index give the same packet; the sender's address carries the index.
 */
final class SynForge {
  private static final int[] MSS = {1460, 1440, 1452, 1400, 1380, 1360, 1331, 8961, 536, 1220, 100};
  private static final int[] WINDOWS = {64240, 65535, 8192, 5840, 14600, 29200, 16384, 1337, 0};
  private static final int[] KINDS = {0, 1, 1, 2, 3, 4, 5, 8, 30, 34, 254};

  private final List<Signature> models;
  private final long seed;

  SynForge(List<Signature> models, long seed) {
    this.models = models;
    this.seed = seed;
  }

  /** What is to be written; filled anew for each packet. */
  private static final class Draft {
    boolean six;
    int ttl;
    int tos;
    int id;
    int fragment;
    int flow;
    int ipOptions;
    int sequence;
    int ack;
    int urgent;
    int flags;
    boolean ae;
    int mss;
    int scale;
    int window;
    byte[] layout = {};
    int padding;
    int paddingValue;
    int ts1;
    int ts2;
    int payload;
  }

  /** The packet of an index, at most 2^24. */
  byte[] packet(int index) {
    SplittableRandom r = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + index);
    Draft d = new Draft();
    start(d, r);
    if (r.nextInt(4) > 0) {
      model(d, models.get(r.nextInt(models.size())), r);
    } else {
      any(d, r);
    }
    if (r.nextInt(2) == 0) {
      for (int n = r.nextInt(3); n >= 0; n--) {
        change(d, r);
      }
    }
    byte[] packet = write(d, r, index);
    if (r.nextInt(10) == 0) {
      flip(packet, d, r);
    }
    return packet;
  }

  private static void start(Draft d, SplittableRandom r) {
    d.six = r.nextInt(3) == 0;
    d.ttl = 64;
    d.fragment = 0x4000;
    d.id = 1 + r.nextInt(65535);
    d.sequence = r.nextInt() | 1;
    d.flags = 2;
    d.ts1 = r.nextInt() | 1;
    d.mss = pick(MSS, r);
  }

  private static int pick(int[] from, SplittableRandom r) {
    return from[r.nextInt(from.length)];
  }

  private static void model(Draft d, Signature s, SplittableRandom r) {
    d.ttl = Math.max(1, s.ttl() - r.nextInt(31));
    d.ipOptions = s.ipOptions();
    if (s.mss() >= 0) {
      d.mss = s.mss();
    }
    d.scale = s.scale() >= 0 ? s.scale() : r.nextInt(15);
    d.layout = s.layout();
    d.padding = s.eolPadding();
    d.payload = s.payload() == 1 ? 8 : 0;
    if (s.version() != 0) {
      d.six = s.version() == 6;
    }
    int quirks = s.quirks();
    d.fragment = (quirks & Quirks.DF) != 0 ? 0x4000 : 0;
    d.fragment |= (quirks & Quirks.RESERVED_FLAG) != 0 ? 0x8000 : 0;
    if ((quirks & Quirks.ZERO_ID) != 0 || d.fragment != 0 && (quirks & Quirks.NONZERO_ID) == 0) {
      d.id = 0;
    }
    d.flow = (quirks & Quirks.FLOW) != 0 ? 1 + r.nextInt(0xfffff) : 0;
    if ((quirks & (Quirks.ECN | Quirks.ALL_ECN)) != 0) {
      d.flags |= 0xc0;
      d.tos = (quirks & Quirks.ECT0) != 0 ? 2 : 0;
    }
    d.sequence = (quirks & Quirks.ZERO_SEQ) != 0 ? 0 : d.sequence;
    d.ack = (quirks & Quirks.NONZERO_ACK) != 0 ? 0x01000000 : 0;
    d.urgent = (quirks & Quirks.NONZERO_URG) != 0 ? 7 : 0;
    d.flags |= (quirks & Quirks.URG) != 0 ? 0x20 : 0;
    d.flags |= (quirks & Quirks.PUSH) != 0 ? 8 : 0;
    d.ts1 = (quirks & Quirks.ZERO_TS1) != 0 ? 0 : d.ts1;
    d.ts2 = (quirks & Quirks.NONZERO_TS2) != 0 ? 9 : 0;
    d.paddingValue = (quirks & Quirks.EOL_NONZERO) != 0 ? 1 : 0;
    int mtu = d.mss + (d.six ? 60 : 40);
    int size = s.windowKind() == Signature.WindowKind.MSS_MULTIPLE ? d.mss : mtu;
    d.window =
        switch (s.windowKind()) {
          case ANY -> pick(WINDOWS, r);
          case FULL -> 65535 / d.mss * d.mss;
          case EXACT -> s.window();
          case MODULO -> s.window() * (1 + r.nextInt(65535 / s.window()));
          default -> Math.min(65535, size * s.window());
        };
  }

  private static void any(Draft d, SplittableRandom r) {
    d.ttl = 1 + r.nextInt(255);
    d.scale = r.nextInt(17);
    d.layout = new byte[r.nextInt(r.nextInt(8) == 0 ? 30 : 9)];
    for (int i = 0; i < d.layout.length; i++) {
      d.layout[i] = (byte) pick(KINDS, r);
    }
    d.padding = r.nextInt(5);
    change(d, r);
  }

  private static void change(Draft d, SplittableRandom r) {
    switch (r.nextInt(24)) {
      case 0 -> d.ttl = r.nextInt(256);
      case 1 -> d.fragment ^= 0x4000;
      case 2 -> d.id = r.nextBoolean() ? 0 : r.nextInt(65536);
      case 3 -> d.fragment ^= 0x8000;
      case 4 -> d.tos = r.nextInt(256);
      case 5 -> d.tos = r.nextInt(4);
      case 6 -> d.flow = r.nextBoolean() ? 0 : 1 << r.nextInt(20);
      case 7 -> d.ipOptions = r.nextInt(11) * 4;
      case 8 -> d.sequence = 0;
      case 9 -> d.ack = r.nextInt() | 0x01000000;
      case 10 -> d.urgent = r.nextInt(65536);
      case 11 -> d.flags ^= 0x20;
      case 12 -> d.flags ^= 8;
      case 13 -> d.flags ^= 0x40 << r.nextInt(2);
      case 14 -> d.flags |= 0xc0;
      case 15 -> d.ae = !d.ae;
      case 16 -> d.mss = r.nextInt(r.nextBoolean() ? 65536 : 200);
      case 17 -> d.mss = pick(MSS, r);
      case 18 -> d.scale = r.nextInt(256);
      case 19 -> d.window = r.nextBoolean() ? pick(WINDOWS, r) : r.nextInt(65536);
      case 20 -> {
        int size = new int[] {d.mss, 1460, 1448, 1440, 1428, 1500, d.mss - 12}[r.nextInt(7)];
        size += r.nextInt(4) == 0 ? new int[] {40, 60, 80}[r.nextInt(3)] : 0;
        d.window = Math.floorMod(size * (1 + r.nextInt(44)), 65536);
      }
      case 21 -> d.ts1 = r.nextBoolean() ? 0 : r.nextInt();
      case 22 -> d.ts2 = r.nextInt();
      default -> {
        d.payload = r.nextInt(20);
        d.paddingValue = r.nextInt(3);
      }
    }
  }

  private static byte[] options(Draft d, SplittableRandom r) {
    ByteBuffer b = ByteBuffer.allocate(1000);
    boolean broken = r.nextInt(20) == 0;
    for (byte kind : d.layout) {
      int wrong = broken && r.nextInt(3) == 0 ? r.nextInt(50) - 25 : 0;
      switch (kind) {
        case 0 -> {
          b.put(kind);
          for (int i = 0; i < d.padding; i++) {
            b.put((byte) d.paddingValue);
          }
        }
        case 1 -> b.put(kind);
        case 2 -> b.put(kind).put((byte) (4 + wrong)).putShort((short) d.mss);
        case 3 -> b.put(kind).put((byte) (3 + wrong)).put((byte) d.scale);
        case 4 -> b.put(kind).put((byte) (2 + wrong));
        case 5 -> b.put(kind).put((byte) (10 + wrong)).putLong(r.nextLong());
        case 8 -> b.put(kind).put((byte) (10 + wrong)).putInt(d.ts1).putInt(d.ts2);
        default -> {
          int length = 2 + r.nextInt(7);
          b.put(kind).put((byte) (length + wrong)).put(new byte[length - 2]);
        }
      }
    }
    boolean ended = d.layout.length > 0 && d.layout[d.layout.length - 1] == 0;
    while (b.position() % 4 != 0) {
      b.put((byte) (ended ? 0 : 1));
    }
    byte[] options = new byte[Math.min(40, b.position())];
    b.flip().get(options);
    return options;
  }

  private static byte[] write(Draft d, SplittableRandom r, int index) {
    byte[] options = options(d, r);
    int ip = d.six ? 40 : 20 + d.ipOptions;
    int length = ip + 20 + options.length + d.payload;
    int trailer = r.nextInt(10) == 0 ? r.nextInt(12) : 0;
    ByteBuffer b = ByteBuffer.allocate(length + trailer);
    if (d.six) {
      b.putInt(0x60000000 | d.tos << 20 | d.flow).putShort((short) (length - 40));
      b.put((byte) 6).put((byte) d.ttl).putLong(0x20010db800000000L).putLong(index);
      b.putLong(0x20010db800000000L).putLong(0x1900000000000001L);
    } else {
      b.put((byte) (0x40 | ip / 4)).put((byte) d.tos).putShort((short) length);
      b.putShort((short) d.id).putShort((short) d.fragment).put((byte) d.ttl).put((byte) 6);
      b.putShort((short) 0).putInt(0x0a000000 | index).putInt(0xc0000219);
      b.position(ip);
    }
    b.putShort((short) (1024 + index % 60000)).putShort((short) 25);
    b.putInt(d.sequence).putInt(d.ack);
    b.put((byte) ((20 + options.length) / 4 << 4 | (d.ae ? 1 : 0))).put((byte) d.flags);
    b.putShort((short) d.window).putShort((short) 0).putShort((short) d.urgent).put(options);
    return b.array();
  }

  /** Overwrites an octet anywhere but in the addresses and the acknowledgement number. */
  private static void flip(byte[] packet, Draft d, SplittableRandom r) {
    int ip = d.six ? 40 : 20 + d.ipOptions;
    int at;
    do {
      at = r.nextInt(packet.length);
    } while (at >= (d.six ? 8 : 12) && at < (d.six ? 40 : 20) || at >= ip + 8 && at < ip + 12);
    packet[at] = (byte) r.nextInt();
  }
}
