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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gateway, without root, in front of real mail servers: Windows PCs are deferred, Windows
 * servers and Linux are not, over IPv4 and IPv6, and the next hop learns who the client is.
 */
@Tag("peer")
@Needs(
    value = {"ip", "nft", "swaks", "postfix", "setpriv", "unshare"},
    root = true)
class GatewayPathTest {
  private static final int POSTFIX = 10025;
  private static final int POSTFIX_PROXY = 10026;
  private static final int EXIM = 10027;
  private static final int OPENSMTPD = 10028;

  private static final List<AutoCloseable> OPEN = new ArrayList<>();
  private static Testbed testbed;
  private static Postfix postfix;

  /** A gateway and where its mail ends up. */
  record Way(String name, int port, Inbox inbox) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Way> WAYS = new ArrayList<>();

  @BeforeAll
  static void up() throws Exception {
    testbed = Testbed.up();
    OPEN.add(testbed);
    postfix =
        Postfix.start(
            testbed,
            List.of("smtpd_authorized_xclient_hosts = 127.0.0.1"),
            Map.of(
                POSTFIX, List.of(),
                POSTFIX_PROXY, List.of("smtpd_upstream_proxy_protocol=haproxy")),
            List.of());
    OPEN.add(postfix);
    Path exim = eximAsNextHop();
    Path maildir = writable("maildir");
    Dovecot dovecot = Dovecot.start(testbed);
    OPEN.add(dovecot);
    WAYS.add(new Way("Postfix by XCLIENT", 2501, postfix.inbox()));
    WAYS.add(new Way("Postfix by PROXY 1", 2502, postfix.inbox()));
    WAYS.add(new Way("Postfix by PROXY 2", 2503, postfix.inbox()));
    WAYS.add(new Way("Exim", 2504, new Inbox(exim)));
    OpenSmtpd opensmtpd = OpenSmtpd.start(testbed, OPENSMTPD);
    OPEN.add(opensmtpd);
    WAYS.add(new Way("OpenSMTPD", 2507, opensmtpd.inbox()));
    WAYS.add(new Way("Dovecot by LMTP", 2505, dovecot.inbox()));
    WAYS.add(new Way("Maildir", 2506, new Inbox(maildir)));
    gateway(
        "2501=AUTO=smtp://127.0.0.1:" + POSTFIX,
        "2502=PROXY_V1=smtp://127.0.0.1:" + POSTFIX_PROXY,
        "2503=PROXY_V2=smtp://127.0.0.1:" + POSTFIX_PROXY,
        "2507=AUTO=smtp://127.0.0.1:" + OPENSMTPD,
        "2504=AUTO=smtp://127.0.0.1:" + EXIM,
        "2505=AUTO=lmtp:unix:" + dovecot.socket(),
        "2506=AUTO=maildir:" + maildir);
  }

  private static Path writable(String name) throws IOException {
    Path folder = Files.createDirectory(testbed.folder().resolve(name));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    return folder;
  }

  private static Path eximAsNextHop() throws IOException {
    Exim server = Exim.start(testbed, EXIM, false);
    OPEN.add(server);
    return server.inbox().folder();
  }

  private static void end(Process process) throws Exception {
    process.destroy();
    process.waitFor(5, TimeUnit.SECONDS);
    process.destroyForcibly();
  }

  /** Another user cannot read what is in root's home: the classes are copied. */
  private static void gateway(String... gateways) throws Exception {
    Path lib = Files.createDirectory(testbed.folder().resolve("lib"));
    List<String> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(":")) {
      Path from = Path.of(entry);
      if (!Files.exists(from) || entry.contains("rocksdb")) {
        continue;
      }
      Path to = lib.resolve(path.size() + "-" + from.getFileName());
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : files.toList()) {
          Files.copy(file, to.resolve(from.relativize(file).toString()).normalize());
        }
      }
      path.add(to.toString());
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--no-new-privs",
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(":", path),
                GatewayMain.class.getName()));
    command.addAll(List.of(gateways));
    Path out = testbed.folder().resolve("gateway.out");
    Process process = testbed.start(Testbed.MX, out, command.toArray(String[]::new));
    OPEN.add(() -> end(process));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || Files.readString(out).contains("ready as nobody"));
    assertThat(process.isAlive()).as(Files.readString(out)).isTrue();
  }

  @AfterAll
  static void down() throws Exception {
    for (AutoCloseable part : OPEN.reversed()) {
      part.close();
    }
    OPEN.clear();
    WAYS.clear();
  }

  static Stream<Way> ways() {
    return WAYS.stream();
  }

  @ParameterizedTest
  @MethodSource("ways")
  void windowsIsDeferredAndOthersAreNot(Way way) {
    Client client = new Client(testbed);
    for (String server : List.of(Testbed.IPV4, Testbed.IPV6)) {
      String windows = Client.id("windows");
      Client.Attempt pc = client.send("windows-10", server, way.port(), windows);
      assertThat(pc.deferred()).as(pc.transcript()).isTrue();
      delivered(client, way, server, "windows-server-2022", "Windows Server .*role=server.*");
      delivered(client, way, server, "linux", "Linux .*");
      assertThat(way.inbox().find(windows)).isEmpty();
    }
  }

  private static void delivered(Client client, Way way, String server, String host, String header) {
    String id = Client.id(host);
    String forged = "X-P0f-OS: Solaris";
    Client.Attempt attempt = client.send(host, server, way.port(), id, "--header", forged);
    assertThat(attempt.delivered()).as(attempt.transcript()).isTrue();
    await().atMost(Duration.ofSeconds(60)).until(() -> way.inbox().find(id).isPresent());
    Inbox.Message message = way.inbox().find(id).orElseThrow();
    assertThat(message.headers("X-P0f-OS")).as(host).hasSize(1);
    assertThat(message.headers("X-P0f-OS").getFirst()).matches(header);
    String address = server.equals(Testbed.IPV4) ? "10.77.0." : "fd77:";
    assertThat(message.headers("Received").toString()).as("who the client was").contains(address);
  }

  @Test
  void servesPostfixAsAClient() throws Exception {
    String id = Client.id("relay");
    Path etc = postfix.etc();
    testbed.run(
        Testbed.MX,
        "postconf",
        "-c",
        etc.toString(),
        "-e",
        "relay_domains=other.example",
        "relayhost=",
        "transport_maps=inline:{other.example=smtp:[10.77.0.1]:2506}");
    testbed.run(Testbed.MX, "postfix", "-c", etc.toString(), "reload");
    Client.Attempt attempt =
        new Client(testbed).send("linux", Testbed.IPV4, POSTFIX, id, "--to", id + "@other.example");
    assertThat(attempt.delivered()).as(attempt.transcript()).isTrue();
    Inbox maildir = WAYS.getLast().inbox();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(maildir.find(id)).as(postfix.log()).isPresent());
  }

  @Test
  void servesEximAsAClient() throws Exception {
    String id = Client.id("exim");
    Programs.Result result = Submitter.exim(testbed, "linux", Testbed.IPV4, 2506, id);
    keptWhole(id, result.out());
  }

  @Test
  void servesSendmailAsAClient() throws Exception {
    String id = Client.id("sendmail");
    Programs.Result result = Submitter.sendmail(testbed, "linux", Testbed.IPV4, 2506, id);
    keptWhole(id, result.out());
  }

  private static void keptWhole(String id, String transcript) {
    Inbox maildir = WAYS.getLast().inbox();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(maildir.find(id)).as(transcript).isPresent());
    assertThat(maildir.find(id).orElseThrow().text()).endsWith("\n\n.dot\n\u00c3\u00a4\nend\n");
  }

  /** SYN cookies leave no SYN: the operating system is unknown, and mail flows. */
  @Test
  void withoutASynNothingIsDeferred() throws Exception {
    String cookies = "net.ipv4.tcp_syncookies";
    assertThat(testbed.run(Testbed.MX, "sysctl", "-w", cookies + "=2").status()).isZero();
    try {
      String id = Client.id("cookie");
      Client.Attempt attempt = new Client(testbed).send("windows-10", Testbed.IPV4, 2506, id);
      assertThat(attempt.delivered()).as(attempt.transcript()).isTrue();
      Inbox.Message message = WAYS.getLast().inbox().find(id).orElseThrow();
      assertThat(message.headers("X-P0f-OS")).containsExactly("UNKNOWN");
    } finally {
      testbed.run(Testbed.MX, "sysctl", "-w", cookies + "=1");
    }
  }
}
