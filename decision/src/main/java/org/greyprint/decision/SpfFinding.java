// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/**
 * What SPF says of a client for one sender.
 *
 * @param result the result; {@link SpfResult#UNKNOWN} before, or without, an answer
 * @param domain the domain that was asked for: the sender's, or HELO's for the null sender; or ""
 */
public record SpfFinding(SpfResult result, String domain) {
  /** What is said before, or without, an answer. */
  public static final SpfFinding UNKNOWN = new SpfFinding(SpfResult.UNKNOWN, "");

  /** Whether SPF was answered for good; a temporary error is none. */
  public boolean known() {
    return result != SpfResult.UNKNOWN && result != SpfResult.TEMPERROR;
  }
}
