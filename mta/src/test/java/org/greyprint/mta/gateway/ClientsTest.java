// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.greyprint.mta.gateway.GatewaySettings.Limits;
import org.greyprint.mta.gateway.GatewaySettings.Tls;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real programs and libraries as clients, on loopback. */
@Tag("peer")
class ClientsTest {
  @TempDir Path folder;

  private final Rig rig = new Rig();

  @BeforeEach
  void start() throws Exception {
    Tls tls = new Tls(Keys.make(folder, "localhost"), Map.of());
    rig.hop.ehlo = "250-hop\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 AUTH PLAIN";
    rig.hop.answers =
        (command, usual) -> command.startsWith("AUTH PLAIN ") ? "235 2.7.0 in" : usual;
    rig.open(rig.settings().withTls(tls));
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private String port() {
    return Integer.toString(rig.plain().getPort());
  }

  private Programs.Result run(String... command) {
    return Programs.run(Duration.ofSeconds(30), List.of(command));
  }

  @Test
  @Needs("swaks")
  void swaks() {
    for (List<String> more :
        List.of(
            List.<String>of(),
            List.of("--pipeline"),
            List.of("--tls"),
            List.of("--tls", "--auth", "PLAIN", "-au", "user", "-ap", "pass"))) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  "swaks",
                  "--server",
                  "127.0.0.1:" + port(),
                  "--from",
                  "a@example.org",
                  "--to",
                  "b@example.net"));
      command.addAll(more);
      Programs.Result result = Programs.run(Duration.ofSeconds(30), command);
      assertThat(result.status()).as(result.out()).isZero();
    }
    assertThat(rig.hop.messages).hasSize(4);
    assertThat(rig.decider.asked.getLast().session().login()).isEqualTo("user");
  }

  @Test
  @Needs("openssl")
  void openssl() throws Exception {
    Process process =
        new ProcessBuilder(
                "openssl",
                "s_client",
                "-starttls",
                "smtp",
                "-crlf",
                "-quiet",
                "-connect",
                "127.0.0.1:" + port())
            .redirectErrorStream(true)
            .start();
    try (var out = process.getOutputStream();
        var in = process.inputReader()) {
      String line = in.readLine();
      while (line != null && !line.startsWith("250 ")) {
        line = in.readLine();
      }
      for (String command :
          List.of("EHLO c", "MAIL FROM:<a@b>", "RCPT TO:<c@d>", "DATA", "A: b\n\nx\n.", "QUIT")) {
        out.write((command + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        out.flush();
        line = in.readLine();
        while (line != null && line.matches("\\d{3}-.*")) {
          line = in.readLine();
        }
        assertThat(String.valueOf(line)).as(command).matches("[23]\\d\\d .*");
      }
    } finally {
      process.destroy();
    }
    assertThat(rig.hop.messages).hasSize(1);
    assertThat(rig.decider.asked.getFirst().session().tls()).isEqualTo("TLSv1.3");
  }

  @Test
  @Needs("python3")
  void python() {
    String script =
        """
        import smtplib, ssl, sys
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as client:
            client.starttls(context=context)
            client.login('user', 'pass')
            text = b'Subject: x\\r\\n\\r\\n.dot\\r\\n\\xe4\\r\\n' + b'y' * 100000
            client.sendmail('a@example.org', ['b@example.net'], text, ['BODY=8BITMIME'])
        """;
    Programs.Result result = run("python3", "-c", script, port());
    assertThat(result.status()).as(result.out()).isZero();
    assertThat(rig.hop.messages.getFirst())
        .endsWith("Subject: x\r\n\r\n..dot\r\n\u00e4\r\n" + "y".repeat(100_000) + "\r\n");
  }

  @Test
  void javaMail() throws Exception {
    Properties properties = new Properties();
    properties.put("mail.smtp.host", "127.0.0.1");
    properties.put("mail.smtp.port", port());
    properties.put("mail.smtp.starttls.required", "true");
    properties.put("mail.smtp.ssl.trust", "*");
    properties.put("mail.smtp.ssl.checkserveridentity", "false");
    MimeMessage message = new MimeMessage(Session.getInstance(properties));
    message.setFrom("a@example.org");
    message.setRecipient(Message.RecipientType.TO, new InternetAddress("b@example.net"));
    message.setSubject("x");
    message.setText(".dot\n\u00e4\nend", "UTF-8");
    Transport.send(message);
    assertThat(rig.hop.messages.getFirst()).contains("Subject: x\r\n");
  }

  @Test
  @Needs("smtp-source")
  void manyAtOnce() {
    Programs.Result result =
        run(
            "smtp-source",
            "-s",
            "20",
            "-m",
            "500",
            "-l",
            "10000",
            "-f",
            "a@example.org",
            "-t",
            "b@example.net",
            "127.0.0.1:" + port());
    assertThat(result.status()).as(result.out()).isZero();
    assertThat(rig.hop.messages).hasSize(500);
    await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
  }

  /** A flood of connections, most of which never say a word. */
  @Test
  void aFloodIsBounded() throws Exception {
    rig.gateway().close();
    rig.open(
        rig.settings()
            .withLimits(new Limits(500, 400, 100, 1000, 10, 1, 5, 5, Duration.ofMillis(10), 0)));
    List<Socket> flood = new ArrayList<>();
    try {
      for (int i = 0; i < 1500; i++) {
        flood.add(new Socket(rig.plain().getAddress(), rig.plain().getPort()));
      }
      await().untilAsserted(() -> assertThat(rig.count("turned-away")).isEqualTo(1000));
      await().untilAsserted(() -> assertThat(rig.count("open")).isEqualTo(500));
    } finally {
      for (Socket socket : flood) {
        close(socket);
      }
    }
    await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(line.ask("EHLO c")).startsWith("250-gate.example");
    }
  }

  private static void close(Socket socket) throws IOException {
    socket.close();
  }

  /** Clients that ask without end and read nothing, and ones that send one endless line. */
  @Test
  void whatIsNotReadIsNotHeld() throws Exception {
    long before = used();
    try (Line deaf = Line.greeted(rig.plain());
        Line endless = Line.greeted(rig.plain())) {
      byte[] line = "x".repeat(64 << 10).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      for (int i = 0; i < 1000; i++) {
        endless.send(line);
      }
      deaf.socket().setSoTimeout(100);
      byte[] noops = "HELP\r\n".repeat(1000).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      try {
        for (int i = 0; i < 2000; i++) {
          deaf.send(noops);
        }
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
      }
    }
    await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
    assertThat(used() - before).as("octets held").isLessThan(64L << 20);
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
