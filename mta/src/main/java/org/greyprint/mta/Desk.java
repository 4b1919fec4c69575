// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.greyprint.capture.Observation;
import org.greyprint.capture.SynLookup;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.fingerprint.Fingerprint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts an MTA's question together and asks it: the SYN, the decision, and what no rule can change,
 * that local and authenticated clients are never deferred. What fails is counted and delivers.
 */
final class Desk {
  private static final Logger LOG = LoggerFactory.getLogger(Desk.class);

  /** No SYN. */
  static final CompletionStage<Optional<Observation>> NOTHING =
      CompletableFuture.completedFuture(Optional.empty());

  private final Decider decider;
  private final SynLookup syns;
  private final InstantSource clock;
  private final FaceSettings settings;
  private final FaceCounters counters;

  Desk(
      Decider decider,
      SynLookup syns,
      InstantSource clock,
      FaceSettings settings,
      FaceCounters counters) {
    this.decider = decider;
    this.syns = syns;
    this.clock = clock;
    this.settings = settings;
    this.counters = counters;
  }

  FaceSettings settings() {
    return settings;
  }

  FaceCounters counters() {
    return counters;
  }

  /** Looks for a client's SYN; port 0 asks for the latest of the address. Never fails. */
  CompletionStage<Optional<Observation>> look(InetAddress client, int port) {
    CompletionStage<Optional<Observation>> found;
    try {
      found = syns.find(client, port, settings.patience());
    } catch (RuntimeException e) {
      found = CompletableFuture.failedStage(e);
    }
    CompletableFuture<Optional<Observation>> now = found.toCompletableFuture();
    if (now.isDone() && !now.isCompletedExceptionally()) {
      // As most are; what is kept of a message without a SYN is the same for all.
      boolean seen = now.join().isPresent();
      (seen ? counters.recognised : counters.unseen).increment();
      return seen ? found : NOTHING;
    }
    return found.handle((observation, error) -> {
      if (error != null) {
        fail("the SYN could not be looked up", error);
      }
      Optional<Observation> seen = error == null ? observation : Optional.empty();
      (seen.isPresent() ? counters.recognised : counters.unseen).increment();
      return seen;
    });
  }

  /** For a client that cannot have a SYN of its own here. */
  CompletionStage<Optional<Observation>> nothingToLookFor() {
    counters.notLookedUp.increment();
    return NOTHING;
  }

  void connected(Inquiry.Client client, Inquiry.Session session) {
    try {
      decider.connected(client, session);
    } catch (RuntimeException e) {
      fail("the decider did not take a new client", e);
    }
  }

  /** Decides on one recipient. Never fails. */
  CompletionStage<Decision> decide(
      Inquiry.Client client,
      Inquiry.Session session,
      Inquiry.Envelope envelope,
      Optional<Observation> syn) {
    Optional<Fingerprint> fingerprint = syn.map(Observation::fingerprint);
    Map<String, Object> extra = syn.map(Desk::ofSyn).orElse(Map.of());
    CompletionStage<Decision> decided;
    try {
      decided =
          decider.decide(
              new Inquiry(clock.instant(), client, session, envelope, fingerprint, extra));
    } catch (RuntimeException e) {
      decided = CompletableFuture.failedStage(e);
    }
    return decided.handle((decision, error) -> {
      if (error != null) {
        fail("no decision", error);
        return UNDECIDED;
      }
      boolean own = client.loopback() || session.authenticated();
      if (own && !(decision.verdict() instanceof Verdict.Deliver)) {
        counters.exempt.increment();
        return with(decision, new Verdict.Deliver());
      }
      return decision;
    });
  }

  private static Map<String, Object> ofSyn(Observation seen) {
    Map<String, Object> extra = new HashMap<>();
    extra.put("syn.hosts", (long) seen.hosts());
    seen.uptime().ifPresent(up -> extra.put("syn.uptime", up.toSeconds()));
    return extra;
  }

  private static final Decision UNDECIDED =
      new Decision(
          "0",
          new Verdict.Deliver(),
          new Verdict.Deliver(),
          "undecided",
          "no decision",
          List.of(),
          Map.of());

  private static Decision with(Decision decision, Verdict verdict) {
    return new Decision(
        decision.id(),
        verdict,
        decision.intended(),
        decision.rule(),
        decision.reason(),
        decision.headers(),
        decision.evidence());
  }

  /** Counts; a failure that goes on is logged once, and with its trace in the debug log. */
  private void fail(String what, Throwable error) {
    counters.failed.increment();
    if (counters.failed.sum() == 1) {
      LOG.error("{}; mail is delivered", what, error);
    } else {
      LOG.debug("{}; mail is delivered", what, error);
    }
  }

  /** What a deferred sender is told, without the SMTP code. */
  String deferral(Decision decision, Verdict.Defer defer) {
    long seconds = Math.max(1, defer.retryAfter().plusNanos(999_999_999).toSeconds());
    String text = "Greylisted, retry in " + seconds + (seconds == 1 ? " second" : " seconds");
    return settings.idInReply() ? text + " (id " + decision.id() + ")" : text;
  }

  /** What the header says: nothing of our own users' machines, which are none of the world's. */
  static String headerValue(
      Inquiry.Client client, Inquiry.Session session, Optional<Observation> syn) {
    return client.loopback() || session.authenticated()
        ? HeaderValue.UNKNOWN
        : HeaderValue.of(syn.map(Observation::fingerprint));
  }
}
