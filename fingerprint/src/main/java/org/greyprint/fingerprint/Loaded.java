// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.util.List;

/** What came of reading a database: itself, or what is wrong with it. */
public sealed interface Loaded permits Database, Loaded.Faulty {
  /**
   * A database that can't be used.
   *
   * @param name what messages call it
   * @param problems at least one
   */
  record Faulty(String name, List<Problem> problems) implements Loaded {}

  /**
   * A mistake.
   *
   * @param line of the file, from 1
   * @param message what is wrong
   */
  record Problem(int line, String message) {}
}
