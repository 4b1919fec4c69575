// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.concurrent.CompletionStage;
import org.greyprint.greylist.Attempt;
import org.greyprint.greylist.Greylist;

/** Puts the questions of decisions to a greylist. */
public final class GreylistDesk implements GreylistGate {
  private final Greylist greylist;

  /** Asks this one. */
  public GreylistDesk(Greylist greylist) {
    this.greylist = greylist;
  }

  @Override
  public CompletionStage<Answer> ask(Question question) {
    return greylist.ask(attempt(question)).thenApply(GreylistDesk::answer);
  }

  /** What the greylist is asked for a question; also for explaining it. */
  public static Attempt attempt(Question question) {
    Inquiry inquiry = question.inquiry();
    boolean pass = question.spf().equals(SpfResult.PASS.word());
    return new Attempt(
        inquiry.client().address(),
        inquiry.session().helo(),
        question.hostName(),
        inquiry.envelope().sender(),
        inquiry.envelope().recipient(),
        pass ? question.spfDomain() : "",
        question.delay(),
        question.observe());
  }

  private static Answer answer(org.greyprint.greylist.Answer answer) {
    return switch (answer) {
      case org.greyprint.greylist.Answer.Passed passed ->
          new Passed(
              passed.by().isEmpty() ? passed.why().word() : passed.why().word() + " " + passed.by(),
              passed.waited(),
              passed.tries());
      case org.greyprint.greylist.Answer.Deferred deferred ->
          new Deferred(deferred.retryAfter(), deferred.why().word(), deferred.tries());
      case org.greyprint.greylist.Answer.Failed failed -> new Failed(failed.reason());
    };
  }
}
