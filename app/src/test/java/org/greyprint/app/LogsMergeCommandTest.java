// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogsMergeCommandTest {
  private static final String SUMMER =
      "a.example:80 192.0.2.1 - - [28/Oct/2012:02:59:59 +0200] \"GET /1 HTTP/1.1\" 200 5 \"-\" \"-\"\n";
  private static final String WINTER =
      "b.example:80 192.0.2.1 - - [28/Oct/2012:02:00:00 +0100] \"GET /2 HTTP/1.1\" 200 5 \"-\" \"-\"\n";

  @TempDir private Path folder;
  private Path log;
  private Path out;
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void logs() throws IOException {
    log = folder.resolve("web.log");
    out = folder.resolve("all.log");
    Files.writeString(log, WINTER + "trace\n" + SUMMER, StandardCharsets.ISO_8859_1);
  }

  private int run(String... args) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(new StringWriter()));
    String[] all = new String[args.length + 2];
    all[0] = "logs";
    all[1] = "merge";
    System.arraycopy(args, 0, all, 2, args.length);
    return line.execute(all);
  }

  @Test
  void mergesAndAccountsForEveryLine() {
    assertThat(run("--output", out.toString(), log.toString())).isEqualTo(Main.DONE);
    assertThat(out).hasContent(SUMMER + WINTER + "trace\n");
    assertThat(err.toString())
        .contains("web.log: 2 records, 1 undated, 1 out of order, vhost_combined")
        .contains("3 lines = 2 records + 1 undated; 1 out of order, 0 late");
  }

  @Test
  void theUsualOptionsNeedNoLibrary() throws IOException {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    Path split = folder.resolve("split");
    assertThat(plain(plain, "--zone", "+0100", "--memory=128M", log.toString()))
        .contains(Main.DONE);
    assertThat(run("--zone", "+0100", "--output", out.toString(), log.toString()))
        .isEqualTo(Main.DONE);
    assertThat(plain.toString(StandardCharsets.ISO_8859_1)).isEqualTo(Files.readString(out));
    assertThat(plain(plain, "--split", split.toString(), "--json", log.toString()))
        .contains(Main.DONE);
    assertThat(split.resolve("a.example.log")).hasContent(SUMMER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--help",
        "--zone",
        "--zone Europe/Berlin LOG",
        "--zone +0100 --zone +0200 LOG",
        "--memory 1M LOG",
        "--awstats /etc/awstats LOG",
        "--format %Q LOG",
        "--progress LOG",
        "--no-such LOG",
        "@LOG",
        "-o OUT LOG"
      })
  void whatIsUnusualOrWrongIsLeftToTheLibrary(String words) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    String line = words.replace("LOG", log.toString()).replace("OUT", out.toString());
    assertThat(plain(plain, line.isEmpty() ? new String[0] : line.split(" "))).isEmpty();
    assertThat(plain.size()).isZero();
    assertThat(out).doesNotExist();
  }

  private static Optional<Integer> plain(OutputStream stream, String... args) {
    String[] all = new String[args.length + 2];
    all[0] = "logs";
    all[1] = "merge";
    System.arraycopy(args, 0, all, 2, args.length);
    return LogsMergeCommand.runPlain(all, InputStream.nullInputStream(), stream);
  }

  @Test
  void printsTheSummaryAsJson() {
    assertThat(run("--json", "--output", out.toString(), log.toString())).isEqualTo(Main.DONE);
    JsonNode summary = JsonMapper.shared().readTree(err.toString());
    assertThat(summary.get("lines").asInt()).isEqualTo(3);
    assertThat(summary.get("first").asString()).isEqualTo("2012-10-28T00:59:59Z");
    assertThat(summary.get("sources").get(0).get("format").asString()).isEqualTo("vhost_combined");
  }

  @Test
  void writesStampsWithOneOffset() {
    assertThat(run("--zone", "+0100", "--output", out.toString(), log.toString())).isZero();
    assertThat(out)
        .content()
        .contains("[28/Oct/2012:01:59:59 +0100]", "[28/Oct/2012:02:00:00 +0100]");
  }

  @Test
  void splitsAndContinuesWithAState() throws IOException {
    String[] args = {
      "--split",
      folder.resolve("sites").toString(),
      "--state",
      folder.resolve("state").toString(),
      log.toString()
    };
    assertThat(run(args)).isZero();
    assertThat(run(args)).isZero();
    assertThat(folder.resolve("sites/a.example.log")).hasContent(SUMMER);
    assertThat(folder.resolve("sites/b.example.log")).hasContent(WINTER + "trace\n");
    Files.writeString(folder.resolve("state"), "greyprint-logs-merge-state 1\n");
    assertThat(run(args)).isEqualTo(Main.FAULT);
    assertThat(err.toString()).contains("greyprint: ").contains("no whole state file");
  }

  @Test
  void saysWhichLogIsNotThere() {
    assertThat(run(folder.resolve("none.log").toString())).isEqualTo(Main.FAULT);
    assertThat(err.toString()).contains("none.log is not there: check the name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--zone Europe/Berlin",
        "--zone nowhere",
        "--format xml",
        "--format %d",
        "--memory 1M",
        "--memory much",
        "--split a --output b",
        "--split a --format syslog"
      })
  void wrongUsageIsStatusTwo(String options) {
    String[] words = (options + " " + log).split(" ");
    assertThat(run(words)).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains(words[0].equals("--split") ? "--split" : words[0]);
  }

  @Test
  void helpShowsEveryOption() {
    StringWriter help = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(help, true));
    assertThat(line.execute("logs", "merge", "--help")).isEqualTo(Main.DONE);
    assertThat(help.toString())
        .contains("--split", "--state", "--zone", "--format", "--memory", "--json", "--output")
        .contains("%d/%b/%Y:%H:%M:%S %z");
  }
}
