// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an attempt comes from.
 *
 * @param client the address
 * @param bits how much of it is compared
 * @param domain the domain SPF passes for, if it takes the network's place; or ""
 * @param pool the provider pool it belongs to, or ""
 */
record Place(InetAddress client, int bits, String domain, String pool) {
  Net network() {
    return Net.around(client, bits);
  }

  /** What it is recognised by, for people. */
  List<String> names() {
    List<String> names = new ArrayList<>(List.of(network().text()));
    if (!domain.isEmpty()) {
      names.add(domain);
    }
    if (!pool.isEmpty()) {
      names.add("pool " + pool);
    }
    return List.copyOf(names);
  }
}
