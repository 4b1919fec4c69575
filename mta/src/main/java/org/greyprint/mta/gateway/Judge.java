// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for a decision, and does without one that fails or does not come in time. */
record Judge(Decider decider, Duration limit, EventLoop loop) {
  private static final Logger LOG = LoggerFactory.getLogger(Judge.class);

  /**
   * Asks.
   *
   * @param then gets the decision, once, on the event loop; empty where there is none
   */
  void decide(Inquiry inquiry, Consumer<Optional<Decision>> then) {
    CompletionStage<Decision> stage;
    try {
      stage = decider.decide(inquiry);
    } catch (RuntimeException e) {
      LOG.error("no decision; mail is delivered", e);
      then.accept(Optional.empty());
      return;
    }
    CompletableFuture<Decision> future = stage.toCompletableFuture();
    if (future.isDone() && !future.isCompletedExceptionally()) {
      then.accept(Optional.ofNullable(future.join()));
      return;
    }
    boolean[] open = {true};
    ScheduledFuture<?> late =
        loop.schedule(
            () -> {
              open[0] = false;
              LOG.warn("no decision within {} ms; mail is delivered", limit.toMillis());
              then.accept(Optional.empty());
            },
            limit.toMillis(),
            TimeUnit.MILLISECONDS);
    stage.whenComplete((decision, error) -> {
      if (error != null) {
        LOG.error("no decision; mail is delivered", error);
      }
      Runnable answer =
          () -> {
            late.cancel(false);
            if (open[0]) {
              open[0] = false;
              then.accept(error == null ? Optional.ofNullable(decision) : Optional.empty());
            }
          };
      if (loop.inEventLoop()) {
        answer.run();
      } else {
        loop.execute(answer);
      }
    });
  }
}
