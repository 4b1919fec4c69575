// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

/**
 * Where the IP header begins in a captured frame.
 *
 * <p>The numbers are the LINKTYPE values of capture files (www.tcpdump.org/linktypes.html);
 * libpcap's own DLT numbers differ for raw IP only (12 or 14), and both are understood.
 */
final class LinkLayer {
  static final int NULL = 0;
  static final int ETHERNET = 1;
  static final int PPP = 9;
  static final int PPP_HDLC = 50;
  static final int PPPOE = 51;
  static final int RAW = 101;
  static final int LOOP = 108;
  static final int SLL = 113;
  static final int IPV4 = 228;
  static final int IPV6 = 229;
  static final int SLL2 = 276;

  private static final int MAX_TAGS = 4;

  private LinkLayer() {}

  /** Whether frames of this link type can be read at all. */
  static boolean known(int linkType) {
    return switch (linkType) {
      case NULL, ETHERNET, PPP, PPP_HDLC, PPPOE, 12, 14, RAW, LOOP, SLL, IPV4, IPV6, SLL2 -> true;
      default -> false;
    };
  }

  /**
   * The index of the IP header, or -1 where the frame carries no IP or is too short to tell.
   *
   * @param linkType LINKTYPE or DLT number
   * @param b holds the frame from {@code start} up to {@code end}
   */
  static int ipOffset(int linkType, byte[] b, int start, int end) {
    int at =
        switch (linkType) {
          case ETHERNET -> payload(b, start + 12, start + 14, end);
          case SLL -> payload(b, start + 14, start + 16, end);
          case SLL2 -> payload(b, start, start + 20, end);
          case 12, 14, RAW, IPV4, IPV6 -> start;
          case NULL, LOOP -> start + 4;
          case PPP, PPP_HDLC -> ppp(b, start, end);
          case PPPOE -> ppp(b, start + 6, end);
          default -> -1;
        };
    if (at < 0 || at >= end) {
      return -1;
    }
    int version = (b[at] & 0xff) >>> 4;
    return version == 4 || version == 6 ? at : -1;
  }

  /** Follows an EtherType at {@code typeAt} whose payload is at {@code at}, through any tags. */
  private static int payload(byte[] b, int typeAt, int at, int end) {
    for (int tags = 0; tags <= MAX_TAGS; tags++) {
      if (at > end) {
        return -1;
      }
      switch (u16(b, typeAt)) {
        case 0x0800, 0x86dd -> {
          return at;
        }
        // 802.1Q, 802.1ad and the numbers used for it before it was a standard
        case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300 -> {
          typeAt = at + 2;
          at += 4;
        }
        case 0x8864 -> {
          return ppp(b, at + 6, end);
        }
        default -> {
          return -1;
        }
      }
    }
    return -1;
  }

  /** Follows a PPP frame, with or without HDLC's address and control octets (RFC 1661, 1662). */
  private static int ppp(byte[] b, int at, int end) {
    if (at + 1 < end && b[at] == (byte) 0xff && b[at + 1] == 3) {
      at += 2;
    }
    if (at >= end) {
      return -1;
    }
    int protocol = b[at] & 0xff;
    if ((protocol & 1) != 0) {
      return protocol == 0x21 || protocol == 0x57 ? at + 1 : -1;
    }
    if (at + 2 > end) {
      return -1;
    }
    protocol = u16(b, at);
    return protocol == 0x21 || protocol == 0x57 ? at + 2 : -1;
  }

  static int u16(byte[] b, int at) {
    return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }
}
