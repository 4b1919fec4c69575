// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.greyprint.decision.DecisionsTest.rules;
import static org.greyprint.decision.Inquiries.from;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.greyprint.fingerprint.Fingerprint;
import org.junit.jupiter.api.Test;

/** Decisions while everything around them fails at random, by a fixed seed. */
class DecidingFuzzTest {
  private static final Duration DEADLINE = Duration.ofMillis(30);
  private final Random random = new Random(8);

  private synchronized int draw(int bound) {
    return random.nextInt(bound);
  }

  private CompletionStage<DnsAnswer> dns(String name, DnsType type) {
    return switch (draw(7)) {
      case 0 -> new CompletableFuture<>();
      case 1 -> CompletableFuture.completedFuture(new DnsAnswer.Failed("drawn"));
      case 2 -> CompletableFuture.failedFuture(new IllegalStateException("drawn"));
      case 3 ->
          new CompletableFuture<DnsAnswer>()
              .completeOnTimeout(
                  new DnsAnswer.Absent(Duration.ofMinutes(1)), draw(60), TimeUnit.MILLISECONDS);
      case 4 -> CompletableFuture.completedFuture(new DnsAnswer.Absent(Duration.ofMinutes(1)));
      default ->
          CompletableFuture.completedFuture(
              new DnsAnswer.Found(
                  switch (type) {
                    case A ->
                        name.endsWith(".zen.example")
                            ? List.of("127.0.0.2")
                            : List.of("192.0.2." + draw(255), "127.0.0.2");
                    case AAAA -> List.of("2001:db8::" + draw(9), "nonsense");
                    case PTR, MX -> List.of("h" + draw(5) + ".example.org", "");
                    case TXT -> List.of("v=spf1 mx ip4:192.0.2.0/25 ~all", "\u0000");
                  },
                  Duration.ofMinutes(draw(3))));
    };
  }

  private CompletionStage<GreylistGate.Answer> gate(GreylistGate.Question question) {
    return switch (draw(6)) {
      case 0 -> throw new IllegalStateException("drawn");
      case 1 -> CompletableFuture.failedFuture(new IllegalStateException("drawn"));
      case 2 -> CompletableFuture.completedFuture(new GreylistGate.Failed("drawn"));
      case 3 ->
          CompletableFuture.completedFuture(
              new GreylistGate.Passed("retry", Duration.ofSeconds(draw(500)), 2));
      case 4 ->
          CompletableFuture.supplyAsync(
              () -> new GreylistGate.Deferred(Duration.ofMinutes(5), "new", 1));
      default ->
          CompletableFuture.completedFuture(
              new GreylistGate.Deferred(Duration.ofMillis(1), "early", 2));
    };
  }

  @Test
  void everyInquiryGetsItsAnswer() {
    DnsEvidence evidence =
        new DnsEvidence(
            this::dns,
            DnsSettings.DEFAULT
                .within(DEADLINE)
                .with(List.of(DnsList.any("zen", "zen.example", false))),
            Ticker.systemTicker());
    Decisions decisions =
        Decisions.builder()
            .evidence(evidence)
            .spfForGreylist(true)
            .greylist(this::gate)
            .rules(
                rules(
                    RuleDefinition.of("trial", "dns.dynamic", "reject").observing(),
                    RuleDefinition.of("mark", "!dns.confirmed", "mark")
                        .withMark(java.util.Map.of("X-A", "b"), 1),
                    RuleDefinition.of("broken", "1 / (client.port % 3) > 5", "reject"),
                    RuleDefinition.of("six", "client.ipv6 && os.family == 'Windows'", "greylist"),
                    RuleDefinition.of("server", "dns.mail_server", "deliver"),
                    RuleDefinition.of(
                        "pc", "os.family == 'Windows' && dns.spf != 'pass'", "greylist"),
                    RuleDefinition.of("listed", "dns.block > 0.0 && points > 0.0", "greylist")))
            .build();
    List<Optional<Fingerprint>> prints =
        List.of(Optional.empty(), Inquiries.windowsPc(), Inquiries.linux());
    List<CompletableFuture<Decision>> answers = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      String address = draw(2) == 0 ? "192.0.2." + draw(255) : "2001:db8::" + draw(9);
      Inquiry inquiry =
          Inquiries.session(
              from(address, prints.get(draw(3))), "helo" + draw(2000) + ".example.org", "");
      if (draw(2) == 0) {
        decisions.connected(inquiry.client(), inquiry.session());
      }
      answers.add(decisions.decide(inquiry).toCompletableFuture());
    }
    int deferred = 0;
    for (CompletableFuture<Decision> answer : answers) {
      Decision decision = answer.orTimeout(20, TimeUnit.SECONDS).join();
      assertThat(decision.id()).isNotBlank();
      assertThat(decision.rule()).isNotEqualTo("(failure)");
      if (!(decision.verdict() instanceof Verdict.Deliver)) {
        deferred++;
        assertThat(decision.evidence()).containsEntry("greylist.state", "deferred");
      }
    }
    assertThat(deferred).isBetween(50, 2500);
    assertThat(decisions.counts().snapshot())
        .containsEntry("failures", 0L)
        .containsEntry("rejected", 0L);
  }
}
