// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.greyprint.capture.Observation;
import org.jspecify.annotations.Nullable;

/**
 * The messages whose recipients are being asked about, by {@code instance}. Bounded: the one that
 * was longest not asked about goes first. For use by several threads.
 *
 * <p>Numbers in arrays instead of objects in a map: a busy server forgets thousands of messages a
 * second, each too old by then for the collector to have found it young. A message is known by 64
 * bits of its name; among 20,000 the chance that two are alike is one in 90 billion.
 */
final class Instances {
  private static final int NONE = -1;
  private static final byte HEADER_GIVEN = 1;
  private static final byte DECIDED = 2;

  private final int capacity;
  private final long[] names;
  private final byte[] marks;
  private final @Nullable CompletionStage<Optional<Observation>>[] syns;
  private final @Nullable String[] atData;

  /** First of the slots whose names fall together, and what follows each. */
  private final int[] buckets;

  private final int[] next;

  /** Neighbours in the order of use. */
  private final int[] older;

  private final int[] newer;
  private int oldest = NONE;
  private int newest = NONE;
  private int size;

  @SuppressWarnings({"unchecked", "rawtypes"})
  Instances(int capacity) {
    this.capacity = capacity;
    this.names = new long[capacity];
    this.marks = new byte[capacity];
    this.syns = new @Nullable CompletionStage[capacity];
    this.atData = new @Nullable String[capacity];
    this.next = new int[capacity];
    this.older = new int[capacity];
    this.newer = new int[capacity];
    this.buckets = new int[Integer.highestOneBit(capacity) << 1];
    Arrays.fill(buckets, NONE);
  }

  /**
   * A message as one request sees it. What is noted of one that has been forgotten meanwhile, or
   * has no name, is not kept.
   */
  final class State {
    private final int slot;
    private final long name;
    private final CompletionStage<Optional<Observation>> syn;

    private State(int slot, long name, CompletionStage<Optional<Observation>> syn) {
      this.slot = slot;
      this.name = name;
      this.syn = syn;
    }

    CompletionStage<Optional<Observation>> syn() {
      return syn;
    }

    /** Whether the header is still to be given; only the first who asks is told so. */
    boolean takeHeader() {
      return mark(HEADER_GIVEN);
    }

    /** Notes that a recipient was decided on at RCPT. */
    void decided() {
      mark(DECIDED);
    }

    private boolean mark(byte mark) {
      synchronized (Instances.this) {
        boolean first = !kept() || (marks[slot] & mark) == 0;
        if (kept()) {
          marks[slot] |= mark;
        }
        return first;
      }
    }

    boolean wasDecided() {
      synchronized (Instances.this) {
        return kept() && (marks[slot] & DECIDED) != 0;
      }
    }

    /** Keeps an action until DATA. */
    void atData(String action) {
      synchronized (Instances.this) {
        if (kept()) {
          atData[slot] = action;
        }
      }
    }

    Optional<String> atData() {
      synchronized (Instances.this) {
        return kept() ? Optional.ofNullable(atData[slot]) : Optional.empty();
      }
    }

    private boolean kept() {
      return slot != NONE && names[slot] == name;
    }
  }

  /**
   * A message; what is not known under this name, or has none, is begun.
   *
   * @param look looks for the SYN of a new one
   */
  State of(String instance, Supplier<CompletionStage<Optional<Observation>>> look) {
    if (instance.isEmpty()) {
      return new State(NONE, 0, look.get());
    }
    long name = name(instance);
    synchronized (this) {
      State known = find(name);
      if (known != null) {
        return known;
      }
      CompletionStage<Optional<Observation>> syn = look.get();
      int slot = size < capacity ? size++ : forgetOldest();
      names[slot] = name;
      marks[slot] = 0;
      syns[slot] = syn == Desk.NOTHING ? null : syn;
      atData[slot] = null;
      next[slot] = buckets[bucket(name)];
      buckets[bucket(name)] = slot;
      append(slot);
      return new State(slot, name, syn);
    }
  }

  /** A message, if it was asked about before. */
  synchronized Optional<State> known(String instance) {
    return Optional.ofNullable(find(name(instance)));
  }

  synchronized int size() {
    return size;
  }

  private @Nullable State find(long name) {
    for (int slot = buckets[bucket(name)]; slot != NONE; slot = next[slot]) {
      if (names[slot] == name) {
        remove(slot);
        append(slot);
        CompletionStage<Optional<Observation>> syn = syns[slot];
        return new State(slot, name, syn == null ? Desk.NOTHING : syn);
      }
    }
    return null;
  }

  private int forgetOldest() {
    int slot = oldest;
    remove(slot);
    int bucket = bucket(names[slot]);
    if (buckets[bucket] == slot) {
      buckets[bucket] = next[slot];
    } else {
      int before = buckets[bucket];
      while (next[before] != slot) {
        before = next[before];
      }
      next[before] = next[slot];
    }
    return slot;
  }

  private void append(int slot) {
    older[slot] = newest;
    newer[slot] = NONE;
    if (newest == NONE) {
      oldest = slot;
    } else {
      newer[newest] = slot;
    }
    newest = slot;
  }

  private void remove(int slot) {
    int before = older[slot];
    int after = newer[slot];
    if (before == NONE) {
      oldest = after;
    } else {
      newer[before] = after;
    }
    if (after == NONE) {
      newest = before;
    } else {
      older[after] = before;
    }
  }

  private int bucket(long name) {
    return (int) name & buckets.length - 1;
  }

  /** FNV-1a over the characters, and then mixed so that each bit hangs on all (SplitMix64). */
  private static long name(String instance) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < instance.length(); i++) {
      hash = (hash ^ instance.charAt(i)) * 0x100000001B3L;
    }
    hash = (hash ^ hash >>> 30) * 0xBF58476D1CE4E5B9L;
    hash = (hash ^ hash >>> 27) * 0x94D049BB133111EBL;
    return hash ^ hash >>> 31;
  }
}
