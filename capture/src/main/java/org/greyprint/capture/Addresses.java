// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

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

  // What every SYN touches lies in one line of the processor's cache.
  private static final int HIGH = 0;
  private static final int LOW = 8;
  private static final int HASH = 16;
  private static final int NEWEST = 20;
  private static final int FIRST = 24;
  private static final int LAST = 32;
  private static final int COUNT = 40;
  private static final int LAST_HOST = 44;
  private static final int MARK = 48;
  private static final int HAS_REST = 52;
  private static final int SEEN = 56;
  private static final int SIZE = 64;

  // What only those need that are several machines, or send timestamps: machines 1 to 5 first.
  private static final int HOST_SIZE = 12;
  private static final int CLOCK_VALUE = (MAX_HOSTS - 1) * HOST_SIZE;
  private static final int CLOCK_MILLIS = CLOCK_VALUE + 4;
  private static final int CLOCK_RATE = CLOCK_MILLIS + 8;
  private static final int CLOCK_SHAPE = CLOCK_RATE + 4;
  private static final int CLOCK_AGREED = CLOCK_SHAPE + 4;
  private static final int SHARING = CLOCK_AGREED + 4;
  private static final int CHANGE = SHARING + 8;
  private static final int REST_SIZE = CHANGE + 8 + 4;

  private final Slots slots;
  private final Slots rests;
  private final SlotIndex index;
  private int[] free = new int[16];
  private int freed;
  private int used;

  Addresses(int capacity) {
    slots = new Slots(capacity, SIZE);
    rests = new Slots(capacity, REST_SIZE);
    index = new SlotIndex(capacity);
  }

  int size() {
    return used - freed;
  }

  long memory() {
    return slots.memory() + rests.memory();
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
      Slots.putLong(piece, at + HIGH, syn.clientHigh);
      Slots.putLong(piece, at + LOW, syn.clientLow);
      Slots.putInt(piece, at + HASH, hash);
      Slots.putInt(piece, at + NEWEST, connection);
      Slots.putLong(piece, at + FIRST, millis);
      Slots.putLong(piece, at + LAST, millis);
      Slots.putInt(piece, at + COUNT, 1);
      Slots.putInt(piece, at + LAST_HOST, 0);
      Slots.putInt(piece, at + HAS_REST, 0);
      Slots.putInt(piece, at + MARK, mark(syn));
      Slots.putLong(piece, at + SEEN, millis);
      clock(slot, syn, millis);
      return slot;
    }
    int slot = index.slot(position);
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot);
    Slots.putInt(piece, at + NEWEST, connection);
    Slots.putLong(piece, at + LAST, millis);
    Slots.putInt(piece, at + COUNT, Slots.getInt(piece, at + COUNT) + 1);
    hosts(slot, syn, millis);
    clock(slot, syn, millis);
    return slot;
  }

  /** The piece of a record's rest, which is empty at first. */
  private MemorySegment rest(int slot) {
    MemorySegment rest = rests.piece(slot);
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot) + HAS_REST;
    if (Slots.getInt(piece, at) == 0) {
      Slots.putInt(piece, at, 1);
      rest.asSlice(rests.at(slot), REST_SIZE).fill((byte) 0);
    }
    return rest;
  }

  private void hosts(int slot, SynPacket syn, long millis) {
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot);
    int last = Slots.getInt(piece, at + LAST_HOST);
    if (sameHost(Slots.getInt(piece, at + MARK), syn)) {
      if (last != 0) {
        takesTurns(slot, Slots.getLong(piece, at + SEEN), millis);
        Slots.putInt(piece, at + LAST_HOST, 0);
      }
      Slots.putInt(piece, at + MARK, mark(syn));
      Slots.putLong(piece, at + SEEN, millis);
      return;
    }
    MemorySegment rest = rest(slot);
    long hosts = rests.at(slot);
    int oldest = 0;
    long oldestMillis = Slots.getLong(piece, at + SEEN);
    for (int i = 1; i < MAX_HOSTS; i++) {
      long host = hosts + (long) (i - 1) * HOST_SIZE;
      long seen = Slots.getLong(rest, host + 4);
      if (seen != 0 && sameHost(Slots.getInt(rest, host), syn)) {
        if (last != i) {
          takesTurns(slot, seen, millis);
        }
        remember(slot, i, syn, millis);
        return;
      }
      if (seen < oldestMillis) {
        oldestMillis = seen;
        oldest = i;
      }
    }
    Slots.putLong(rest, hosts + CHANGE, millis);
    remember(slot, oldest, syn, millis);
  }

  private void takesTurns(int slot, long seen, long millis) {
    if (millis - seen < HOST_MILLIS) {
      Slots.putLong(rest(slot), rests.at(slot) + SHARING, millis);
    }
  }

  private void remember(int slot, int i, SynPacket syn, long millis) {
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot);
    Slots.putInt(piece, at + LAST_HOST, i);
    if (i == 0) {
      Slots.putInt(piece, at + MARK, mark(syn));
      Slots.putLong(piece, at + SEEN, millis);
    } else {
      MemorySegment rest = rest(slot);
      long host = rests.at(slot) + (long) (i - 1) * HOST_SIZE;
      Slots.putInt(rest, host, mark(syn));
      Slots.putLong(rest, host + 4, millis);
    }
  }

  private static int mark(SynPacket syn) {
    return syn.shape << 8 | syn.ttl;
  }

  private static boolean sameHost(int mark, SynPacket syn) {
    return (mark ^ syn.shape << 8) >>> 8 == 0 && Math.abs((mark & 0xff) - syn.ttl) <= TTL_SLACK;
  }

  /** Two readings make a rate, and a third that agrees makes it believed. */
  private void clock(int slot, SynPacket syn, long millis) {
    if (syn.timestamp == 0) {
      return;
    }
    MemorySegment piece = rest(slot);
    long at = rests.at(slot);
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
      if (freed == free.length) {
        free = Arrays.copyOf(free, freed * 2);
      }
      free[freed++] = slot;
    }
  }

  void copy(int slot, Shard.Found found) {
    MemorySegment piece = slots.piece(slot);
    long at = slots.at(slot);
    found.firstMillis = Slots.getLong(piece, at + FIRST);
    found.connections = Slots.getInt(piece, at + COUNT) & 0xffff_ffffL;
    long last = Slots.getLong(piece, at + LAST);
    found.hosts = last - Slots.getLong(piece, at + SEEN) < HOST_MILLIS ? 1 : 0;
    if (Slots.getInt(piece, at + HAS_REST) == 0) {
      found.sharingMillis = 0;
      found.changeMillis = 0;
      found.clockRate = 0;
      return;
    }
    MemorySegment rest = rests.piece(slot);
    long from = rests.at(slot);
    found.sharingMillis = Slots.getLong(rest, from + SHARING);
    found.changeMillis = Slots.getLong(rest, from + CHANGE);
    found.clockRate =
        Slots.getInt(rest, from + CLOCK_AGREED) == 1 ? Slots.getInt(rest, from + CLOCK_RATE) : 0;
    found.timestamp = Slots.getInt(rest, from + CLOCK_VALUE);
    found.timestampMillis = Slots.getLong(rest, from + CLOCK_MILLIS);
    for (int i = 1; i < MAX_HOSTS; i++) {
      long seen = Slots.getLong(rest, from + (long) (i - 1) * HOST_SIZE + 4);
      if (seen != 0 && last - seen < HOST_MILLIS) {
        found.hosts++;
      }
    }
  }
}
