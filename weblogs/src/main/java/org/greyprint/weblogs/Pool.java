// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.greyprint.weblogs.stamp.Stamps;

/**
 * Lines that can't stay where they are, because they are late or their log is packed: kept in
 * memory until that is full, then sorted and written to disk as one run.
 *
 * <p>Lines come in the order of their source and position, so a stable sort by instant is enough.
 */
final class Pool implements Closeable {
  /** Before each entry: its instant, source and length, and its position. */
  static final int HEADER = 24;

  private static final long SECOND = 1_000_000_000L;
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int WRITE = 1 << 18;

  private final Chunks memory;
  private final int addressBits;
  private final Spill spill;
  private final List<Run> runs = new ArrayList<>();

  /** The entries' addresses, an eighth of them: 8 octets of an entry's 24 and more. */
  private long[] order = new long[1024];

  private int entries;
  private long used;
  private boolean wholeSeconds = true;
  private long least = Long.MAX_VALUE;
  private long most = Long.MIN_VALUE;

  /** A sorted part of the spill. */
  record Run(Spill spill, long from, long to) {}

  /**
   * @param octets how much memory it may take, with its lists
   */
  Pool(long octets, Path folder) {
    // The list of addresses, while it grows, and half of it for sorting: a fifth.
    memory = new Chunks(octets / 5 * 4);
    addressBits = 64 - Long.numberOfLeadingZeros(memory.size() >>> 3);
    spill = new Spill(folder);
  }

  void add(long instant, int source, long position, byte[] text, int from, int length, boolean end)
      throws IOException {
    int size = length + (end ? 1 : 0);
    long at = memory.fit(used, HEADER + size);
    if (at + HEADER + size > memory.size() || full()) {
      flush();
      at = 0;
    }
    if (entries == order.length) {
      order = Arrays.copyOf(order, entries * 2);
    }
    order[entries++] = at >>> 3;
    MemorySegment part = memory.part(at);
    long place = memory.within(at);
    part.set(LONG, place, instant);
    part.set(INT, place + 8, source);
    part.set(INT, place + 12, size);
    part.set(LONG, place + 16, position);
    MemorySegment.copy(text, from, part, ValueLayout.JAVA_BYTE, place + HEADER, length);
    if (end) {
      part.set(ValueLayout.JAVA_BYTE, place + HEADER + length, (byte) '\n');
    }
    used = at + HEADER + size + 7 & ~7L;
    if (instant != Stamps.NONE) {
      wholeSeconds &= instant % SECOND == 0;
      least = Math.min(least, instant);
      most = Math.max(most, instant);
    }
  }

  /** Whether the list of addresses would outgrow its fifth. */
  private boolean full() {
    return entries == order.length && (long) entries * 2 * 12 > memory.size() / 4;
  }

  private void flush() throws IOException {
    if (entries == 0) {
      return;
    }
    sort();
    ByteBuffer block = ByteBuffer.allocateDirect(WRITE);
    MemorySegment target = MemorySegment.ofBuffer(block);
    long from = spill.size();
    int filled = 0;
    for (int i = 0; i < entries; i++) {
      long at = order[i] << 3;
      MemorySegment part = memory.part(at);
      long place = memory.within(at);
      int size = HEADER + part.get(INT, place + 12);
      if (filled + size > WRITE) {
        spill.append(block.position(0).limit(filled));
        block.clear();
        filled = 0;
      }
      MemorySegment.copy(part, place, target, filled, size);
      filled += size;
    }
    spill.append(block.position(0).limit(filled));
    runs.add(new Run(spill, from, spill.size()));
    entries = 0;
    used = 0;
    wholeSeconds = true;
    least = Long.MAX_VALUE;
    most = Long.MIN_VALUE;
  }

  /** Writes lines that come in order as one run. */
  static Run write(Tournament lines, Spill spill) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(WRITE).order(ByteOrder.LITTLE_ENDIAN);
    long from = spill.size();
    int filled = 0;
    for (Strand strand = lines.first(); strand != null; strand = lines.first()) {
      if (filled + HEADER + strand.length > WRITE) {
        spill.append(block.clear().limit(filled));
        block.clear();
        filled = 0;
      }
      block.putLong(filled, strand.instant);
      block.putInt(filled + 8, strand.source);
      block.putInt(filled + 12, strand.length);
      block.putLong(filled + 16, strand.position);
      block.put(filled + HEADER, strand.data, strand.offset, strand.length);
      filled += HEADER + strand.length;
      lines.advance();
    }
    spill.append(block.clear().limit(filled));
    return new Run(spill, from, spill.size());
  }

  private void sort() {
    long range = most < least ? 0 : most / SECOND - least / SECOND + 2;
    // Seconds and address in one word: then sorting plain numbers sorts entries, and is stable.
    if (wholeSeconds && range > 0 && 64 - Long.numberOfLeadingZeros(range) + addressBits < 64) {
      long base = least / SECOND - 1;
      long mask = (1L << addressBits) - 1;
      for (int i = 0; i < entries; i++) {
        long instant = instant(order[i]);
        long second = instant == Stamps.NONE ? 0 : instant / SECOND - base;
        order[i] |= second << addressBits;
      }
      Arrays.sort(order, 0, entries);
      for (int i = 0; i < entries; i++) {
        order[i] &= mask;
      }
      return;
    }
    mergeSort(order, 0, entries, new long[(entries + 1) / 2]);
  }

  private void mergeSort(long[] a, int from, int to, long[] aside) {
    if (to - from < 16) {
      for (int i = from + 1; i < to; i++) {
        long entry = a[i];
        long instant = instant(entry);
        int at = i;
        while (at > from && instant(a[at - 1]) > instant) {
          a[at] = a[at - 1];
          at--;
        }
        a[at] = entry;
      }
      return;
    }
    int middle = (from + to) >>> 1;
    mergeSort(a, from, middle, aside);
    mergeSort(a, middle, to, aside);
    if (instant(a[middle - 1]) <= instant(a[middle])) {
      return;
    }
    int left = middle - from;
    System.arraycopy(a, from, aside, 0, left);
    int i = 0;
    int j = middle;
    int at = from;
    while (i < left && j < to) {
      a[at++] = instant(a[j]) < instant(aside[i]) ? a[j++] : aside[i++];
    }
    System.arraycopy(aside, i, a, at, left - i);
  }

  private long instant(long entry) {
    long at = entry << 3;
    return memory.part(at).get(LONG, memory.within(at));
  }

  /** Whether anything went to disk. */
  boolean spilled() {
    return !runs.isEmpty();
  }

  boolean isEmpty() {
    return entries == 0 && runs.isEmpty();
  }

  /** Ends the filling: all that is left goes to disk too, and the memory is given back. */
  List<Run> spill() throws IOException {
    flush();
    memory.close();
    order = new long[0];
    return runs;
  }

  /** Ends the filling: what is in memory, in order. */
  Strand strand() {
    sort();
    return new Memory();
  }

  @Override
  public void close() throws IOException {
    memory.close();
    spill.close();
  }

  private final class Memory extends Strand {
    private int at;

    @Override
    boolean next() {
      if (at == entries) {
        return false;
      }
      long address = order[at++] << 3;
      MemorySegment part = memory.part(address);
      long from = memory.within(address);
      instant = part.get(LONG, from);
      source = part.get(INT, from + 8);
      length = part.get(INT, from + 12);
      position = part.get(LONG, from + 16);
      data = memory.view(address);
      offset = (int) from + HEADER;
      return true;
    }
  }
}
