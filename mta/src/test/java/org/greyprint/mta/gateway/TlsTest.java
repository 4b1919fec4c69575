// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.greyprint.mta.gateway.GatewaySettings.HopTls;
import org.greyprint.mta.gateway.GatewaySettings.KeyPair;
import org.greyprint.mta.gateway.GatewaySettings.Listener;
import org.greyprint.mta.gateway.GatewaySettings.Tls;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Needs("openssl")
class TlsTest {
  @TempDir Path folder;

  private final Rig rig = new Rig();
  private Tls tls = new Tls(new KeyPair(Path.of("none"), Path.of("none")), Map.of());

  @BeforeEach
  void keys() {
    tls =
        new Tls(
            Keys.make(folder, "gate.example"),
            Map.of("other.example", Keys.make(folder, "other.example")));
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static SSLSocket over(Socket plain, String sni, String... protocols) throws Exception {
    SSLSocket socket =
        (SSLSocket) Keys.trusting().getSocketFactory().createSocket(plain, "127.0.0.1", 1, true);
    SSLParameters parameters = socket.getSSLParameters();
    if (!sni.isEmpty()) {
      parameters.setServerNames(List.of(new SNIHostName(sni)));
    }
    if (protocols.length > 0) {
      parameters.setProtocols(protocols);
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static String subject(SSLSocket socket) throws IOException {
    return ((java.security.cert.X509Certificate) socket.getSession().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void encryptsAndPassesAuthOn(String protocol) throws Exception {
    rig.hop.ehlo = "250-hop\r\n250 AUTH PLAIN LOGIN";
    rig.hop.answers =
        (command, usual) ->
            command.equals("AUTH PLAIN")
                ? "334 "
                : command.startsWith("AUTH LOGIN")
                    ? "334 UGFzc3dvcmQ6"
                    : command.equals("cGFzcw==") || command.length() > 20 ? "235 2.7.0 in" : usual;
    rig.open(rig.settings().withTls(tls));
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(line.ask("EHLO c")).contains("250 STARTTLS").doesNotContain("AUTH");
      assertThat(line.ask("AUTH PLAIN AGEAYg==")).startsWith("530 5.7.0");
      assertThat(line.ask("STARTTLS")).startsWith("220 ");
      SSLSocket socket = over(line.socket(), "other.example", protocol);
      assertThat(subject(socket)).isEqualTo("CN=other.example");
      line.use(socket);
      assertThat(line.ask("MAIL FROM:<a@b>")).startsWith("503");
      assertThat(line.ask("EHLO c")).contains("AUTH PLAIN LOGIN").doesNotContain("STARTTLS");
      byte[] secret = "\0user@example.org\0pass".getBytes(StandardCharsets.UTF_8);
      assertThat(line.ask("AUTH PLAIN")).isEqualTo("334 ");
      assertThat(line.ask(Base64.getEncoder().encodeToString(secret))).startsWith("235");
      assertThat(line.ask("AUTH PLAIN x")).startsWith("503");
      line.ask("MAIL FROM:<a@b>");
      line.ask("RCPT TO:<c@d>");
      assertThat(line.ask("DATA")).startsWith("354");
      line.send("A: b\r\n\r\nx\r\n.\r\n");
      assertThat(line.reply()).startsWith("250");
    }
    var inquiry = rig.decider.asked.getFirst();
    assertThat(inquiry.session().tls()).isEqualTo(protocol);
    assertThat(inquiry.session().login()).isEqualTo("user@example.org");
    assertThat(String.valueOf(inquiry.extra().get("tls.ja4")))
        .matches("t1[23]d\\d{4}00_[0-9a-f]{12}_[0-9a-f]{12}");
    assertThat(inquiry.extra()).containsEntry("tls.sni", "other.example");
    assertThat(rig.hop.messages.getFirst()).contains(" with ESMTPSA id ");
  }

  @Test
  void authLoginShowsItsName() {
    Login login = new Login("LOGIN");
    login.challenged();
    login.answered("dXNlcg==");
    login.challenged();
    login.answered("cGFzcw==");
    assertThat(login.name()).isEqualTo("user");
    assertThat(new Login("SCRAM-SHA-256 biwsbj11c2Vy").name()).isEqualTo(Login.NAMELESS);
  }

  @Test
  void nothingMayFollowStartTls() throws Exception {
    rig.open(rig.settings().withTls(tls));
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      line.send("STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n");
      assertThat(line.reply()).startsWith("421 5.5.1");
      assertThat(line.line()).isNull();
    }
  }

  @Test
  void speaksTlsFromTheStartAndReadsNewCertificates() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    rig.open(
        rig.settings()
            .withListeners(List.of(new Listener("smtps", any, true, List.of())))
            .withTls(tls));
    byte[] first;
    try (Line line = new Line(rig.plain())) {
      SSLSocket socket = over(line.socket(), "");
      line.use(socket);
      assertThat(line.reply()).startsWith("220 gate.example");
      assertThat(line.ask("EHLO c")).doesNotContain("STARTTLS");
      first = socket.getSession().getPeerCertificates()[0].getEncoded();
    }
    Keys.make(folder, "gate.example");
    Files.setLastModifiedTime(tls.fallback().key(), FileTime.from(Instant.now().plusSeconds(60)));
    rig.gateway().reloadCertificates();
    try (Line line = new Line(rig.plain())) {
      SSLSocket socket = over(line.socket(), "");
      assertThat(socket.getSession().getPeerCertificates()[0].getEncoded()).isNotEqualTo(first);
    }
    Files.writeString(tls.fallback().certificate(), "no certificate");
    rig.gateway().reloadCertificates();
    try (Line line = new Line(rig.plain())) {
      assertThat(subject(over(line.socket(), ""))).isEqualTo("CN=gate.example");
    }
  }

  @Test
  void whatIsNoTlsIsClosed() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    rig.open(
        rig.settings()
            .withListeners(List.of(new Listener("smtps", any, true, List.of())))
            .withTls(tls));
    try (Line line = new Line(rig.plain())) {
      line.send("EHLO this is no hello\r\n");
      int answer = line.read(new byte[100]);
      while (answer > 0) {
        answer = line.read(new byte[100]);
      }
      assertThat(answer).isEqualTo(-1);
    }
  }

  @Test
  void aCertificateThatCannotBeReadStopsTheStart() {
    Tls missing = new Tls(new KeyPair(folder.resolve("a"), folder.resolve("b")), Map.of());
    assertThatThrownBy(() -> rig.open(rig.settings().withTls(missing)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be used");
  }

  /** The gateway in front of another gateway, whose certificate is checked or not. */
  @ParameterizedTest
  @ValueSource(strings = {"starttls", "starttls-verified", "smtps-verified", "smtps-unknown"})
  void encryptsToTheNextHop(String kind) throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    boolean implicit = kind.startsWith("smtps");
    Deciders inner = new Deciders();
    GatewaySettings behind =
        GatewaySettings.DEFAULT
            .withListeners(List.of(new Listener("in", any, implicit, List.of())))
            .withNextHop(new NextHop.Maildir(folder.resolve("mail")))
            .withTls(tls);
    try (Gateway second =
        Gateway.start(behind, inner, syn -> Optional.empty(), InstantSource.system())) {
      int port = second.addresses().getFirst().getPort();
      boolean verified = kind.endsWith("verified");
      rig.open(
          rig.settings()
              .withNextHop(new NextHop.Smtp("127.0.0.1", port, implicit))
              .withHopTls(
                  verified ? HopTls.VERIFY : HopTls.MAY,
                  verified ? Optional.of(tls.fallback().certificate()) : Optional.empty()));
      try (Line line = Line.greeted(rig.plain())) {
        String hello = line.ask("EHLO c");
        if (kind.equals("smtps-unknown")) {
          assertThat(hello).startsWith("421 4.4.1");
          return;
        }
        assertThat(hello).contains("SMTPUTF8");
        line.ask("MAIL FROM:<a@b>");
        line.ask("RCPT TO:<c@d>");
        line.ask("DATA");
        line.send("A: b\r\n\r\n" + "x".repeat(300_000) + "\r\n.\r\n");
        assertThat(line.reply()).startsWith("250");
      }
      assertThat(inner.asked.getFirst().session().tls()).isEqualTo("TLSv1.3");
    }
  }
}
