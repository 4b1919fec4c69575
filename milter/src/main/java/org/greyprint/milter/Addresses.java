// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses as MTAs write them. Names are never looked up. */
public final class Addresses {
  private static final Pattern V4 =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");
  private static final String PREFIX = "ipv6:";

  private Addresses() {}

  /**
   * An address from its text: dotted IPv4, IPv6, or IPv6 after Sendmail's {@code IPv6:}. An
   * IPv4-mapped address becomes IPv4. Empty for whatever else stands there.
   */
  public static Optional<InetAddress> parse(String text) {
    String plain =
        text.regionMatches(true, 0, PREFIX, 0, PREFIX.length())
            ? text.substring(PREFIX.length())
            : text;
    try {
      var v4 = V4.matcher(plain);
      if (v4.matches()) {
        byte[] octets = new byte[4];
        for (int i = 0; i < 4; i++) {
          int octet = Integer.parseInt(v4.group(i + 1));
          if (octet > 255) {
            return Optional.empty();
          }
          octets[i] = (byte) octet;
        }
        return Optional.of(InetAddress.getByAddress(octets));
      }
      if (plain.indexOf(':') >= 0 && V6.matcher(plain).matches()) {
        return Optional.of(InetAddress.ofLiteral(plain.toLowerCase(Locale.ROOT)));
      }
      return Optional.empty();
    } catch (UnknownHostException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
