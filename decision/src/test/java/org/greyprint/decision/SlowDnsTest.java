// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.greyprint.decision.DecisionsTest.ask;
import static org.greyprint.decision.DecisionsTest.rules;
import static org.greyprint.decision.Inquiries.from;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Decisions while a real name server on loopback is silent, slow or talks nonsense. */
class SlowDnsTest {
  private static final Duration DEADLINE = Duration.ofMillis(400);
  private static final RuleDefinition PC =
      RuleDefinition.of(
          "PC without a mail server's DNS",
          "os.family == 'Windows' && !dns.mail_server",
          "greylist");
  private static final RuleDefinition PROVEN =
      RuleDefinition.of("proven", "dns.mail_server || dns.spf == 'pass'", "deliver");
  private static final RuleDefinition REST = RuleDefinition.of("rest", "", "greylist");

  private final LocalDns server =
      new LocalDns()
          .with("7.2.0.192.in-addr.arpa", "PTR", "mail.example.org.")
          .with("mail.example.org", "A", "192.0.2.7")
          .with("example.org", "TXT", "\"v=spf1 ip4:192.0.2.7 -all\"");
  private final DnsEvidence evidence =
      DnsEvidence.over(
          new DnsSettings(
              List.of(server.address()), DEADLINE, Duration.ofMillis(600), 1000, List.of()));

  private Decisions decisions(RuleDefinition... definitions) {
    return Decisions.builder()
        .rules(rules(definitions))
        .evidence(evidence)
        .greylist(question ->
            CompletableFuture.completedFuture(
                new GreylistGate.Deferred(Duration.ofMinutes(5), "new", 1)))
        .build();
  }

  @AfterEach
  void close() throws InterruptedException {
    server.close();
  }

  @Test
  void evidenceDecidesWhereDnsAnswers() {
    Decisions pc = decisions(PC);
    assertThat(ask(pc, from("192.0.2.7", Inquiries.windowsPc())).verdict())
        .isInstanceOf(Verdict.Deliver.class);
    Decision none = ask(pc, from("192.0.2.8", Inquiries.windowsPc()));
    assertThat(none.verdict()).isInstanceOf(Verdict.Defer.class);
    assertThat(none.evidence()).containsEntry("dns.known", true);
    Decisions proven = decisions(PROVEN, REST);
    Decision known = ask(proven, from("192.0.2.7", Inquiries.linux()));
    assertThat(known.rule()).isEqualTo("proven");
    assertThat(known.evidence())
        .containsEntry("dns.name", "mail.example.org")
        .containsEntry("dns.spf", "pass")
        .containsEntry("dns.mail_server", true);
    assertThat(ask(proven, from("192.0.2.8", Inquiries.linux())).rule()).isEqualTo("rest");
  }

  @Test
  void nothingIsAskedWhereTheOutcomeDoesNotHangOnIt() {
    ask(decisions(PC), from("192.0.2.7", Inquiries.linux()));
    Decisions own = decisions(Rules.defaults().get(0), PC);
    ask(own, Inquiries.session(from("192.0.2.7", Inquiries.windowsPc()), "a", "anna"));
    own.connected(
        from("127.0.0.1", Inquiries.linux()).client(),
        from("127.0.0.1", Inquiries.linux()).session());
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void evidenceIsAskedFromTheConnectionOn() {
    Decisions pc = decisions(PC);
    Inquiry inquiry = from("192.0.2.7", Inquiries.windowsPc());
    pc.connected(inquiry.client(), inquiry.session());
    org.awaitility.Awaitility.await()
        .untilAsserted(() ->
            assertThat(server.asked())
                .containsExactly("7.2.0.192.in-addr.arpa PTR", "mail.example.org A"));
  }

  @Test
  void aSilentServerHoldsASessionUpOnceAndDefersNobody() {
    server.silent(true);
    for (Decisions decisions : List.of(decisions(PC), decisions(PROVEN, REST))) {
      long before = evidence.counts().getOrDefault("waited", 0L);
      // A session of its own for each set of rules: one that waited does not wait again.
      Inquiry inquiry = from("192.0.2." + (7 + before), Inquiries.windowsPc());
      Decision first = ask(decisions, inquiry);
      assertThat(first.verdict()).isInstanceOf(Verdict.Deliver.class);
      assertThat(first.evidence()).containsEntry("dns.known", false);
      assertThat(decisions.counts().snapshot().get("unknown-evidence")).isPositive();
      assertThat(evidence.counts()).containsEntry("waited", before + 1);
      for (int i = 0; i < 20; i++) {
        assertThat(ask(decisions, inquiry).verdict()).isInstanceOf(Verdict.Deliver.class);
      }
      assertThat(evidence.counts()).containsEntry("waited", before + 1);
    }
  }

  @Test
  void nobodyWaitsWhileDnsIsDownAndItComesBack() {
    server.silent(true);
    Decisions decisions = decisions(PC);
    for (int i = 20; i < 25; i++) {
      ask(decisions, from("192.0.2." + i, Inquiries.windowsPc()));
    }
    assertThat(evidence.counts()).containsEntry("down", 1L).containsEntry("in-vain", 5L);
    for (int i = 30; i < 60; i++) {
      assertThat(ask(decisions, from("192.0.2." + i, Inquiries.windowsPc())).verdict())
          .isInstanceOf(Verdict.Deliver.class);
    }
    assertThat(evidence.counts()).containsEntry("waited", 5L).containsEntry("in-vain", 5L);
    server.silent(false);
    org.awaitility.Awaitility.await()
        .untilAsserted(() -> {
          ask(decisions, from("192.0.2.99", Inquiries.windowsPc()));
          assertThat(evidence.counts()).containsEntry("down", 0L);
        });
  }

  @Test
  void nonsenseDefersNobody() {
    server.damage(bytes -> new byte[] {bytes[0], bytes[1], 'n', 'o', 'n', 's', 'e', 'n', 's', 'e'});
    Decision decision = ask(decisions(PROVEN, REST), from("192.0.2.7", Inquiries.windowsPc()));
    assertThat(decision.verdict()).isInstanceOf(Verdict.Deliver.class);
    assertThat(decision.reason()).isEqualTo("rule 'proven', its evidence not being known in time");
  }

  /**
   * Cut, changed and foreign answers: each decision is made, none fails, and where nothing could be
   * known nobody is deferred.
   */
  @Test
  void damagedAnswersFailNoDecisionAndDeferNobodyUnknown() {
    Random random = new Random(20260131);
    server.damage(bytes -> {
      byte[] bad = bytes.clone();
      switch (random.nextInt(4)) {
        case 0 -> {
          return Arrays.copyOf(bad, random.nextInt(bad.length));
        }
        case 1 -> bad[random.nextInt(2)] ^= 0x55; // someone else's answer
        case 2 -> {
          for (int i = random.nextInt(1, 5); i > 0; i--) {
            bad[random.nextInt(2, bad.length)] = (byte) random.nextInt();
          }
        }
        default -> {
          // A name that points to itself, in a message that is longer than it says.
          bad = Arrays.copyOf(bad, bad.length + 20);
          bad[bytes.length - 2] = (byte) 0xC0;
          bad[bytes.length - 1] = (byte) (bytes.length - 2);
        }
      }
      return bad;
    });
    Decisions decisions = decisions(PROVEN, REST);
    int deferred = 0;
    for (int i = 1; i <= 200; i++) {
      Decision decision = ask(decisions, from("192.0.2." + i, Inquiries.windowsPc()));
      if (decision.verdict() instanceof Verdict.Defer) {
        deferred++;
        // Only what DNS could be understood to say counts against a sender.
        assertThat(decision.evidence().get("dns.known")).isEqualTo(true);
      }
    }
    assertThat(deferred).isLessThan(100);
    assertThat(decisions.counts().snapshot()).containsEntry("failures", 0L);
    assertThat(evidence.counts().get("failed")).isPositive();
  }

  @Test
  void rulesCanTellWhatIsUnknown() {
    server.silent(true);
    Decisions decisions =
        decisions(
            RuleDefinition.of("unknown", "!dns.known && !dns.spf_known", "reject"),
            RuleDefinition.of("rest", "", "deliver"));
    assertThat(ask(decisions, from("192.0.2.7", Inquiries.linux())).rule()).isEqualTo("unknown");
  }

  @Test
  void theGreylistIsToldOfSpfWhereItWants() {
    CompletableFuture<GreylistGate.Question> asked = new CompletableFuture<>();
    Decisions decisions =
        Decisions.builder()
            .evidence(new DnsEvidence(new NetDns(settings()), settings(), Ticker.systemTicker()))
            .spfForGreylist(true)
            .greylist(question -> {
              asked.complete(question);
              return CompletableFuture.completedFuture(
                  new GreylistGate.Deferred(Duration.ofMinutes(5), "new", 1));
            })
            .build();
    ask(decisions, from("192.0.2.7", Inquiries.windowsPc()));
    GreylistGate.Question question = asked.orTimeout(5, TimeUnit.SECONDS).join();
    assertThat(question.spf()).isEqualTo("pass");
    assertThat(question.spfDomain()).isEqualTo("example.org");
    assertThat(question.hostName()).isEqualTo("mail.example.org");
  }

  private DnsSettings settings() {
    return DnsSettings.DEFAULT.asking(List.of(server.address()));
  }
}
