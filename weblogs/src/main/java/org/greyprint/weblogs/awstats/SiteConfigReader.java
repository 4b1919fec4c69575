// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * Reads AWStats' configuration as {@code Parse_Config} of awstats.pl does: {@code Include} to ten
 * levels, relative to the first file's folder; {@code __NAME__} from the environment; the last
 * value of a parameter counts.
 */
final class SiteConfigReader {
  private static final int DEEPEST = 10;
  private static final Pattern FILE = Pattern.compile("awstats(?:\\.(.+))?\\.conf");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final Pattern INCLUDE = Pattern.compile("^(?:I|#i)nclude \"([^\"]+)\"");
  private static final Pattern VARIABLE = Pattern.compile("__([^\\s_]+(?:_[^\\s_]+)*)__");

  private final Path programFolder;
  private final Map<String, String> environment;

  /**
   * @param programFolder awstats.pl's folder, which a relative DirData starts from
   */
  SiteConfigReader(Path programFolder, Map<String, String> environment) {
    this.programFolder = programFolder;
    this.environment = Map.copyOf(environment);
  }

  /** What was found in a folder. */
  record Found(List<SiteConfig> sites, List<String> notes) {}

  /**
   * All sites of a folder, or the one of a file. A configuration without SiteDomain is a template
   * and gives a note.
   */
  Found read(Path folderOrFile) throws IOException, RebuildException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folderOrFile)) {
      try (Stream<Path> all = Files.list(folderOrFile)) {
        all.filter(file -> FILE.matcher(file.getFileName().toString()).matches())
            .filter(Files::isRegularFile)
            .sorted()
            .forEach(files::add);
      }
    } else if (Files.isRegularFile(folderOrFile)) {
      files.add(folderOrFile);
    } else {
      throw new RebuildException(
          folderOrFile + ": no such folder or file; name the one with awstats.SITE.conf");
    }
    List<SiteConfig> sites = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    for (Path file : files) {
      Values values = new Values();
      List<String> lines = new ArrayList<>();
      parse(file.toAbsolutePath(), file.toAbsolutePath(), 1, values, lines);
      if (values.domain.isEmpty()) {
        notes.add(file + ": no SiteDomain, passed over");
      } else {
        sites.add(site(file.toAbsolutePath(), values, lines));
      }
    }
    return new Found(sites, notes);
  }

  private static final class Values {
    String domain = "";
    String type = "W";
    String format = "";
    String logFile = "";
    String directory = "";
    String historyBreak = "";
    boolean locking;
    boolean resolves = true;
    List<Pattern> aliases = new ArrayList<>();
    List<String> plugins = new ArrayList<>();
  }

  private SiteConfig site(Path file, Values values, List<String> lines) throws RebuildException {
    Matcher matcher = FILE.matcher(file.getFileName().toString());
    String site = matcher.matches() ? matcher.group(1) : null;
    String name = site == null ? "awstats" : site;
    if (!matcher.matches() || !NAME.matcher(name).matches() || name.contains("..")) {
      throw new RebuildException(
          file + ": name it awstats.SITE.conf, SITE of letters, digits and . _ -");
    }
    if (!values.historyBreak.isEmpty() && !values.historyBreak.equals("month")) {
      throw new RebuildException(
          file + ": DatabaseBreak=" + values.historyBreak + " is not supported, only month");
    }
    Path directory = Path.of(values.directory.isEmpty() ? "." : values.directory);
    if (values.directory.isEmpty() || values.directory.startsWith(".")) {
      directory = programFolder.resolve(directory);
    } else if (!directory.isAbsolute()) {
      throw new RebuildException(
          file
              + ": DirData=\""
              + values.directory
              + "\" depends on where AWStats is started;"
              + " write it with its full path");
    }
    char type =
        "WMFS".indexOf(Character.toUpperCase(values.type.charAt(0))) < 0
            ? 'W'
            : Character.toUpperCase(values.type.charAt(0));
    return new SiteConfig(
        name,
        file,
        site == null ? "" : "." + site,
        values.domain,
        List.copyOf(values.aliases),
        type,
        values.format.replace("\\", ""),
        values.logFile,
        directory.normalize(),
        values.locking,
        values.resolves,
        List.copyOf(values.plugins),
        List.copyOf(lines));
  }

  private void parse(Path file, Path first, int level, Values values, List<String> lines)
      throws IOException, RebuildException {
    if (level > DEEPEST) {
      throw new RebuildException(
          first + ": more than " + DEEPEST + " levels of Include; a file includes itself?");
    }
    List<String> own;
    try {
      own = List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\n", -1));
    } catch (IOException e) {
      throw new RebuildException(first + ": cannot read " + file + ": " + e.getMessage(), e);
    }
    for (String raw : own) {
      String line = raw.replaceFirst("\r", "");
      Matcher include = INCLUDE.matcher(line);
      if (include.find()) {
        Path included = Path.of(variables(include.group(1)));
        Path folder = first.getParent();
        parse(
            folder == null ? included : folder.resolve(included), first, level + 1, values, lines);
        continue;
      }
      lines.add(line);
      if (!line.stripLeading().startsWith("#")) {
        value(line.replaceFirst("\\s#.*$", ""), values, first);
      }
    }
  }

  private void value(String line, Values values, Path file) throws RebuildException {
    int equals = line.indexOf('=');
    if (equals < 0) {
      return;
    }
    String name = line.substring(0, equals).strip();
    String value = line.substring(equals + 1).strip();
    value = value.replaceFirst("^\"", "").replaceFirst("\";?$", "");
    value = variables(value);
    if (name.startsWith("SiteDomain")) {
      values.domain = value;
    } else if (name.startsWith("HostAliases")) {
      values.aliases = aliases(value, file);
    } else if (name.startsWith("LogFile")) {
      values.logFile = value;
    } else if (name.startsWith("LoadPlugin")) {
      values.plugins.add(value);
    } else {
      switch (name) {
        case "LogType" -> values.type = value.isEmpty() ? "W" : value;
        case "LogFormat" -> values.format = value;
        case "DirData" -> values.directory = value;
        case "DatabaseBreak" -> values.historyBreak = value;
        case "EnableLockForUpdate" -> values.locking = value.startsWith("1");
        case "DNSLookup" -> values.resolves = value.startsWith("1");
        default -> {}
      }
    }
  }

  private static List<Pattern> aliases(String value, Path file) throws RebuildException {
    List<Pattern> patterns = new ArrayList<>();
    for (String alias : value.split("\\s+", -1)) {
      if (alias.isEmpty()) {
        continue;
      }
      try {
        if (alias.startsWith("@")) {
          for (String each : Files.readString(Path.of(alias.substring(1))).split("\n", -1)) {
            if (!each.isBlank()) {
              patterns.add(pattern("^" + each.strip() + "$"));
            }
          }
        } else if (alias.regionMatches(true, 0, "REGEX[", 0, 6) && alias.endsWith("]")) {
          patterns.add(pattern(alias.substring(6, alias.length() - 1)));
        } else {
          patterns.add(pattern("^" + Pattern.quote(alias) + "$"));
        }
      } catch (PatternSyntaxException | IOException e) {
        throw new RebuildException(
            file + ": HostAliases: cannot take " + alias + ": " + e.getMessage(), e);
      }
    }
    return patterns;
  }

  private static Pattern pattern(String text) {
    return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  private String variables(String value) {
    return VARIABLE
        .matcher(value)
        .replaceAll(
            found -> Matcher.quoteReplacement(environment.getOrDefault(found.group(1), "")));
  }
}
