// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.greyprint.mta.gateway.GatewaySettings.Identity;

/**
 * The header that tells a server who its client is, before anything else.
 *
 * <p>Source: HAProxy, proxy-protocol.txt, versions 1 and 2.
 */
final class ProxyHeader {
  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };

  private ProxyHeader() {}

  static ByteBuf of(Caller caller, Identity version) {
    InetAddress client = caller.client().getAddress();
    InetAddress server = caller.server().getAddress();
    boolean four = client instanceof Inet4Address && server instanceof Inet4Address;
    byte[] from = octets(client, four);
    byte[] to = octets(server, four);
    if (version == Identity.PROXY_V1) {
      String line =
          "PROXY "
              + (four ? "TCP4 " : "TCP6 ")
              + text(from)
              + " "
              + text(to)
              + " "
              + caller.client().getPort()
              + " "
              + caller.server().getPort()
              + "\r\n";
      return Unpooled.copiedBuffer(line, StandardCharsets.US_ASCII);
    }
    return Unpooled.buffer(16 + 2 * from.length + 4)
        .writeBytes(SIGNATURE)
        .writeByte(0x21)
        .writeByte(four ? 0x11 : 0x21)
        .writeShort(2 * from.length + 4)
        .writeBytes(from)
        .writeBytes(to)
        .writeShort(caller.client().getPort())
        .writeShort(caller.server().getPort());
  }

  /** Both addresses must be of one family: an IPv4 one becomes IPv4-mapped beside an IPv6 one. */
  private static byte[] octets(InetAddress address, boolean four) {
    byte[] own = address.getAddress();
    if (four || own.length == 16) {
      return own;
    }
    byte[] mapped = new byte[16];
    mapped[10] = mapped[11] = (byte) 0xff;
    System.arraycopy(own, 0, mapped, 12, 4);
    return mapped;
  }

  private static String text(byte[] octets) {
    if (octets.length == 4) {
      return (octets[0] & 0xff)
          + "."
          + (octets[1] & 0xff)
          + "."
          + (octets[2] & 0xff)
          + "."
          + (octets[3] & 0xff);
    }
    StringBuilder out = new StringBuilder(39);
    for (int i = 0; i < 16; i += 2) {
      out.append(i == 0 ? "" : ":")
          .append(Integer.toHexString((octets[i] & 0xff) << 8 | (octets[i + 1] & 0xff)));
    }
    return out.toString();
  }
}
