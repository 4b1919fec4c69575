// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;

/** What a face is to do with a recipient. */
public sealed interface Verdict {
  /** Take it. */
  record Deliver() implements Verdict {}

  /**
   * Answer 451 4.7.1 for now.
   *
   * @param retryAfter how long until a retry will pass, rounded up to seconds
   */
  record Defer(Duration retryAfter) implements Verdict {}

  /**
   * Refuse for good with 550 5.7.1.
   *
   * @param text what the sender is told; printable ASCII
   */
  record Reject(String text) implements Verdict {}
}
