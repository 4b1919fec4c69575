// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.greyprint.decision.Inquiries.from;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.greyprint.decision.GreylistGate.Deferred;
import org.greyprint.decision.GreylistGate.Failed;
import org.greyprint.decision.GreylistGate.Passed;
import org.junit.jupiter.api.Test;

class DecisionsTest {
  private static final Verdict DELIVER = new Verdict.Deliver();
  private static final Verdict DEFER = new Verdict.Defer(Duration.ofMinutes(5));

  private final List<GreylistGate.Question> asked = new ArrayList<>();

  private GreylistGate answering(GreylistGate.Answer answer) {
    return question -> {
      asked.add(question);
      return CompletableFuture.completedFuture(answer);
    };
  }

  private final GreylistGate deferring = answering(new Deferred(Duration.ofMinutes(5), "new", 1));

  static Rules rules(RuleDefinition... definitions) {
    RulesResult result = Rules.compile(List.of(definitions));
    assertThat(result).isInstanceOf(Rules.class);
    return (Rules) result;
  }

  static Decision ask(Decisions decisions, Inquiry inquiry) {
    return decisions.decide(inquiry).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void defaultRulesGreylistOnlyWindowsPcs() {
    Decisions decisions = Decisions.builder().greylist(deferring).build();
    assertThat(ask(decisions, from("192.0.2.7", Inquiries.windowsPc())).verdict()).isEqualTo(DEFER);
    assertThat(ask(decisions, from("2001:db8::7", Inquiries.windowsPc())).verdict())
        .isEqualTo(DEFER);
    assertThat(ask(decisions, from("192.0.2.8", Inquiries.windowsServer())).verdict())
        .isEqualTo(DELIVER);
    assertThat(ask(decisions, from("192.0.2.9", Inquiries.linux())).verdict()).isEqualTo(DELIVER);
    assertThat(ask(decisions, from("192.0.2.9", Optional.empty())).verdict()).isEqualTo(DELIVER);
    assertThat(ask(decisions, from("127.0.0.1", Inquiries.windowsPc())).verdict())
        .isEqualTo(DELIVER);
    Inquiry own = Inquiries.session(from("192.0.2.7", Inquiries.windowsPc()), "pc", "anna");
    assertThat(ask(decisions, own).rule()).isEqualTo("own users");
    assertThat(asked).hasSize(2);
    assertThat(decisions.counts().snapshot())
        .containsEntry("delivered", 5L)
        .containsEntry("deferred", 2L)
        .containsEntry("no-fingerprint", 1L);
  }

  @Test
  void tellsWhatWasKnownAndWhy() {
    Decisions decisions = Decisions.builder().greylist(deferring).build();
    Decision decision = ask(decisions, from("192.0.2.7", Inquiries.windowsPc()));
    assertThat(decision.id()).matches("[0-9a-z]{8,9}");
    assertThat(decision.rule()).isEqualTo("Windows PC");
    assertThat(decision.reason()).isEqualTo("rule 'Windows PC': greylisted, try again in 300 s");
    assertThat(decision.evidence())
        .containsEntry("os.family", "Windows")
        .containsEntry("os.role", "client")
        .containsEntry("client.address", "192.0.2.7")
        .containsEntry("envelope.sender_domain", "example.org")
        .containsEntry("greylist.state", "deferred")
        .containsEntry("greylist.tries", 1L)
        .doesNotContainKey("dns.known");
  }

  @Test
  void aGreylistThatCannotTellDelivers() {
    for (GreylistGate gate :
        List.<GreylistGate>of(
            answering(new Failed("disk full")),
            question -> CompletableFuture.failedFuture(new IllegalStateException("store")),
            question -> {
              throw new IllegalStateException("thrown");
            })) {
      Decisions decisions = Decisions.builder().greylist(gate).build();
      Decision decision = ask(decisions, from("192.0.2.7", Inquiries.windowsPc()));
      assertThat(decision.verdict()).isEqualTo(DELIVER);
      assertThat(decision.intended()).isEqualTo(DELIVER);
      assertThat(decision.rule()).isEqualTo("(greylist failed)");
      assertThat(decisions.counts().snapshot()).containsEntry("greylist-failures", 1L);
    }
  }

  @Test
  void observingDeliversAndTellsWhatItWouldHaveDone() {
    Decisions decisions = Decisions.builder().greylist(deferring).observe(true).build();
    Decision decision = ask(decisions, from("192.0.2.7", Inquiries.windowsPc()));
    assertThat(decision.verdict()).isEqualTo(DELIVER);
    assertThat(decision.intended()).isEqualTo(DEFER);
    assertThat(decision.reason()).startsWith("observing, would defer: ");
    assertThat(asked.getFirst().observe()).isTrue();
    assertThat(decisions.counts().snapshot()).containsEntry("observed", 1L);
    decisions.observe(false);
    assertThat(ask(decisions, from("192.0.2.7", Inquiries.windowsPc())).verdict()).isEqualTo(DEFER);
  }

  @Test
  void anObservingRuleOnlyRecords() {
    Decisions decisions =
        Decisions.builder()
            .greylist(deferring)
            .rules(
                rules(
                    RuleDefinition.of("trial", "os.family == 'Linux'", "reject").observing(),
                    RuleDefinition.of("Windows", "os.family == 'Windows'", "greylist")))
            .build();
    Decision linux = ask(decisions, from("192.0.2.9", Inquiries.linux()));
    assertThat(linux.verdict()).isEqualTo(DELIVER);
    assertThat(linux.intended()).isInstanceOf(Verdict.Reject.class);
    assertThat(linux.rule()).isEqualTo("(no rule)");
    assertThat(linux.evidence()).containsEntry("observed.rule", "trial");
    Decision windows = ask(decisions, from("192.0.2.9", Inquiries.windowsPc()));
    assertThat(windows.verdict()).isEqualTo(DEFER);
    assertThat(windows.evidence()).doesNotContainKey("observed.rule");
  }

  @Test
  void anObservingGreylistRuleAsksTheGreylistForTheRecordOnly() {
    Decisions decisions =
        Decisions.builder()
            .greylist(deferring)
            .rules(rules(RuleDefinition.of("trial", "", "greylist").observing()))
            .build();
    Decision decision = ask(decisions, from("192.0.2.9", Inquiries.linux()));
    assertThat(decision.verdict()).isEqualTo(DELIVER);
    assertThat(decision.intended()).isEqualTo(DEFER);
    assertThat(asked).singleElement().matches(GreylistGate.Question::observe);
  }

  @Test
  void marksAddUpAndGoOn() {
    Decisions decisions =
        Decisions.builder()
            .idHeader(Optional.of("X-Greyprint-Id"))
            .rules(
                rules(
                    RuleDefinition.of("pc", "os.family == 'Windows'", "mark")
                        .withMark(Map.of("X-Pc", "yes"), 1.5),
                    RuleDefinition.of("bare", "session.helo_kind == 'bare'", "mark")
                        .withMark(Map.of(), 1),
                    RuleDefinition.of("both", "points > 2", "reject").withText("Go away")))
            .build();
    Inquiry inquiry = from("192.0.2.7", Inquiries.windowsPc());
    Decision one = ask(decisions, inquiry);
    assertThat(one.verdict()).isEqualTo(DELIVER);
    assertThat(one.headers())
        .containsExactly(
            new Decision.Header("X-Pc", "yes"),
            new Decision.Header("X-Greyprint-Mark", "1.5 pc (+1.5)"),
            new Decision.Header("X-Greyprint-Id", one.id()));
    Decision two = ask(decisions, Inquiries.session(inquiry, "mypc", ""));
    assertThat(two.verdict()).isEqualTo(new Verdict.Reject("Go away"));
    assertThat(two.evidence()).containsEntry("points", 2.5);
  }

  @Test
  void aRuleThatFailsWhileItRunsDoesNotMatchAndIsCounted() {
    Decisions decisions =
        Decisions.builder()
            .rules(
                rules(
                    RuleDefinition.of("broken", "10 / (client.port - 50000) > 1", "reject"),
                    RuleDefinition.of("rest", "", "deliver")))
            .build();
    assertThat(ask(decisions, from("192.0.2.7", Optional.empty())).rule()).isEqualTo("rest");
    assertThat(ask(decisions, from("192.0.2.7", Optional.empty())).rule()).isEqualTo("rest");
    assertThat(decisions.counts().snapshot()).containsEntry("rule-failures", 2L);
  }

  @Test
  void aListenerThatThrowsIsLeftAlone() {
    List<String> told = new ArrayList<>();
    Decisions decisions =
        Decisions.builder()
            .listener((inquiry, decision) -> {
              throw new IllegalStateException("listener");
            })
            .listener((inquiry, decision) -> told.add(decision.id()))
            .build();
    Decision decision = ask(decisions, from("192.0.2.7", Optional.empty()));
    assertThat(told).containsExactly(decision.id());
    assertThat(decisions.counts().snapshot()).containsEntry("listener-failures", 1L);
  }

  @Test
  void theRulesOwnDelayReachesTheGreylist() {
    Decisions decisions =
        Decisions.builder()
            .greylist(answering(new Passed("retry", Duration.ofMinutes(6), 2)))
            .rules(
                rules(RuleDefinition.of("slow", "", "greylist").withDelay(Duration.ofMinutes(1))))
            .build();
    Decision decision = ask(decisions, from("192.0.2.7", Optional.empty()));
    assertThat(asked.getFirst().delay()).contains(Duration.ofMinutes(1));
    assertThat(decision.reason()).isEqualTo("rule 'slow': passed the greylist (retry) after 6 min");
    assertThat(decision.evidence()).containsEntry("greylist.waited", 360L);
    assertThat(decisions.counts().snapshot()).containsEntry("passed", 1L);
  }

  @Test
  void rulesAreReplacedWhileRunning() {
    Decisions decisions = Decisions.builder().build();
    decisions.rules(rules(RuleDefinition.of("no", "", "reject")));
    assertThat(ask(decisions, from("192.0.2.7", Optional.empty())).rule()).isEqualTo("no");
  }

  @Test
  void evidenceOfTheFaceIsReadAsExtra() {
    Decisions decisions =
        Decisions.builder()
            .rules(
                rules(
                    RuleDefinition.of("early", "'early' in extra && extra.early == true", "reject"),
                    RuleDefinition.of("slow", "extra.rtt > 0.5", "reject")))
            .build();
    Inquiry plain = from("192.0.2.7", Optional.empty());
    assertThat(ask(decisions, plain).verdict()).isEqualTo(DELIVER);
    assertThat(ask(decisions, Inquiries.extra(plain, Map.of("early", true))).rule())
        .isEqualTo("early");
    assertThat(ask(decisions, Inquiries.extra(plain, Map.of("rtt", 0.7))).rule()).isEqualTo("slow");
  }

  @Test
  void evidenceOfTheGatewayHasFields() {
    Decisions decisions =
        Decisions.builder()
            .rules(
                rules(
                    RuleDefinition.of("early", "early.greeting && tcp.rtt < 1000", "reject"),
                    RuleDefinition.of("lf", "dialect.bare_lf || !dialect.brackets", "reject")))
            .build();
    Inquiry plain = from("192.0.2.7", Optional.empty());
    assertThat(ask(decisions, plain).verdict()).isEqualTo(DELIVER);
    Map<String, Object> early = Map.of("early.greeting", true, "tcp.rtt", 300);
    assertThat(ask(decisions, Inquiries.extra(plain, early)).rule()).isEqualTo("early");
    Decision lf = ask(decisions, Inquiries.extra(plain, Map.of("dialect.bare-lf", true)));
    assertThat(lf.rule()).isEqualTo("lf");
    assertThat(lf.evidence()).containsEntry("dialect.bare_lf", true);
    assertThat(ask(decisions, Inquiries.extra(plain, Map.of("dialect.brackets", false))).rule())
        .isEqualTo("lf");
  }

  @Test
  void idsRiseWhileTheClockIsSetBack() {
    java.util.concurrent.atomic.AtomicReference<java.time.Instant> now =
        new java.util.concurrent.atomic.AtomicReference<>(Inquiries.TIME);
    DecisionIds ids = new DecisionIds(now::get);
    String before = ids.next();
    now.set(Inquiries.TIME.minus(Duration.ofHours(1)));
    assertThat(ids.next()).isGreaterThan(before);
  }

  @Test
  void idsRiseAndTellTheirTime() {
    DecisionIds ids = new DecisionIds(() -> Inquiries.TIME);
    String before = "";
    for (int i = 0; i < 1000; i++) {
      String id = ids.next();
      assertThat(id).hasSameSizeAs(before.isEmpty() ? id : before).isGreaterThan(before);
      assertThat(DecisionIds.millis(id))
          .isBetween(Inquiries.TIME.toEpochMilli(), Inquiries.TIME.toEpochMilli() + 20);
      before = id;
    }
    assertThat(DecisionIds.millis("not an id!")).isEqualTo(-1);
  }
}
