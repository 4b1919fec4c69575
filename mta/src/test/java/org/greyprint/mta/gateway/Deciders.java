// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;

/** A decider of tests, which keeps what it was asked. */
final class Deciders implements Decider {
  final List<Inquiry> asked = new CopyOnWriteArrayList<>();
  volatile Function<Inquiry, Verdict> verdict = inquiry -> new Verdict.Deliver();
  volatile List<Decision.Header> headers = List.of();

  @Override
  public CompletionStage<Decision> decide(Inquiry inquiry) {
    asked.add(inquiry);
    Verdict given = verdict.apply(inquiry);
    Decision decision = new Decision("d1", given, given, "test", "a test", headers, Map.of());
    return CompletableFuture.supplyAsync(() -> decision);
  }
}
