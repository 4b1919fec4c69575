// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.greyprint.decision.GreylistGate.Answer;
import org.jspecify.annotations.Nullable;

/**
 * One decision on its way: walks the rules, steps aside while DNS or the greylist is asked, and
 * ends with a decision whatever happens.
 */
final class Deciding {
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  /** What an action came to. */
  private record Outcome(Verdict verdict, String reason, Optional<Answer> answer) {}

  private final Decisions host;
  private final List<Rule> rules;
  private final boolean observe;
  private final Inquiry inquiry;
  private final CompletableFuture<Decision> promise;
  private final DnsFacts dns;
  private final Facts facts;
  private final Set<Need> needs;
  private final List<Decision.Header> headers = new ArrayList<>();
  private final List<String> marks = new ArrayList<>();
  private @Nullable Rule observed;
  private boolean taken;
  private int next;

  Deciding(
      Decisions host,
      Rules rules,
      boolean observe,
      Inquiry inquiry,
      CompletableFuture<Decision> promise) {
    this.host = host;
    this.rules = rules.list();
    this.needs = rules.needs();
    this.observe = observe;
    this.inquiry = inquiry;
    this.promise = promise;
    this.dns = new DnsFacts(need -> host.evidence.ask(need, inquiry));
    this.facts = new Facts(inquiry, dns, rules.fields());
  }

  void begin() {
    guarded(this::walk);
  }

  /** Runs a step; whatever it throws ends in delivery. */
  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | StackOverflowError e) {
      fail(e);
    }
  }

  private void fail(Throwable e) {
    host.counts.failures.increment();
    host.once("decide " + e.getClass(), "deciding failed, the mail is delivered", e);
    Verdict deliver = new Verdict.Deliver();
    Decision decision =
        new Decision(
            host.ids.next(),
            deliver,
            deliver,
            "(failure)",
            "delivered because deciding failed: " + e.getClass().getSimpleName(),
            List.of(),
            Map.of());
    host.counts.delivered.increment();
    host.tell(inquiry, decision);
    promise.complete(decision);
  }

  private void walk() {
    while (next < rules.size()) {
      Rule rule = rules.get(next);
      switch (rule.match(facts)) {
        case Rule.Match.No no -> {}
        case Rule.Match.Yes yes -> {
          if (matched(rule)) {
            return;
          }
        }
        case Rule.Match.Wait wait -> {
          await(Set.copyOf(facts.awaited()), remaining(), this::walk);
          return;
        }
        case Rule.Match.Unknown unknown -> {
          host.counts.unknownEvidence.increment();
          if (rule.action() instanceof Action.Deliver) {
            taken = true;
            if (matched(rule)) {
              return;
            }
            taken = false;
          }
        }
        case Rule.Match.Broken broken -> {
          host.counts.ruleFailures.increment();
          host.once(
              "rule " + rule.name(),
              rule.definition().position()
                  + ": rule '"
                  + rule.name()
                  + "' failed and is treated as not matching: "
                  + broken.why(),
              null);
        }
      }
      next++;
    }
    finish(Optional.empty(), new Outcome(new Verdict.Deliver(), "no rule matched", none()));
  }

  private static Optional<Answer> none() {
    return Optional.empty();
  }

  /** What rules that are still to be asked may need. */
  private Set<Need> remaining() {
    Set<Need> wanted = java.util.EnumSet.noneOf(Need.class);
    rules.subList(next, rules.size()).forEach(rule -> wanted.addAll(rule.needs()));
    wanted.retainAll(needs);
    return wanted;
  }

  /** Waits for evidence as long as this session may still be kept waiting, then goes on. */
  private void await(Set<Need> missing, Set<Need> ahead, Runnable then) {
    dns.ask(ahead);
    CompletableFuture<Void> arrival = dns.arrival(missing);
    if (arrival.isDone()) {
      then.run();
      return;
    }
    long patience = Math.max(0, host.evidence.patience(inquiry).toNanos());
    if (patience == 0) {
      dns.giveUp(missing);
      then.run();
      return;
    }
    long start = System.nanoTime();
    arrival
        .copy()
        .completeOnTimeout(null, patience, TimeUnit.NANOSECONDS)
        .whenCompleteAsync(
            (nothing, failure) ->
                guarded(() -> {
                  boolean inVain = !arrival.isDone();
                  Duration time = Duration.ofNanos(System.nanoTime() - start);
                  host.evidence.waited(inquiry, time, inVain);
                  dns.giveUp(missing);
                  then.run();
                }),
            THREADS);
  }

  /** Acts on a rule that matched; true if the walk ends here. */
  private boolean matched(Rule rule) {
    if (rule.action() instanceof Action.Mark mark) {
      if (!rule.definition().observe()) {
        facts.addPoints(mark.points());
        headers.addAll(mark.headers());
        marks.add(
            mark.points() == 0
                ? rule.name()
                : String.format(Locale.ROOT, "%s (%+.1f)", rule.name(), mark.points()));
      }
      return false;
    }
    if (rule.definition().observe()) {
      if (observed == null) {
        observed = rule;
      }
      return false;
    }
    act(rule, observe)
        .whenComplete((outcome, e) -> {
          if (e == null) {
            guarded(() -> finish(Optional.of(rule), outcome));
          } else {
            fail(e);
          }
        });
    return true;
  }

  private CompletionStage<Outcome> act(Rule rule, boolean onlyObserve) {
    String by = "rule '" + rule.name() + "'";
    return switch (rule.action()) {
      case Action.Deliver deliver ->
          CompletableFuture.completedFuture(
              new Outcome(
                  new Verdict.Deliver(),
                  taken ? by + ", its evidence not being known in time" : by,
                  none()));
      case Action.Reject reject ->
          CompletableFuture.completedFuture(
              new Outcome(new Verdict.Reject(reject.text()), by, none()));
      case Action.Greylist greylist -> greylist(by, greylist.delay(), onlyObserve);
      case Action.Mark mark -> throw new IllegalStateException("mark ends no walk");
    };
  }

  private CompletionStage<Outcome> greylist(
      String by, Optional<Duration> delay, boolean onlyObserve) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    Runnable ask = () -> ask(by, delay, onlyObserve, outcome);
    if (host.spfForGreylist && !inquiry.client().loopback()) {
      Set<Need> wanted = Set.of(Need.SPF, Need.REVERSE);
      await(wanted, wanted, ask);
    } else {
      ask.run();
    }
    return outcome;
  }

  private void ask(
      String by,
      Optional<Duration> delay,
      boolean onlyObserve,
      CompletableFuture<Outcome> outcome) {
    CompletionStage<Answer> stage;
    try {
      stage =
          host.gate.ask(
              new GreylistGate.Question(
                  inquiry,
                  delay,
                  dns.spf().result().word(),
                  dns.spf().domain(),
                  dns.reverse().confirmed(),
                  onlyObserve));
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedFuture(e);
    }
    stage.whenComplete((answer, e) -> {
      Answer given = e == null ? answer : new GreylistGate.Failed(e.toString());
      outcome.complete(outcome(by, given, e));
    });
  }

  private Outcome outcome(String by, Answer answer, @Nullable Throwable e) {
    return switch (answer) {
      case GreylistGate.Passed passed -> {
        String after = passed.waited().isZero() ? "" : " after " + text(passed.waited());
        yield new Outcome(
            new Verdict.Deliver(),
            by + ": passed the greylist (" + passed.why() + ")" + after,
            Optional.of(passed));
      }
      case GreylistGate.Deferred deferred ->
          new Outcome(
              new Verdict.Defer(deferred.retryAfter()),
              by + ": greylisted, try again in " + seconds(deferred.retryAfter()) + " s",
              Optional.of(deferred));
      case GreylistGate.Failed failed -> {
        host.counts.greylistFailures.increment();
        host.once("greylist", "the greylist failed, mail is delivered: " + failed.reason(), e);
        yield new Outcome(
            new Verdict.Deliver(),
            by + ": delivered because the greylist failed",
            Optional.of(failed));
      }
    };
  }

  private void finish(Optional<Rule> decided, Outcome outcome) {
    Rule dry = observed;
    if (dry == null) {
      complete(decided, outcome, outcome, Optional.empty());
    } else if (dry.action() instanceof Action.Greylist && outcome.answer().isPresent()) {
      complete(decided, outcome, outcome, Optional.of(dry));
    } else {
      act(dry, true)
          .whenComplete((would, e) ->
              guarded(
                  () -> complete(decided, outcome, e == null ? would : outcome, Optional.of(dry))));
    }
  }

  private void complete(
      Optional<Rule> decided, Outcome outcome, Outcome would, Optional<Rule> dry) {
    Verdict verdict = observe ? new Verdict.Deliver() : outcome.verdict();
    Verdict intended = dry.isPresent() ? would.verdict() : outcome.verdict();
    String reason = outcome.reason();
    if (dry.isPresent()) {
      reason += "; observed: " + word(intended) + " by " + would.reason();
    } else if (!verdict.equals(intended)) {
      reason = "observing, would " + word(intended) + ": " + reason;
    }
    Evidence evidence = new Evidence();
    facts.collect(evidence);
    outcome.answer().ifPresent(answer -> describe(answer, evidence));
    if (!marks.isEmpty()) {
      evidence.add("marks", List.copyOf(marks));
    }
    dry.ifPresent(rule -> evidence.add("observed.rule", rule.name()));
    String id = host.ids.next();
    if (!marks.isEmpty() && facts.points() != 0) {
      host.marksHeader.ifPresent(name ->
          headers.add(
              new Decision.Header(
                  name, String.format(Locale.ROOT, "%.1f %s", facts.points(), ascii(marks)))));
    }
    host.idHeader.ifPresent(name -> headers.add(new Decision.Header(name, id)));
    String rule = decided.map(Rule::name).orElse("(no rule)");
    if (outcome.answer().filter(GreylistGate.Failed.class::isInstance).isPresent()) {
      rule = "(greylist failed)";
    }
    Decision decision =
        new Decision(id, verdict, intended, rule, reason, List.copyOf(headers), evidence);
    count(decision, outcome);
    host.tell(inquiry, decision);
    promise.complete(decision);
  }

  private static String ascii(List<String> names) {
    String text = String.join(", ", names).replaceAll("[^ -~]", "?");
    return text.length() > 800 ? text.substring(0, 800) : text;
  }

  private void count(Decision decision, Outcome outcome) {
    DecisionCounts counts = host.counts;
    switch (decision.verdict()) {
      case Verdict.Deliver deliver -> counts.delivered.increment();
      case Verdict.Defer defer -> counts.deferred.increment();
      case Verdict.Reject reject -> counts.rejected.increment();
    }
    if (!(decision.intended() instanceof Verdict.Deliver)
        && !decision.intended().equals(decision.verdict())) {
      counts.observed.increment();
    }
    if (outcome.answer().orElse(null) instanceof GreylistGate.Passed passed
        && !passed.waited().isZero()) {
      counts.passed.increment();
    }
    if (inquiry.fingerprint().isEmpty()) {
      counts.noFingerprint.increment();
    }
  }

  private static void describe(Answer answer, Evidence evidence) {
    switch (answer) {
      case GreylistGate.Passed passed -> {
        evidence.add("greylist.state", "passed");
        evidence.add("greylist.why", passed.why());
        evidence.add("greylist.waited", passed.waited().toSeconds());
        evidence.add("greylist.tries", passed.tries());
      }
      case GreylistGate.Deferred deferred -> {
        evidence.add("greylist.state", "deferred");
        evidence.add("greylist.why", deferred.why());
        evidence.add("greylist.retry_after", seconds(deferred.retryAfter()));
        evidence.add("greylist.tries", deferred.tries());
      }
      case GreylistGate.Failed failed -> {
        evidence.add("greylist.state", "failed");
        evidence.add("greylist.why", failed.reason());
      }
    }
  }

  /** The word for a verdict in log and journal. */
  static String word(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Deliver deliver -> "deliver";
      case Verdict.Defer defer -> "defer";
      case Verdict.Reject reject -> "reject";
    };
  }

  /** Whole seconds, rounded up. */
  static long seconds(Duration time) {
    return time.toSeconds() + (time.toNanosPart() > 0 ? 1 : 0);
  }

  private static String text(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }
}
