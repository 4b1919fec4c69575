// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

/** Is told what goes on; called from several threads. */
public interface RebuildProgress {
  /** Lines that AWStats has to read in all, known once all records are there. */
  void total(long lines);

  /** So many more lines were read. */
  void advance(long lines);

  /** Something that the user should know at once: an earlier run's backup was put back. */
  void note(String line);

  /** Tells nobody. */
  static RebuildProgress silent() {
    return new RebuildProgress() {
      @Override
      public void total(long lines) {}

      @Override
      public void advance(long lines) {}

      @Override
      public void note(String line) {}
    };
  }
}
