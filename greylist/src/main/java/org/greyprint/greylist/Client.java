// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a network, or a domain for which SPF passes, has shown.
 *
 * @param deliveries how many messages came back and passed, at most one an interval
 * @param counted when that was last counted; meaningless while there are none
 * @param seen when it last came
 * @param proven whether it has proven itself
 * @param networks for a domain: short hashes of the networks SPF passed for, in order
 */
record Client(
    long deliveries, Instant counted, Instant seen, boolean proven, List<Integer> networks) {
  private static final int VERSION = 1;

  /** More networks than any setting allows are not kept. */
  private static final int MOST = 1001;

  static Client begin(Instant now) {
    return new Client(0, now, now, false, List.of());
  }

  static String name(Net network) {
    return "net:" + network.text();
  }

  static String name(String domain) {
    return "domain:" + domain;
  }

  Instant expires(GreylistSettings settings) {
    return seen.plus(settings.autoAllow().expiry());
  }

  boolean proven(Instant now, GreylistSettings settings) {
    return proven && settings.autoAllow().deliveries() > 0 && now.isBefore(expires(settings));
  }

  /** After a message came back and passed. */
  Client delivered(Instant now, GreylistSettings settings) {
    GreylistSettings.AutoAllow rule = settings.autoAllow();
    boolean forgotten = !now.isBefore(expires(settings));
    long before = forgotten ? 0 : deliveries;
    boolean counts = before == 0 || !now.isBefore(counted.plus(rule.interval()));
    long after = counts ? before + 1 : before;
    boolean enough = rule.deliveries() > 0 && after >= rule.deliveries();
    return new Client(after, counts ? now : counted, now, enough || proven && !forgotten, networks);
  }

  Client at(Instant now) {
    return new Client(deliveries, counted, now, proven, networks);
  }

  boolean knows(Net network) {
    return networks.contains(hash(network));
  }

  /** After SPF passed for that network. */
  Client with(Net network, Instant now) {
    if (knows(network) || networks.size() >= MOST) {
      return this;
    }
    List<Integer> more = new ArrayList<>(networks);
    more.add(hash(network));
    return new Client(deliveries, counted, now, proven, List.copyOf(more));
  }

  private static int hash(Net network) {
    return (int) Hashes.hash(network.text().getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        & 0xFFFF;
  }

  /** Whether it authorises so many networks that its name says little. */
  boolean tooWide(Net network, GreylistSettings settings) {
    return networks.size() + (knows(network) ? 0 : 1) > settings.pools().networks();
  }

  ClientState state(String name, Instant now, GreylistSettings settings) {
    String shown = name.substring(name.indexOf(':') + 1);
    return new ClientState(
        shown,
        deliveries,
        deliveries == 0 ? seen : counted,
        proven(now, settings) ? Optional.of(expires(settings)) : Optional.empty(),
        networks.size());
  }

  /** The same with all its times moved, after the clock was set back. */
  Client notAfter(Instant now) {
    if (!seen.isAfter(now)) {
      return this;
    }
    Instant moved = counted.isAfter(now) ? now : counted;
    return new Client(deliveries, moved, now, proven, networks);
  }

  byte[] bytes() {
    Output out = new Output();
    out.octet(VERSION).octet(proven ? 1 : 0).varint(deliveries).time(seen).time(counted, seen);
    out.varint(networks.size());
    for (int network : networks) {
      out.octet(network >> 8).octet(network);
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @throws Input.Malformed if it is something else
   */
  static Client read(byte[] bytes) {
    Input in = new Input(bytes);
    if (in.octet() != VERSION) {
      throw new Input.Malformed("unknown version");
    }
    boolean proven = in.octet() != 0;
    long deliveries = in.count();
    Instant seen = in.time();
    Instant counted = in.time(seen);
    long count = in.count();
    if (count > MOST) {
      throw new Input.Malformed("too many networks");
    }
    List<Integer> networks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      networks.add(in.octet() << 8 | in.octet());
    }
    in.end();
    return new Client(deliveries, counted, seen, proven, List.copyOf(networks));
  }

  /** For the interface of other classes: the address's network as a client's name. */
  static String name(InetAddress address, int bits) {
    return name(Net.around(address, bits));
  }
}
