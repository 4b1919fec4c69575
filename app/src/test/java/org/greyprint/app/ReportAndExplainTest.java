// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Decisions;
import org.greyprint.decision.GreylistGate;
import org.greyprint.decision.Inquiry;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.greyprint.journal.Journal;
import org.greyprint.journal.JournalSettings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands on a journal that real decisions filled. */
class ReportAndExplainTest {
  private static final Optional<Fingerprint> PC =
      Optional.of(
          new Fingerprint(
              new OperatingSystem(
                  "Windows", "Windows", "10 or 11", Role.CLIENT, Quality.EXACT, 0.98),
              12,
              "Ethernet or modem",
              1500,
              "4:116+12:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"));

  @TempDir Path directory;

  private final List<Decision> decisions = new ArrayList<>();
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private record Run(int status, String out, String err) {}

  private static Run run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = line.execute(args);
    return new Run(status, out.toString(), err.toString());
  }

  private Run onJournal(String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--journal");
    all.add(directory.toString());
    return run(all.toArray(String[]::new));
  }

  @BeforeEach
  void fill() throws IOException {
    List<GreylistGate.Answer> answers =
        List.of(
            new GreylistGate.Deferred(Duration.ofMinutes(5), "new", 1),
            new GreylistGate.Passed("retry", Duration.ofSeconds(336), 2));
    try (Journal journal =
        Journal.open(JournalSettings.in(directory), java.time.InstantSource.system())) {
      int[] next = {0};
      Decisions decider =
          Decisions.builder()
              .listener(journal)
              .greylist(question -> CompletableFuture.completedFuture(answers.get(next[0]++)))
              .build();
      ask(decider, now.minusSeconds(600), "192.0.2.7", 50000, PC);
      ask(decider, now.minusSeconds(264), "192.0.2.7", 50001, PC);
      ask(decider, now.minusSeconds(100), "2001:db8::9", 40000, Optional.empty());
    }
  }

  private void ask(
      Decisions decider, Instant time, String address, int port, Optional<Fingerprint> print)
      throws IOException {
    Inquiry inquiry =
        new Inquiry(
            time,
            new Inquiry.Client(InetAddress.getByName(address), port, "", ""),
            new Inquiry.Session("milter", "s", 25, "pc\u001b[31m", "", ""),
            new Inquiry.Envelope("m", "anna@example.org", "bob@example.net", 0),
            print,
            Map.of());
    decisions.add(decider.decide(inquiry).toCompletableFuture().join());
  }

  @Test
  void reportTellsWhatWasDone() {
    Run run = onJournal("report");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .containsPattern("Decisions +3\n")
        .containsPattern("  delivered +2 +66.7 %")
        .containsPattern("  deferred +1 +33.3 %")
        .containsPattern("Senders deferred +1\n  passed on retry +1\n  gave up +0")
        .contains("half within 5 min 36 s")
        .containsPattern("Windows 10 or 11 +2 +1 +1 +0 +0 +1 +0")
        .containsPattern("UNKNOWN +1 +1 +0")
        .containsPattern("Windows PC +2 +1 +1");
  }

  @Test
  void reportLooksBackAsFarAsItIsTold() {
    assertThat(onJournal("report", "--since", "200s").out()).containsPattern("Decisions +1\n");
    assertThat(onJournal("report", "--since", "2019-01-01").out())
        .containsPattern("Decisions +3\n");
    assertThat(onJournal("report", "--since", "2199-01-01").out()).contains("No decision was made");
    Run wrong = onJournal("report", "--since", "yesterday");
    assertThat(wrong.status()).isEqualTo(Main.USAGE);
    assertThat(wrong.err()).contains("--since yesterday: give a time such as 24h");
  }

  @Test
  void reportAsAPageLoadsNothing() throws IOException {
    Path page = directory.resolve("report.html");
    assertThat(onJournal("report", "--html", page.toString()).status()).isZero();
    String html = Files.readString(page);
    assertThat(html)
        .startsWith("<!DOCTYPE html>")
        .contains("default-src 'none'")
        .contains("Windows 10 or 11")
        .contains("<rect class=\"deliver\"")
        .doesNotContain("<script")
        .doesNotContain("<link")
        .doesNotContain("http://")
        .doesNotContain("https://")
        .endsWith("</html>\n");
    assertThat(ReportHtml.escape("<b a='\"&'>")).isEqualTo("&lt;b a=&#39;&quot;&amp;&#39;&gt;");
  }

  @Test
  void explainTellsTheNewestDecisionAboutAClient() {
    Run run = onJournal("explain", "192.0.2.7");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .startsWith("Decision " + decisions.get(1).id() + " of ")
        .containsPattern("client +192.0.2.7:50001\n")
        .containsPattern("message +from <anna@example.org> to <bob@example.net>\n")
        .containsPattern("done +delivered\n")
        .containsPattern("rule +Windows PC\n")
        .containsPattern("SYN +4:116\\+12:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id\\+:0\n")
        .containsPattern(
            "system +Windows 10 or 11, role client, quality exact, confidence 0.98, distance 12,"
                + " MTU 1500, Ethernet or modem\n")
        .containsPattern("state +passed \\(retry\\)\n")
        .containsPattern("waited +5 min 36 s\n")
        .contains("Other decisions about this address")
        .contains(decisions.get(0).id())
        .containsPattern("Now\n  own users +does not match\n  Windows PC +matches: greylist\n")
        .doesNotContain("\u001b");
  }

  @Test
  void explainTellsADecisionByPortOrId() {
    for (String[] args :
        new String[][] {
          {"explain", "192.0.2.7:50000"}, {"explain", "--id", decisions.get(0).id()}
        }) {
      Run run = onJournal(args);
      assertThat(run.status()).isZero();
      assertThat(run.out())
          .startsWith("Decision " + decisions.get(0).id() + " of ")
          .containsPattern("done +deferred, to come again in 5 min\n")
          .containsPattern("passes +at the next try \\(since ");
    }
    assertThat(onJournal("explain", "[2001:db8::9]:40000").out())
        .containsPattern("client +\\[2001:db8:0:0:0:0:0:9\\]:40000")
        .containsPattern("SYN +none was seen");
  }

  @Test
  void explainTellsWhatWouldHappenToAStranger() {
    Run run = onJournal("explain", "198.51.100.1");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .startsWith("No decision about 198.51.100.1 is in the journal.")
        .containsPattern("everyone else +matches: deliver");
  }

  @Test
  void wrongUsesAreTold() {
    Run unknown = onJournal("explain", "--id", "zzz");
    assertThat(unknown.status()).isEqualTo(Main.FAULT);
    assertThat(unknown.err()).startsWith("greyprint: no decision 'zzz' in the journal");
    for (String wrong : List.of("mail.example.org", "192.0.2.7:99999", "[::1", "1.2.3", "")) {
      assertThat(onJournal("explain", wrong).status()).as(wrong).isEqualTo(Main.USAGE);
    }
    assertThat(onJournal("explain").status()).isEqualTo(Main.USAGE);
    assertThat(onJournal("explain", "192.0.2.7", "--id", "a").status()).isEqualTo(Main.USAGE);
    Run none = run("report", "--journal", directory.resolve("none").toString());
    assertThat(none.status()).isEqualTo(Main.FAULT);
    assertThat(none.err()).contains("no journal in ");
  }
}
