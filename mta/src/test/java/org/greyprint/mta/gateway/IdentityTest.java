// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.greyprint.decision.Verdict;
import org.greyprint.mta.gateway.GatewaySettings.Identity;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who the client is: as balancers tell it, and as the next hop is told. */
class IdentityTest {
  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private void send(Line line) throws Exception {
    line.ask("MAIL FROM:<a@b>");
    line.ask("RCPT TO:<c@d>");
    line.ask("DATA");
    line.send("\r\n.\r\n");
    assertThat(line.reply()).startsWith("250");
  }

  @Test
  void xclientWhereOffered() throws Exception {
    rig.hop.ehlo = "250-hop\r\n250 XCLIENT NAME ADDR PORT PROTO HELO DESTADDR DESTPORT";
    rig.open(rig.settings());
    try (Line line = rig.foreign()) {
      assertThat(line.ask("EHLO c+d")).doesNotContain("XCLIENT");
      send(line);
    }
    assertThat(rig.hop.commands)
        .startsWith(
            "EHLO c+d",
            "XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.7 PORT=50000 PROTO=ESMTP HELO=c+2Bd"
                + " DESTADDR=192.0.2.25 DESTPORT=25",
            "EHLO c+d",
            "MAIL FROM:<a@b>");
    assertThat(rig.hop.messages.getFirst()).doesNotContain("Received:");
  }

  /** A next hop that is known to offer it is not asked by EHLO before it. */
  @Test
  void xclientComesFirstWhereItIsKnown() throws Exception {
    rig.hop.ehlo = "250-hop\r\n250 XCLIENT ADDR PORT PROTO";
    rig.open(rig.settings());
    for (String hello : List.of("EHLO c", "EHLO d", "HELO e")) {
      rig.hop.commands.clear();
      try (Line line = rig.foreign()) {
        line.ask(hello);
        send(line);
      }
      if (!hello.equals("EHLO c")) {
        String protocol = hello.equals("HELO e") ? "SMTP" : "ESMTP";
        assertThat(said())
            .startsWith(
                "XCLIENT ADDR=192.0.2.7 PORT=50000 PROTO=" + protocol, hello, "MAIL FROM:<a@b>");
      }
    }
    rig.hop.ehlo = "250 hop";
    rig.hop.answers =
        (command, usual) -> command.startsWith("XCLIENT") ? "550 5.7.0 not you" : usual;
    for (int i = 0; i < 2; i++) {
      rig.hop.commands.clear();
      try (Line line = rig.foreign()) {
        line.ask("EHLO f");
        send(line);
      }
    }
    assertThat(said()).as("it offers that no more").startsWith("EHLO f", "MAIL FROM:<a@b>");
    assertThat(rig.hop.messages.getLast()).contains("Received: from f ([192.0.2.7])\r\n");
  }

  /** QUIT of an earlier session may come late. */
  private List<String> said() {
    return rig.hop.commands.stream().filter(command -> !command.equals("QUIT")).toList();
  }

  @Test
  void xclientOverIpv6() throws Exception {
    rig.hop.ehlo = "250-hop\r\n250 XCLIENT ADDR PORT";
    rig.open(rig.settings());
    byte[] header =
        HexFormat.of()
            .parseHex(
                "0d0a0d0a000d0a515549540a21210024"
                    + "20010db8000000000000000000000007"
                    + "20010db8000000000000000000000019"
                    + "c3500019");
    try (Line line = new Line(rig.gateway().addresses().get(1))) {
      line.send(header);
      line.reply();
      line.ask("HELO c");
    }
    assertThat(rig.hop.commands).contains("XCLIENT ADDR=IPV6:2001:db8:0:0:0:0:0:7 PORT=50000");
  }

  @Test
  void xclientThatIsRefusedLeavesATrace() throws Exception {
    rig.hop.ehlo = "250-hop\r\n250 XCLIENT ADDR PORT";
    rig.hop.answers =
        (command, usual) -> command.startsWith("XCLIENT") ? "550 5.7.0 not you" : usual;
    rig.open(rig.settings());
    try (Line line = rig.foreign()) {
      line.ask("EHLO c");
      send(line);
    }
    assertThat(rig.hop.messages.getFirst()).contains("Received: from c ([192.0.2.7])\r\n");
  }

  /** What one gateway writes, another reads. */
  @Test
  void proxyHeadersAreReadBack() throws Exception {
    for (Identity version : List.of(Identity.PROXY_V1, Identity.PROXY_V2)) {
      for (String family : List.of("TCP4 192.0.2.7 192.0.2.25", "TCP6 2001:db8::7 2001:db8::19")) {
        try (Rig inner = new Rig();
            Rig outer = new Rig()) {
          inner.open(inner.settings());
          outer.open(
              outer
                  .settings()
                  .withIdentity(version)
                  .withNextHop(
                      new NextHop.Smtp(
                          "127.0.0.1", inner.gateway().addresses().get(1).getPort(), false)));
          try (Line line = new Line(outer.gateway().addresses().get(1))) {
            line.send("PROXY " + family + " 50000 25\r\n");
            assertThat(line.reply()).startsWith("220");
            line.ask("EHLO c");
            send(line);
          }
          var inquiry = inner.decider.asked.getFirst();
          assertThat(inquiry.client().address().getHostAddress())
              .isEqualTo(family.startsWith("TCP4") ? "192.0.2.7" : "2001:db8:0:0:0:0:0:7");
          assertThat(inquiry.client().port()).isEqualTo(50000);
          assertThat(inquiry.session().serverPort()).isEqualTo(25);
          assertThat(inquiry.extra()).containsEntry("syn.source", "balancer");
          assertThat(inquiry.fingerprint()).isEmpty();
        }
      }
    }
  }

  @Test
  void aBalancerWithoutAHeaderIsClosedAndOthersMayNotSendOne() throws Exception {
    rig.open(rig.settings());
    try (Line balancer = new Line(rig.gateway().addresses().get(1));
        Line other = Line.greeted(rig.plain())) {
      balancer.send("EHLO client.example.org\r\n");
      assertThat(balancer.line()).isNull();
      other.send("PROXY TCP4 192.0.2.7 192.0.2.25 50000 25\r\n");
      assertThat(other.reply()).startsWith("421");
    }
  }

  @Test
  void evidenceOfTheFrontDoor() throws Exception {
    rig.open(rig.settings());
    try (Line line = new Line(rig.gateway().addresses().get(1))) {
      line.send("PROXY TCP4 192.0.2.8 192.0.2.25 50000 25\r\nehlo c\r\n");
      line.reply();
      line.reply();
      line.send("mail from: a@b\n");
      line.reply();
      line.send("RCPT TO:<c@d>\r\n");
      line.reply();
    }
    assertThat(rig.decider.asked.getFirst().extra())
        .containsEntry("gateway.listener", "lb")
        .containsEntry("early.greeting", true)
        .containsEntry("early.pipelining", false)
        .containsEntry("dialect.verbs", "mixed")
        .containsEntry("dialect.bare-lf", true)
        .containsEntry("dialect.hello", "EHLO")
        .containsEntry("dialect.order", false)
        .containsEntry("previous.end", "")
        .containsKeys("tcp.rtt", "tcp.retransmits");
    org.awaitility.Awaitility.await().until(() -> rig.count("open") == 0);
    try (Line line = new Line(rig.gateway().addresses().get(1))) {
      line.send("PROXY TCP4 192.0.2.8 192.0.2.25 50001 25\r\n");
      line.reply();
      line.ask("EHLO c");
      line.ask("MAIL FROM:<a@b>");
      line.ask("RCPT TO:<c@d>");
    }
    assertThat(rig.decider.asked.getLast().extra()).containsEntry("previous.end", "closed");
  }

  @Test
  void aDeferredNullSenderIsToldAtData() throws Exception {
    rig.decider.verdict = inquiry -> new Verdict.Defer(Duration.ofMillis(1));
    rig.open(rig.settings());
    try (Line line = rig.foreign()) {
      line.ask("EHLO c");
      assertThat(line.ask("MAIL FROM:<>")).startsWith("250");
      assertThat(line.ask("RCPT TO:<c@d>")).startsWith("250");
      assertThat(line.ask("DATA")).isEqualTo("451 4.7.1 Greylisted, retry in 1 second");
      assertThat(line.ask("MAIL FROM:<>")).startsWith("250");
    }
    assertThat(rig.hop.messages).isEmpty();
  }

  @Test
  void aRefusedRecipientIsToldWhy() throws Exception {
    rig.decider.verdict = inquiry -> new Verdict.Reject("not\r\nyou");
    rig.open(rig.settings());
    try (Line line = rig.foreign()) {
      line.ask("EHLO c");
      line.ask("MAIL FROM:<a@b>");
      assertThat(line.ask("RCPT TO:<c@d>")).isEqualTo("550 5.7.1 not??you");
    }
  }

  @Test
  void localClientsAreNeverDeferred() throws Exception {
    rig.decider.verdict = inquiry -> new Verdict.Defer(Duration.ofSeconds(9));
    rig.open(rig.settings());
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      send(line);
    }
  }
}
