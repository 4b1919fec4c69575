// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** Addresses as bytes and text. */
final class Addresses {
  private Addresses() {}

  /** Not reachable from elsewhere: loopback, link-local, RFC 1918, RFC 6598, RFC 4193. */
  static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean shared = bytes.length == 4 && (bytes[0] & 255) == 100 && (bytes[1] & 0xC0) == 64;
    boolean unique = bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC;
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isAnyLocalAddress()
        || shared
        || unique;
  }

  /** An address literal of either kind; empty for anything else, no name is ever looked up. */
  static Optional<InetAddress> parse(String text) {
    boolean numeric = numeric(text);
    boolean quad = numeric && text.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    if (!quad && !(numeric && text.indexOf(':') >= 0)) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.getByName(text));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  /** Whether all of it could stand in an address; most names have a letter that cannot. */
  private static boolean numeric(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '.' && c != ':' && (c > 127 || Character.digit(c, 16) < 0)) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  /** The name under which an address is asked of a DNS list or for its reverse name. */
  static String reversed(InetAddress address, String zone) {
    byte[] bytes = address.getAddress();
    StringBuilder name = new StringBuilder();
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (address instanceof Inet4Address) {
        name.append(bytes[i] & 255).append('.');
      } else {
        name.append(Character.forDigit(bytes[i] & 15, 16)).append('.');
        name.append(Character.forDigit(bytes[i] >> 4 & 15, 16)).append('.');
      }
    }
    return name.append(zone).toString();
  }
}
