// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The real {@code greyprint serve} as a mail server of its own, as a user without any privilege:
 * the whole main job without another service, and what only a front door sees in rules, {@code
 * explain} and the journal.
 */
@Tag("peer")
@Needs(
    value = {"ip", "nft", "swaks", "openssl", "python3", "setpriv"},
    root = true)
class GatewayServeTest {
  private static final int PORT = 2525;
  private static final int TLS_PORT = 4650;
  private static final int STRICT_PORT = 2526;
  private static final int BALANCED_PORT = 2527;

  /** RFC 6890's test network, told by a balancer. */
  private static final String TOLD = "198.51.100.7";

  private static final String CONFIGURATION =
      """
      capture: []
      state: FOLDER/var
      listen:
        admin: none
        gateway:
          hostname: mx.example.net
          tls: {certificate: FOLDER/cert.pem, key: FOLDER/key.pem}
          listeners:
            - {name: mx, address: "[::]:2525"}
            - {name: tls, address: "[::]:4650", implicit-tls: true}
            - name: strict
              address: "[::]:2526"
              rules:
                - {name: foreign tls, when: '!tls.agrees && tls.system != ""', then: reject}
                - {name: pipeliner, when: early.pipelining, then: reject, text: Not so fast}
                - name: dialect
                  when: dialect.verbs == "lower" && dialect.blanks && !dialect.brackets
                  then: reject
                  text: Not this dialect
                - {name: seen before, when: 'previous.end == "reset"', then: reject, text: Not again}
                - {name: rest, then: deliver}
            - name: balanced
              address: "[::]:2527"
              balancers: [10.77.0.0/16]
      greylist: {delay: 3s, window: 2d}
      id-in-reply: true
      dns: {servers: []}
      """;

  private static final List<AutoCloseable> OPEN = new ArrayList<>();
  private static Testbed testbed;
  private static Path home;
  private static Process serve;

  @BeforeAll
  static void up() throws Exception {
    Serve.build();
    testbed = Testbed.up();
    OPEN.add(testbed);
    home = Files.createDirectory(testbed.folder().resolve("nobody"));
    install();
    Files.writeString(
        home.resolve("greyprint.yaml"), CONFIGURATION.replace("FOLDER", home.toString()));
    Programs.Result made =
        Programs.run(
            Duration.ofSeconds(30),
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=mx.example.net",
                "-keyout",
                home + "/key.pem",
                "-out",
                home + "/cert.pem"));
    assertThat(made.status()).as(made.out()).isZero();
    Programs.run(Duration.ofSeconds(20), List.of("chown", "-R", "65534:65534", home.toString()));
    for (Path at = home; at != null && at.getNameCount() > 1; at = at.getParent()) {
      if (Files.getPosixFilePermissions(at).size() < 7) {
        Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
    Path log = testbed.folder().resolve("serve.log");
    serve =
        testbed.start(
            Testbed.MX,
            log,
            as("serve", "--config", home + "/greyprint.yaml").toArray(String[]::new));
    OPEN.add(() -> {
      serve.destroy();
      assertThat(serve.waitFor(20, TimeUnit.SECONDS)).isTrue();
    });
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !serve.isAlive() || Files.readString(log).contains("ready after"));
    assertThat(serve.isAlive()).as(Files.readString(log)).isTrue();
  }

  /** Another user cannot read what is in root's home: the program is installed anew. */
  private static void install() throws IOException {
    Path root = Programs.root();
    for (Path from : List.of(root.resolve("launcher"), root.resolve("target/dist/lib"))) {
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : files.toList()) {
          Path to = home.resolve(from.getParent().relativize(file).toString());
          Files.copy(file, to);
        }
      }
    }
    Files.copy(root.resolve("greyprint"), home.resolve("greyprint"));
  }

  private static List<String> as(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--no-new-privs",
                "env",
                "GREYPRINT_JAVA_HOME=" + System.getProperty("java.home"),
                "GREYPRINT_NO_BUILD=1",
                home + "/greyprint"));
    command.addAll(List.of(arguments));
    return command;
  }

  @AfterAll
  static void down() throws Exception {
    for (AutoCloseable part : OPEN.reversed()) {
      part.close();
    }
    OPEN.clear();
  }

  private static String explain(String... what) {
    List<String> command = new ArrayList<>(as("explain", "--journal", home + "/var/journal"));
    command.addAll(List.of(what));
    Programs.Result result = testbed.run(Testbed.MX, command.toArray(String[]::new));
    assertThat(result.status()).as(result.out()).isZero();
    return result.out();
  }

  /** What {@code explain} tells of the last decision on an address, once the journal has it. */
  private static void explained(String address, String... patterns) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(explain(address)).contains("Evidence"));
    String told = explain(address);
    for (String pattern : patterns) {
      assertThat(told).containsPattern("(?m)^ *" + pattern + "$");
    }
  }

  /** Says lines from a host; "?" waits for a reply, "reset" ends with one. */
  private static String say(String host, int port, String... lines) {
    String script =
        """
        import socket, sys
        s = socket.create_connection(("10.77.0.1", int(sys.argv[1])), 20)
        f = s.makefile("rb")
        def reply():
            while True:
                line = f.readline()
                sys.stdout.write(line.decode("latin-1"))
                if not line or line[3:4] != b"-": return
        for line in sys.argv[2:]:
            if line == "reset":
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
                f.close(); s.close(); sys.exit()
            if line == "?": reply(); continue
            s.sendall(line.encode("latin-1").decode("unicode_escape").encode("latin-1"))
        """;
    List<String> command = new ArrayList<>(List.of("python3", "-c", script, "" + port));
    command.addAll(List.of(lines));
    Programs.Result result = testbed.run(host, command.toArray(String[]::new));
    assertThat(result.status()).as(result.out()).isZero();
    return result.out();
  }

  private static String address(String host) {
    Programs.Result result = testbed.run(host, "ip", "-4", "-o", "addr", "show", "eth0");
    Matcher matcher = Pattern.compile("inet ([0-9.]+)/").matcher(result.out());
    assertThat(matcher.find()).as(result.out()).isTrue();
    return matcher.group(1);
  }

  @Test
  void doesTheMainJobAlone() throws Exception {
    Client client = new Client(testbed);
    Inbox inbox = new Inbox(home.resolve("var/mail"));
    for (String server : List.of(Testbed.IPV4, Testbed.IPV6)) {
      String id = Client.id("alone");
      Client.Attempt first = client.send("windows-10", server, PORT, id);
      assertThat(first.deferred()).as(first.transcript()).isTrue();
      Matcher decision = Pattern.compile("\\(id ([0-9a-z]+)\\)").matcher(first.transcript());
      assertThat(decision.find()).as(first.transcript()).isTrue();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() ->
              assertThat(explain("--id", decision.group(1)))
                  .contains("rule         Windows PC", "syn.source   saved"));
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> client.send("windows-10", server, PORT, id).delivered());
      assertThat(inbox.find(id).orElseThrow().headers("X-P0f-OS").getFirst())
          .matches("Windows .*role=client.*");
      for (String host : List.of("windows-server-2022", "linux")) {
        String other = Client.id(host);
        Client.Attempt attempt = client.send(host, server, PORT, other);
        assertThat(attempt.delivered()).as(attempt.transcript()).isTrue();
        assertThat(inbox.find(other)).isPresent();
      }
    }
  }

  @Test
  void dialectAndPipeliningAreEvidence() {
    String said =
        say(
            "linux",
            STRICT_PORT,
            "?",
            "helo c\\r\\nmail from: a@b.example\\r\\n",
            "?",
            "?",
            "rcpt to: c@example.net\\r\\n",
            "?",
            "quit\\r\\n",
            "?");
    assertThat(said).contains("550 5.7.1 Not so fast");
    said =
        say(
            "linux",
            STRICT_PORT,
            "?",
            "helo c\\r\\n",
            "?",
            "rcpt to: c@d\\r\\n",
            "?",
            "mail from: a@b.example\\n",
            "?",
            "rcpt to: c@example.net\\r\\n",
            "?",
            "quit\\r\\n",
            "?");
    assertThat(said).contains("550 5.7.1 Not this dialect");
    explained(
        address("linux"),
        "done +rejected.*",
        "gateway.listener +strict",
        "dialect.verbs +lower",
        "dialect.hello +HELO",
        "dialect.bare_lf +true",
        "dialect.order +true",
        "dialect.blanks +true",
        "dialect.brackets +false",
        "tcp.rtt +[1-9][0-9]*",
        "tcp.retransmits +0",
        "previous.end +quit");
  }

  @Test
  void howTheLastSessionEndedIsEvidence() {
    String host = "windows-server-2022";
    say(host, STRICT_PORT, "?", "EHLO c\\r\\n", "?", "reset");
    String said =
        say(
            host,
            STRICT_PORT,
            "?",
            "EHLO c\\r\\n",
            "?",
            "MAIL FROM:<a@b.example>\\r\\n",
            "?",
            "RCPT TO:<c@example.net>\\r\\n",
            "?");
    assertThat(said).contains("550 5.7.1 Not again");
    explained(address(host), "previous.end +reset");
  }

  /** Windows on the wire and OpenSSL above it contradict nothing: that runs on Windows too. */
  @Test
  void theClientHelloIsEvidence() {
    Client client = new Client(testbed);
    String id = Client.id("tls");
    Client.Attempt attempt =
        client.send("windows-server-2022", Testbed.IPV4, TLS_PORT, id, "--tls-on-connect");
    assertThat(attempt.delivered()).as(attempt.transcript()).isTrue();
    explained(
        address("windows-server-2022"),
        "gateway.listener +tls",
        "tls.ja4 +t13[di][0-9]{4}00_[0-9a-f]{12}_[0-9a-f]{12}",
        "tls.agrees +true");
    Client.Attempt later = client.send("linux", Testbed.IPV6, PORT, Client.id("tls"), "-tls");
    assertThat(later.delivered()).as(later.transcript()).isTrue();
  }

  /** Behind a balancer the SYN is the balancer's: nothing is greylisted for it. */
  @Test
  void aBalancersSynIsNotTheClients() {
    String said =
        say(
            "windows-10",
            BALANCED_PORT,
            "PROXY TCP4 " + TOLD + " 192.0.2.1 50000 25\\r\\n",
            "?",
            "EHLO c\\r\\n",
            "?",
            "MAIL FROM:<a@b.example>\\r\\n",
            "?",
            "RCPT TO:<c@example.net>\\r\\n",
            "?",
            "QUIT\\r\\n",
            "?");
    assertThat(said).contains("250 2.1.5");
    explained(TOLD, "syn.source +balancer", "gateway.listener +balanced");
  }

  /** From 400 ms away, what comes with the handshake cannot be an answer to the greeting. */
  @Test
  void talkingBeforeTheGreetingIsEvidence() {
    String script =
        Programs.root().resolve("integration/src/test/resources/far-client.py").toString();
    for (String manner : List.of("early", "fair")) {
      String address = manner.equals("early") ? "10.77.9.1" : "10.77.9.2";
      Programs.Result result =
          testbed.run(
              "linux", "python3", script, address, Testbed.IPV4, Integer.toString(PORT), manner);
      assertThat(result.out()).as(result.out()).contains("250 2.1.5");
      explained(
          address,
          "early.greeting +" + manner.equals("early"),
          "tcp.rtt +[2-9][0-9]{5}",
          "syn.source +saved",
          "dialect.hello +EHLO");
    }
  }

  /** A balancer's client may talk together with the balancer's header. */
  @Test
  void talkingWithTheBalancersHeaderIsEvidence() {
    say(
        "linux",
        BALANCED_PORT,
        "PROXY TCP4 198.51.100.8 192.0.2.1 50000 25\\r\\nEHLO c\\r\\n",
        "?",
        "?",
        "MAIL FROM:<a@b.example>\\r\\n",
        "?",
        "RCPT TO:<c@example.net>\\r\\n",
        "?");
    explained("198.51.100.8", "early.greeting +true");
  }
}
