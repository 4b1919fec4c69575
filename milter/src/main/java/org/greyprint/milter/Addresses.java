// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses as MTAs write them. Names are never looked up. */
public final class Addresses {
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
      byte[] quad = quad(plain);
      if (quad != null) {
        return Optional.of(InetAddress.getByAddress(quad));
      }
      if (plain.indexOf(':') >= 0 && V6.matcher(plain).matches()) {
        return Optional.of(InetAddress.ofLiteral(plain.toLowerCase(Locale.ROOT)));
      }
      return Optional.empty();
    } catch (UnknownHostException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Four numbers of one to three digits and at most 255, dots between them; null for others. */
  private static byte @Nullable [] quad(String text) {
    byte[] octets = new byte[4];
    int octet = 0;
    int digits = 0;
    int at = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '.';
      if (c == '.') {
        if (digits == 0 || at == 4) {
          return null;
        }
        octets[at++] = (byte) octet;
        octet = 0;
        digits = 0;
      } else {
        octet = octet * 10 + c - '0';
        if (c < '0' || c > '9' || ++digits > 3 || octet > 255) {
          return null;
        }
      }
    }
    return at == 4 ? octets : null;
  }
}
