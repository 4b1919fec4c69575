// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A share of the client table: all SYNs of the addresses that hash to it, under one lock.
 *
 * <p>Connections lie in a ring in the order they came, so the oldest is where the next one goes.
 * Each address knows its newest connection; when that one leaves the ring, the address has had no
 * newer one and leaves with it. So the order of age needs no list, and both tables are bounded by
 * the ring. What a SYN tells is not worked out here but when somebody asks: a flood costs copies.
 */
final class Shard {
  /** Headers of an IPv4 SYN have at most 120 octets, of an IPv6 SYN without extensions 100. */
  static final int MAX_HEADERS = 128;

  // A connection's record.
  private static final int TIME = 0;
  private static final int HASH = 8;
  private static final int LENGTH = 12;
  private static final int TCP = 14;
  private static final int OWNER = 16;
  private static final int PACKET = 24;
  private static final int CONNECTION_SIZE = PACKET + MAX_HEADERS;

  private static final long RETRANSMISSION_NANOS = 120_000_000_000L;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt NET_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong NET_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort NET_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN);

  private final int capacity;
  private final Slots connections;
  private final SlotIndex byPort;
  private final Addresses addresses;
  private int head;
  private int size;
  private long evicted;
  private long retransmissions;
  private long oversized;

  /** Who waits for a SYN that was not seen yet. */
  private final Map<Key, List<Waiter>> waiters = new HashMap<>();

  /** Whom a waiter waits for; port 0 means any. */
  record Key(long high, long low, int port) {}

  /** Told once, outside the lock. */
  interface Waiter {
    void seen();
  }

  /** A copy of what the table holds of one connection. */
  static final class Found {
    final byte[] packet = new byte[MAX_HEADERS];
    int length;
    long nanos;
    int hosts;
    int clockRate;
    int timestamp;
    long timestampMillis;
    long firstMillis;
    long connections;
    long sharingMillis;
    long changeMillis;
  }

  Shard(int capacity) {
    this.capacity = capacity;
    connections = new Slots(capacity, CONNECTION_SIZE);
    byPort = new SlotIndex(capacity);
    addresses = new Addresses(capacity);
  }

  /**
   * Takes a SYN.
   *
   * @param addressHash of the client's address
   * @param nanos when it was captured, since 1970
   * @return those who waited for it, to be told by the caller; usually none
   */
  synchronized List<Waiter> add(SynPacket syn, byte[] bytes, int addressHash, long nanos) {
    int length = syn.end - syn.start;
    if (length > MAX_HEADERS) {
      oversized++;
      return List.of();
    }
    int hash = portHash(addressHash, syn.clientPort);
    int position = find(hash, syn.clientHigh, syn.clientLow, syn.clientPort);
    if (!byPort.isEmpty(position)) {
      int old = byPort.slot(position);
      MemorySegment piece = connections.piece(old);
      long at = connections.at(old);
      long age = nanos - piece.get(ValueLayout.JAVA_LONG_UNALIGNED, at + TIME);
      if (sequence(piece, at) == syn.sequence && age < RETRANSMISSION_NANOS) {
        // The first one tells more: a retry may lack window scale or ECN.
        retransmissions++;
        return List.of();
      }
      // The old connection's place stays in the ring, but nothing leads to it any more.
      byPort.remove(hash, old);
      piece.set(SHORT, at + LENGTH, (short) 0);
    }
    int slot = head;
    head = slot + 1 == capacity ? 0 : slot + 1;
    evict(slot);
    int owner = addresses.seen(syn, addressHash, slot, nanos);
    store(slot, syn, bytes, hash, owner, nanos);
    // Eviction may have moved entries of the index.
    byPort.put(find(hash, syn.clientHigh, syn.clientLow, syn.clientPort), hash, slot);
    return waiters.isEmpty() ? List.of() : released(syn);
  }

  private void store(int slot, SynPacket syn, byte[] bytes, int hash, int owner, long nanos) {
    MemorySegment piece = connections.piece(slot);
    long at = connections.at(slot);
    int length = syn.end - syn.start;
    Slots.putLong(piece, at + TIME, nanos);
    Slots.putInt(piece, at + HASH, hash);
    piece.set(SHORT, at + LENGTH, (short) length);
    piece.set(SHORT, at + TCP, (short) (syn.tcp - syn.start));
    Slots.putInt(piece, at + OWNER, owner);
    MemorySegment.copy(bytes, syn.start, piece, ValueLayout.JAVA_BYTE, at + PACKET, length);
  }

  private void evict(int slot) {
    if (size < capacity) {
      size++;
      return;
    }
    MemorySegment piece = connections.piece(slot);
    long at = connections.at(slot);
    if (piece.get(SHORT, at + LENGTH) != 0) {
      byPort.remove(Slots.getInt(piece, at + HASH), slot);
      evicted++;
    }
    addresses.connectionLeaves(Slots.getInt(piece, at + OWNER), slot);
  }

  private int find(int hash, long high, long low, int port) {
    int position = byPort.first(hash);
    while (!byPort.isEmpty(position)) {
      if (byPort.has(position, hash) && matches(byPort.slot(position), high, low, port)) {
        return position;
      }
      position = byPort.next(position);
    }
    return position;
  }

  private boolean matches(int slot, long high, long low, int port) {
    MemorySegment piece = connections.piece(slot);
    long packet = connections.at(slot) + PACKET;
    long tcp = packet + piece.get(SHORT, packet - PACKET + TCP);
    if ((piece.get(NET_SHORT, tcp) & 0xffff) != port) {
      return false;
    }
    if (piece.get(ValueLayout.JAVA_BYTE, packet) >>> 4 == 4) {
      return high == 0
          && low == (0xffff_0000_0000L | piece.get(NET_INT, packet + 12) & 0xffff_ffffL);
    }
    return high == piece.get(NET_LONG, packet + 8) && low == piece.get(NET_LONG, packet + 16);
  }

  private static int sequence(MemorySegment piece, long at) {
    return piece.get(NET_INT, at + PACKET + piece.get(SHORT, at + TCP) + 4);
  }

  private List<Waiter> released(SynPacket syn) {
    List<Waiter> one = waiters.remove(new Key(syn.clientHigh, syn.clientLow, syn.clientPort));
    List<Waiter> any = waiters.remove(new Key(syn.clientHigh, syn.clientLow, 0));
    if (one == null || any == null) {
      return one != null ? one : any != null ? any : List.of();
    }
    List<Waiter> all = new ArrayList<>(one);
    all.addAll(any);
    return all;
  }

  /**
   * Copies what is known of a client.
   *
   * @param port 0 for the latest SYN of the address
   * @param oldest nanoseconds since 1970; what is older is not found
   * @param waiter if not null, told when the client's SYN comes, provided that none is found
   * @return whether there is something in {@code found}
   */
  synchronized boolean get(
      long high,
      long low,
      int addressHash,
      int port,
      long oldest,
      Found found,
      @org.jspecify.annotations.Nullable Waiter waiter) {
    int address = addresses.find(addressHash, high, low);
    if (address >= 0) {
      int slot = -1;
      if (port == 0) {
        slot = addresses.newest(address);
      } else {
        int position = find(portHash(addressHash, port), high, low, port);
        if (!byPort.isEmpty(position)) {
          slot = byPort.slot(position);
        }
      }
      if (slot >= 0 && copy(slot, oldest, found)) {
        addresses.copy(address, found);
        return true;
      }
    }
    if (waiter != null) {
      waiters.computeIfAbsent(new Key(high, low, port), key -> new ArrayList<>(1)).add(waiter);
    }
    return false;
  }

  private boolean copy(int slot, long oldest, Found found) {
    MemorySegment piece = connections.piece(slot);
    long at = connections.at(slot);
    found.nanos = Slots.getLong(piece, at + TIME);
    found.length = piece.get(SHORT, at + LENGTH);
    if (found.nanos < oldest || found.length == 0) {
      return false;
    }
    MemorySegment.copy(piece, ValueLayout.JAVA_BYTE, at + PACKET, found.packet, 0, found.length);
    return true;
  }

  synchronized void forget(long high, long low, int port, Waiter waiter) {
    waiters.computeIfPresent(
        new Key(high, low, port),
        (key, list) -> {
          list.remove(waiter);
          return list.isEmpty() ? null : list;
        });
  }

  synchronized void addTo(ClientTable.Sums sums) {
    sums.connections += size;
    sums.addresses += addresses.size();
    sums.evicted += evicted;
    sums.retransmissions += retransmissions;
    sums.oversized += oversized;
    sums.memory += connections.memory() + addresses.memory();
  }

  private static int portHash(int addressHash, int port) {
    int h = (addressHash ^ port * 0x9e3779b9) * 0x85ebca6b;
    return h ^ h >>> 15;
  }
}
