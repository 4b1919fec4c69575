// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
import org.junit.jupiter.params.provider.ValueSource;

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

  /** How long a Windows client has to wait. */
  private static final Duration DELAY = Duration.ofSeconds(6);

  private MailHost host;
  private Process tcpdump;
  private Path captured;

  @BeforeAll
  void start() throws Exception {
    host = MailHost.start(Serve.configuration("mail0", DELAY));
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
            // A busy machine must not lose one: a large buffer, and SYNs alone.
            "-B",
            "16384",
            "-w",
            captured.toString(),
            "(tcp[13] & 18 = 2) or (ip6[6] = 6 and ip6[53] & 18 = 2)");
    await().until(() -> Files.readString(log).contains("listening on"));
    host.startOthers();
  }

  @AfterAll
  void stop() throws Exception {
    if (host != null) {
      host.close();
    }
  }

  /** Sends with forged headers. */
  private Client.Attempt attempt(String persona, String server, int port, String id)
      throws InterruptedException {
    return host.send(persona, server, port, id, FORGED);
  }

  /** What a deferral looks like on a port: Postfix gives the policy service's its own code. */
  private static String code(int port) {
    return port == MailHost.POSTFIX_POLICY ? "450 4.7.1 <" : "451 4.7.1 Greylisted";
  }

  private static void letTheDelayPass() {
    long from = System.nanoTime();
    await().atMost(DELAY.multipliedBy(2)).until(() -> System.nanoTime() - from > DELAY.toNanos());
  }

  /** First try and at once again: deferred. After the delay: delivered, with our header alone. */
  private void mustWait(String persona, String server, int port) throws Exception {
    String what = persona + " to " + server + " port " + port;
    String id = "";
    boolean tooSlow = true;
    // A second try only tells something if it was over before the delay was.
    for (int i = 0; i < 3 && tooSlow; i++) {
      id = Client.id(persona);
      long first = System.nanoTime();
      Client.Attempt one = attempt(persona, server, port, id);
      assertThat(one.deferredBy(code(port)))
          .as(what + ", first: " + one.transcript() + host.serve.about(id))
          .isTrue();
      Client.Attempt two = attempt(persona, server, port, id);
      tooSlow = System.nanoTime() - first > DELAY.toNanos();
      assertThat(tooSlow || two.deferredBy(code(port)))
          .as(what + ", too early: " + two.transcript())
          .isTrue();
    }
    assertThat(tooSlow).as(what + ": two tries took longer than the delay").isFalse();
    letTheDelayPass();
    Client.Attempt three = attempt(persona, server, port, id);
    assertThat(three.delivered()).as(what + ", after the delay: " + three.transcript()).isTrue();
    assertThat(host.delivered(port, id).headers("X-P0f-OS"))
        .as(what)
        .singleElement()
        .asString()
        .matches("Windows (?!Server).*\\[role=client .*\\]");
  }

  private void mustPass(String persona, String server, int port) throws Exception {
    String id = Client.id(persona);
    String what = persona + " to " + server + " port " + port;
    Client.Attempt one = attempt(persona, server, port, id);
    assertThat(one.delivered()).as(what + ": " + one.transcript()).isTrue();
    String label = persona.startsWith("windows") ? "Windows Server" : "Linux";
    assertThat(host.delivered(port, id).headers("X-P0f-OS"))
        .as(what)
        .singleElement()
        .asString()
        .startsWith(label);
  }

  /** Postfix by milter over a UNIX socket and over TCP and by policy service; Sendmail; Exim. */
  @ParameterizedTest
  @Order(1)
  @ValueSource(ints = {25, 26, 27, 28, 29})
  void windowsClientsWaitAndEveryoneElsePasses(int port) throws Exception {
    List<MailHost.Step> steps = new ArrayList<>();
    for (String server : List.of(Testbed.IPV4, Testbed.IPV6)) {
      WINDOWS_CLIENTS.forEach(persona -> steps.add(() -> mustWait(persona, server, port)));
      OTHERS.forEach(persona -> steps.add(() -> mustPass(persona, server, port)));
    }
    MailHost.together(steps);
  }

  @ParameterizedTest
  @Order(2)
  @ValueSource(ints = {25, 26, 27, 28, 29})
  void twoHostsBehindOneAddressAreToldApart(int port) throws Exception {
    String windows = Client.id("nat");
    String linux = Client.id("nat");
    MailHost.together(
        List.of(
            () -> {
              Client.Attempt one = attempt("nat-windows-10", Testbed.IPV4, port, windows);
              assertThat(one.deferred()).as(one.transcript()).isTrue();
            },
            () -> {
              Client.Attempt one = attempt("nat-linux", Testbed.IPV4, port, linux);
              assertThat(one.delivered()).as(one.transcript()).isTrue();
            }));
    Inbox.Message message = host.delivered(port, linux);
    assertThat(message.text()).contains("[10.77.0.40]");
    assertThat(message.headers("X-P0f-OS")).singleElement().asString().startsWith("Linux");
  }

  /** Servers that verify an address of ours with the null sender get their answer at RCPT. */
  @ParameterizedTest
  @Order(3)
  @ValueSource(ints = {25, 26, 27, 28, 29})
  void addressesCanBeVerifiedAndBouncesWaitAtData(int port) throws Exception {
    Client.Attempt probe =
        host.send(
            "windows-7",
            Testbed.IPV4,
            port,
            Client.id("probe"),
            "--from",
            "<>",
            "--quit-after",
            "RCPT");
    assertThat(probe.transcript()).contains("<-  250").doesNotContain("<** 45");
    String id = Client.id("bounce");
    String[] bounce = {"--from", "<>"};
    Client.Attempt one = host.send("windows-7", Testbed.IPV4, port, id, bounce);
    assertThat(one.deferred()).as(one.transcript()).isTrue();
    assertThat(one.transcript().indexOf("-> DATA"))
        .as(one.transcript())
        .isBetween(0, one.transcript().indexOf("Greylisted"));
    letTheDelayPass();
    Client.Attempt two = host.send("windows-7", Testbed.IPV4, port, id, bounce);
    assertThat(two.delivered()).as(two.transcript()).isTrue();
    assertThat(host.delivered(port, id).headers("X-P0f-OS"))
        .singleElement()
        .asString()
        .matches("Windows (?!Server).*\\[role=client .*\\]");
  }

  @Test
  @Order(4)
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
  @Order(5)
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
    String odd = host.delivered(25, windows).text();
    // As Postfix writes it for a client whose name is known and agrees with its HELO.
    String named = odd.replace("(unknown [", "(pc.isp.example [");
    List<Map<String, java.math.BigDecimal>> points =
        new SpamAssassin(host.testbed.folder().resolve("spamassassin"), "")
            .points(
                List.of(
                    named,
                    odd,
                    host.delivered(25, server).text(),
                    host.delivered(25, forger).text()));
    assertThat(points.get(0)).containsOnlyKeys("GREYPRINT_WINDOWS");
    assertThat(points.get(0).get("GREYPRINT_WINDOWS")).isEqualByComparingTo("0.8");
    assertThat(points.get(1)).containsOnlyKeys("GREYPRINT_WINDOWS", "GREYPRINT_WINDOWS_ODD");
    assertThat(points.get(2)).isEmpty();
    assertThat(points.get(3)).isEmpty();
  }

  /** The id of a message of a Windows client that came again in time. */
  private String waited(String persona) throws Exception {
    String id = Client.id(persona);
    assertThat(attempt(persona, Testbed.IPV4, 25, id).deferred()).isTrue();
    await()
        .atMost(DELAY.multipliedBy(5))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> attempt(persona, Testbed.IPV4, 25, id).delivered());
    return id;
  }

  @Test
  @Order(6)
  void replayOfTheCaptureSaysWhatServeDecided() throws Exception {
    waited("windows-7");
    tcpdump.destroy();
    tcpdump.waitFor();
    Programs.Result replay =
        Programs.run(
            Duration.ofSeconds(60),
            Serve.program("replay", "--format", "json", captured.toString()));
    assertThat(replay.status()).as(replay.out()).isZero();
    Map<String, String> byClient = new TreeMap<>();
    Map<String, Set<String>> byAddress = new TreeMap<>();
    Matcher syn = SYN.matcher(replay.out());
    while (syn.find()) {
      String address = InetAddress.getByName(syn.group("client")).getHostAddress();
      String header = header(syn);
      byClient.put(address + ":" + syn.group("port"), header);
      byAddress.computeIfAbsent(address, k -> new TreeSet<>()).add(header);
    }

    // Each decision, by address and port: the system, and whether the rule for Windows PCs held.
    Matcher decision = DECISION.matcher(host.serve.log());
    int compared = 0;
    int greylisted = 0;
    while (decision.find()) {
      String client = InetAddress.getByName(decision.group("client")).getHostAddress();
      String replayed = byClient.get(client + ":" + decision.group("port"));
      assertThat(replayed).as("replayed SYN of: " + decision.group()).isNotNull();
      assertThat(replayed.replaceFirst(" \\[.*", "")).isEqualTo(decision.group("os"));
      boolean pc = replayed.startsWith("Windows") && !replayed.contains("[role=server");
      assertThat(decision.group("rule"))
          .as(decision.group())
          .isEqualTo(pc ? "Windows PC" : "everyone else");
      compared++;
      greylisted += pc ? 1 : 0;
    }
    assertThat(greylisted).isGreaterThan(100);
    assertThat(compared - greylisted).isGreaterThan(40);

    // And each header: of one system, but for the two that share an address.
    Set<String> addresses = new TreeSet<>();
    for (int port : List.of(25, MailHost.SENDMAIL)) {
      for (Inbox.Message message : host.inbox(port).messages()) {
        Matcher client =
            Pattern.compile("\\[(?:IPv6:)?([0-9a-f.:]+)\\]")
                .matcher(message.headers("Received").getFirst());
        assertThat(client.find()).isTrue();
        String address = InetAddress.getByName(client.group(1)).getHostAddress();
        addresses.add(address);
        Set<String> replayed = byAddress.get(address);
        assertThat(replayed)
            .as(address)
            .contains(
                message.headers("X-P0f-OS").getFirst().replaceFirst(" confidence=0\\.\\d\\d", ""));
        assertThat(replayed).as(address).hasSize(address.equals("10.77.0.40") ? 2 : 1);
      }
    }
    assertThat(addresses).hasSizeGreaterThan(20);
  }

  /** A message that waits is explained, by its client and by its id. */
  @Test
  @Order(7)
  void whatWaitsIsExplained() throws Exception {
    host.serve.restart(Serve.configuration("mail0", Duration.ofHours(1), "id-in-reply: true"));
    String message = Client.id("explained");
    Client.Attempt first = attempt("windows-10", Testbed.IPV4, 25, message);
    Matcher told =
        Pattern.compile("Greylisted, retry in 3600 seconds \\(id (\\w+)\\)")
            .matcher(first.transcript());
    assertThat(told.find()).as(first.transcript()).isTrue();

    for (String[] asked :
        List.of(
            new String[] {"explain", "10.77.0.23"},
            new String[] {"explain", "--id", told.group(1)})) {
      assertThat(host.serve.command(asked))
          .contains(
              "Decision " + told.group(1),
              ":mss,nop,ws,nop,nop,sok:",
              "Windows 10 or 11, role client",
              "to <" + message + "@example.net>",
              "greylisted, try again in 3600 s")
          .containsPattern("rule +Windows PC")
          .containsPattern("state +deferred \\(new\\)");
    }
  }

  private static final Pattern SYN =
      Pattern.compile(
          "\"client\":\"(?<client>[^\"]+)\",\"clientPort\":(?<port>\\d+).*\"os\":\\{[^}]*"
              + "\"name\":\"(?<name>[^\"]*)\",\"flavor\":\"(?<flavor>[^\"]*)\","
              + "\"role\":\"(?<role>[^\"]*)\",\"quality\":\"(?<quality>[^\"]*)\","
              + "\"confidence\":[0-9.]+\\},\"distance\":(?<distance>-?\\d+|null),"
              + "\"link\":\"(?<link>[^\"]*)\"");

  private static final Pattern DECISION =
      Pattern.compile(
          "(?m)\\w+: (?<client>10\\.77\\.[0-9.]+|fd77:[0-9a-f:]+):(?<port>\\d+) from=<[^>]*>"
              + " to=<[^>]*> os=\"(?<os>[^\"]*)\": \\w+, rule '(?<rule>[^']*)'.*$");

  /** The header that a replayed SYN would have given, but for the confidence's two digits. */
  private static String header(Matcher syn) {
    StringBuilder value =
        new StringBuilder((syn.group("name") + " " + syn.group("flavor")).strip())
            .append(" [role=")
            .append(syn.group("role"))
            .append(" quality=")
            .append(syn.group("quality"));
    if (syn.group("distance").matches("\\d+")) {
      value.append(" distance=").append(syn.group("distance"));
    }
    if (!syn.group("link").isEmpty()) {
      value.append(" link=\"").append(syn.group("link")).append('"');
    }
    return value.append(']').toString();
  }
}
