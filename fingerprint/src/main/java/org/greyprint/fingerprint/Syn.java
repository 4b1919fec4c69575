// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/**
 * The features of a SYN, read from its octets; filled again and again without allocation.
 *
 * <p>Headers as in RFC 791, 8200, 9293 and 7323; features and quirks as p0f names them.
 */
final class Syn {
  static final int MAX_OPTIONS = 24;

  private static final int TCP = 6;
  private static final int MAX_EXTENSIONS = 16;
  private static final int MAX_SCALE = 14;

  /** 4 or 6. */
  int version;

  int ttl;

  /** Octets of IPv4 options. */
  int ipOptions;

  /** 0 where there is none. */
  int mss;

  int window;

  /** Window scale; 0 where there is none. */
  int scale;

  final byte[] layout = new byte[MAX_OPTIONS];
  int layoutLength;

  /** Depends on the kinds in {@link #layout} and their order alone. */
  int layoutHash;

  /** The last eight kinds in {@link #layout}, an octet each. */
  long lastKinds;

  /** Octets after the end-of-options octet. */
  int eolPadding;

  boolean payload;

  /** Octets of IP and TCP headers. */
  int headers;

  /** Its own timestamp. */
  int timestamp;

  /** The six upper bits of TOS or traffic class. */
  int dscp;

  int quirks;

  /**
   * What {@link #window} is a multiple of: 0 nothing, 1 the MSS, 2 the MTU. This and the next two
   * are found by {@link Windows#findMultiple}.
   */
  int multipleOf;

  int multiple;

  /** Whether {@link #window} is the largest multiple of the MSS; see Windows. */
  boolean full;

  /**
   * Reads a packet; what the window is a multiple of is left to be found.
   *
   * @return false where it is no SYN without ACK whose headers are whole
   */
  boolean read(byte[] b, int start, int end) {
    if (end - start < 40) {
      return false;
    }
    quirks = 0;
    int tcp;
    int packetEnd;
    if ((b[start] & 0xf0) == 0x40) {
      tcp = readIpv4(b, start);
      packetEnd = start + u16(b, start + 2);
    } else if ((b[start] & 0xf0) == 0x60) {
      tcp = readIpv6(b, start, end);
      packetEnd = start + 40 + u16(b, start + 4);
    } else {
      return false;
    }
    int limit = Math.min(end, packetEnd);
    if (tcp < 0 || tcp + 20 > limit || (b[tcp + 13] & 0x17) != 0x02) {
      return false;
    }
    int length = (b[tcp + 12] >> 4 & 15) * 4;
    if (length < 20 || tcp + length > limit) {
      return false;
    }
    payload = packetEnd > tcp + length;
    headers = tcp + length - start;
    readTcp(b, tcp);
    readOptions(b, tcp + 20, tcp + length);
    return true;
  }

  private int readIpv4(byte[] b, int start) {
    int header = (b[start] & 15) * 4;
    int flags = u16(b, start + 6);
    if (header < 20 || (flags & 0x3fff) != 0 || b[start + 9] != TCP) {
      return -1;
    }
    version = 4;
    ttl = b[start + 8] & 0xff;
    ipOptions = header - 20;
    ecnField(b[start + 1]);
    dscp = (b[start + 1] & 0xff) >> 2;
    boolean id = u16(b, start + 4) != 0;
    if ((flags & 0x8000) != 0) {
      quirks |= Quirks.RESERVED_FLAG;
    }
    if ((flags & 0x4000) != 0) {
      quirks |= id ? Quirks.DF | Quirks.NONZERO_ID : Quirks.DF;
    } else if (!id) {
      quirks |= Quirks.ZERO_ID;
    }
    return start + header;
  }

  private int readIpv6(byte[] b, int start, int end) {
    version = 6;
    ttl = b[start + 7] & 0xff;
    ipOptions = 0;
    int trafficClass = u16(b, start) >> 4 & 0xff;
    ecnField(trafficClass);
    dscp = trafficClass >> 2;
    if ((b[start + 1] & 15 | b[start + 2] | b[start + 3]) != 0) {
      quirks |= Quirks.FLOW;
    }
    int protocol = b[start + 6] & 0xff;
    int at = start + 40;
    for (int i = 0; protocol != TCP; i++) {
      if (i == MAX_EXTENSIONS || at + 8 > end) {
        return -1;
      }
      int length;
      switch (protocol) {
        case 0, 43, 60, 135 -> length = ((b[at + 1] & 0xff) + 1) * 8;
        case 51 -> length = ((b[at + 1] & 0xff) + 2) * 4;
        case 44 -> {
          if ((u16(b, at + 2) & 0xfff9) != 0) {
            return -1;
          }
          length = 8;
        }
        default -> {
          return -1;
        }
      }
      protocol = b[at] & 0xff;
      at += length;
    }
    return at;
  }

  private void ecnField(int octet) {
    switch (octet & 3) {
      case 1 -> quirks |= Quirks.ECT1;
      case 2 -> quirks |= Quirks.ECT0;
      case 3 -> quirks |= Quirks.CE;
      default -> {}
    }
  }

  private void readTcp(byte[] b, int tcp) {
    int flags = b[tcp + 13];
    window = u16(b, tcp + 14);
    if ((flags & 0x40) != 0) {
      quirks |= Quirks.ECE;
    }
    if ((flags & 0x80) != 0) {
      quirks |= Quirks.CWR;
    }
    if ((b[tcp + 12] & 1) != 0) {
      quirks |= Quirks.AE;
    }
    if (int32(b, tcp + 4) == 0) {
      quirks |= Quirks.ZERO_SEQ;
    }
    if (int32(b, tcp + 8) != 0) {
      quirks |= Quirks.NONZERO_ACK;
    }
    if ((flags & 0x20) != 0) {
      quirks |= Quirks.URG;
    } else if (u16(b, tcp + 18) != 0) {
      quirks |= Quirks.NONZERO_URG;
    }
    if ((flags & 0x08) != 0) {
      quirks |= Quirks.PUSH;
    }
  }

  private void readOptions(byte[] b, int start, int end) {
    mss = 0;
    scale = 0;
    timestamp = 0;
    eolPadding = 0;
    layoutLength = 0;
    int hash = 1;
    long kinds = 0;
    int i = start;
    while (i < end && layoutLength < MAX_OPTIONS) {
      int kind = b[i] & 0xff;
      layout[layoutLength++] = (byte) kind;
      hash = hash * 31 + kind + 1;
      kinds = kinds << 8 | kind;
      i++;
      if (kind == 0) {
        eolPadding = end - i;
        // The last octet goes unseen, as in p0f.
        for (int j = i; j < end - 1; j++) {
          if (b[j] != 0) {
            quirks |= Quirks.EOL_NONZERO;
          }
        }
        break;
      }
      if (kind != 1) {
        i = option(b, kind, i, end);
      }
    }
    layoutHash = hash;
    lastKinds = kinds;
  }

  /** Reads an option whose length octet is at {@code i}; gives where the next one begins. */
  private int option(byte[] b, int kind, int i, int end) {
    int standard =
        switch (kind) {
          case 2 -> 4;
          case 3 -> 3;
          case 4 -> 2;
          case 8 -> 10;
          default -> 0;
        };
    if (standard == 0) {
      int length = i < end ? b[i] & 0xff : 0;
      boolean fits = kind == 5 ? length >= 10 && length <= 34 : length >= 2 && length <= 40;
      if (!fits || i - 1 + length > end) {
        quirks |= Quirks.MALFORMED;
        return end;
      }
      return i - 1 + length;
    }
    if (i - 1 + standard > end) {
      quirks |= Quirks.MALFORMED;
      return end;
    }
    if ((b[i] & 0xff) != standard) {
      quirks |= Quirks.MALFORMED;
    }
    switch (kind) {
      case 2 -> mss = u16(b, i + 1);
      case 3 -> {
        scale = b[i + 1] & 0xff;
        if (scale > MAX_SCALE) {
          quirks |= Quirks.EXCESSIVE_SCALE;
        }
      }
      case 8 -> {
        timestamp = int32(b, i + 1);
        if (timestamp == 0) {
          quirks |= Quirks.ZERO_TS1;
        }
        if (int32(b, i + 5) != 0) {
          quirks |= Quirks.NONZERO_TS2;
        }
      }
      default -> {}
    }
    return i - 1 + standard;
  }

  static int u16(byte[] b, int at) {
    return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }

  private static int int32(byte[] b, int at) {
    return u16(b, at) << 16 | u16(b, at + 2);
  }
}
