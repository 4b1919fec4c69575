// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code logs merge} with {@code --awstats} and with mail logs, through the command line. */
class LogsAwstatsTest {
  private static final String PROGRAM = "/usr/lib/cgi-bin/awstats.pl";
  private static final String MX1 =
      """
      Mar  1 07:27:30 mx1 postfix/smtpd[1684]: 2BC793B8A4: client=mail.example.com[192.0.2.7]
      Mar  1 07:27:30 mx1 postfix/qmgr[900]: 2BC793B8A4: from=<jo@example.com>, size=3302, nrcpt=1 (queue active)
      Mar  1 07:27:33 mx1 postfix/smtp[1691]: 2BC793B8A4: to=<ann@example.net>, relay=store[10.0.0.1]:24, delay=3, delays=0/0/1/1, dsn=2.0.0, status=sent (250 ok)
      """;
  private static final String MX2 =
      """
      2026-03-01T08:27:31.5+01:00 mx2 postfix/smtpd[9]: NOQUEUE: reject: RCPT from pc.example[203.0.113.9]: 554 5.7.1 <x@example.org>: Relay access denied; from=<s@example.com> to=<x@example.org> proto=ESMTP helo=<pc>
      """;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path conf;
  private Path data;

  @BeforeEach
  void site() throws IOException {
    conf = Files.createDirectories(folder.resolve("conf"));
    data = Files.createDirectories(folder.resolve("data"));
  }

  private int run(String... args) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(out, true));
    List<String> all = new ArrayList<>(List.of("logs", "merge"));
    all.addAll(List.of(args));
    return line.execute(all.toArray(String[]::new));
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, StandardCharsets.ISO_8859_1);
  }

  private void awstats(String site, Path log) {
    Programs.Result result =
        Programs.run(
            Duration.ofMinutes(2),
            List.of(
                "perl",
                PROGRAM,
                "-config=" + site,
                "-configdir=" + conf,
                "-LogFile=" + log,
                "-update"));
    assertThat(result.status()).as(result.out()).isZero();
  }

  private String history(String site, String month) throws IOException {
    return Files.readString(data.resolve("awstats" + month + "." + site + ".txt"));
  }

  private static String hits(String host, int from, int to, int step) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < to; i += step) {
      lines.append(
          "%s 10.0.0.%d - - [%02d/Mar/2026:%02d:%02d:00 +0100] \"GET /a%d.html HTTP/1.1\" 200 100 \"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\"\n"
              .formatted(host, i % 5 + 1, i / 96 + 1, i / 4 % 24, i % 4 * 15, i % 3));
    }
    return lines.toString();
  }

  @Test
  @Tag("peer")
  @Needs({"perl", PROGRAM})
  void findsWhatIsWrongThenPutsItRight() throws Exception {
    Files.writeString(
        conf.resolve("awstats.www.conf"),
        """
        LogFile="/nowhere"
        LogFormat=1
        SiteDomain="www.example.org"
        HostAliases="localhost"
        DNSLookup=0
        DirData="%s"
        """
            .formatted(data));
    Path web1 = file("web1.log", hits("www.example.org:80", 0, 400, 2));
    Path web2 = file("web2.log", hits("www.example.org:443", 1, 400, 2));
    awstats("www", file("first.log", Files.readString(web1).replace("www.example.org:80 ", "")));
    String[] plan = {"--awstats", conf.toString(), "--dry-run", web2.toString(), web1.toString()};
    String before = history("www", "032026");
    assertThat(run(plan)).as(err.toString()).isEqualTo(Main.DONE);
    assertThat(out.toString())
        .contains("www (" + data + "): 1 month to rebuild")
        .contains("2026-03-02  hits 48 -> 96  pages 48 -> 96");
    assertThat(history("www", "032026")).isEqualTo(before);
    assertThat(run("--awstats", conf.toString(), web2.toString(), web1.toString()))
        .as(err.toString())
        .isEqualTo(Main.DONE);
    assertThat(out.toString()).contains("1 month rebuilt");
    assertThat(history("www", "032026")).contains("\n20260302 96 96 9600 ");
    assertThat(err.toString()).contains("400 lines = 400 records");
    // One server's logs alone: nothing of it is late, and nothing is taken away.
    assertThat(run("--awstats", conf.toString(), web1.toString())).isEqualTo(Main.DONE);
    assertThat(history("www", "032026")).contains("\n20260302 96 96 9600 ");
  }

  @Test
  @Tag("peer")
  @Needs({"perl", PROGRAM})
  void mailOfTwoHostsGoesIntoOneHistory() throws Exception {
    Files.writeString(
        conf.resolve("awstats.mail.conf"),
        """
        LogFile="/nowhere"
        LogType=M
        LogFormat="%%time2 %%email %%email_r %%host %%host_r %%method %%url %%code %%bytesd"
        SiteDomain="mail.example.org"
        HostAliases="localhost"
        DNSLookup=0
        DirData="%s"
        LevelForBrowsersDetection=0
        LevelForOSDetection=0
        LevelForRefererAnalyze=0
        LevelForRobotsDetection=0
        LevelForFileTypesDetection=0
        """
            .formatted(data));
    Path mx1 = file("mx1.log", MX1);
    Path mx2 = file("mx2.log", MX2);
    Files.setLastModifiedTime(
        mx1,
        java.nio.file.attribute.FileTime.from(java.time.Instant.parse("2026-03-02T00:00:00Z")));
    Path records = folder.resolve("mail.awstats");
    String[] all = {
      "--format", "mail", "--source-zone", "UTC", "--zone", "UTC", mx1.toString(), mx2.toString()
    };
    assertThat(run(with(all, "--output", records.toString()))).as(err.toString()).isZero();
    assertThat(records)
        .hasContent(
            """
            2026-03-01 07:27:31 s@example.com x@example.org pc.example - SMTP - 554 ?
            2026-03-01 07:27:33 jo@example.com ann@example.net mail.example.com store SMTP - 1 3302
            """);
    assertThat(err.toString()).contains("2 records of mail, of 4 lines of mail servers");
    // AWStats has counted one host only.
    awstats("mail", file("second.log", Files.readAllLines(records).get(1) + "\n"));
    assertThat(run(with(all, "--awstats", conf.toString()))).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("2026-03  records are missing: 1 records in the history, 2");
    assertThat(history("mail", "032026"))
        .contains("\n20260301 1 1 3302 1\n")
        .contains("\n554 1 0\n")
        .contains("\njo@example.com 1 3302 ");
  }

  private static String[] with(String[] first, String... more) {
    List<String> all = new ArrayList<>(List.of(more));
    all.addAll(List.of(first));
    return all.toArray(String[]::new);
  }

  @Test
  void optionsOfAwstatsNeedIt() throws Exception {
    Path log = file("mx1.log", MX1);
    assertThat(run("--dry-run", log.toString())).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("belong to --awstats DIR");
    assertThat(run("--format", "mail", "--split", folder.toString(), log.toString()))
        .isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains("--format mail goes with neither --split nor --state");
  }

  @Test
  void aFolderWithoutSitesIsAFault() throws Exception {
    Path program = file("awstats.pl", "");
    Path log = file("web.log", hits("www.example.org:80", 0, 4, 1));
    assertThat(
            run(
                "--awstats",
                conf.toString(),
                "--awstats-program",
                program.toString(),
                log.toString()))
        .isEqualTo(Main.FAULT);
    assertThat(err.toString()).contains("no configuration of a site of a web server");
  }
}
