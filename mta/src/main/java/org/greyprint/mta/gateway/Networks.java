// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** A list of networks. */
final class Networks {
  private record Network(byte[] address, int bits) {}

  private final List<Network> networks = new ArrayList<>();

  /**
   * Reads {@code address/bits} or {@code address}.
   *
   * @throws IllegalArgumentException if one is neither
   */
  Networks(List<String> texts) {
    for (String text : texts) {
      int slash = text.indexOf('/');
      String address = slash < 0 ? text : text.substring(0, slash);
      String bits = slash < 0 ? "" : text.substring(slash + 1);
      if (!address.matches("[0-9A-Fa-f.:]+") || (slash >= 0 && !bits.matches("\\d{1,3}"))) {
        throw new IllegalArgumentException("'" + text + "' is no network");
      }
      try {
        byte[] octets = InetAddress.getByName(address).getAddress();
        int count = slash < 0 ? octets.length * 8 : Integer.parseInt(bits);
        if (count > octets.length * 8) {
          throw new IllegalArgumentException("'" + text + "' has too many bits");
        }
        networks.add(new Network(octets, count));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("'" + text + "' is no network", e);
      }
    }
  }

  boolean has(InetAddress address) {
    byte[] octets = address.getAddress();
    return networks.stream().anyMatch(network -> within(octets, network));
  }

  private static boolean within(byte[] octets, Network network) {
    if (octets.length != network.address().length) {
      return false;
    }
    for (int bit = 0; bit < network.bits(); bit++) {
      int mask = 0x80 >> (bit & 7);
      if (((octets[bit >> 3] ^ network.address()[bit >> 3]) & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
