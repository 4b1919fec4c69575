// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;

/** Packets and files for the tests of this module. */
final class Syns {
  static final String WINDOWS = "020405b40103030801010402";
  static final String LINUX = "020405b40402080a00000001000000000103030a";

  /** Names a SYN by its TTL, as far as these tests care. */
  static final SynReader BY_TTL =
      (packet, start, end) -> {
        SynPacket syn = new SynPacket();
        if (!syn.read(packet, start, end)) {
          return Optional.empty();
        }
        OperatingSystem os =
            syn.ttl > 64
                ? new OperatingSystem("Windows", "Windows", "", Role.CLIENT, Quality.EXACT, 1)
                : OperatingSystem.UNKNOWN;
        return Optional.of(new Fingerprint(os, 0, "", 1500, "ttl " + syn.ttl));
      };

  private Syns() {}

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static byte[] ipv4(String client, int port, int sequence, int ttl, String options) {
    return ip(address(client), address("192.0.2.25"), port, sequence, ttl, options);
  }

  static byte[] ip(
      InetAddress client, InetAddress server, int port, int sequence, int ttl, String options) {
    byte[] tcp = tcp(port, sequence, options);
    byte[] from = client.getAddress();
    ByteBuffer b;
    if (from.length == 4) {
      b = ByteBuffer.allocate(20 + tcp.length);
      b.put((byte) 0x45).put((byte) 0).putShort((short) (20 + tcp.length)).putShort((short) 7);
      b.putShort((short) 0x4000).put((byte) ttl).put((byte) 6).putShort((short) 0);
    } else {
      b = ByteBuffer.allocate(40 + tcp.length);
      b.putInt(0x60000000).putShort((short) tcp.length).put((byte) 6).put((byte) ttl);
    }
    return b.put(from).put(server.getAddress()).put(tcp).array();
  }

  static byte[] tcp(int port, int sequence, String options) {
    byte[] raw = HexFormat.of().parseHex(options);
    ByteBuffer b = ByteBuffer.allocate(20 + raw.length);
    b.putShort((short) port).putShort((short) 25).putInt(sequence).putInt(0);
    b.put((byte) ((20 + raw.length) / 4 << 4)).put((byte) 2).putShort((short) 64240);
    return b.putInt(0).put(raw).array();
  }

  /** A SYN with its own timestamp. */
  static byte[] stamped(String client, int port, int sequence, int timestamp) {
    String options = "020405b40402080a%08x000000000103030a".formatted(timestamp);
    return ipv4(client, port, sequence, 60, options);
  }

  /** A pcap file of one link type. */
  static byte[] pcap(ByteOrder order, int magic, int linkType, byte[]... frames) {
    ByteBuffer b = ByteBuffer.allocate(1 << 20).order(order);
    b.putInt(magic).putShort((short) 2).putShort((short) 4).putInt(0).putInt(0);
    b.putInt(65535).putInt(linkType);
    int n = 0;
    for (byte[] frame : frames) {
      b.putInt(1_700_000_000 + n).putInt(123_456).putInt(frame.length).putInt(frame.length);
      b.put(frame);
      n++;
    }
    byte[] file = new byte[b.position()];
    b.flip().get(file);
    return file;
  }

  /** A pcapng file with one interface and enhanced packet blocks. */
  static byte[] pcapng(ByteOrder order, int linkType, int resolution, byte[]... frames) {
    ByteBuffer b = ByteBuffer.allocate(1 << 20).order(order);
    b.putInt(0x0a0d0d0a).putInt(28).putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0);
    b.putLong(-1).putInt(28);
    b.putInt(1).putInt(32).putShort((short) linkType).putShort((short) 0).putInt(0);
    b.putShort((short) 9).putShort((short) 1).put((byte) resolution).put(new byte[3]);
    b.putInt(0).putInt(32);
    // A block of no interest: name resolution.
    b.putInt(4).putInt(16).putInt(0).putInt(16);
    for (byte[] frame : frames) {
      int padded = frame.length + 3 & ~3;
      long ticks = 1_700_000_000_123_456L;
      b.putInt(6).putInt(32 + padded).putInt(0).putInt((int) (ticks >>> 32)).putInt((int) ticks);
      b.putInt(frame.length).putInt(frame.length).put(frame);
      b.put(new byte[padded - frame.length]).putInt(32 + padded);
    }
    byte[] file = new byte[b.position()];
    b.flip().get(file);
    return file;
  }

  static byte[] bytes(String hex, byte[] rest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(HexFormat.of().parseHex(hex.replace(" ", "")));
    out.writeBytes(rest);
    return out.toByteArray();
  }
}
