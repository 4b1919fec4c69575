// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;

/** What the greylist says to an {@link Attempt}. */
public sealed interface Answer {
  /**
   * It may pass.
   *
   * @param why the reason
   * @param waited since the first try; zero if it did not have to wait
   * @param tries how often it came, this time included
   * @param by what let it pass, e.g. the list entry or the proven network; or ""
   */
  record Passed(Why why, Duration waited, long tries, String by) implements Answer {}

  /**
   * It is to come again.
   *
   * @param retryAfter until it will pass, more than zero
   * @param why the reason
   * @param tries how often it came, this time included
   */
  record Deferred(Duration retryAfter, Why why, long tries) implements Answer {}

  /**
   * The greylist could not tell, and the mail is to be delivered.
   *
   * @param reason one line
   */
  record Failed(String reason) implements Answer {}
}
