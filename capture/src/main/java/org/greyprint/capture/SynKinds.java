// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what SYNs tell, by all of their octets that can matter: a capture of millions of SYNs
 * holds some thousands of kinds, each of which need be read only once.
 *
 * <p>Two SYNs are of one kind if their headers are equal but for addresses, ports, checksums, the
 * values of IP ID, sequence number, urgent pointer, flow label and timestamps; of these only
 * whether they are zero counts. Bounded: where it is full, all is forgotten. Finding allocates
 * nothing.
 *
 * @param <T> what is remembered
 */
public final class SynKinds<T> {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private static final long LOW = 0x0101_0101_0101_0101L;
  private static final long HIGH = LOW << 7;

  /** Kind and length of a timestamp (RFC 7323), in each octet. */
  private static final long EIGHTS = LOW * 8;

  private static final long TENS = LOW * 10;
  private static final int CAPACITY_BITS = 14;
  private static final int CAPACITY = 1 << CAPACITY_BITS;
  private static final int MAX_USED = CAPACITY / 2;
  private static final int OPTION_WORDS = 5;

  /** How long options of each kind are; -1 for those whose length varies. */
  private static final byte[] LENGTHS = {-1, -1, 4, 3, 2, -1, -1, -1, 10};

  /** Seven words make a key; eight, so that a key lies in one line of the processor's cache. */
  private static final int WORDS = 8;

  private static final int FIRST_ROOM = 256;

  private final SynPacket syn = new SynPacket();
  private final byte[] options = new byte[OPTION_WORDS * 8];

  // A hash table of the numbers of kinds, from 1; kinds lie one after the other, because what is
  // touched for each SYN is to stay in the processor's cache.
  private final short[] index = new short[CAPACITY];
  private long[] keys = new long[FIRST_ROOM * WORDS];
  private Object[] values = new Object[FIRST_ROOM];
  private final Reader<T> reader;
  private final Consumer<T> forgotten;
  private int used;

  /** Reads a SYN of a kind not seen before. */
  @FunctionalInterface
  public interface Reader<T> {
    /** What the packet tells, or null where it is to be passed over. */
    @Nullable T read(byte[] packet, int start, int end);
  }

  /**
   * Remembers nothing yet.
   *
   * @param forgotten told each value that is dropped to make room
   */
  public SynKinds(Reader<T> reader, Consumer<T> forgotten) {
    this.reader = reader;
    this.forgotten = forgotten;
  }

  /**
   * What a captured frame tells.
   *
   * @param file stands at the frame
   * @return null where it is no SYN
   */
  public @Nullable T find(CaptureFile file) {
    byte[] b = file.bytes();
    int at = LinkLayer.ipOffset(file.linkType(), b, file.start(), file.end());
    if (at < 0 || !syn.read(b, at, file.end())) {
      return null;
    }
    return find(b, file.end());
  }

  @SuppressWarnings("unchecked")
  private @Nullable T find(byte[] b, int limit) {
    long first = ipWord(b);
    int tcp = syn.tcp;
    long second =
        (b[tcp + 12] & 0xffL) << 32
            | (b[tcp + 13] & 0xffL) << 40
            | (int) INT.get(b, tcp + 8) & 0xffff_ffffL
            | (syn.sequence == 0 ? 1L << 48 : 0)
            | ((b[tcp + 18] | b[tcp + 19]) != 0 ? 1L << 49 : 0);
    options(b);
    long hash = (first ^ second * 0x9e3779b97f4a7c15L) * 0xd6e8feb86659fd93L;
    long o0 = (long) LONG.get(options, 0);
    long o1 = (long) LONG.get(options, 8);
    long o2 = (long) LONG.get(options, 16);
    long o3 = (long) LONG.get(options, 24);
    long o4 = (long) LONG.get(options, 32);
    hash = (hash ^ hash >>> 32 ^ o0) * 0x9e3779b97f4a7c15L;
    hash = (hash ^ hash >>> 32 ^ o1) * 0xd6e8feb86659fd93L;
    hash = (hash ^ hash >>> 32 ^ o2 ^ o3 * 31 ^ o4 * 1023) * 0x9e3779b97f4a7c15L;
    int slot = (int) (hash >>> 64 - CAPACITY_BITS);
    while (true) {
      int kind = index[slot] - 1;
      if (kind < 0) {
        break;
      }
      int key = kind * WORDS;
      if (keys[key] == first
          && keys[key + 1] == second
          && keys[key + 2] == o0
          && keys[key + 3] == o1
          && keys[key + 4] == o2
          && keys[key + 5] == o3
          && keys[key + 6] == o4) {
        return (T) values[kind];
      }
      slot = slot + 1 & CAPACITY - 1;
    }
    T read = reader.read(b, syn.start, Math.min(limit, syn.payloadEnd));
    if (read == null) {
      return null;
    }
    if (used == MAX_USED) {
      forget();
      slot = (int) (hash >>> 64 - CAPACITY_BITS);
    }
    if (used == values.length) {
      values = Arrays.copyOf(values, used * 2);
      keys = Arrays.copyOf(keys, used * 2 * WORDS);
    }
    long[] words = {first, second, o0, o1, o2, o3, o4};
    System.arraycopy(words, 0, keys, used * WORDS, words.length);
    values[used] = read;
    index[slot] = (short) ++used;
    return read;
  }

  private long ipWord(byte[] b) {
    int at = syn.start;
    long word =
        (b[syn.tcp + 14] & 0xffL) << 8
            | b[syn.tcp + 15] & 0xffL
            | (long) syn.ttl << 16
            | (syn.payloadEnd > syn.end ? 1L << 24 : 0);
    if ((b[at] & 0xf0) == 0x40) {
      return word
          | (b[at] & 0xffL) << 56
          | (b[at + 1] & 0xffL) << 48
          | (b[at + 6] & 0xe0L) << 40
          | ((b[at + 4] | b[at + 5]) != 0 ? 1L << 25 : 0);
    }
    boolean flow = (b[at + 1] & 15 | b[at + 2] | b[at + 3]) != 0;
    return word
        | 0x60L << 56
        | (long) (LinkLayer.u16(b, at) >> 4 & 0xff) << 48
        | (flow ? 1L << 25 : 0)
        | (syn.tcp - at > 40 ? 1L << 26 : 0);
  }

  /**
   * Takes the options as words, with the values of well-formed timestamps reduced to zero or not.
   */
  private void options(byte[] b) {
    int from = syn.tcp + 20;
    int length = syn.end - from;
    // The reader's buffer has octets to spare after the packet; what is not of it is masked.
    byte[] to = options;
    long before = 0;
    long stamps = 0;
    for (int i = 0; i < OPTION_WORDS * 8; i += 8) {
      int left = length - i;
      long word = (long) LONG.get(b, from + i);
      long mask = left >= 8 ? -1L : left <= 0 ? 0 : (1L << left * 8) - 1;
      word &= mask;
      LONG.set(to, i, word);
      stamps |= zeros(before ^ EIGHTS) & zeros((before >>> 8 | word << 56) ^ TENS);
      before = word;
    }
    stamps |= zeros(before ^ EIGHTS) & zeros(before >>> 8 ^ TENS);
    if (stamps == 0) {
      // No kind 8 with length 10 anywhere: most SYNs.
      return;
    }
    int i = 0;
    while (i < length) {
      int kind = to[i];
      if (kind == 1) {
        i++;
        continue;
      }
      if (kind <= 0 || kind > 8 || i + 1 >= length || to[i + 1] != LENGTHS[kind]) {
        return;
      }
      if (kind == 8) {
        if (i + 10 <= length) {
          INT.set(to, i + 2, (int) INT.get(to, i + 2) == 0 ? 0 : 1);
          INT.set(to, i + 6, (int) INT.get(to, i + 6) == 0 ? 0 : 1);
        }
        // Nobody sends two.
        return;
      }
      i += LENGTHS[kind];
    }
  }

  /** The highest bit of each octet that is 0, and perhaps of others above such a one. */
  private static long zeros(long word) {
    return word - LOW & ~word & HIGH;
  }

  @SuppressWarnings("unchecked")
  private void forget() {
    each((Consumer<T>) forgotten);
    Arrays.fill(values, null);
    Arrays.fill(index, (short) 0);
    used = 0;
  }

  /** Gives each value that is held now. */
  @SuppressWarnings("unchecked")
  public void each(Consumer<T> consumer) {
    for (Object value : values) {
      if (value != null) {
        consumer.accept((T) value);
      }
    }
  }

  /** Whether the last SYN came over IPv6. */
  public boolean isIpv6() {
    return syn.clientHigh != 0 || syn.clientLow >>> 32 != 0xffff;
  }

  /** Upper half of the last SYN's source address; IPv4 addresses are IPv4-mapped. */
  public long clientHigh() {
    return syn.clientHigh;
  }

  /** Lower half of the last SYN's source address. */
  public long clientLow() {
    return syn.clientLow;
  }

  /** Upper half of the last SYN's destination address. */
  public long serverHigh() {
    return syn.serverHigh;
  }

  /** Lower half of the last SYN's destination address. */
  public long serverLow() {
    return syn.serverLow;
  }

  /** The last SYN's source port. */
  public int clientPort() {
    return syn.clientPort;
  }

  /** The last SYN's destination port. */
  public int serverPort() {
    return syn.serverPort;
  }

  /** The last SYN's sequence number. */
  public int sequence() {
    return syn.sequence;
  }
}
