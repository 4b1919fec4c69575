// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * The filter expressions (pcap-filter(7)) that let SYNs to some ports through.
 *
 * <p>TCP behind IPv6 extension headers can't be followed in the kernel without a loop, so all
 * packets with such headers pass and are looked at here; there are few.
 */
final class SynFilter {
  private SynFilter() {}

  /** SYNs without ACK to the ports, also in VLANs. */
  static String tagged(Collection<Integer> ports) {
    String plain = plain(ports);
    return plain + " or (vlan and (" + plain + "))";
  }

  /** For kinds of interfaces on which a filter can't look behind VLAN tags. */
  static String plain(Collection<Integer> ports) {
    String four =
        ports.stream().map(port -> "dst port " + port).collect(Collectors.joining(" or "));
    String six =
        ports.stream().map(port -> "ip6[42:2] = " + port).collect(Collectors.joining(" or "));
    return "(ip and tcp and tcp[13] & 0x17 = 2 and (%s))".formatted(four)
        + " or (ip6 and ip6[6] = 6 and ip6[53] & 0x17 = 2 and (%s))".formatted(six)
        + " or (ip6 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51"
        + " or ip6[6] = 60 or ip6[6] = 135))";
  }
}
