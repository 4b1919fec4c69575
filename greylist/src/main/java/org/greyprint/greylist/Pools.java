// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Providers whose many machines take turns in sending one message, known by their networks and by
 * the names of their hosts. Belonging to a pool waives no delay: a retry from another machine of
 * the pool counts as the same sender's, that is all. Unchangeable.
 */
public final class Pools {
  /** What a file of pools came to. */
  public sealed interface Reading {
    /** It is good. */
    record Good(Pools pools) implements Reading {}

    /** It is not; each mistake as {@code file:line: what}. */
    record Bad(List<String> mistakes) implements Reading {}
  }

  /** No pools. */
  public static final Pools NONE = new Pools(List.of());

  /**
   * A provider.
   *
   * @param name one word
   * @param source where its entries were taken from
   * @param domains domains of its hosts' forward-confirmed names, in lower case
   * @param networks its networks
   */
  record Pool(String name, String source, Set<String> domains, Set<Net> networks) {}

  private final List<Pool> pools;
  private final Map<String, String> byDomain = new HashMap<>();
  private final Map<Net, String> byNetwork = new HashMap<>();
  private final Four four;

  /** Of IPv6, the longest first. */
  private final List<Integer> lengths;

  /** The IPv4 networks: numbers in order, because each attempt looks there. */
  private static final class Four {
    /** Networks of one length. */
    private record Length(int mask, int[] networks, String[] names) {}

    /** The longest first. */
    private final List<Length> all = new ArrayList<>();

    Four(Map<Net, String> byNetwork) {
      for (int bits = 32; bits >= 0; bits--) {
        int mask = bits == 0 ? 0 : -1 << 32 - bits;
        NavigableMap<Integer, String> its = new TreeMap<>();
        for (Map.Entry<Net, String> each : byNetwork.entrySet()) {
          Net net = each.getKey();
          if (net.address().length == 4 && net.bits() == bits) {
            its.put(ByteBuffer.wrap(net.address()).getInt(), each.getValue());
          }
        }
        if (!its.isEmpty()) {
          all.add(
              new Length(
                  mask,
                  its.keySet().stream().mapToInt(Integer::intValue).toArray(),
                  its.values().toArray(String[]::new)));
        }
      }
    }

    Optional<String> find(int address) {
      for (Length length : all) {
        int at = Arrays.binarySearch(length.networks, address & length.mask);
        if (at >= 0) {
          return Optional.of(length.names[at]);
        }
      }
      return Optional.empty();
    }
  }

  Pools(Collection<Pool> pools) {
    this.pools = List.copyOf(pools);
    Set<Integer> found = new HashSet<>();
    for (Pool pool : pools) {
      pool.domains().forEach(domain -> byDomain.putIfAbsent(domain, pool.name()));
      for (Net net : pool.networks()) {
        byNetwork.putIfAbsent(net, pool.name());
        if (net.address().length == 16) {
          found.add(net.bits());
        }
      }
    }
    four = new Four(byNetwork);
    lengths = found.stream().sorted((one, other) -> other - one).toList();
  }

  /** The pools that this version ships. */
  public static Pools builtin() {
    return PoolFile.builtin();
  }

  /**
   * Reads a file of pools; docs/greylisting.md describes its format.
   *
   * @param file its name, for messages
   * @param text what is in it
   */
  public static Reading read(String file, String text) {
    return new PoolFile(file).read(text);
  }

  /** These and others; where both know an address, these win. */
  public Pools and(Pools others) {
    return new Pools(
        java.util.stream.Stream.concat(pools.stream(), others.pools.stream()).toList());
  }

  /** The names of the pools, in the order of the files. */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    pools.forEach(pool -> names.add(pool.name()));
    return names;
  }

  List<Pool> list() {
    return pools;
  }

  /**
   * The pool that a client belongs to.
   *
   * @param hostName its forward-confirmed name, or ""
   */
  public Optional<String> find(InetAddress client, String hostName) {
    if (!hostName.isEmpty() && !byDomain.isEmpty()) {
      String name = Mailboxes.host(hostName);
      for (int dot = -1; dot < name.length(); dot = name.indexOf('.', dot + 1)) {
        String found = byDomain.get(name.substring(dot + 1));
        if (found != null) {
          return Optional.of(found);
        }
        if (name.indexOf('.', dot + 1) < 0) {
          break;
        }
      }
    }
    byte[] address = client.getAddress();
    if (address.length == 4) {
      return four.find(ByteBuffer.wrap(address).getInt());
    }
    for (int bits : lengths) {
      String found = byNetwork.get(Net.around(client, bits));
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }
}
