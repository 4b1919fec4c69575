// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * Who a SYN is from and to: the few fields that a table needs, read without allocation.
 *
 * <p>One object is filled again and again by {@link #read}. IPv4 addresses are held as IPv4-mapped
 * IPv6 addresses (RFC 4291, 2.5.5.2), so that 128 bits tell every client apart.
 */
final class SynPacket {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static final long MAPPED = 0xffff_0000_0000L;
  private static final int TCP = 6;
  private static final int MAX_EXTENSIONS = 16;

  long clientHigh;
  long clientLow;
  long serverHigh;
  long serverLow;
  int clientPort;
  int serverPort;
  int sequence;

  /** Index of the IP header. */
  int start;

  /** Index of the TCP header. */
  int tcp;

  /** Index after the last octet of the TCP options. */
  int end;

  /** Index after the packet's last octet as its IP header tells; the capture may hold fewer. */
  int payloadEnd;

  /** IP ECN field, DF and version. */
  private int marks;

  /** What a host keeps from one connection to the next: option kinds, scale, DF, IP ECN. */
  int shape;

  /** TTL or hop limit as it arrived. */
  int ttl;

  /** Its own timestamp (RFC 7323), or 0 where there is none. */
  int timestamp;

  /** Whether an IPv4 or IPv6 packet at {@code at} is a SYN without ACK whose headers are whole. */
  boolean read(byte[] b, int at, int limit) {
    if (limit - at < 40) {
      return false;
    }
    int protocol;
    if ((b[at] & 0xf0) == 0x40) {
      int header = (b[at] & 15) * 4;
      // A fragment has no TCP header, or only a part of it.
      if (header < 20 || (LinkLayer.u16(b, at + 6) & 0x3fff) != 0) {
        return false;
      }
      // What follows the packet in its frame is padding.
      limit = Math.min(limit, at + LinkLayer.u16(b, at + 2));
      protocol = b[at + 9];
      ttl = b[at + 8] & 0xff;
      marks = b[at + 1] & 3 | (b[at + 6] & 0x40) >> 4;
      payloadEnd = at + LinkLayer.u16(b, at + 2);
      clientHigh = 0;
      clientLow = MAPPED | int32(b, at + 12) & 0xffff_ffffL;
      serverHigh = 0;
      serverLow = MAPPED | int32(b, at + 16) & 0xffff_ffffL;
      tcp = at + header;
    } else if ((b[at] & 0xf0) == 0x60) {
      protocol = b[at + 6];
      ttl = b[at + 7] & 0xff;
      marks = b[at + 1] >> 4 & 3 | 8;
      payloadEnd = at + 40 + LinkLayer.u16(b, at + 4);
      clientHigh = int64(b, at + 8);
      clientLow = int64(b, at + 16);
      serverHigh = int64(b, at + 24);
      serverLow = int64(b, at + 32);
      tcp = at + 40;
      if (protocol != TCP && !skipExtensions(b, limit, protocol)) {
        return false;
      }
      protocol = TCP;
    } else {
      return false;
    }
    if (protocol != TCP || tcp + 20 > limit) {
      return false;
    }
    // SYN alone; PSH, URG, ECE, CWR and AE say nothing about the kind of segment.
    if ((b[tcp + 13] & 0x17) != 0x02) {
      return false;
    }
    int length = (b[tcp + 12] >> 4 & 15) * 4;
    if (length < 20 || tcp + length > limit) {
      return false;
    }
    start = at;
    end = tcp + length;
    clientPort = LinkLayer.u16(b, tcp);
    serverPort = LinkLayer.u16(b, tcp + 2);
    sequence = int32(b, tcp + 4);
    return true;
  }

  /** Moves {@link #tcp} over the extension headers that may precede TCP (RFC 8200, 4). */
  private boolean skipExtensions(byte[] b, int limit, int protocol) {
    for (int i = 0; i < MAX_EXTENSIONS; i++) {
      if (tcp + 8 > limit) {
        return false;
      }
      int length;
      switch (protocol & 0xff) {
        case 0, 43, 60, 135 -> length = ((b[tcp + 1] & 0xff) + 1) * 8;
        case 51 -> length = ((b[tcp + 1] & 0xff) + 2) * 4;
        case 44 -> {
          if ((LinkLayer.u16(b, tcp + 2) & 0xfff9) != 0) {
            return false;
          }
          length = 8;
        }
        default -> {
          return false;
        }
      }
      protocol = b[tcp];
      tcp += length;
      if (protocol == TCP) {
        return true;
      }
    }
    return false;
  }

  /** Sets {@link #shape} and {@link #timestamp}, which not every reader wants. */
  void readOptions(byte[] b) {
    int hash = marks + 1;
    timestamp = 0;
    for (int i = tcp + 20; i < end; ) {
      int kind = b[i] & 0xff;
      hash = hash * 31 + kind;
      if (kind == 0) {
        break;
      }
      if (kind == 1) {
        i++;
        continue;
      }
      int length = i + 1 < end ? b[i + 1] & 0xff : 0;
      if (length < 2 || i + length > end) {
        break;
      }
      if (kind == 8 && length == 10) {
        timestamp = int32(b, i + 2);
      } else if (kind == 3 && length == 3) {
        hash = hash * 31 + b[i + 2];
      }
      i += length;
    }
    shape = hash;
  }

  static InetAddress address(long high, long low) {
    try {
      if (high == 0 && low >>> 32 == 0xffff) {
        return InetAddress.getByAddress(
            new byte[] {(byte) (low >>> 24), (byte) (low >>> 16), (byte) (low >>> 8), (byte) low});
      }
      byte[] raw = new byte[16];
      LONG.set(raw, 0, high);
      LONG.set(raw, 8, low);
      return InetAddress.getByAddress(raw);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  static long high(byte[] address) {
    return address.length == 4 ? 0 : int64(address, 0);
  }

  static long low(byte[] address) {
    return address.length == 4 ? MAPPED | int32(address, 0) & 0xffff_ffffL : int64(address, 8);
  }

  private static int int32(byte[] b, int at) {
    return (int) INT.get(b, at);
  }

  private static long int64(byte[] b, int at) {
    return (long) LONG.get(b, at);
  }
}
