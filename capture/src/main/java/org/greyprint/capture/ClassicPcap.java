// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Records of a pcap file (draft-ietf-opsawg-pcap). */
final class ClassicPcap implements CaptureFile.Format {
  private static final VarHandle BIG =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LITTLE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final boolean little;
  private final int fractionNanos;
  private final int headerLength;
  private final int linkType;

  private ClassicPcap(boolean little, int fractionNanos, int headerLength, int linkType) {
    this.little = little;
    this.fractionNanos = fractionNanos;
    this.headerLength = headerLength;
    this.linkType = linkType;
  }

  /**
   * Reads the file header.
   *
   * @param magic the first four octets, read as big endian
   */
  static CaptureFile.Format open(CaptureFile file, int magic) throws IOException {
    int at = file.need(24, "its header");
    boolean little = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1 || magic == 0x34cdb2a1;
    boolean nanos = magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
    boolean longer = magic == 0xa1b2cd34 || magic == 0x34cdb2a1;
    // The upper half may hold the length of a frame check sequence.
    int linkType = int32(little, file.bytes(), at + 20) & 0xffff;
    if (!LinkLayer.known(linkType)) {
      throw file.damaged(20, "frames of link type " + linkType + " are not understood");
    }
    file.skip(24, "its header");
    return new ClassicPcap(little, nanos ? 1 : 1000, longer ? 24 : 16, linkType);
  }

  @Override
  public boolean next(CaptureFile file) throws IOException {
    int at = file.need(headerLength, "a packet's header");
    if (at < 0) {
      return false;
    }
    byte[] b = file.bytes();
    long seconds = int32(little, b, at) & 0xffff_ffffL;
    long fraction = int32(little, b, at + 4) & 0xffff_ffffL;
    int length = int32(little, b, at + 8);
    if (length < 0 || length > CaptureFile.MAX_RECORD) {
      throw file.damaged(
          file.fileOffset() + 8, "a packet of " + (length & 0xffff_ffffL) + " octets");
    }
    int kept = Math.min(length, CaptureFile.MAX_PACKET);
    at = file.need(headerLength + kept, "a packet");
    file.packet(
        at + headerLength,
        at + headerLength + kept,
        linkType,
        seconds * 1_000_000_000L + fraction * fractionNanos);
    file.skip(headerLength + kept, "a packet");
    file.skipLater(length - kept);
    return true;
  }

  static int int32(boolean little, byte[] b, int at) {
    return (int) (little ? LITTLE : BIG).get(b, at);
  }
}
