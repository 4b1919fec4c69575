// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.greyprint.app.Failure;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.config.ConfigurationReader;
import org.greyprint.app.config.ConfigurationResult;
import org.greyprint.milter.Command;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterClient;
import org.greyprint.milter.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole daemon in this process, with real sockets and a real store. */
class DaemonTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  private static final String ALL =
      """
      state: FOLDER/var
      listen:
        gateway: {address: "127.0.0.1:0", timeouts: {drain: 1s}}
        policy: unix:FOLDER/policy.sock
        admin: 127.0.0.1:0
      capture: []
      dns: {servers: []}
      log: {level: warn}
      rules:
        - name: all
          then: greylist
      """;

  @TempDir private Path folder;
  private final TestClock clock = new TestClock();
  private volatile String text = ALL;

  private ConfigurationResult read() {
    return ConfigurationReader.read("greyprint.yaml", text.replace("FOLDER", folder.toString()));
  }

  private Daemon start() {
    ConfigurationResult result = read();
    assertThat(result).isInstanceOf(Configuration.class);
    return Daemon.start((Configuration) result, this::read, clock);
  }

  private String ask(String client, String sender) throws IOException {
    return Talk.policy(folder.resolve("policy.sock"), client, sender, "bob@example.net");
  }

  private static InetSocketAddress address(Daemon daemon, String what) {
    String line =
        daemon.banner().stream()
            .filter(each -> each.strip().startsWith(what))
            .findFirst()
            .orElseThrow();
    String port = line.replaceFirst(".*127\\.0\\.0\\.1:(\\d+).*", "$1");
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
  }

  private String token() throws IOException {
    return Files.readString(folder.resolve("var/admin.token")).strip();
  }

  private HttpResponse<String> admin(Daemon daemon, String method, String path, String body)
      throws IOException, InterruptedException {
    return Talk.send(
        address(daemon, "admin"), path, method, body, "Authorization", "Bearer " + token());
  }

  @Test
  void withoutAConfigurationMailArrivesInTheMaildirWithTheHeader() throws IOException {
    text = "state: FOLDER/var\nlisten: {gateway: '127.0.0.1:0', admin: none}\nlog: {level: warn}";
    try (Daemon daemon = start()) {
      List<String> replies =
          Talk.smtp(address(daemon, "SMTP"), "anna@example.org", "bob@example.net");
      assertThat(replies.getFirst()).startsWith("220 ");
      assertThat(replies.get(5)).startsWith("250 ");
      assertThat(Talk.onlyMessage(folder.resolve("var/mail")))
          .contains("X-P0f-OS: ", "Subject: test")
          .doesNotContain("forged");
      assertThat(daemon.banner())
          .anyMatch(line -> line.contains("swaks --server 127.0.0.1:"))
          .anyMatch(line -> line.contains("maildir:"));
      assertThat(daemon.troubles()).isEmpty();
    }
    assertThat(folder.resolve("var/journal")).isDirectory();
  }

  @Test
  void aSenderIsDeferredAndPassesAfterTheDelayAlsoOverARestart() throws IOException {
    try (Daemon daemon = start()) {
      assertThat(daemon.greylist()).isPresent();
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=DEFER_IF_PERMIT 4.7.1");
    }
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=DEFER_IF_PERMIT 4.7.1");
      clock.advance(Duration.ofMinutes(5).plusSeconds(1));
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=PREPEND X-P0f-OS: ");
      assertThat(daemon.troubles()).isEmpty();
    }
  }

  @Test
  void reloadingTakesRulesAndSettingsOverAndKeepsWhatIsWrongOut() throws IOException {
    try (Daemon daemon = start()) {
      text = ALL.replace("then: greylist", "then: greylsit");
      assertThat(daemon.reload()).isFalse();
      assertThat(ask("192.0.2.8", "a@example.org")).startsWith("action=DEFER");
      text = ALL + "signatures: FOLDER/missing.fp\n";
      assertThat(daemon.reload()).isFalse();
      assertThat(ask("192.0.2.8", "b@example.org")).startsWith("action=DEFER");
      text = ALL + "greylist: {delay: 1m}\n";
      assertThat(daemon.reload()).isTrue();
      assertThat(ask("192.0.2.8", "c@example.org"))
          .isEqualTo("action=DEFER_IF_PERMIT 4.7.1 Greylisted, retry in 60 seconds");
      text = ALL + "mode: observe\n";
      assertThat(daemon.reload()).isTrue();
      assertThat(ask("192.0.2.8", "d@example.org")).startsWith("action=PREPEND");
      text = ALL.replace("then: greylist", "then: reject");
      assertThat(daemon.reload()).isTrue();
      assertThat(ask("192.0.2.8", "e@example.org")).startsWith("action=550 5.7.1");
    }
  }

  @Test
  void whatOnlyARestartTakesOverIsNamed() {
    Configuration former = (Configuration) read();
    assertThat(Changes.needRestart(former, (Configuration) read())).isEmpty();
    text =
        ALL.replace("dns: {servers: []}", "dns: {deadline: 1s}")
            + "journal: {keep: 1d}\ngreylist: {delay: 2m}\n";
    assertThat(Changes.needRestart(former, (Configuration) read()))
        .containsExactly("journal", "dns");
  }

  @Test
  void aListenerMayHaveRulesOfItsOwn() throws IOException {
    text =
        ALL.replace(
            "gateway: {address: \"127.0.0.1:0\", timeouts: {drain: 1s}}",
            "gateway: {listeners: [{name: strict, address: '127.0.0.1:0',"
                + " rules: [{name: mark, then: mark, header: 'X-Strict: yes'}]}],"
                + " timeouts: {drain: 1s}}");
    try (Daemon daemon = start()) {
      Talk.smtp(address(daemon, "SMTP"), "anna@example.org", "bob@example.net");
      assertThat(Talk.onlyMessage(folder.resolve("var/mail"))).contains("X-Strict: yes");
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=DEFER");
    }
  }

  @Test
  void mailFlowsWithoutCaptureStoreAndJournalAndTheyComeBack() throws Exception {
    Files.createDirectories(folder.resolve("var"));
    Files.writeString(folder.resolve("var/greylist"), "in the way");
    Files.writeString(folder.resolve("var/journal"), "in the way");
    text = ALL.replace("capture: []", "capture: {interface: nosuch0}");
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=PREPEND");
      assertThat(daemon.troubles())
          .hasSize(3)
          .anyMatch(line -> line.contains("nosuch0"))
          .anyMatch(line -> line.startsWith("store: "))
          .anyMatch(line -> line.startsWith("journal: "));
      assertThat(Talk.get(address(daemon, "admin"), "/healthz").body())
          .startsWith("degraded, mail is delivered:\n");
      Files.delete(folder.resolve("var/greylist"));
      Files.delete(folder.resolve("var/journal"));
      await()
          .atMost(LONG)
          .until(() -> ask("192.0.2.7", "anna@example.org").startsWith("action=DEFER"));
      clock.advance(Duration.ofSeconds(20));
      await()
          .atMost(LONG)
          .until(() -> {
            ask("192.0.2.9", "anna@example.org");
            return daemon.troubles().size() == 1;
          });
    }
  }

  @Test
  void whatCannotBeListenedOnIsToldInOneLineWithTheCure() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      for (String key : List.of("gateway", "admin", "milter", "policy", "p0f")) {
        text =
            "state: FOLDER/var\ncapture: []\nlog: {level: warn}\nlisten: {admin: none, "
                + (key.equals("admin") ? "gateway: 'none', " : "")
                + key
                + ": '127.0.0.1:"
                + port
                + "'}\n";
        text = key.equals("admin") ? text.replace("admin: none, ", "") : text;
        assertThatThrownBy(this::start)
            .isInstanceOf(Failure.class)
            .hasMessageStartingWith("listen." + key + ": ")
            .hasMessageContaining("127.0.0.1:" + port)
            .hasMessageContaining("ss -ltnp")
            .message()
            .doesNotContain("\n");
      }
    }
    text =
        "state: FOLDER/var\ncapture: []\nlog: {level: warn}\n"
            + "listen: {admin: none, milter: 'unix:FOLDER/missing/milter.sock'}";
    assertThatThrownBy(this::start)
        .isInstanceOf(Failure.class)
        .hasMessageContaining("missing/milter.sock");
    Files.writeString(folder.resolve("file"), "");
    text =
        "state: FOLDER/var\ncapture: []\nlog: {level: warn}\n"
            + "listen: {admin: none, policy: 'unix:FOLDER/file'}";
    assertThatThrownBy(this::start).isInstanceOf(Failure.class).hasMessageContaining("no socket");
    assertThat(folder.resolve("file")).isEmptyFile();
  }

  @Test
  void whatTellsOfPeopleAndEveryChangeNeedTheToken() throws Exception {
    try (Daemon daemon = start()) {
      InetSocketAddress admin = address(daemon, "admin");
      for (String path : List.of("/", "/metrics", "/healthz", "/api/v1/status")) {
        assertThat(Talk.get(admin, path).statusCode()).as(path).isEqualTo(200);
      }
      for (String path :
          List.of(
              "/api/v1/greylist/triplets",
              "/api/v1/greylist/exceptions",
              "/api/v1/greylist/clients",
              "/api/v1/greylist/correspondents",
              "/api/v1/greylist/explain",
              "/api/v1/decisions",
              "/api/v1/explain",
              "/api/v1/clients",
              "/api/v1/signatures/unknown",
              "/api/v1/backup")) {
        assertThat(Talk.get(admin, path).statusCode()).as(path).isEqualTo(401);
        assertThat(Talk.get(admin, path, "Authorization", "Bearer wrong").statusCode())
            .isEqualTo(401);
      }
      for (String path : List.of("release", "forget", "exceptions")) {
        assertThat(
                Talk.send(admin, "/api/v1/greylist/" + path, "POST", "{\"all\":true}").statusCode())
            .isEqualTo(401);
      }
      assertThat(Talk.send(admin, "/api/v1/reload", "POST", "").statusCode()).isEqualTo(401);
      assertThat(Files.getPosixFilePermissions(folder.resolve("var/admin.token"))).hasSize(2);
      Files.writeString(folder.resolve("var/admin.token"), "another-secret-of-mine\n");
      assertThat(admin(daemon, "GET", "/api/v1/decisions", "").statusCode()).isEqualTo(200);
      Files.writeString(folder.resolve("var/admin.token"), "\n");
      assertThat(Talk.get(admin, "/api/v1/decisions", "Authorization", "Bearer ").statusCode())
          .isEqualTo(401);
    }
  }

  @Test
  void requestsThatAreNoneAreRefused() throws Exception {
    try (Daemon daemon = start()) {
      String release = "/api/v1/greylist/release";
      assertThat(admin(daemon, "POST", release, "{}").statusCode()).isEqualTo(400);
      assertThat(admin(daemon, "POST", release, "no json").statusCode()).isEqualTo(400);
      assertThat(admin(daemon, "POST", release, "[1]").statusCode()).isEqualTo(400);
      assertThat(admin(daemon, "POST", release, "{\"sender\":7}").statusCode()).isEqualTo(400);
      assertThat(admin(daemon, "POST", release, "x".repeat(100_000)).statusCode()).isEqualTo(413);
      assertThat(admin(daemon, "GET", "/api/v1/nothing", "").statusCode()).isEqualTo(404);
      assertThat(admin(daemon, "GET", "/api/v1/decisions?limit=0", "").statusCode()).isEqualTo(400);
      assertThat(admin(daemon, "GET", "/api/v1/clients?address=localhost", "").statusCode())
          .isEqualTo(400);
      assertThat(admin(daemon, "GET", "/api/v1/explain?id=nosuch", "").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theGreylistIsLookedAtAndChanged() throws Exception {
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=DEFER");
      assertThat(ask("2001:db8::7", "otto@example.org")).startsWith("action=DEFER");
      assertThat(admin(daemon, "GET", "/api/v1/greylist/triplets?client=192.0.2.7", "").body())
          .contains("anna@example.org", "\"state\":\"waiting\"")
          .doesNotContain("otto");
      String release = "{\"sender\":\"anna@example.org\",\"by\":\"me\"}";
      assertThat(admin(daemon, "POST", "/api/v1/greylist/release", release).body())
          .isEqualTo("{\"released\":1}");
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=PREPEND");
      String allow =
          "{\"kind\":\"client\",\"value\":\"2001:db8::/32\",\"by\":\"me\",\"reason\":\"ours\","
              + "\"for\":\"1d\"}";
      assertThat(admin(daemon, "POST", "/api/v1/greylist/exceptions", allow).body())
          .contains("\"id\":\"client:2001:db8:", "\"reason\":\"ours\"", "\"expires\":");
      assertThat(ask("2001:db8::7", "otto@example.org")).startsWith("action=PREPEND");
      assertThat(admin(daemon, "GET", "/api/v1/greylist/exceptions", "").body()).contains("ours");
      assertThat(
              admin(daemon, "POST", "/api/v1/greylist/exceptions", allow.replace("32", "999"))
                  .statusCode())
          .isEqualTo(400);
      assertThat(admin(daemon, "POST", "/api/v1/greylist/forget", "{\"all\":true}").body())
          .startsWith("{\"forgotten\":");
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=DEFER");
      await()
          .atMost(LONG)
          .until(() ->
              admin(daemon, "GET", "/api/v1/explain?client=192.0.2.7", "")
                  .body()
                  .contains("\"greylistNow\""));
    }
  }

  @Test
  void metricsAndDashboardTellWhatHappened() throws Exception {
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "<b>anna@example.org")).startsWith("action=DEFER");
      clock.advance(Duration.ofMinutes(6));
      assertThat(ask("192.0.2.7", "<b>anna@example.org")).startsWith("action=PREPEND");
      InetSocketAddress admin = address(daemon, "admin");
      assertThat(Talk.get(admin, "/metrics").body())
          .contains(
              "greyprint_decisions_total{verdict=\"deferred\"} 1.0",
              "greyprint_decisions_total{verdict=\"delivered\"} 1.0",
              "greyprint_greylist_answers_total{why=\"retry\"} 1.0",
              "greyprint_os_decisions_total{os=\"unseen\",verdict=\"defer\"} 1.0",
              "greyprint_store_up 1.0");
      await()
          .atMost(LONG)
          .until(() -> {
            clock.advance(Duration.ofSeconds(31));
            String page = Talk.get(admin, "/").body();
            return page.contains("<b>1</b>senders deferred")
                && page.contains("<b>1</b>came back, 100 %")
                && page.contains("<b>6 min</b>median delay");
          });
      String page = Talk.get(admin, "/?range=7d").body();
      assertThat(page).doesNotContain("anna", "src=", "http-equiv=\"Content", "<script");
      assertThat(page.replaceAll("admin +http://127[^<]*", "")).doesNotContain("http://");
    }
  }

  @Test
  void aBackupMadeWhileServingIsRestored() throws Exception {
    Path archive = folder.resolve("backup.tar");
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=DEFER");
      try (var out = Files.newOutputStream(archive)) {
        daemon.backup(out);
      }
      Backup.verify(archive);
      assertThatThrownBy(() -> Backup.restore(archive, daemon.configuration()))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("stop it first");
      assertThat(ask("192.0.2.7", "later@example.org")).startsWith("action=DEFER");
    }
    Configuration configuration = (Configuration) read();
    assertThat(Backup.restore(archive, configuration)).hasSize(2);
    clock.advance(Duration.ofMinutes(6));
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=PREPEND");
      assertThat(ask("192.0.2.7", "later@example.org")).startsWith("action=DEFER");
      assertThat(daemon.troubles()).isEmpty();
    }
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Backup.restore(archive, configuration)).isInstanceOf(Failure.class);
    Files.write(archive, new byte[2000]);
    assertThatThrownBy(() -> Backup.verify(archive)).isInstanceOf(Failure.class);
    clock.advance(Duration.ofSeconds(1));
    try (Daemon daemon = start()) {
      assertThat(ask("192.0.2.7", "anna@example.org")).startsWith("action=PREPEND");
    }
  }

  @Test
  void allFacesEndAtOnce() throws Exception {
    text = ALL.replace("  policy:", "  milter: unix:FOLDER/milter.sock\n  policy:");
    Daemon daemon = start();
    Thread ending = Thread.ofVirtual().unstarted(daemon::close);
    try (MilterClient mta = MilterClient.connect(new Endpoint.Unix(folder.resolve("milter.sock")));
        Socket gateway = new Socket()) {
      mta.negotiate();
      mta.ask(new Command.Connect("mx.example.org", '4', 1024, "192.0.2.7"));
      mta.ask(new Command.Helo("mx.example.org"));
      mta.ask(new Command.Mail("<anna@example.org>", List.of()));
      gateway.setSoTimeout(60_000);
      gateway.connect(address(daemon, "SMTP"));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(gateway.getInputStream(), StandardCharsets.ISO_8859_1));
      assertThat(in.readLine()).startsWith("220 ");
      ending.start();
      assertThat(in.readLine()).startsWith("421 ");
      // The milter's message still comes to its end.
      assertThat(mta.ask(new Command.Rcpt("<bob@example.net>", List.of())))
          .isInstanceOf(Reply.Verdict.class);
      mta.send(new Command.Quit());
    } finally {
      if (ending.getState() == Thread.State.NEW) {
        ending.start();
      }
      assertThat(ending.join(LONG)).isTrue();
    }
  }
}
