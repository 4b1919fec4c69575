// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;

/**
 * A decision as it is kept.
 *
 * @param id the decision's id
 * @param time when it was asked; kept to the millisecond
 * @param client the client's address
 * @param port its port, or 0
 * @param verdict deliver, defer or reject: what was done
 * @param intended the same three: what would have been done if it were enforced
 * @param retryAfter how long the client was, or would have been, told to wait; zero if not
 * @param rule the rule that matched, or in parentheses what else decided
 * @param reason one sentence
 * @param headers header fields the message got
 * @param evidence what was known; values are String, Long, Double, Boolean or List of String
 */
public record Entry(
    String id,
    Instant time,
    InetAddress client,
    int port,
    String verdict,
    String intended,
    Duration retryAfter,
    String rule,
    String reason,
    List<Decision.Header> headers,
    Map<String, Object> evidence) {

  /** What is kept of an inquiry and its decision. */
  public static Entry of(Inquiry inquiry, Decision decision) {
    return new Entry(
        decision.id(),
        inquiry.time(),
        inquiry.client().address(),
        inquiry.client().port(),
        word(decision.verdict()),
        word(decision.intended()),
        retryAfter(decision.intended()),
        decision.rule(),
        decision.reason(),
        decision.headers(),
        decision.evidence());
  }

  /** Text evidence, or "". */
  public String text(String key) {
    return evidence.get(key) instanceof String text ? text : "";
  }

  /** Numeric evidence, if it is there. */
  public Optional<Long> number(String key) {
    return evidence.get(key) instanceof Long number ? Optional.of(number) : Optional.empty();
  }

  /** Whether something else would have been done if it were enforced. */
  public boolean observed() {
    return !verdict.equals(intended);
  }

  private static String word(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Deliver deliver -> "deliver";
      case Verdict.Defer defer -> "defer";
      case Verdict.Reject reject -> "reject";
    };
  }

  private static Duration retryAfter(Verdict verdict) {
    return verdict instanceof Verdict.Defer defer ? defer.retryAfter() : Duration.ZERO;
  }
}
