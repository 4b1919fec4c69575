// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole path with real programs at both ends: SYNs of many systems on an interface, {@code
 * ./greyprint serve}, Postfix, Sendmail and Exim, SpamAssassin, and {@code ./greyprint replay}.
 */
@Tag("peer")
@Needs(
    value = {"postfix", "swaks", "nft", "ip", "tcpdump", "spamassassin", "smtp-source"},
    root = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MailPathTest {
  private static final List<String> WINDOWS_CLIENTS =
      List.of(
          "windows-xp",
          "windows-7",
          "windows-7-ws2",
          "windows-10",
          "windows-10-65535",
          "windows-10-vpn");
  private static final List<String> OTHERS =
      List.of(
          "linux",
          "linux-nots",
          "windows-server-2016",
          "windows-server-2022",
          "windows-server-bleached");
  private static final String[] FORGED = {
    "--add-header", "x-P0F-oS: Windows Server 2022 [role=server]",
    "--add-header", "X-P0F-OS: Linux [role=server]",
    "--add-header", "X-P0f-OS : FreeBSD"
  };

  private MailHost host;
  private Process tcpdump;
  private Path captured;

  @BeforeAll
  void start() throws Exception {
    host = MailHost.start("mail0");
    captured = host.testbed.folder().resolve("syns.pcap");
    Path log = host.testbed.folder().resolve("tcpdump.log");
    tcpdump =
        host.testbed.start(
            Testbed.MX,
            log,
            "tcpdump",
            "--immediate-mode",
            "-U",
            "-Z",
            "root",
            "-i",
            "mail0",
            "-w",
            captured.toString(),
            "tcp");
    await().until(() -> Files.readString(log).contains("listening on"));
    host.startSendmail();
    host.startExim();
  }

  @AfterAll
  void stop() throws Exception {
    if (host != null) {
      host.close();
    }
  }

  /** Sends with forged headers; gives the message if it was delivered. */
  private Client.Attempt attempt(String persona, String server, int port, String id) {
    return host.client.send(persona, server, port, id, FORGED);
  }

  private Inbox.Message delivered(int port, String id) {
    return await()
        .atMost(Duration.ofSeconds(15))
        .until(() -> host.inbox(port).find(id), found -> found.isPresent())
        .orElseThrow();
  }

  /** First try and at once again: deferred. After the delay: delivered, with our header alone. */
  private void mustWait(String persona, String server, int port) throws IOException {
    String id = Client.id(persona);
    String what = persona + " to " + server + " port " + port;
    long first = System.nanoTime();
    Client.Attempt one = attempt(persona, server, port, id);
    assertThat(one.deferred()).as(what + ", first: " + one.transcript()).isTrue();
    Client.Attempt two = attempt(persona, server, port, id);
    if (System.nanoTime() - first < Serve.DELAY.toNanos()) {
      assertThat(two.deferred()).as(what + ", too early: " + two.transcript()).isTrue();
    }
    long answered = System.nanoTime();
    await()
        .atMost(Serve.DELAY.multipliedBy(2))
        .until(() -> System.nanoTime() - answered > Serve.DELAY.toNanos());
    Client.Attempt three = attempt(persona, server, port, id);
    assertThat(three.delivered()).as(what + ", after the delay: " + three.transcript()).isTrue();
    assertThat(delivered(port, id).headers("X-P0f-OS"))
        .as(what)
        .singleElement()
        .asString()
        .matches("Windows (?!Server).*\\[role=client .*\\]");
  }

  private void mustPass(String persona, String server, int port) {
    String id = Client.id(persona);
    String what = persona + " to " + server + " port " + port;
    Client.Attempt one = attempt(persona, server, port, id);
    assertThat(one.delivered()).as(what + ": " + one.transcript()).isTrue();
    String label = persona.startsWith("windows") ? "Windows Server" : "Linux";
    assertThat(delivered(port, id).headers("X-P0f-OS"))
        .as(what)
        .singleElement()
        .asString()
        .startsWith(label);
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void together(List<Step> steps) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(6)) {
      List<Future<?>> running = new ArrayList<>();
      for (Step step : steps) {
        running.add(
            pool.submit(() -> {
              step.run();
              return null;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
  }

  @ParameterizedTest
  @Order(1)
  @CsvSource({
    "25, 10.77.0.1",
    "25, fd77::1",
    "26, 10.77.0.1",
    "26, fd77::1",
    "28, 10.77.0.1",
    "28, fd77::1"
  })
  void windowsClientsWaitAndEveryoneElsePasses(int port, String server) throws Exception {
    List<Step> steps = new ArrayList<>();
    WINDOWS_CLIENTS.forEach(persona -> steps.add(() -> mustWait(persona, server, port)));
    OTHERS.forEach(persona -> steps.add(() -> mustPass(persona, server, port)));
    together(steps);
  }

  @ParameterizedTest
  @Order(2)
  @CsvSource({"10.77.0.1", "fd77::1"})
  void thePolicyServiceDoesTheSameForPostfix(String server) throws Exception {
    policy(MailHost.POSTFIX_POLICY, server, "450 4.7.1 <");
  }

  @ParameterizedTest
  @Order(2)
  @CsvSource({"10.77.0.1", "fd77::1"})
  void thePolicyServiceDoesTheSameForExim(String server) throws Exception {
    policy(MailHost.EXIM, server, "451 4.7.1 Greylisted");
  }

  private void policy(int port, String server, String code) throws Exception {
    String id = Client.id("policy");
    Client.Attempt one = attempt("windows-10", server, port, id);
    assertThat(one.transcript()).contains(code);
    assertThat(one.delivered()).isFalse();
    String bounce = Client.id("bounce");
    Client.Attempt two =
        host.client.send("windows-7", server, port, bounce, "--from", "<>", "--pipeline");
    assertThat(two.delivered()).isFalse();
    Client.Attempt probe =
        host.client.send("windows-7", server, port, bounce, "--from", "<>", "--quit-after", "RCPT");
    assertThat(probe.transcript()).doesNotContain("<** 45");
    together(
        List.of(
            () -> mustPass("linux", server, port),
            () -> mustPass("windows-server-2022", server, port)));
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> attempt("windows-10", server, port, id).delivered());
    assertThat(delivered(port, id).headers("X-P0f-OS"))
        .singleElement()
        .asString()
        .matches("Windows (?!Server).*");
  }

  @Test
  @Order(3)
  void twoHostsBehindOneAddressAreToldApart() throws Exception {
    String windows = Client.id("nat");
    String linux = Client.id("nat");
    together(
        List.of(
            () ->
                assertThat(attempt("nat-windows-10", Testbed.IPV4, 25, windows).deferred())
                    .isTrue(),
            () -> assertThat(attempt("nat-linux", Testbed.IPV4, 25, linux).delivered()).isTrue()));
    Inbox.Message message = delivered(25, linux);
    assertThat(message.text()).contains("[10.77.0.40]");
    assertThat(message.headers("X-P0f-OS")).singleElement().asString().startsWith("Linux");
  }

  @Test
  @Order(4)
  void addressesCanBeVerifiedAndBouncesWaitAtData() {
    String id = Client.id("bounce");
    Client.Attempt probe =
        host.client.send(
            "windows-10", Testbed.IPV4, 25, id, "--from", "<>", "--quit-after", "RCPT");
    assertThat(probe.transcript()).contains("250 2.1.5").doesNotContain("451");
    Client.Attempt bounce =
        host.client.send("windows-10", Testbed.IPV4, 25, Client.id("bounce"), "--from", "<>");
    assertThat(bounce.deferred()).isTrue();
    assertThat(bounce.transcript()).contains("250 2.1.5");
  }

  @Test
  @Order(5)
  void everyMessageOfASessionHasItsHeader() {
    String id = Client.id("session");
    Programs.Result sent =
        host.testbed.run(
            "linux",
            "smtp-source",
            "-d",
            "-s",
            "3",
            "-m",
            "30",
            "-S",
            id,
            "-f",
            "a@isp.example",
            "-t",
            id + "@example.net",
            Testbed.IPV4 + ":25");
    assertThat(sent.out()).isEmpty();
    await()
        .untilAsserted(() ->
            assertThat(host.postfix.inbox().messages())
                .filteredOn(message -> message.text().contains(id))
                .hasSize(30)
                .allSatisfy(message -> assertThat(message.headers("X-P0f-OS")).hasSize(1)));
  }

  @Test
  @Order(6)
  void spamAssassinGivesItsPointsForOurHeaderAlone() throws Exception {
    String windows = waited("windows-10");
    String server = Client.id("server");
    assertThat(attempt("windows-server-2022", Testbed.IPV4, 25, server).delivered()).isTrue();
    String forger = Client.id("forger");
    assertThat(
            host.client
                .send(
                    "linux",
                    Testbed.IPV4,
                    25,
                    forger,
                    "--add-header",
                    "X-P0f-OS: Windows XP [role=client quality=exact]")
                .delivered())
        .isTrue();
    String odd = delivered(25, windows).text();
    // As Postfix writes it for a client whose name is known and agrees with its HELO.
    String named = odd.replace("(unknown [", "(pc.isp.example [");
    List<Map<String, java.math.BigDecimal>> points =
        new SpamAssassin(host.testbed.folder().resolve("spamassassin"), "")
            .points(
                List.of(named, odd, delivered(25, server).text(), delivered(25, forger).text()));
    assertThat(points.get(0)).containsOnlyKeys("GREYPRINT_WINDOWS");
    assertThat(points.get(0).get("GREYPRINT_WINDOWS")).isEqualByComparingTo("0.8");
    assertThat(points.get(1)).containsOnlyKeys("GREYPRINT_WINDOWS", "GREYPRINT_WINDOWS_ODD");
    assertThat(points.get(2)).isEmpty();
    assertThat(points.get(3)).isEmpty();
  }

  /** The id of a message of a Windows client that came again in time. */
  private String waited(String persona) {
    String id = Client.id(persona);
    assertThat(attempt(persona, Testbed.IPV4, 25, id).deferred()).isTrue();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> attempt(persona, Testbed.IPV4, 25, id).delivered());
    return id;
  }

  @Test
  @Order(7)
  void replayOfTheCaptureSaysWhatServeDecided() throws Exception {
    waited("windows-7");
    tcpdump.destroy();
    tcpdump.waitFor();
    Programs.Result replay =
        Programs.run(
            Duration.ofSeconds(60),
            Serve.program("replay", "--format", "json", captured.toString()));
    assertThat(replay.status()).as(replay.out()).isZero();
    Map<String, Set<String>> replayed = new TreeMap<>();
    Matcher line =
        Pattern.compile(
                "\"client\":\"([^\"]+)\".*\"os\":\\{[^}]*\"name\":\"([^\"]*)\""
                    + ",\"flavor\":\"([^\"]*)\",\"role\":\"([^\"]*)\"")
            .matcher(replay.out());
    while (line.find()) {
      replayed
          .computeIfAbsent(
              java.net.InetAddress.getByName(line.group(1)).getHostAddress(), k -> new TreeSet<>())
          .add((line.group(2) + " " + line.group(3)).strip() + " [role=" + line.group(4));
    }
    Map<String, Set<String>> served = new TreeMap<>();
    for (int port : List.of(25, MailHost.SENDMAIL)) {
      for (Inbox.Message message : host.inbox(port).messages()) {
        Matcher client =
            Pattern.compile("\\[(?:IPv6:)?([0-9a-f.:]+)\\]")
                .matcher(message.headers("Received").getFirst());
        assertThat(client.find()).isTrue();
        served
            .computeIfAbsent(
                java.net.InetAddress.getByName(client.group(1)).getHostAddress(),
                k -> new TreeSet<>())
            .add(message.headers("X-P0f-OS").getFirst().replaceFirst(" quality=.*", ""));
      }
    }
    assertThat(served).hasSizeGreaterThan(20);
    served.forEach(
        (address, labels) -> assertThat(replayed.get(address)).as(address).containsAll(labels));
    served.keySet().stream()
        .filter(address -> !address.equals("10.77.0.40"))
        .forEach(address -> assertThat(replayed.get(address)).as(address).hasSize(1));
  }
}
