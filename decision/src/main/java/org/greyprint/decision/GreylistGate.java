// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** How a decision asks the greylist; lets decisions be tested without a store. */
@FunctionalInterface
public interface GreylistGate {
  /** Asks whether this attempt may pass. A stage that fails counts as {@link Failed}. */
  CompletionStage<Answer> ask(Question question);

  /**
   * An attempt.
   *
   * @param inquiry what the face asked
   * @param delay the rule's own delay, or empty for the greylist's
   * @param spf what SPF says of this client for the sender's domain, one of {@link SpfResult}'s
   *     words; "unknown" if it was not asked or not answered in time
   * @param spfDomain the domain SPF was asked for, or ""
   * @param hostName the client's forward-confirmed name, or ""
   * @param observe whether the answer is only recorded and the mail delivered whatever it is
   */
  record Question(
      Inquiry inquiry,
      Optional<Duration> delay,
      String spf,
      String spfDomain,
      String hostName,
      boolean observe) {}

  /** What the greylist says. */
  sealed interface Answer {}

  /**
   * It may pass.
   *
   * @param why one word for the journal: retry, known, allowed, max-wait and so on
   * @param waited since the first try, zero if it did not wait
   * @param tries how often it came, this time included
   */
  record Passed(String why, Duration waited, long tries) implements Answer {}

  /**
   * It is to come again.
   *
   * @param retryAfter until it will pass
   * @param why one word for the journal: new, early
   * @param tries how often it came, this time included
   */
  record Deferred(Duration retryAfter, String why, long tries) implements Answer {}

  /** The greylist could not tell; the mail is delivered. */
  record Failed(String reason) implements Answer {}
}
