// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

/** Is told how far a merge is; may be called from several threads. */
public interface MergeProgress {
  /** Tells nobody. */
  MergeProgress NONE = (done, total) -> {};

  /**
   * So much is done.
   *
   * @param done octets read and written
   * @param total octets there are to read and write, as far as known; it may grow
   */
  void at(long done, long total);
}
