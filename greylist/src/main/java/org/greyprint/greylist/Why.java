// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.Locale;

/** Why the greylist answered as it did. */
public enum Why {
  /** Deferred: never seen, or not since the window or lifetime ended. */
  NEW,
  /** Deferred: came back before the delay was over. */
  EARLY,
  /** Passed: came back after the delay. */
  RETRY,
  /** Passed: came back before, and within the lifetime. */
  KNOWN,
  /** Passed: has been on its way for max-wait, whatever addresses it came from. */
  MAX_WAIT,
  /** Passed: has tried max-tries times. */
  MAX_TRIES,
  /** Passed: its network or domain has proven itself by earlier deliveries. */
  PROVEN,
  /** Passed: the recipient has written to the sender. */
  CORRESPONDENT,
  /** Passed: stands on a list. */
  ALLOWED,
  /** Passed: let through by hand. */
  RELEASED,
  /** Passed: the delay for it is zero. */
  NO_DELAY;

  /** The word that is written in journal and log. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
