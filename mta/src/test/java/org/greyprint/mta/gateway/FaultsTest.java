// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.greyprint.mta.gateway.GatewaySettings.Limits;
import org.greyprint.mta.gateway.GatewaySettings.Timeouts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The next hop and the client fail at each point: nothing is acknowledged that was not kept. */
class FaultsTest {
  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static Timeouts quick(long millis) {
    Duration some = Duration.ofMillis(millis);
    Duration more = Duration.ofSeconds(20);
    return new Timeouts(more, more, some, some, some, some, more, Duration.ofSeconds(2));
  }

  @ParameterizedTest
  @CsvSource({
    "EHLO, close, 421",
    "EHLO, silence, 421",
    "EHLO, garbage, 421",
    "MAIL, close, 451",
    "MAIL, silence, 451",
    "MAIL, 421 4.3.2 later, 451",
    "MAIL, 550 5.7.1 no, 550",
    "RCPT, close, 451",
    "RCPT, garbage, 451",
    "RCPT, 550 5.1.1 nobody, 550",
    "RCPT, 452 4.5.3 later, 452",
    "DATA, close, 451",
    "DATA, 451 4.3.0 later, 451",
    "DATA, 250 what, 451",
    "., close, 451",
    "., silence, 451",
    "., garbage, 451",
    "., 452 4.3.1 full, 452",
    "., 554 5.6.0 no, 554",
    "., 354 what, 451",
  })
  void theNextHopFailsAt(String point, String answer, String wanted) throws Exception {
    rig.hop.answers = (command, usual) -> command.startsWith(point) ? answer : usual;
    rig.open(rig.settings().withTimeouts(quick(300)));
    try (Line line = Line.greeted(rig.plain())) {
      String reply = send(line);
      assertThat(reply).startsWith(wanted);
      if (!wanted.equals("421")) {
        rig.hop.answers = (command, usual) -> usual;
        line.ask("RSET");
        assertThat(send(line)).as("the same again, on the same connection").startsWith("250");
        assertThat(rig.hop.messages).hasSize(1);
      } else {
        assertThat(line.line()).isNull();
      }
    }
  }

  /** The first reply that is none of those a good server gives, or that to the message. */
  private static String send(Line line) throws IOException {
    for (String command : new String[] {"EHLO c", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA"}) {
      String reply = line.ask(command);
      if (!reply.startsWith(command.equals("DATA") ? "354" : "250")) {
        return reply;
      }
    }
    line.send("A: b\r\n\r\nc\r\n.\r\n");
    return line.reply();
  }

  @Test
  void theNextHopIsNotThere() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    rig.open(rig.settings().withNextHop(new NextHop.Smtp("127.0.0.1", port, false)));
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(line.ask("EHLO c")).startsWith("421 4.4.1 ");
    }
  }

  @Test
  void theNextHopDiesInTheMiddleOfAMessage() throws Exception {
    rig.open(rig.settings());
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      line.ask("MAIL FROM:<a@b>");
      line.ask("RCPT TO:<c@d>");
      line.ask("DATA");
      line.send("A: b\r\n\r\n" + "x".repeat(5000) + "\r\n");
      rig.hop.cut();
      line.send("more\r\n.\r\n");
      assertThat(line.reply()).startsWith("451 ");
      line.ask("RSET");
      assertThat(send(line)).startsWith("250");
    }
    assertThat(rig.hop.messages).hasSize(1);
  }

  @Test
  void anAnswerBeforeTheEndOfAMessageIsNoAnswerToIt() throws Exception {
    rig.hop.answers =
        (command, usual) -> command.equals("DATA") ? "354 go on\r\n250 taken already" : usual;
    rig.open(rig.settings());
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(send(line)).startsWith("451 ");
    }
    assertThat(rig.hop.messages).isEmpty();
  }

  @Test
  void theIdleNextHopMayGoAndIsCalledAgain() throws Exception {
    rig.open(rig.settings());
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      rig.hop.cut();
      await().until(() -> line.ask("NOOP").equals("250 2.0.0 Ok"));
      line.send("MAIL FROM:<a@b>\r\n");
      assertThat(line.reply()).startsWith("250");
    }
    assertThat(rig.hop.connections).hasValue(2);
  }

  @ParameterizedTest
  @CsvSource({
    "'EHLO c'",
    "'EHLO c|MAIL FROM:<a@b>'",
    "'EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>'",
    "'EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA'",
    "'EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA|A: b||half'",
    "'EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA|A: b||c|.half'",
    "'EHLO c|MAIL FROM:<a@b>|RCPT TO:<c@d>|BDAT 10|A: b'",
  })
  void theClientDiesAt(String sent) throws Exception {
    for (boolean reset : new boolean[] {false, true}) {
      Line line = Line.greeted(rig.count("open") < 0 ? open() : rig.plain());
      line.send(sent.replace("|", "\r\n") + "\r\n");
      int replies = Math.min(sent.split("\\|").length, 4);
      for (int i = 0; i < replies && !(i == 3 && sent.contains("BDAT")); i++) {
        line.reply();
      }
      if (reset) {
        line.socket().setSoLinger(true, 0);
      }
      line.close();
      await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
    }
    assertThat(rig.hop.messages).isEmpty();
    assertThat(rig.count("messages")).isZero();
  }

  private java.net.InetSocketAddress open() throws IOException {
    rig.open(rig.settings());
    return rig.plain();
  }

  @Test
  void aLateDecisionDelivers() throws Exception {
    Gateway gateway =
        Gateway.start(
            rig.settings().withTimeouts(quick(200)),
            inquiry -> new java.util.concurrent.CompletableFuture<>(),
            syn -> java.util.Optional.empty(),
            java.time.InstantSource.system());
    try (gateway;
        Line line = Line.greeted(gateway.addresses().getFirst())) {
      assertThat(send(line)).startsWith("250");
      assertThat(gateway.counters().all()).containsEntry("recipients-undecided", 1L);
    }
  }

  @Test
  void slowClientsAreCutOff() throws Exception {
    Duration some = Duration.ofMillis(300);
    Duration more = Duration.ofSeconds(20);
    rig.open(
        rig.settings().withTimeouts(new Timeouts(some, some, more, more, more, more, some, some)));
    try (Line command = Line.greeted(rig.plain());
        Line data = Line.greeted(rig.plain());
        Line balancer = new Line(rig.gateway().addresses().get(1))) {
      data.send("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n");
      command.send("NO");
      for (int i = 0; i < 3; i++) {
        data.reply();
      }
      assertThat(data.reply()).startsWith("354");
      assertThat(command.reply()).startsWith("421 4.4.2");
      assertThat(data.reply()).startsWith("421 4.4.2");
      assertThat(balancer.line()).isNull();
    }
    assertThat(rig.hop.messages).isEmpty();
  }

  @Test
  void limitsHold() throws Exception {
    Limits limits = new Limits(3, 2, 8, 512, 2, 1, 3, 10, Duration.ZERO, 1000);
    rig.open(rig.settings().withLimits(limits));
    try (Line first = Line.greeted(rig.plain());
        Line second = Line.greeted(rig.plain());
        Line third = Line.greeted(rig.plain());
        Line fourth = new Line(rig.plain())) {
      assertThat(fourth.reply()).startsWith("421 4.3.2 Too many connections");
      assertThat(third.ask("QUIT")).startsWith("221");
      first.ask("EHLO c");
      assertThat(first.ask("MAIL FROM:<a@b> SIZE=1001")).startsWith("552 5.3.4");
      assertThat(first.ask("MAIL FROM:<a@b>")).startsWith("250");
      assertThat(first.ask("RCPT TO:<1@d>")).startsWith("250");
      assertThat(first.ask("RCPT TO:<2@d>")).startsWith("250");
      assertThat(first.ask("RCPT TO:<3@d>")).startsWith("452 4.5.3");
      first.ask("DATA");
      first.send("x".repeat(1200) + "\r\n.\r\n");
      assertThat(first.reply()).startsWith("552 5.3.4");
      first.send("NOOP " + "x".repeat(600) + "\r\n");
      assertThat(first.reply()).startsWith("500 5.5.2 The line is too long");
      assertThat(first.ask("NOOP")).startsWith("250");
      assertThat(first.ask("NOOP")).startsWith("421 4.7.0 Too many commands");
      second.ask("A");
      second.ask("B");
      second.ask("C");
      assertThat(second.ask("D")).startsWith("421 4.7.0 Too many errors");
    }
    assertThat(rig.hop.messages).isEmpty();
    await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
    try (Line again = Line.greeted(rig.plain())) {
      assertThat(again.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void drainsWhatIsUnderWay() throws Exception {
    rig.open(rig.settings());
    try (Line idle = Line.greeted(rig.plain());
        Line busy = Line.greeted(rig.plain())) {
      busy.send("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
      for (int i = 0; i < 4; i++) {
        busy.reply();
      }
      var drained = rig.gateway().drain().toCompletableFuture();
      assertThat(idle.reply()).startsWith("421 4.3.2");
      assertThat(drained).isNotDone();
      busy.send("A: b\r\n\r\n.\r\n");
      assertThat(busy.reply()).startsWith("250");
      assertThat(busy.reply()).startsWith("421 4.3.2");
      assertThat(drained).succeedsWithin(Duration.ofSeconds(5));
    }
    assertThat(rig.hop.messages).hasSize(1);
  }

  @Test
  void aConnectionIsUsedAgainOnlyInGoodOrder() throws Exception {
    rig.open(rig.settings());
    for (int i = 0; i < 3; i++) {
      try (Line line = Line.greeted(rig.plain())) {
        assertThat(send(line)).startsWith("250");
        assertThat(line.ask("QUIT")).startsWith("221");
      }
    }
    assertThat(rig.hop.connections).hasValueBetween(1, 2);
    assertThat(rig.hop.messages).hasSize(3);
    rig.hop.cut();
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(send(line)).as("over one that is dead").startsWith("250");
    }
    rig.hop.answers = (command, usual) -> command.startsWith("RCPT") ? "550 5.1.1 nobody" : usual;
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(send(line)).startsWith("550");
      line.ask("QUIT");
    }
    await().until(() -> rig.hop.commands.contains("QUIT"));
  }

  /** A connection that rested may end just when it is used again. */
  @Test
  void mailIsSentOnceMoreWhereARestedConnectionEnds() throws Exception {
    rig.open(rig.settings().withThreads(1));
    session();
    AtomicBoolean ends = new AtomicBoolean(true);
    rig.hop.answers =
        (command, usual) ->
            command.startsWith("MAIL") && ends.getAndSet(false) ? TestHop.CLOSE : usual;
    session();
    assertThat(rig.hop.messages).hasSize(2);
    assertThat(rig.hop.connections).hasValue(2);
  }

  private void session() throws IOException {
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(send(line)).startsWith("250");
      assertThat(line.ask("QUIT")).startsWith("221");
    }
  }

  /** The words would be the same; what another session left open is closed first. */
  @Test
  void aRestedConnectionIsNotGreetedAgain() throws Exception {
    rig.open(rig.settings().withThreads(1));
    session();
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      line.ask("MAIL FROM:<left@open>");
      line.ask("QUIT");
    }
    session();
    assertThat(rig.hop.connections).hasValue(1);
    assertThat(rig.hop.commands)
        .containsSubsequence("MAIL FROM:<left@open>", "RSET", "MAIL FROM:<a@b>")
        .containsOnlyOnce("EHLO c");
  }

  @Test
  void theNextHopMayHaveAName() throws Exception {
    int port = ((NextHop.Smtp) rig.hop.address()).port();
    rig.open(rig.settings().withNextHop(new NextHop.Smtp("localhost", port, false)));
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(send(line)).startsWith("250");
    }
    try (Gateway other =
            Gateway.start(
                rig.settings().withNextHop(new NextHop.Smtp("nowhere.invalid", port, false)),
                rig.decider,
                syn -> java.util.Optional.empty(),
                java.time.InstantSource.system());
        Line line = Line.greeted(other.addresses().getFirst())) {
      assertThat(line.ask("EHLO c")).startsWith("421 4.4.1");
    }
  }

  @Test
  void abusersAreHeldBack() throws Exception {
    Limits limits = new Limits(9, 9, 99, 512, 9, 1, 9, 2, Duration.ofMillis(150), 0);
    rig.open(rig.settings().withLimits(limits));
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("A");
      line.ask("B");
      long start = System.nanoTime();
      assertThat(line.ask("C")).startsWith("500");
      assertThat(line.ask("NOOP")).startsWith("250");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(limits.tarpit());
    }
  }

  /** OpenSMTPD's way: a connection is greeted once. */
  @Test
  void theNextHopMayRefuseASecondHello() throws Exception {
    java.util.concurrent.atomic.AtomicInteger hellos =
        new java.util.concurrent.atomic.AtomicInteger();
    rig.hop.answers =
        (command, usual) -> {
          if (command.isEmpty()) {
            hellos.set(0);
          }
          boolean again = command.startsWith("EHLO") && hellos.incrementAndGet() > 1;
          return again ? "503 5.5.1 Already identified" : usual;
        };
    rig.open(rig.settings());
    for (int i = 0; i < 3; i++) {
      try (Line line = Line.greeted(rig.plain())) {
        assertThat(line.ask("EHLO c")).startsWith("250");
        assertThat(line.ask("MAIL FROM:<a@b>")).startsWith("250");
        assertThat(send(line)).as("the same name again").startsWith("250");
        assertThat(line.ask("EHLO d")).as("another name").startsWith("250");
        line.ask("QUIT");
      }
    }
    assertThat(rig.hop.messages).hasSize(3);
  }

  @Test
  void oneClientHasOnlySoManySessions() throws Exception {
    rig.open(rig.settings().withLimits(new Limits(9, 2, 99, 512, 9, 1, 9, 9, Duration.ZERO, 0)));
    try (Line first = rig.foreign();
        Line second = rig.foreign();
        Line third = new Line(rig.gateway().addresses().get(1));
        Line other = new Line(rig.gateway().addresses().get(1))) {
      third.send("PROXY TCP4 192.0.2.7 192.0.2.25 50002 25\r\n");
      assertThat(third.reply()).startsWith("421 4.7.0 Too many connections from your address");
      other.send("PROXY TCP4 192.0.2.8 192.0.2.25 50002 25\r\n");
      assertThat(other.reply()).startsWith("220");
      assertThat(first.ask("NOOP")).startsWith("250");
      assertThat(second.ask("NOOP")).startsWith("250");
    }
  }
}
