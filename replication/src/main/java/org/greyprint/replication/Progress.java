// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

/** Shown what goes on. */
public interface Progress {
  /** A step begins or something is worth a line. */
  void note(String line);

  /** Long work begins; the total is an estimate in the given unit, 0 where it is not known. */
  void begin(String what, String unit, long total);

  /** So much is done. */
  void at(long done);

  /** The long work has ended. */
  void end();

  /** Shows nothing. */
  static Progress silent() {
    return new Progress() {
      @Override
      public void note(String line) {}

      @Override
      public void begin(String what, String unit, long total) {}

      @Override
      public void at(long done) {}

      @Override
      public void end() {}
    };
  }
}
