// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;

/**
 * How much a RocksDB store may use.
 *
 * @param cacheBytes for blocks, indexes and filters that were read
 * @param writeBufferBytes for what is written and not yet in a table; there are at most two
 * @param walBytes how long the log may grow before its contents are moved to tables; what is in it
 *     has to be read at the start
 * @param queue how many changes may wait; more fail
 * @param longestPause the most time between two tries to open a store that cannot be used
 */
public record RocksDbSettings(
    long cacheBytes, long writeBufferBytes, long walBytes, int queue, Duration longestPause) {
  /** The defaults: about 16 MB. */
  public static final RocksDbSettings DEFAULT =
      new RocksDbSettings(8L << 20, 4L << 20, 8L << 20, 100_000, Duration.ofSeconds(5));
}
