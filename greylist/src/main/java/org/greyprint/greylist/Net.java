// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A network, or a single address.
 *
 * @param address the first address of it
 * @param bits the length of its prefix
 */
record Net(byte[] address, int bits) {
  /** The network of that many bits around an address; all bits if it has not that many. */
  static Net around(InetAddress address, int bits) {
    byte[] bytes = address.getAddress();
    int most = bytes.length * 8;
    int kept = Math.min(bits, most);
    for (int i = 0; i < bytes.length; i++) {
      int here = Math.clamp(kept - i * 8L, 0, 8);
      bytes[i] &= (byte) (0xFF << (8 - here));
    }
    return new Net(bytes, kept);
  }

  /**
   * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32} or a single address. Never looks up a name.
   * Empty if it is none, or has bits behind its prefix.
   */
  static Optional<Net> parse(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> base = address(slash < 0 ? text : text.substring(0, slash));
    if (base.isEmpty()) {
      return Optional.empty();
    }
    int most = base.get().getAddress().length * 8;
    if (slash < 0) {
      return Optional.of(around(base.get(), most));
    }
    String length = text.substring(slash + 1);
    if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > most) {
      return Optional.empty();
    }
    Net net = around(base.get(), Integer.parseInt(length));
    boolean clean = Arrays.equals(net.address, base.get().getAddress());
    return clean ? Optional.of(net) : Optional.empty();
  }

  /** An address literal of either kind. */
  static Optional<InetAddress> address(String text) {
    boolean numeric =
        text.chars().allMatch(c -> c == '.' || c == ':' || c < 128 && Character.digit(c, 16) >= 0);
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

  boolean contains(InetAddress other) {
    byte[] bytes = other.getAddress();
    return bytes.length == address.length && Arrays.equals(around(other, bits).address, address);
  }

  boolean contains(Net other) {
    return other.bits >= bits && other.address.length == address.length && contains(other.first());
  }

  /** Its first address. */
  InetAddress first() {
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The address in RFC 5952's form, and the length if it is a network. */
  String text() {
    String shown = text(address);
    return bits == address.length * 8 ? shown : shown + "/" + bits;
  }

  /** An address in RFC 5952's form. */
  static String text(byte[] address) {
    StringBuilder text = new StringBuilder();
    if (address.length == 4) {
      for (byte octet : address) {
        text.append(text.isEmpty() ? "" : ".").append(octet & 255);
      }
      return text.toString();
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (address[2 * i] & 255) << 8 | address[2 * i + 1] & 255;
    }
    int gap = -1;
    int longest = 1;
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && groups[i + run] == 0) {
        run++;
      }
      if (run > longest) {
        gap = i;
        longest = run;
      }
    }
    for (int i = 0; i < 8; i++) {
      if (i == gap) {
        text.append("::");
        i += longest - 1;
      } else {
        boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
        text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Net net && bits == net.bits && Arrays.equals(address, net.address);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(address) * 31 + bits;
  }

  @Override
  public String toString() {
    return text();
  }
}
