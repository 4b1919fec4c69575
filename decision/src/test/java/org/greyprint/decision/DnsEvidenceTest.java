// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.greyprint.decision.Inquiries.address;
import static org.greyprint.decision.Inquiries.from;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DnsEvidenceTest {
  private final ScriptedDns dns = new ScriptedDns();
  private final AtomicLong nanos = new AtomicLong();
  private final Ticker ticker = nanos::get;

  private DnsEvidence evidence(DnsList... lists) {
    return new DnsEvidence(dns, DnsSettings.DEFAULT.with(List.of(lists)), ticker);
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(20, TimeUnit.SECONDS).join();
  }

  private SpfFinding spf(String address, String sender, String helo) {
    Inquiry inquiry =
        Inquiries.sender(Inquiries.session(from(address, Optional.empty()), helo, ""), sender);
    return (SpfFinding) get(evidence().ask(Need.SPF, inquiry));
  }

  @Test
  void reverseNamesAreConfirmed() {
    dns.with("7.2.0.192.in-addr.arpa", DnsType.PTR, "Other.example.org", "mail.example.org")
        .with("mail.example.org", DnsType.A, "192.0.2.7");
    Reverse reverse = get(evidence().reverse(address("192.0.2.7")));
    assertThat(reverse)
        .isEqualTo(
            new Reverse(
                true,
                List.of("other.example.org", "mail.example.org"),
                "mail.example.org",
                false,
                false));
    assertThat(reverse.name()).isEqualTo("mail.example.org");
  }

  @Test
  void reverseNamesOfIpv6() {
    dns.with(
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            DnsType.PTR,
            "six.example.org")
        .with("six.example.org", DnsType.AAAA, "2001:db8::1");
    assertThat(get(evidence().reverse(address("2001:db8::1"))).confirmed())
        .isEqualTo("six.example.org");
  }

  @Test
  void anUnconfirmedOrMissingNameIsKnownToBeSo() {
    dns.with("8.2.0.192.in-addr.arpa", DnsType.PTR, "192-0-2-8.dyn.example.net")
        .with("192-0-2-8.dyn.example.net", DnsType.A, "192.0.2.9");
    Reverse wrong = get(evidence().reverse(address("192.0.2.8")));
    assertThat(wrong.known()).isTrue();
    assertThat(wrong.confirmed()).isEmpty();
    assertThat(wrong.generic()).isTrue();
    assertThat(wrong.dynamic()).isTrue();
    Reverse none = get(evidence().reverse(address("192.0.2.77")));
    assertThat(none).isEqualTo(new Reverse(true, List.of(), "", false, false));
  }

  @Test
  void failuresAreUnknown() {
    dns.failing("9.2.0.192.in-addr.arpa");
    assertThat(get(evidence().reverse(address("192.0.2.9")))).isEqualTo(Reverse.UNKNOWN);
    dns.with("7.2.0.192.in-addr.arpa", DnsType.PTR, "lost.example.org").failing("lost.example.org");
    assertThat(get(evidence().reverse(address("192.0.2.7"))).known()).isFalse();
    assertThat(get(evidence().helo(address("192.0.2.7"), "lost.example.org")))
        .isEqualTo(HeloFinding.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "mail.example.org, true, true",
    "MAIL.example.org., true, true",
    "other.example.org, true, false",
    "none.example.org, false, false",
    "[192.0.2.7], false, true",
    "[192.0.2.8], false, false",
    "localhost, false, false",
    "192.0.2.7, false, false",
    "'', false, false",
  })
  void heloNames(String helo, boolean resolves, boolean matches) {
    dns.with("mail.example.org", DnsType.A, "192.0.2.7", "192.0.2.6")
        .with("other.example.org", DnsType.A, "192.0.2.200");
    assertThat(get(evidence().helo(address("192.0.2.7"), helo)))
        .isEqualTo(new HeloFinding(true, resolves, matches));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, a@pass.example, PASS, pass.example",
    "192.0.2.8, a@pass.example, FAIL, pass.example",
    "192.0.2.8, a@soft.example, SOFTFAIL, soft.example",
    "192.0.2.8, a@neutral.example, NEUTRAL, neutral.example",
    "192.0.2.8, a@norecord.example, NONE, norecord.example",
    "192.0.2.8, a@twice.example, PERMERROR, twice.example",
    "192.0.2.8, a@bad.example, PERMERROR, bad.example",
    "192.0.2.8, a@loop.example, PERMERROR, loop.example",
    "192.0.2.8, a@down.example, TEMPERROR, down.example",
    "192.0.2.33, a@mx.example, PASS, mx.example",
    "192.0.2.34, a@include.example, PASS, include.example",
    "192.0.2.34, a@redirect.example, PASS, redirect.example",
    "2001:db8::7, a@six.example, PASS, six.example",
    "2001:db9::7, a@six.example, FAIL, six.example",
    "192.0.2.7, bob@macro.example, PASS, macro.example",
    "192.0.2.7, eve@macro.example, FAIL, macro.example",
    "192.0.2.7, '', PASS, pass.example",
    "192.0.2.7, postmaster, PASS, pass.example",
  })
  void spfAsTheRfcTells(String address, String sender, SpfResult result, String domain) {
    dns.with("pass.example", DnsType.TXT, "v=spf1 ip4:192.0.2.7 -all")
        .with("soft.example", DnsType.TXT, "unrelated", "v=spf1 ~all")
        .with("neutral.example", DnsType.TXT, "v=spf1 ?all")
        .with("norecord.example", DnsType.TXT, "something else")
        .with("twice.example", DnsType.TXT, "v=spf1 -all", "v=spf1 +all")
        .with("bad.example", DnsType.TXT, "v=spf1 ip4:not-an-address -all")
        .with("loop.example", DnsType.TXT, "v=spf1 include:loop.example -all")
        .failing("down.example")
        .with("mx.example", DnsType.TXT, "v=spf1 mx -all")
        .with("mx.example", DnsType.MX, "relay.mx.example")
        .with("relay.mx.example", DnsType.A, "192.0.2.33")
        .with("include.example", DnsType.TXT, "v=spf1 include:in.example -all")
        .with("in.example", DnsType.TXT, "v=spf1 ip4:192.0.2.32/28 -all")
        .with("redirect.example", DnsType.TXT, "v=spf1 redirect=in.example")
        .with("six.example", DnsType.TXT, "v=spf1 ip6:2001:db8::/32 -all")
        .with("macro.example", DnsType.TXT, "v=spf1 exists:%{l}.%{i}._spf.%{d} -all")
        .with("bob.192.0.2.7._spf.macro.example", DnsType.A, "127.0.0.2");
    SpfFinding finding = spf(address, sender, "pass.example");
    assertThat(finding).isEqualTo(new SpfFinding(result, domain));
    assertThat(finding.known()).isEqualTo(result != SpfResult.TEMPERROR);
  }

  @Test
  void listsAddUpByTheirCodes() {
    DnsList zen =
        new DnsList(
            "zen",
            "zen.example",
            false,
            List.of(
                DnsList.Code.parse("127.0.0.10-11", 1.5).orElseThrow(),
                DnsList.Code.parse("127.0.0.*", 3).orElseThrow()));
    DnsList white = DnsList.any("white", "white.example", true);
    dns.with("7.2.0.192.zen.example", DnsType.A, "127.0.0.10", "127.0.0.4")
        .with("8.2.0.192.zen.example", DnsType.A, "127.0.0.11")
        .with("8.2.0.192.white.example", DnsType.A, "127.0.5.1")
        .with("9.2.0.192.zen.example", DnsType.A, "127.255.255.254")
        .with("10.2.0.192.zen.example", DnsType.A, "203.0.113.1");
    DnsEvidence evidence = evidence(zen, white);
    assertThat(lists(evidence, "192.0.2.7"))
        .isEqualTo(
            new ListFindings(
                true, 3, 0, List.of("zen"), List.of("zen=127.0.0.10", "zen=127.0.0.4")));
    assertThat(lists(evidence, "192.0.2.8").block()).isEqualTo(1.5);
    assertThat(lists(evidence, "192.0.2.8").allow()).isEqualTo(1);
    // Refused and wildcarded answers name nobody.
    assertThat(lists(evidence, "192.0.2.9").known()).isFalse();
    assertThat(lists(evidence, "192.0.2.9").block()).isZero();
    assertThat(lists(evidence, "192.0.2.10").known()).isFalse();
    assertThat(lists(evidence, "192.0.2.11"))
        .isEqualTo(new ListFindings(true, 0, 0, List.of(), List.of()));
    int before = dns.asked().size();
    assertThat(lists(evidence, "10.0.0.1").known()).isTrue();
    assertThat(dns.asked()).hasSize(before);
  }

  private static ListFindings lists(DnsEvidence evidence, String address) {
    return (ListFindings) get(evidence.ask(Need.LISTS, from(address, Optional.empty())));
  }

  @Test
  void aDeadListIsLeftOutForAMinute() {
    DnsEvidence evidence = evidence(DnsList.any("dead", "dead.example", false));
    dns.failingUnder("dead.example");
    for (int i = 1; i <= 20; i++) {
      assertThat(lists(evidence, "192.0.2." + i).known()).isFalse();
    }
    assertThat(dns.asked()).hasSize(5);
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertThat(lists(evidence, "192.0.2.21").known()).isFalse();
    assertThat(dns.asked()).hasSize(6);
  }

  @Test
  void answersAreKeptAsLongAsTheyHold() {
    dns.with("mail.example.org", DnsType.A, "192.0.2.7").failing("bad.example.org");
    DnsEvidence evidence = evidence();
    for (int i = 0; i < 5; i++) {
      get(evidence.helo(address("192.0.2.7"), "mail.example.org"));
      get(evidence.helo(address("192.0.2.7"), "bad.example.org"));
    }
    assertThat(dns.asked()).containsExactly("mail.example.org A", "bad.example.org A");
    nanos.addAndGet(Duration.ofSeconds(31).toNanos());
    get(evidence.helo(address("192.0.2.7"), "bad.example.org"));
    get(evidence.helo(address("192.0.2.7"), "mail.example.org"));
    assertThat(dns.asked()).hasSize(3);
    nanos.addAndGet(Duration.ofSeconds(300).toNanos());
    get(evidence.helo(address("192.0.2.7"), "mail.example.org"));
    assertThat(dns.asked()).hasSize(4);
  }

  @Test
  void aQuestionThatIsNeverAnsweredEndsAndIsAskedAgain() {
    java.util.concurrent.atomic.AtomicInteger asked =
        new java.util.concurrent.atomic.AtomicInteger();
    CachingDns cache =
        new CachingDns(
            (name, type) -> {
              asked.incrementAndGet();
              return new CompletableFuture<>();
            },
            100,
            ticker,
            Duration.ofMillis(20));
    assertThat(get(cache.ask("a.example", DnsType.A).toCompletableFuture()))
        .isInstanceOf(DnsAnswer.Failed.class);
    // The cache notes when the failure expires just after it hands it out.
    await()
        .untilAsserted(() -> {
          nanos.addAndGet(Duration.ofSeconds(31).toNanos());
          assertThat(get(cache.ask("a.example", DnsType.A).toCompletableFuture()).known())
              .isFalse();
          assertThat(asked).hasValueGreaterThan(1);
        });
  }

  @Test
  void patternsOfCodes() {
    assertThat(DnsList.Code.parse("127.0.*.1-3", 1)).isPresent();
    for (String wrong :
        List.of("", "127.0.0", "126.0.0.1", "127.0.0.256", "127.0.0.3-1", "*.0.0.1", "127.0.0.x")) {
      assertThat(DnsList.Code.parse(wrong, 1)).as(wrong).isEmpty();
    }
  }
}
