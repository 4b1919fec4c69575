// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.greyprint.decision.Inquiry;
import org.greyprint.milter.Actions;
import org.greyprint.milter.Command;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterClient;
import org.greyprint.milter.MilterServer;
import org.greyprint.milter.MilterSettings;
import org.greyprint.milter.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MilterFilterTest {
  private static final Reply CONTINUE = new Reply.Continue();
  private static final Reply LATER =
      Reply.Code.of(451, "4.7.1", "Greylisted, retry in 300 seconds");
  private static final InstantSource NOW =
      InstantSource.fixed(Instant.parse("2026-01-31T12:00:00Z"));

  private final FakeDecider decider = new FakeDecider();
  private final FaceCounters counters = new FaceCounters();
  private MilterServer server;
  private MilterClient mta;

  @BeforeEach
  void start() throws Exception {
    decider.byPort.put(41234, FakeDecider.WINDOWS);
    decider.byPort.put(41235, FakeDecider.LINUX);
    start(FaceSettings.DEFAULT);
  }

  private void start(FaceSettings face) throws IOException {
    MilterSettings quick =
        new MilterSettings(Duration.ofMillis(300), Duration.ofHours(1), 1 << 20, 10, 1);
    server =
        MilterServer.start(
            List.of(new Endpoint.Inet("127.0.0.1", 0)),
            quick,
            MilterFilter.WISHES,
            MilterFilter.factory(decider, decider, NOW, face, counters));
    mta = MilterClient.connect(server.endpoints().getFirst());
    mta.negotiate();
  }

  @AfterEach
  void stop() throws Exception {
    mta.close();
    server.close();
  }

  private Reply rcpt(String address) throws IOException {
    return mta.ask(new Command.Rcpt("<" + address + ">", List.of()));
  }

  private void begin(String address, int port, String sender) throws IOException {
    mta.send(
        new Command.Macros(
            'C', Map.of("client_ptr", "pc.isp.example", "daemon_port", "25", "j", "mx")));
    char family = address.contains(":") ? '6' : '4';
    assertThat(mta.ask(new Command.Connect("[" + address + "]", family, port, address)))
        .isEqualTo(CONTINUE);
    assertThat(mta.ask(new Command.Helo("pc"))).isEqualTo(CONTINUE);
    assertThat(mta.ask(new Command.Mail(sender, List.of("SIZE=400")))).isEqualTo(CONTINUE);
  }

  private List<Reply> finish() throws IOException {
    assertThat(mta.ask(new Command.Data())).isEqualTo(CONTINUE);
    return mta.endOfMessage();
  }

  private static Reply header(String value) {
    return new Reply.InsertHeader(1, "X-P0f-OS", value);
  }

  @Test
  void asksWithAllItKnows() throws Exception {
    begin("IPv6:2001:db8::7", 41234, "<@relay.example:\u00c3\u00bc@example.org>");
    assertThat(rcpt("U@example.net")).isEqualTo(LATER);
    Inquiry asked = decider.asked.getFirst();
    assertThat(asked.time()).isEqualTo(NOW.instant());
    assertThat(asked.client().address().getHostAddress()).isEqualTo("2001:db8:0:0:0:0:0:7");
    assertThat(asked.client().port()).isEqualTo(41234);
    assertThat(asked.client().name()).isEmpty();
    assertThat(asked.client().reverseName()).isEqualTo("pc.isp.example");
    assertThat(asked.session().face()).isEqualTo("milter");
    assertThat(asked.session().serverPort()).isEqualTo(25);
    assertThat(asked.session().helo()).isEqualTo("pc");
    assertThat(asked.session().login()).isEmpty();
    assertThat(asked.envelope().sender()).isEqualTo("\u00fc@example.org");
    assertThat(asked.envelope().recipient()).isEqualTo("U@example.net");
    assertThat(asked.envelope().size()).isEqualTo(400);
    assertThat(asked.fingerprint()).contains(FakeDecider.WINDOWS);
    assertThat(asked.extra()).containsEntry("syn.hosts", 1L).containsEntry("syn.uptime", 3600L);
    assertThat(decider.connected).containsExactly(asked.session().id());
    assertThat(counters.recognised()).isEqualTo(1);
    assertThat(counters.deferred()).isEqualTo(1);
  }

  @Test
  void decidesEachRecipientAndEachMessage() throws Exception {
    begin("192.0.2.7", 41234, "<a@example.org>");
    assertThat(rcpt("first@example.net")).isEqualTo(LATER);
    assertThat(rcpt("retry@example.net")).isEqualTo(CONTINUE);
    assertThat(rcpt("never@example.net")).isEqualTo(Reply.Code.of(550, "5.7.1", "not 100%?here"));
    assertThat(finish()).contains(header(HeaderValue.of(FakeDecider.WINDOWS))).endsWith(CONTINUE);
    mta.send(new Command.Abort(), new Command.Abort());
    assertThat(mta.ask(new Command.Mail("<b@example.org>", List.of()))).isEqualTo(CONTINUE);
    assertThat(rcpt("retry@example.net")).isEqualTo(CONTINUE);
    List<String> ids = decider.asked.stream().map(i -> i.envelope().id()).toList();
    assertThat(ids.subList(0, 3)).containsOnly(ids.getFirst());
    assertThat(ids.get(3)).isNotEqualTo(ids.getFirst());
    assertThat(decider.lookedUp).containsExactly("192.0.2.7 41234");
  }

  @Test
  void putsOneHeaderInTheForgedOnesPlace() throws Exception {
    begin("192.0.2.7", 41235, "<a@example.org>");
    assertThat(rcpt("u@example.net")).isEqualTo(CONTINUE);
    for (String name :
        List.of("x-p0F-oS", "Subject", "X-P0F-OS", "X-P0f-OS ", "X-P0f-OS2", "x-mark")) {
      mta.send(new Command.Header(name, "Windows Server 2022"));
    }
    assertThat(finish())
        .containsExactly(
            new Reply.ChangeHeader(3, "x-p0f-os", ""),
            new Reply.ChangeHeader(2, "x-p0f-os", ""),
            new Reply.ChangeHeader(1, "x-p0f-os", ""),
            new Reply.ChangeHeader(1, "x-mark", ""),
            new Reply.InsertHeader(1, "X-Mark", "marked"),
            header("Linux 3.11 or newer [role=unknown quality=exact confidence=0.90 distance=0]"),
            CONTINUE);
    assertThat(counters.forged()).isEqualTo(4);

    mta.ask(new Command.Mail("<a@example.org>", List.of()));
    rcpt("u@example.net");
    assertThat(finish()).hasSize(3);
  }

  @Test
  void refusesAMessageOfForgeries() throws Exception {
    begin("192.0.2.7", 41235, "<a@example.org>");
    rcpt("u@example.net");
    for (int i = 0; i <= MilterFilter.MAX_FORGED; i++) {
      mta.send(new Command.Header("X-P0f-OS", "" + i));
    }
    assertThat(finish()).containsExactly(Reply.Code.of(550, "5.7.1", "Too many X-P0f-OS headers"));
  }

  @Test
  void standsAboveForgeriesThatCannotBeRemoved() throws Exception {
    mta.close();
    mta = MilterClient.connect(server.endpoints().getFirst());
    mta.ask(new Command.Negotiate(6, Actions.ADD_HEADERS, 0));
    begin("192.0.2.7", 41235, "<a@example.org>");
    rcpt("u@example.net");
    mta.ask(new Command.Header("X-P0f-OS", "forged"));
    List<Reply> changes = finish();
    assertThat(changes.get(changes.size() - 2))
        .isInstanceOfSatisfying(
            Reply.InsertHeader.class, insert -> assertThat(insert.index()).isZero());
  }

  @Test
  void defersTheNullSenderAtDataSoThatAddressesCanBeVerified() throws Exception {
    begin("192.0.2.7", 41234, "<>");
    assertThat(rcpt("u@example.net")).isEqualTo(CONTINUE);
    assertThat(mta.ask(new Command.Data())).isEqualTo(LATER);
    mta.send(new Command.Abort());
    assertThat(mta.ask(new Command.Mail("<>", List.of()))).isEqualTo(CONTINUE);
    assertThat(rcpt("retry@example.net")).isEqualTo(CONTINUE);
    assertThat(finish()).endsWith(CONTINUE);
  }

  @Test
  void neverDefersAuthenticatedClientsNorTellsOfThem() throws Exception {
    begin("192.0.2.7", 41234, "<x@example.org>");
    mta.send(new Command.Macros('M', Map.of("auth_authen", "bob")));
    mta.ask(new Command.Mail("<bob@example.net>", List.of()));
    assertThat(rcpt("u@example.com")).isEqualTo(CONTINUE);
    assertThat(decider.asked.getLast().session().login()).isEqualTo("bob");
    assertThat(finish()).contains(header("UNKNOWN"));
    assertThat(counters.exempt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"4,127.0.0.1", "6,::1", "L,/run/x", "U,''"})
  void neverDefersLocalClients(char family, String address) throws Exception {
    decider.greylistAll = true;
    assertThat(mta.ask(new Command.Connect("localhost", family, 4242, address)))
        .isEqualTo(CONTINUE);
    mta.ask(new Command.Mail("<a@example.org>", List.of()));
    assertThat(rcpt("u@example.net")).isEqualTo(CONTINUE);
    assertThat(finish()).contains(header("UNKNOWN")).endsWith(CONTINUE);
    assertThat(decider.lookedUp).isEmpty();
    assertThat(counters.notLookedUp()).isEqualTo(1);
  }

  @Test
  void takesNoSynForAClientThatAProxyTellsOfWithoutPort() throws Exception {
    begin("192.0.2.7", 0, "<a@example.org>");
    assertThat(rcpt("u@example.net")).isEqualTo(CONTINUE);
    assertThat(decider.lookedUp).isEmpty();
    assertThat(decider.asked.getFirst().fingerprint()).isEmpty();
  }

  @Test
  void deliversWithoutASyn() throws Exception {
    begin("192.0.2.7", 5, "<a@example.org>");
    assertThat(rcpt("u@example.net")).isEqualTo(CONTINUE);
    assertThat(finish()).contains(header("UNKNOWN"));
    assertThat(counters.unseen()).isEqualTo(1);
  }

  @Test
  void deliversWhatCannotBeDecidedOrTakesTooLong() throws Exception {
    begin("192.0.2.7", 41234, "<a@example.org>");
    assertThat(rcpt("bug@example.net")).isEqualTo(CONTINUE);
    assertThat(counters.failed()).isEqualTo(1);
    assertThat(rcpt("slow@example.net")).isEqualTo(CONTINUE);
    assertThat(server.counters().late()).isEqualTo(1);
    assertThat(finish()).endsWith(CONTINUE);
  }

  @Test
  void namesTheDecisionIfAskedTo() throws Exception {
    stop();
    start(new FaceSettings("X-Os", Duration.ZERO, true));
    begin("192.0.2.7", 41234, "<a@example.org>");
    assertThat(rcpt("u@example.net"))
        .isEqualTo(Reply.Code.of(451, "4.7.1", "Greylisted, retry in 300 seconds (id abc1)"));
  }
}
