// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.MemorySegment;

/**
 * What the SYNs of an address have in common, for those who ask without a port.
 *
 * <p>Machines behind one address are told apart by what a machine keeps from one connection to the
 * next: IP version, DF, ECN field, the kinds of TCP options and the window scale, and how far away
 * it is (a TTL that differs by more than {@value #TTL_SLACK}). Window and MSS are left out, for one
 * Windows is seen with several windows. Two machines of one kind at one distance look like one.
 *
 * <p>Times are milliseconds since 1970. Not safe for threads; {@link Shard} holds the lock.
 */
final class Addresses {
  static final int TTL_SLACK = 2;
  static final int MAX_HOSTS = 6;
  static final long HOST_MILLIS = 3_600_000;

  private static final int HIGH = 0;
  private static final int LOW = 8;
  private static final int HASH = 16;
  private static final int NEWEST = 20;
  private static final int FIRST = 24;
  private static final int LAST = 32;
  private static final int COUNT = 40;
  private static final int CLOCK_RATE = 44;
  private static final int CLOCK_MILLIS = 48;
  private static final int CLOCK_VALUE = 56;
  private static final int CLOCK_SHAPE = 60;
  private static final int CLOCK_AGREED = 64;
  private static final int LAST_HOST = 68;
  private static final int SHARING = 72;
  private static final int CHANGE = 80;
  private static final int HOSTS = 88;
  private static final int HOST_SIZE = 12;
  private static final int SIZE = HOSTS + MAX_HOSTS * HOST_SIZE;

  private final Slots slots;
  private final SlotIndex index;
  private final int[] free;
  private int freed;
  private int used;

  Addresses(int capacity) {
    slots = new Slots(capacity, SIZE);
    index = new SlotIndex(capacity);
    free = new int[capacity];
  }

  int size() {
    return used - freed;
  }

  long memory() {
    return slots.memory();
  }

  /** The record of an address, or -1. */
  int find(int hash, long high, long low) {
    int position = position(hash, high, low);
    return index.isEmpty(position) ? -1 : index.slot(position);
  }

  int newest(int slot) {
    return Slots.getInt(slots.piece(slot), slots.at(slot) + NEWEST);
  }

  private int position(int hash, long high, long low) {
    int position = index.first(hash);
    while (!index.isEmpty(position)) {
      if (index.has(position, hash)) {
        int slot = index.slot(position);
        MemorySegment piece = slots.piece(slot);
        long at = slots.at(slot);
        if (Slots.getLong(piece, at + LOW) == low && Slots.getLong(piece, at + HIGH) == high) {
          break;
        }
      }
      position = index.next(position);
    }
    return position;
  }

  /** Counts a SYN whose connection is at a place in the ring; gives the address's record. */
  int seen(SynPacket syn, int hash, int connection, long nanos) {
    long millis = nanos / 1_000_000;
    int position = position(hash, syn.clientHigh, syn.clientLow);
    if (index.isEmpty(position)) {
      int slot = freed > 0 ? free[--freed] : used++;
      index.put(position, hash, slot);
      MemorySegment piece = slots.piece(slot);
      long at = slots.at(slot);
      piece.asSlice(at, SIZE).fill((byte) 0);
      Slots.putLong(piece, at + HIGH, syn.clientHigh);
      Slots.putLong(piece, at + LOW, syn.clientLow);
      Slots.putInt(piece, at + HASH, hash);
      Slots.putLong(piece, at + FIRST, millis);
      update(piece, at, syn, connection, millis);
      return slot;
    }
    int slot = index.slot(position);
    update(slots.piece(slot), slots.at(slot), syn, connection, millis);
    return slot;
  }

  private void update(MemorySegment piece, long at, SynPacket syn, int connection, long millis) {
    Slots.putInt(piece, at + NEWEST, connection);
    Slots.putLong(piece, at + LAST, millis);
    int count = Slots.getInt(piece, at + COUNT) + 1;
    Slots.putInt(piece, at + COUNT, count);
    hosts(piece, at, syn, count, millis);
    clock(piece, at, syn, millis);
  }

  private static void hosts(MemorySegment piece, long at, SynPacket syn, int count, long millis) {
    int oldest = 0;
    long oldestMillis = Long.MAX_VALUE;
    for (int i = 0; i < MAX_HOSTS; i++) {
      long host = at + HOSTS + (long) i * HOST_SIZE;
      long seen = Slots.getLong(piece, host + 4);
      int mark = Slots.getInt(piece, host);
      if (seen != 0 && sameHost(mark, syn)) {
        if (Slots.getInt(piece, at + LAST_HOST) != i && millis - seen < HOST_MILLIS) {
          Slots.putLong(piece, at + SHARING, millis);
        }
        remember(piece, at, i, syn, millis);
        return;
      }
      if (seen < oldestMillis) {
        oldestMillis = seen;
        oldest = i;
      }
    }
    if (count > 1) {
      Slots.putLong(piece, at + CHANGE, millis);
    }
    remember(piece, at, oldest, syn, millis);
  }

  private static void remember(MemorySegment piece, long at, int i, SynPacket syn, long millis) {
    long host = at + HOSTS + (long) i * HOST_SIZE;
    Slots.putInt(piece, host, syn.shape << 8 | syn.ttl);
    Slots.putLong(piece, host + 4, millis);
    Slots.putInt(piece, at + LAST_HOST, i);
  }

  private static boolean sameHost(int mark, SynPacket syn) {
    return (mark ^ syn.shape << 8) >>> 8 == 0 && Math.abs((mark & 0xff) - syn.ttl) <= TTL_SLACK;
  }

  /** Two readings make a rate, and a third that agrees makes it believed. */
  private static void clock(MemorySegment piece, long at, SynPacket syn, long millis) {
    if (syn.timestamp == 0) {
      return;
    }
    long before = Slots.getLong(piece, at + CLOCK_MILLIS);
    if (before != 0 && Slots.getInt(piece, at + CLOCK_SHAPE) == syn.shape) {
      int rate =
          Clock32.rate(Slots.getInt(piece, at + CLOCK_VALUE), syn.timestamp, millis - before);
      if (rate == Clock32.UNDECIDED && millis - before < 1000) {
        return;
      }
      if (rate == Clock32.NO_CLOCK) {
        Slots.putInt(piece, at + CLOCK_RATE, 0);
        Slots.putInt(piece, at + CLOCK_AGREED, 0);
      } else if (rate != Clock32.UNDECIDED) {
        boolean agrees = Slots.getInt(piece, at + CLOCK_RATE) == rate;
        Slots.putInt(piece, at + CLOCK_RATE, rate);
        Slots.putInt(piece, at + CLOCK_AGREED, agrees ? 1 : 0);
      }
    } else {
      Slots.putInt(piece, at + CLOCK_RATE, 0);
      Slots.putInt(piece, at + CLOCK_AGREED, 0);
    }
    Slots.putLong(piece, at + CLOCK_MILLIS, millis);
    Slots.putInt(piece, at + CLOCK_VALUE, syn.timestamp);
    Slots.putInt(piece, at + CLOCK_SHAPE, syn.shape);
  }

  /** Forgets an address whose newest connection leaves the ring. */
  void connectionLeaves(int slot, int connection) {
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot);
    if (Slots.getInt(piece, at + NEWEST) == connection && Slots.getInt(piece, at + COUNT) != 0) {
      index.remove(Slots.getInt(piece, at + HASH), slot);
      Slots.putInt(piece, at + COUNT, 0);
      free[freed++] = slot;
    }
  }

  void copy(int slot, Shard.Found found) {
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot);
    found.firstMillis = Slots.getLong(piece, at + FIRST);
    found.connections = Slots.getInt(piece, at + COUNT) & 0xffff_ffffL;
    found.sharingMillis = Slots.getLong(piece, at + SHARING);
    found.changeMillis = Slots.getLong(piece, at + CHANGE);
    found.clockRate =
        Slots.getInt(piece, at + CLOCK_AGREED) == 1 ? Slots.getInt(piece, at + CLOCK_RATE) : 0;
    found.timestamp = Slots.getInt(piece, at + CLOCK_VALUE);
    found.timestampMillis = Slots.getLong(piece, at + CLOCK_MILLIS);
    long last = Slots.getLong(piece, at + LAST);
    int hosts = 0;
    for (int i = 0; i < MAX_HOSTS; i++) {
      long seen = Slots.getLong(piece, at + HOSTS + (long) i * HOST_SIZE + 4);
      if (seen != 0 && last - seen < HOST_MILLIS) {
        hosts++;
      }
    }
    found.hosts = hosts;
  }
}
