// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.greyprint.testkit.Programs;

/** A site of the real AWStats in a folder of the test: its configuration, DirData and log. */
final class Rig {
  static final String PROGRAM = "/usr/lib/cgi-bin/awstats.pl";
  private static final Pattern HISTORY = Pattern.compile("awstats(\\d\\d)(\\d{4})\\..*\\.txt");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  final Path folder;
  final Path conf;
  final Path data;
  final Path log;
  final String site;
  private final String more;

  Rig(Path folder, String site, String... more) throws IOException {
    this.folder = folder;
    this.site = site;
    this.conf = Files.createDirectories(folder.resolve("conf"));
    this.data = Files.createDirectories(folder.resolve("data-" + site));
    this.log = folder.resolve(site + ".log");
    this.more = String.join("\n", more);
    Files.writeString(conf.resolve("awstats." + site + ".conf"), configuration(data));
  }

  private String configuration(Path directory) {
    return """
    LogFile="%s"
    LogType=W
    LogFormat=1
    SiteDomain="www.example.org"
    HostAliases="localhost"
    DNSLookup=0
    DirData="%s"
    %s
    """
        .formatted(log, directory, more);
  }

  /** Has AWStats update the history from these lines. */
  String update(List<String> lines, String... options) throws IOException {
    Files.write(log, lines, StandardCharsets.ISO_8859_1);
    return update(conf, options);
  }

  private String update(Path configurations, String... options) {
    List<String> command =
        new ArrayList<>(
            List.of("perl", PROGRAM, "-config=" + site, "-configdir=" + configurations, "-update"));
    command.addAll(List.of(options));
    Programs.Result result = Programs.run(LIMIT, command);
    assertThat(result.status()).as(result.out()).isZero();
    return result.out();
  }

  /** The history of one run over these lines, in a folder of its own. */
  SortedMap<YearMonth, String> reference(List<String> lines) throws IOException {
    Path own = Files.createTempDirectory(folder, "reference");
    Path directory = Files.createDirectories(own.resolve("data"));
    Files.writeString(own.resolve("awstats." + site + ".conf"), configuration(directory));
    Files.write(log, lines, StandardCharsets.ISO_8859_1);
    update(own);
    return contents(directory);
  }

  RebuildSettings settings() {
    return RebuildSettings.of(conf).withProgram(Path.of(PROGRAM)).withPatience(Duration.ZERO);
  }

  RebuildReport rebuild(List<String> lines) throws IOException, RebuildException {
    return rebuild(lines, settings -> settings);
  }

  /** Rebuilds from these lines, which are in order. */
  RebuildReport rebuild(List<String> lines, UnaryOperator<RebuildSettings> change)
      throws IOException, RebuildException {
    return rebuild(lines, change.apply(settings()), RebuildProgress.silent());
  }

  static RebuildReport rebuild(
      List<String> lines, RebuildSettings settings, RebuildProgress progress)
      throws IOException, RebuildException {
    try (AwstatsRebuild rebuild = AwstatsRebuild.open(settings, progress)) {
      feed(rebuild, lines);
      return rebuild.finish();
    }
  }

  static void feed(AwstatsRebuild rebuild, List<String> lines) throws IOException {
    for (String line : lines) {
      byte[] bytes = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
      rebuild.line(0, 0, bytes, 0, bytes.length);
    }
  }

  /** Rebuilds from the site's own log, which may go on growing. */
  RebuildReport rebuildFromLog(List<String> others) throws IOException, RebuildException {
    List<WebLog.Line> lines = new ArrayList<>();
    for (String text : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
      lines.add(WebLog.parsed(text));
    }
    others.forEach(text -> lines.add(WebLog.parsed(text)));
    try (AwstatsRebuild rebuild = AwstatsRebuild.open(settings(), RebuildProgress.silent())) {
      feed(rebuild, WebLog.sorted(lines));
      return rebuild.finish(Map.of(log.toRealPath(), Files.size(log)));
    }
  }

  Path history(int year, int month) {
    return data.resolve(String.format("awstats%02d%04d.%s.txt", month, year, site));
  }

  History read(int year, int month) throws IOException {
    return HistoryReader.read(history(year, month), YearMonth.of(year, month));
  }

  /** Changes a history file by hand, as administrators do. */
  void edit(int year, int month, UnaryOperator<String> change) throws IOException {
    Path file = history(year, month);
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, change.apply(text), StandardCharsets.ISO_8859_1);
  }

  /** Everything AWStats knows, but for what tells of the run that wrote it. */
  SortedMap<YearMonth, String> contents() throws IOException {
    return contents(data);
  }

  private static SortedMap<YearMonth, String> contents(Path directory) throws IOException {
    SortedMap<YearMonth, String> months = new TreeMap<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Matcher matcher = HISTORY.matcher(file.getFileName().toString());
        if (matcher.matches()) {
          months.put(
              YearMonth.of(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(1))),
              content(file));
        }
      }
    }
    return months;
  }

  private static String content(Path file) throws IOException {
    SortedMap<String, List<String>> sections = new TreeMap<>();
    String section = "";
    for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      if (line.startsWith("BEGIN_")) {
        section = line;
      }
      boolean ofTheRun =
          line.startsWith("#")
              || line.startsWith("POS_")
              || line.startsWith("LastLine")
              || line.startsWith("LastUpdate")
              || line.isBlank();
      if (!ofTheRun) {
        sections.computeIfAbsent(section, s -> new ArrayList<>()).add(line.strip());
      }
    }
    sections.values().forEach(lines -> lines.sort(null));
    StringBuilder text = new StringBuilder();
    sections.values().forEach(lines -> text.append(String.join("\n", lines)).append("\n"));
    return text.toString();
  }

  /** Every file of DirData that is not a folder, with its content. */
  Map<String, String> everything() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".lock")) {
          all.put(name, Durable.digest(file));
        }
      }
    }
    return all;
  }
}
