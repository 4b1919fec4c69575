// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.io.IOException;
import java.util.Arrays;

/** Blocks of a pcapng file (draft-ietf-opsawg-pcapng). */
final class PcapNg implements CaptureFile.Format {
  private static final int SECTION = 0x0a0d0d0a;
  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int ENHANCED_PACKET = 6;
  private static final int BYTE_ORDER = 0x1a2b3c4d;
  private static final int TSRESOL = 9;
  private static final int TSOFFSET = 14;

  /** Interfaces of one section; more are a damaged file. */
  private static final int MAX_INTERFACES = 65_536;

  /** Blocks that are looked into must fit the buffer. */
  private static final int MAX_DESCRIPTION = 1 << 18;

  private boolean little;
  private boolean inSection;
  private int interfaces;
  private int[] linkTypes = new int[4];
  private int[] snapLengths = new int[4];
  private int[] resolutions = new int[4];
  private long[] offsets = new long[4];

  @Override
  public boolean next(CaptureFile file) throws IOException {
    while (true) {
      int at = file.need(12, "a block's header");
      if (at < 0) {
        return false;
      }
      int type = ClassicPcap.int32(little, file.bytes(), at);
      if (type == SECTION) {
        section(file, at);
        continue;
      }
      long offset = file.fileOffset();
      if (!inSection) {
        throw file.damaged(offset, "no section header block");
      }
      long length = ClassicPcap.int32(little, file.bytes(), at + 4) & 0xffff_ffffL;
      if (length < 12 || (length & 3) != 0) {
        throw file.damaged(offset + 4, "a block of " + length + " octets");
      }
      switch (type) {
        case INTERFACE -> {
          if (length < 20 || length > MAX_DESCRIPTION) {
            throw file.damaged(offset + 4, "an interface description of " + length + " octets");
          }
          at = file.need((int) length, "an interface description");
          describe(file, at, (int) length);
        }
        case ENHANCED_PACKET, OLD_PACKET, SIMPLE_PACKET -> {
          packet(file, type, offset, length);
          return true;
        }
        default -> {}
      }
      file.skip(length, "a block");
    }
  }

  private void section(CaptureFile file, int start) throws IOException {
    long offset = file.fileOffset();
    int at = start;
    int order = ClassicPcap.int32(false, file.bytes(), at + 8);
    if (order != BYTE_ORDER && order != Integer.reverseBytes(BYTE_ORDER)) {
      throw file.damaged(offset + 8, "a section header without a byte order");
    }
    little = order != BYTE_ORDER;
    at = file.need(28, "a section header");
    long length = ClassicPcap.int32(little, file.bytes(), at + 4) & 0xffff_ffffL;
    if (length < 28 || (length & 3) != 0) {
      throw file.damaged(offset + 4, "a section header of " + length + " octets");
    }
    inSection = true;
    interfaces = 0;
    file.skip(length, "a section header");
  }

  private void describe(CaptureFile file, int at, int length) throws IOException {
    byte[] b = file.bytes();
    if (interfaces == MAX_INTERFACES) {
      throw file.damaged(file.fileOffset(), "more than " + MAX_INTERFACES + " interfaces");
    }
    if (interfaces == linkTypes.length) {
      linkTypes = Arrays.copyOf(linkTypes, interfaces * 2);
      snapLengths = Arrays.copyOf(snapLengths, interfaces * 2);
      resolutions = Arrays.copyOf(resolutions, interfaces * 2);
      offsets = Arrays.copyOf(offsets, interfaces * 2);
    }
    int resolution = 6;
    long offset = 0;
    int end = at + length - 4;
    for (int i = at + 16; i + 4 <= end; ) {
      int code = int16(b, i);
      int size = int16(b, i + 2);
      int value = i + 4;
      if (code == 0 || value + size > end) {
        break;
      }
      if (code == TSRESOL && size == 1) {
        resolution = b[value] & 0xff;
      } else if (code == TSOFFSET && size == 8) {
        offset = int64(b, value);
      }
      i = value + (size + 3 & ~3);
    }
    linkTypes[interfaces] = int16(b, at + 8);
    snapLengths[interfaces] = ClassicPcap.int32(little, b, at + 12);
    resolutions[interfaces] = resolution;
    offsets[interfaces] = offset;
    interfaces++;
  }

  private void packet(CaptureFile file, int type, long offset, long length) throws IOException {
    int header = type == SIMPLE_PACKET ? 12 : 28;
    if (length < header + 4) {
      throw file.damaged(offset + 4, "a packet block of " + length + " octets");
    }
    int at = file.need(header, "a packet block");
    byte[] b = file.bytes();
    int number =
        switch (type) {
          case ENHANCED_PACKET -> ClassicPcap.int32(little, b, at + 8);
          case OLD_PACKET -> int16(b, at + 8);
          default -> 0;
        };
    if (number < 0 || number >= interfaces) {
      throw file.damaged(
          offset + 8,
          "a packet of interface " + (number & 0xffff_ffffL) + ", which is not described");
    }
    long captured;
    long nanos = 0;
    if (type == SIMPLE_PACKET) {
      captured = ClassicPcap.int32(little, b, at + 8) & 0xffff_ffffL;
      long snap = snapLengths[number] & 0xffff_ffffL;
      captured = Math.min(snap == 0 ? captured : Math.min(captured, snap), length - 16);
    } else {
      captured = ClassicPcap.int32(little, b, at + 20) & 0xffff_ffffL;
      long ticks =
          (long) ClassicPcap.int32(little, b, at + 12) << 32
              | ClassicPcap.int32(little, b, at + 16) & 0xffff_ffffL;
      nanos = nanos(ticks, resolutions[number]) + offsets[number] * 1_000_000_000L;
    }
    if (captured > length - header - 4) {
      throw file.damaged(
          offset, "a packet of " + captured + " octets in a block of " + length + " octets");
    }
    int kept = (int) Math.min(captured, CaptureFile.MAX_PACKET);
    at = file.need(header + kept, "a packet");
    file.packet(at + header, at + header + kept, linkTypes[number], nanos);
    file.skip(header + kept, "a packet");
    file.skipLater(length - header - kept);
  }

  /** Nanoseconds of a count of ticks; the resolution as in if_tsresol. */
  static long nanos(long ticks, int resolution) {
    if ((resolution & 0x80) != 0) {
      int shift = resolution & 0x7f;
      if (shift >= 64) {
        return 0;
      }
      long seconds = shift == 0 ? ticks : ticks >>> shift;
      long rest = shift == 0 ? 0 : ticks & (-1L >>> 64 - shift);
      return seconds * 1_000_000_000L + (long) (rest / Math.pow(2, shift) * 1e9);
    }
    if (resolution <= 9) {
      return ticks * power(9 - resolution);
    }
    return resolution > 27 ? 0 : Long.divideUnsigned(ticks, power(resolution - 9));
  }

  private static long power(int exponent) {
    long value = 1;
    for (int i = 0; i < exponent; i++) {
      value *= 10;
    }
    return value;
  }

  private int int16(byte[] b, int at) {
    return little ? b[at] & 0xff | (b[at + 1] & 0xff) << 8 : LinkLayer.u16(b, at);
  }

  private long int64(byte[] b, int at) {
    long first = ClassicPcap.int32(little, b, at) & 0xffff_ffffL;
    long second = ClassicPcap.int32(little, b, at + 4) & 0xffff_ffffL;
    return little ? second << 32 | first : first << 32 | second;
  }
}
