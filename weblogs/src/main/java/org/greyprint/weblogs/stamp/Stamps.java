// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

/**
 * Finds the time stamp in each line of one source, in the order of the source.
 *
 * <p>An instance remembers the last line: a stamp without a year, and one in the hour that a clock
 * goes through twice, are read by what came before. So one instance reads one source, on one thread
 * at a time.
 */
public interface Stamps {
  /** The instant of a line without a date. No date has it: it is before the first year there is. */
  long NONE = Long.MIN_VALUE;

  /** The date of a line is looked for in so many octets of its beginning. */
  int REACH = 8192;

  /**
   * Finds the stamp of a line.
   *
   * @param line holds the line
   * @param from where the line begins
   * @param to where it ends; the line's own end (CR, LF) may be part of it
   * @return nanoseconds since 1970-01-01 00:00:00 UTC, years 1678 to 2261, or {@link #NONE}
   */
  long find(byte[] line, int from, int to);

  /** Where the stamp that was found last begins, in the array it was found in. */
  int start();

  /** Where it ends: the first octet after it. */
  int end();

  /**
   * Writes an instant in the manner of the stamp that was found last: the same layout, the same
   * digits of a second's fraction. Only the offset changes, where the layout has one.
   *
   * @param instant nanoseconds since 1970; its fraction of a second is not used
   * @param offset seconds east of Greenwich, a multiple of 60
   * @param line the line the stamp was found in
   * @param target gets the text; there must be room for {@link #longest()} octets
   * @return the first place in {@code target} after the text
   */
  int write(long instant, int offset, byte[] line, byte[] target, int at);

  /**
   * No text written by {@link #write} is longer: the stamp that was found last and a few octets.
   */
  default int longest() {
    return end() - start() + 64;
  }

  /** Continues a source that was read before: the instant of its last record, or NONE. */
  void resume(long last);
}
