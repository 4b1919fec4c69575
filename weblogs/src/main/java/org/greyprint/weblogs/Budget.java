// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

/**
 * How the memory of a merge is shared out.
 *
 * <p>What does not fit the parts goes to disk. The Java machine with its code and this program's
 * small objects is given {@link #MACHINE}; the rest is data, outside of the Java heap but for the
 * buffers.
 *
 * @param pools for late lines and lines of packed logs, until they are sorted and spilled
 * @param index for the order of the lines that stay where they are
 * @param buffers for reading while merging, where the pools are kept
 * @param window how many lines of a file are brought into order before they are written to its
 *     index
 * @param ahead how much of each file is read ahead where all is done in one reading
 * @param open how many files stay open and are read again; smaller ones beyond are kept as if late
 */
record Budget(long pools, long index, long buffers, int window, int ahead, int open) {
  /** What a Java machine of this program takes before it has data. */
  static final long MACHINE = 108L << 20;

  /** The most that one line's piece takes in a buffer: see {@link LineSink#LONGEST}. */
  static final int LEAST_BUFFER = 2 * LineSink.LONGEST;

  /** A piece of a log that is long enough for threads to change seldom. */
  private static final int AHEAD = 1 << 19;

  static Budget of(long memory) {
    long data = Math.max(memory - MACHINE, 24L << 20);
    // Not more than 4 GiB for the pools: their entries are told by 32 bits.
    return new Budget(Math.min(data / 8 * 5, 4L << 30), data / 8, data / 4, 4096, AHEAD, 200);
  }

  /** What may be read ahead where all is done in one reading; that is in the Java heap. */
  long passing() {
    return Math.min(buffers, 40L << 20);
  }

  /** The octets of each of so many buffers that read runs. */
  static int runBuffer(long octets, int runs) {
    return (int) Math.clamp(octets / Math.max(runs, 1), LEAST_BUFFER, 1 << 19);
  }

  /**
   * The octets of each buffer that reads a file. Files have just been read, so that what counts is
   * that all the buffers stay in the processor's cache.
   */
  static int fileBuffer() {
    return LEAST_BUFFER;
  }
}
