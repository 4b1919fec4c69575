// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.List;
import java.util.Map;

/**
 * The answer to an {@link Inquiry}.
 *
 * @param id names this decision in logs, replies and the journal; short, [0-9a-z]+
 * @param verdict what to do; already what is to be done, so Deliver in observe mode
 * @param intended what would be done if it were enforced; equals verdict unless observing
 * @param rule the name of the rule that matched, or the failure that made it deliver
 * @param reason one sentence for the log and the reply
 * @param headers more headers to put on the message, in order
 * @param evidence what was known, flat, for journal and explain
 */
public record Decision(
    String id,
    Verdict verdict,
    Verdict intended,
    String rule,
    String reason,
    List<Header> headers,
    Map<String, Object> evidence) {
  /** A header field to add; value without line breaks. */
  public record Header(String name, String value) {}
}
