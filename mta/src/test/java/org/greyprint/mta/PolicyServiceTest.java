// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.decision.Verdict;
import org.greyprint.milter.Endpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyServiceTest {
  private static final String LATER =
      "action=DEFER_IF_PERMIT 4.7.1 Greylisted, retry in 300 seconds\n\n";
  private static final String LINUX =
      "action=PREPEND X-P0f-OS: "
          + "Linux 3.11 or newer [role=unknown quality=exact confidence=0.90 distance=0]\n\n";
  private static final String DUNNO = "action=DUNNO\n\n";

  @TempDir private Path folder;
  private final FakeDecider decider = new FakeDecider();
  private final FaceCounters counters = new FaceCounters();
  private PolicyService service;
  private Socket socket;

  @BeforeEach
  void start() throws Exception {
    decider.byPort.put(41234, FakeDecider.WINDOWS);
    decider.byPort.put(41235, FakeDecider.LINUX);
    decider.byPort.put(0, FakeDecider.LINUX);
    start(PolicySettings.DEFAULT);
  }

  private void start(PolicySettings settings) throws IOException {
    service =
        PolicyService.start(
            List.of(new Endpoint.Inet("127.0.0.1", 0), new Endpoint.Unix(folder.resolve("policy"))),
            settings,
            decider,
            decider,
            InstantSource.system(),
            FaceSettings.DEFAULT,
            counters);
    socket = connect();
  }

  private Socket connect() throws IOException {
    Socket made = new Socket("127.0.0.1", ((Endpoint.Inet) service.endpoints().getFirst()).port());
    made.setSoTimeout(5000);
    return made;
  }

  @AfterEach
  void stop() throws Exception {
    socket.close();
    service.close();
  }

  private static String request(String state, int port, String instance, String from, String to) {
    return "request=smtpd_access_policy\nprotocol_state="
        + state
        + "\nprotocol_name=ESMTP\nclient_address=192.0.2.7\nclient_name=unknown\n"
        + "reverse_client_name=pc.isp.example\nhelo_name=pc\nsender="
        + from
        + "\nrecipient="
        + to
        + "\nqueue_id=\ninstance="
        + instance
        + "\nsize=12345\nsasl_username=\nencryption_protocol=TLSv1.3\nserver_port=25\nclient_port="
        + port
        + "\n\n";
  }

  private String ask(String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return answer(socket);
  }

  /** To the empty line, or the end of the stream. */
  private static String answer(Socket from) throws IOException {
    StringBuilder answer = new StringBuilder();
    InputStream in = from.getInputStream();
    for (int c = in.read(); c >= 0; c = in.read()) {
      answer.append((char) c);
      if (answer.toString().endsWith("\n\n")) {
        break;
      }
    }
    return answer.toString();
  }

  @Test
  void defersAWindowsClientAndStampsAnother() throws Exception {
    assertThat(ask(request("RCPT", 41234, "i1", "a@b", "u@c"))).isEqualTo(LATER);
    assertThat(ask(request("RCPT", 41235, "i2", "a@b", "u@c"))).isEqualTo(LINUX);
    var asked = decider.asked.getFirst();
    assertThat(asked.session().face()).isEqualTo("policy");
    assertThat(asked.session().serverPort()).isEqualTo(25);
    assertThat(asked.session().tls()).isEqualTo("TLSv1.3");
    assertThat(asked.client().name()).isEmpty();
    assertThat(asked.client().reverseName()).isEqualTo("pc.isp.example");
    assertThat(asked.envelope().size()).isEqualTo(12345);
    assertThat(decider.lookedUp).containsExactly("192.0.2.7 41234", "192.0.2.7 41235");
  }

  @Test
  void stampsTheFirstRecipientThatPassesAndNoOther() throws Exception {
    assertThat(ask(request("RCPT", 41234, "i1", "a@b", "u@c"))).isEqualTo(LATER);
    assertThat(ask(request("RCPT", 41234, "i1", "a@b", "retry@c")))
        .startsWith("action=PREPEND X-P0f-OS: Windows 10 or 11 [");
    assertThat(ask(request("RCPT", 41235, "i2", "a@b", "u@c"))).isEqualTo(LINUX);
    assertThat(ask(request("RCPT", 41234, "i1", "a@b", "retry@c"))).isEqualTo(DUNNO);
    assertThat(ask(request("RCPT", 41235, "i2", "a@b", "u@c"))).isEqualTo(DUNNO);
    assertThat(decider.connected).hasSize(2);
    assertThat(decider.lookedUp).hasSize(2);
  }

  @Test
  void defersTheNullSenderAtData() throws Exception {
    assertThat(ask(request("RCPT", 41234, "i1", "", "u@c"))).isEqualTo(DUNNO);
    assertThat(ask(request("DATA", 41234, "i1", "", ""))).isEqualTo(LATER);
    assertThat(ask(request("RCPT", 41234, "i2", "", "retry@c"))).startsWith("action=PREPEND");
    assertThat(ask(request("DATA", 41234, "i2", "", "retry@c"))).isEqualTo(DUNNO);
    assertThat(decider.asked).hasSize(2);
  }

  @Test
  void canBeAskedAtDataAlone() throws Exception {
    assertThat(ask(request("DATA", 41234, "i1", "a@b", "u@c"))).isEqualTo(LATER);
    assertThat(ask(request("DATA", 41235, "i2", "a@b", "u@c"))).isEqualTo(LINUX);
    assertThat(ask(request("DATA", 41235, "i3", "a@b", ""))).isEqualTo(DUNNO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT", "EHLO", "MAIL", "END-OF-MESSAGE", "VRFY", ""})
  void hasNothingToSayElsewhere(String state) throws Exception {
    assertThat(ask(request(state, 41234, "i1", "a@b", "u@c"))).isEqualTo(DUNNO);
    assertThat(decider.asked).isEmpty();
  }

  @Test
  void answersEximThatTellsNoPortAndShutsItsSide() throws Exception {
    String request =
        "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nsender=a@b\n"
            + "recipient=u@c\nclient_address=2001:db8::1\nclient_name=\nhelo_name=pc\n\n";
    for (int i = 0; i < 2; i++) {
      try (Socket exim = connect()) {
        exim.getOutputStream().write(request.getBytes(ISO_8859_1));
        exim.shutdownOutput();
        assertThat(answer(exim)).isEqualTo(LINUX);
        assertThat(exim.getInputStream().read()).isEqualTo(-1);
      }
    }
    assertThat(decider.lookedUp).containsOnly("2001:db8:0:0:0:0:0:1 0").hasSize(2);
  }

  @Test
  void takesNoSynForAClientWhosePortIsNotKnown() throws Exception {
    String request = request("RCPT", 41234, "i1", "a@b", "u@c").replace("=41234", "=unknown");
    assertThat(ask(request)).isEqualTo("action=PREPEND X-P0f-OS: UNKNOWN\n\n");
    assertThat(decider.lookedUp).isEmpty();
  }

  @Test
  void neverDefersOwnUsersAndLocalClients() throws Exception {
    String own =
        request("RCPT", 41234, "i1", "a@b", "u@c").replace("sasl_username=", "sasl_username=bob");
    assertThat(ask(own)).isEqualTo("action=PREPEND X-P0f-OS: UNKNOWN\n\n");
    decider.greylistAll = true;
    String local = request("RCPT", 41234, "i2", "a@b", "u@c").replace("192.0.2.7", "::1");
    assertThat(ask(local)).isEqualTo("action=PREPEND X-P0f-OS: UNKNOWN\n\n");
    String nowhere = request("RCPT", 41234, "i3", "a@b", "u@c").replace("192.0.2.7", "unknown");
    assertThat(ask(nowhere)).isEqualTo(DUNNO);
    assertThat(counters.exempt()).isEqualTo(2);
  }

  @Test
  void refusesInOneLineAndDeliversWhatFails() throws Exception {
    assertThat(ask(request("RCPT", 41234, "i1", "a@b", "never@c")))
        .isEqualTo("action=550 5.7.1 not 100%?here\n\n");
    assertThat(ask(request("RCPT", 41235, "i2", "a@b", "bug@c"))).isEqualTo(LINUX);
    assertThat(counters.failed()).isEqualTo(1);
  }

  @Test
  void saysDunnoAtTheDeadline() throws Exception {
    stop();
    start(
        new PolicySettings(
            "X-Secret",
            Duration.ofMillis(100),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            2,
            5,
            1));
    assertThat(ask(request("RCPT", 41235, "i1", "a@b", "slow@c"))).isEqualTo(DUNNO);
    assertThat(ask(request("RCPT", 41235, "i1", "a@b", "u@c")))
        .isEqualTo(LINUX.replace("X-P0f-OS", "X-Secret"));
  }

  static List<String> bad() {
    return List.of(
        "\n",
        "GET / HTTP/1.0\r\n\r\n\n\n",
        "request=something_else\n\n",
        "sender=a@b\n\n",
        "request=smtpd_access_policy\n=x\n\n",
        "request=smtpd_access_policy\na\0b=x\n\n",
        "request=smtpd_access_policy\n" + "n".repeat(513) + "=x\n\n",
        "request=smtpd_access_policy\nx=" + "v".repeat(9000),
        "request=smtpd_access_policy\nx=" + "v".repeat(9000) + "\n\n",
        ("x=" + "v".repeat(8000) + "\n").repeat(9),
        "request=smtpd_access_policy\n" + lines(100) + "\n");
  }

  private static String lines(int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      lines.append("name").append(i).append("=\n");
    }
    return lines.toString();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void closesWithoutAnAnswerWhatIsNoRequest(String text) throws Exception {
    assertThat(ask(text)).isEmpty();
    assertThat(counters.malformed()).isEqualTo(1);
  }

  @Test
  void readsRequestsHoweverTheyAreCut() throws Exception {
    String request = request("RCPT", 41235, "i1", "a@b", "u@c");
    socket.setTcpNoDelay(true);
    for (int i = 0; i < request.length(); i++) {
      socket.getOutputStream().write(request.charAt(i));
      socket.getOutputStream().flush();
    }
    assertThat(answer(socket)).isEqualTo(LINUX);
    assertThat(ask(request + request("RCPT", 41234, "i2", "a@b", "u@c"))).isEqualTo(DUNNO);
    assertThat(answer(socket)).isEqualTo(LATER);
  }

  @Test
  void closesConnectionsThatAreTooManyOrTooSlow() throws Exception {
    stop();
    start(
        new PolicySettings(
            "X-P0f-OS",
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofMillis(400),
            2,
            5,
            1));
    try (Socket second = connect();
        Socket third = connect()) {
      assertThat(answer(third)).isEmpty();
      assertThat(counters.refused()).isEqualTo(1);
      second.getOutputStream().write("request=".getBytes(ISO_8859_1));
      assertThat(answer(second)).isEmpty();
      assertThat(answer(socket)).isEmpty();
    }
    await().until(() -> service.open() == 0);
  }

  @Test
  void holdsTwoThousandIdleConnections() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 2000; i++) {
        idle.add(connect());
      }
      await().until(() -> service.open() == 2001);
      assertThat(Thread.activeCount()).isLessThan(50);
      assertThat(ask(request("RCPT", 41235, "i1", "a@b", "u@c"))).isEqualTo(LINUX);
      idle.getLast()
          .getOutputStream()
          .write(request("RCPT", 41234, "i2", "a@b", "u@c").getBytes(ISO_8859_1));
      assertThat(answer(idle.getLast())).isEqualTo(LATER);
    } finally {
      for (Socket one : idle) {
        one.close();
      }
    }
    await().until(() -> service.open() == 1);
  }

  @Test
  void whatWasAskedIsAnsweredBeforeItCloses() throws Exception {
    try (Socket idle = connect();
        Socket half = connect()) {
      half.getOutputStream().write("request=smtpd_access".getBytes(ISO_8859_1));
      assertThat(ask(request("RCPT", 41235, "i", "a@b", "u@c"))).isEqualTo(LINUX);
      socket
          .getOutputStream()
          .write(request("RCPT", 41235, "j", "a@b", "slow@c").getBytes(ISO_8859_1));
      await().until(() -> decider.asked.size() == 2 && service.open() == 3);
      Thread closing = Thread.startVirtualThread(service::close);
      assertThat(answer(idle)).isEmpty();
      assertThat(closing.isAlive()).isTrue();
      decider.never.complete(FakeDecider.decision(new Verdict.Deliver()));
      assertThat(answer(socket)).isEqualTo(LINUX);
      assertThat(answer(socket)).isEmpty();
      half.getOutputStream()
          .write(
              request("RCPT", 41235, "k", "a@b", "u@c")
                  .substring("request=smtpd_access".length())
                  .getBytes(ISO_8859_1));
      assertThat(answer(half)).isEqualTo(LINUX);
      assertThat(answer(half)).isEmpty();
      assertThat(closing.join(Duration.ofSeconds(5))).isTrue();
    }
  }
}
