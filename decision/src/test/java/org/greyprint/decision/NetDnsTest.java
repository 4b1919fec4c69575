// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;

class NetDnsTest {
  private final LocalDns server = new LocalDns();
  private final NetDns dns =
      new NetDns(
          new DnsSettings(
              List.of(server.address()),
              Duration.ofSeconds(3),
              Duration.ofMillis(150),
              100,
              List.of()));

  @AfterEach
  void close() throws InterruptedException {
    server.close();
  }

  private DnsAnswer ask(String name, DnsType type) {
    return dns.ask(name, type).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Test
  void readsEachType() {
    server
        .with("mail.example.org", "A", "192.0.2.7")
        .with("mail.example.org", "AAAA", "2001:db8::7")
        .with("7.2.0.192.in-addr.arpa", "PTR", "mail.example.org.")
        .with("example.org", "MX", "20 b.example.org.")
        .with("example.org", "MX", "10 a.example.org.")
        .with("example.org", "TXT", "\"v=spf1 \" \"-all\"");
    assertThat(ask("mail.example.org", DnsType.A))
        .isEqualTo(new DnsAnswer.Found(List.of("192.0.2.7"), Duration.ofMinutes(5)));
    assertThat(ask("mail.example.org", DnsType.AAAA).values())
        .containsExactly("2001:db8:0:0:0:0:0:7");
    assertThat(ask("7.2.0.192.in-addr.arpa", DnsType.PTR).values())
        .containsExactly("mail.example.org");
    assertThat(ask("example.org", DnsType.MX).values())
        .containsExactly("a.example.org", "b.example.org");
    assertThat(ask("example.org", DnsType.TXT).values()).containsExactly("v=spf1 -all");
  }

  @Test
  void followsAliases() {
    server.with("a.example", "CNAME", "b.example.").with("b.example", "A", "192.0.2.9");
    server.with("l1.example", "CNAME", "l2.example.").with("l2.example", "CNAME", "l1.example.");
    assertThat(ask("a.example", DnsType.A).values()).containsExactly("192.0.2.9");
    assertThat(ask("l1.example", DnsType.A)).isInstanceOf(DnsAnswer.Absent.class);
  }

  @Test
  void whatIsNotThereIsAbsentAndWhatCannotBeANameIsNotAsked() {
    assertThat(ask("none.example", DnsType.A)).isInstanceOf(DnsAnswer.Absent.class);
    for (String name : List.of("", ".", "a..b", "a b", "x".repeat(64), "a\\.b", "é.example")) {
      assertThat(ask(name, DnsType.A)).isInstanceOf(DnsAnswer.Absent.class);
    }
    assertThat(server.asked()).containsOnly("none.example A");
  }

  @Test
  void aServerThatFailsOrIsSilentIsAFailure() {
    server.rcode(Rcode.SERVFAIL);
    assertThat(ask("a.example", DnsType.A)).isInstanceOf(DnsAnswer.Failed.class);
    server.rcode(Rcode.REFUSED);
    assertThat(ask("a.example", DnsType.A)).isInstanceOf(DnsAnswer.Failed.class);
    server.rcode(-1);
    server.silent(true);
    assertThat(ask("a.example", DnsType.A)).isInstanceOf(DnsAnswer.Failed.class);
  }

  @Test
  void theSecondServerIsAskedWhereTheFirstIsSilent() throws InterruptedException {
    try (LocalDns other = new LocalDns().with("a.example", "A", "192.0.2.1")) {
      server.silent(true);
      NetDns both =
          new NetDns(
              new DnsSettings(
                  List.of(server.address(), other.address()),
                  Duration.ofSeconds(3),
                  Duration.ofMillis(150),
                  100,
                  List.of()));
      DnsAnswer answer =
          both.ask("a.example", DnsType.A)
              .toCompletableFuture()
              .orTimeout(20, TimeUnit.SECONDS)
              .join();
      assertThat(answer.values()).containsExactly("192.0.2.1");
    }
  }

  @Test
  void malformedAnswersAreFailuresOrWhatIsLeftOfThem() {
    server.with("m.example", "A", "192.0.2.7");
    Random random = new Random(6);
    int failed = 0;
    for (int i = 0; i < 60; i++) {
      int kind = i % 4;
      server.damage(bytes -> {
        byte[] bad = bytes.clone();
        if (kind == 0) {
          return Arrays.copyOf(bad, random.nextInt(bad.length));
        } else if (kind == 1) {
          // Behind the question: counts, names, lengths.
          for (int at = 29; at < bad.length; at++) {
            bad[at] = (byte) random.nextInt();
          }
        } else if (kind == 2) {
          // A name that points to itself.
          bad[27] = (byte) 0xC0;
          bad[28] = 27;
        } else {
          // Someone else's answer.
          bad[0] ^= 0x55;
        }
        return bad;
      });
      DnsAnswer answer = ask("m.example", DnsType.A);
      failed += answer.known() ? 0 : 1;
    }
    assertThat(failed).isGreaterThan(30);
    server.damage(bytes -> bytes);
    assertThat(ask("m.example", DnsType.A).values()).containsExactly("192.0.2.7");
  }
}
