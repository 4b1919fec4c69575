// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.greyprint.testkit.Needs;
import org.greyprint.weblogs.Merge;
import org.greyprint.weblogs.MergeProgress;
import org.greyprint.weblogs.MergeSettings;
import org.greyprint.weblogs.Sources;
import org.greyprint.weblogs.stamp.LogFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several sites and servers, from merged logs, with the real AWStats. */
@Tag("peer")
@Needs({"perl", Rig.PROGRAM})
class SitesTest {
  private static final String VHOST =
      "LogFormat=\"%virtualname %host %other %logname %time1 %methodurl"
          + " %code %bytesd %refererquot %uaquot\"";

  @TempDir Path folder;

  private Path file(String name, List<String> lines) throws Exception {
    return Files.write(folder.resolve(name), lines, StandardCharsets.ISO_8859_1);
  }

  private static List<String> on(String host, List<String> lines) {
    return lines.stream().map(line -> host + " " + line).toList();
  }

  private RebuildReport merged(RebuildSettings settings, MergeSettings merge) throws Exception {
    try (AwstatsRebuild rebuild = AwstatsRebuild.open(settings, RebuildProgress.silent())) {
      Merge.run(merge, rebuild, MergeProgress.NONE);
      return rebuild.finish();
    }
  }

  @Test
  void eachVirtualHostGoesToItsSites() throws Exception {
    LocalDateTime start = LocalDateTime.of(2026, 2, 25, 0, 0);
    // One takes combined lines, one the virtual host too, by an alias; one of another directory.
    Rig one = new Rig(folder, "one");
    Rig two =
        new Rig(
            folder,
            "two",
            "SiteDomain=\"two.example.org\"",
            "HostAliases=\"REGEX[^(shop|two)\\.example\\.org]\"",
            VHOST);
    Rig none = new Rig(folder, "none", "SiteDomain=\"none.example.org\"", "HostAliases=\"x\"");
    List<WebLog.Line> onesA = WebLog.server(21, start, 9, 4);
    List<WebLog.Line> onesB = WebLog.server(22, start, 9, 4);
    List<WebLog.Line> twosA = WebLog.server(23, start, 9, 4);
    List<WebLog.Line> twosB = WebLog.server(24, start, 9, 4);
    List<String> twoOfA = on("two.example.org", WebLog.sorted(twosA));
    List<String> twoOfB = on("shop.example.org:443", WebLog.sorted(twosB));
    one.update(WebLog.sorted(onesA));
    two.update(twoOfA);

    List<String> a = new ArrayList<>(on("www.example.org:80", WebLog.sorted(onesA)));
    a.addAll(twoOfA);
    List<String> b = new ArrayList<>(on("WWW.example.org:443", WebLog.sorted(onesB)));
    b.addAll(twoOfB);
    b.addAll(on("stranger.example.com:80", WebLog.sorted(WebLog.server(25, start, 1, 1))));
    RebuildReport report =
        merged(
            one.settings().withVirtualHosts(true),
            MergeSettings.of(
                    List.of(Sources.file(file("a.log", a)), Sources.file(file("b.log", b))))
                .withFormat(LogFormat.VHOST_COMBINED));
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(report.text()).contains("of no site here: stranger.example.com:80");
    assertThat(report.sites()).extracting(SiteReport::site).containsExactly("none", "one", "two");
    assertThat(one.contents())
        .isEqualTo(one.reference(WebLog.sorted(WebLog.together(onesA, onesB))));
    List<String> twos = new ArrayList<>(twoOfA);
    twos.addAll(twoOfB);
    twos.sort(java.util.Comparator.comparing(line -> WebLog.parsed(line).time()));
    assertThat(two.contents()).isEqualTo(two.reference(twos));
    assertThat(none.everything()).isEmpty();
  }

  @Test
  void recordsThatNameNoHostNeedOneSite() throws Exception {
    Rig one = new Rig(folder, "one");
    Rig two = new Rig(folder, "two");
    assertThatThrownBy(() -> one.rebuild(List.of()))
        .isInstanceOf(RebuildException.class)
        .hasMessageContaining("2 sites")
        .hasMessageContaining("one, two")
        .hasMessageContaining("--awstats-site");
    List<WebLog.Line> lines = WebLog.server(26, LocalDateTime.of(2026, 3, 1, 0, 0), 3, 3);
    two.update(WebLog.sorted(lines).subList(lines.size() / 2, lines.size()));
    RebuildReport report = one.rebuild(WebLog.sorted(lines), settings -> settings.withSite("two"));
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(two.contents()).isEqualTo(two.reference(WebLog.sorted(lines)));
  }

  /**
   * The clocks go back over midnight, as they do in some zones: the digits of the second hour are
   * those of the first, and AWStats refuses what is a day earlier. With one offset none is.
   */
  @Test
  void digitsThatGoBackwardAreRefusedUntilThereIsOneOffset() throws Exception {
    Rig rig = new Rig(folder, "dst");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      lines.add(line("25/Oct/2026:00:%02d:30 +0300".formatted(i), i));
    }
    for (int i = 0; i < 40; i++) {
      lines.add(line("24/Oct/2026:23:%02d:45 +0200".formatted(20 + i), i));
    }
    // Text sort puts the second hour, which is later, before the first.
    assertThat(lines.stream().sorted().toList()).isNotEqualTo(lines);
    rig.update(lines.subList(20, 40));
    MergeSettings merge =
        MergeSettings.of(List.of(Sources.file(file("a.log", lines))))
            .withFormat(LogFormat.COMBINED);
    RebuildReport refused = merged(rig.settings(), merge);
    assertThat(refused.good()).isFalse();
    assertThat(refused.text()).contains("give --zone, for instance --zone UTC");
    // In another zone records are of other days, and the history has more on some than the logs.
    RebuildReport report =
        merged(rig.settings().withLogsComplete(true), merge.withZone(Optional.of(ZoneOffset.UTC)));
    assertThat(report.good()).as(report.text()).isTrue();
    History after = rig.read(2026, 10);
    assertThat(after.records()).isEqualTo(80);
  }

  /** The end of summer time in Europe: an hour comes twice, which AWStats bears in order. */
  @Test
  void theHourThatComesTwiceIsRightInOrderOfInstants() throws Exception {
    Rig rig = new Rig(folder, "twice");
    List<String> lines = new ArrayList<>();
    for (String offset : List.of("+0200", "+0100")) {
      for (int i = 0; i < 60; i++) {
        lines.add(line("25/Oct/2026:02:%02d:00 %s".formatted(i, offset), i % 5));
      }
    }
    rig.update(lines.subList(60, 120));
    RebuildReport report =
        merged(
            rig.settings(),
            MergeSettings.of(List.of(Sources.file(file("a.log", lines))))
                .withFormat(LogFormat.COMBINED));
    assertThat(report.good()).as(report.text()).isTrue();
    SortedMap<YearMonth, String> reference = rig.reference(lines);
    assertThat(rig.contents()).isEqualTo(reference);
  }

  private static String line(String stamp, int host) {
    return "10.0.0.%d - - [%s] \"GET /a.html HTTP/1.1\" 200 100 \"-\" \"%s\""
        .formatted(1 + host, stamp, WebLog.BROWSER);
  }

  @Test
  void awstatsDropsWhatItsConfigurationFiltersAndEachLineIsStillAccountedFor() throws Exception {
    Rig rig =
        new Rig(folder, "filters", "SkipHosts=\"10.0.0.5 10.1.0.7\"", "SkipFiles=\"/logo.png\"");
    List<WebLog.Line> lines = WebLog.server(27, LocalDateTime.of(2026, 2, 27, 0, 0), 4, 10);
    List<String> all = WebLog.sorted(lines);
    rig.update(all.subList(all.size() / 2, all.size()));
    RebuildReport report = rig.rebuild(all);
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.contents()).isEqualTo(rig.reference(all));
  }

  @Test
  void mailOfSeveralHostsWithLogTypeM() throws Exception {
    Rig rig =
        new Rig(
            folder,
            "mail",
            "LogType=M",
            "LogFormat=\"%time2 %email %email_r %host %host_r %method %url %code %bytesd\"",
            "LevelForBrowsersDetection=0",
            "LevelForOSDetection=0",
            "LevelForRefererAnalyze=0",
            "LevelForRobotsDetection=0",
            "LevelForFileTypesDetection=0");
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      all.add(
          "2026-03-0%d %02d:30:00 jo@example.com ann@example.net mail%d.example.com - SMTP - %d %d"
              .formatted(1 + i / 24, i % 24, i % 3, i % 10 == 0 ? 550 : 1, 1000 + i));
    }
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < all.size(); i += 2) {
      seen.add(all.get(i));
    }
    rig.update(seen);
    RebuildReport report = rig.rebuild(all, settings -> settings.withMail(true));
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.contents()).isEqualTo(rig.reference(all));
    assertThat(rig.read(2026, 3).hits()).isEqualTo(108);
    assertThat(rig.read(2026, 3).records()).isEqualTo(120);
  }

  @Test
  void theConfigurationMayBeInParts() throws Exception {
    Rig rig = new Rig(folder, "parts");
    Path included = Files.createDirectories(rig.conf.resolve("common")).resolve("site.inc");
    Path main = rig.conf.resolve("awstats.parts.conf");
    Files.move(main, included);
    Files.writeString(main, "Include \"common/site.inc\"\nSkipHosts=\"10.0.0.9\"\n");
    List<WebLog.Line> lines = WebLog.server(28, LocalDateTime.of(2026, 3, 1, 0, 0), 3, 8);
    List<String> all = WebLog.sorted(lines);
    rig.update(all.subList(all.size() / 2, all.size()));
    History before = rig.read(2026, 3);
    RebuildReport report = rig.rebuild(all);
    assertThat(report.good()).as(report.text()).isTrue();
    assertThat(rig.read(2026, 3).records()).isGreaterThan(before.records());
    assertThat(rig.read(2026, 3).seen()).doesNotContainKey("VISITOR 10.0.0.9");
    assertThat(rig.rebuild(all).sites().getFirst().wrong()).isEmpty();
    assertThat(Map.copyOf(rig.everything())).containsKey("awstats032026.parts.txt");
  }
}
