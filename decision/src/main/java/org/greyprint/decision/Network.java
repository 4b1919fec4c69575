// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.InetAddress;
import java.util.Optional;

/** A network in the notation of RFC 4632 or RFC 4291, or a single address. */
record Network(byte[] address, int bits) {
  /** Empty if it is none. */
  static Optional<Network> parse(String text) {
    int slash = text.indexOf('/');
    Optional<InetAddress> base = Addresses.parse(slash < 0 ? text : text.substring(0, slash));
    if (base.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = base.get().getAddress();
    int bits = bytes.length * 8;
    if (slash >= 0) {
      String length = text.substring(slash + 1);
      if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > bits) {
        return Optional.empty();
      }
      bits = Integer.parseInt(length);
    }
    return Optional.of(new Network(bytes, bits));
  }

  boolean contains(InetAddress other) {
    byte[] bytes = other.getAddress();
    if (bytes.length != address.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit += 8) {
      int mask = bits - bit >= 8 ? 255 : 255 << (8 - (bits - bit));
      if (((bytes[bit / 8] ^ address[bit / 8]) & mask & 255) != 0) {
        return false;
      }
    }
    return true;
  }
}
