// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The history that a site shows, as it was found. */
final class LiveHistory {
  private final SortedMap<Integer, Month> months;

  private LiveHistory(SortedMap<Integer, Month> months) {
    this.months = months;
  }

  /** A history file that is there, and the SHA-256 it had. */
  record Month(Path file, String digest, History history) {}

  /** Reads all months of a site; what is wrong with a file is noted. */
  static LiveHistory read(SiteConfig site, List<String> notes) throws IOException {
    SortedMap<Integer, Month> months = new TreeMap<>();
    Pattern name =
        Pattern.compile("awstats(\\d\\d)(\\d{4})" + Pattern.quote(site.suffix()) + "\\.txt");
    List<Path> files;
    try (Stream<Path> all = Files.list(site.directory())) {
      files = all.sorted().toList();
    }
    for (Path file : files) {
      Matcher matcher = name.matcher(String.valueOf(file.getFileName()));
      if (!matcher.matches() || Files.size(file) == 0) {
        continue;
      }
      int month = Integer.parseInt(matcher.group(1));
      if (month < 1 || month > 12) {
        continue;
      }
      int year = Integer.parseInt(matcher.group(2));
      String digest = Durable.digest(file);
      History history = HistoryReader.read(file, YearMonth.of(year, month));
      if (!history.faults().isEmpty()) {
        notes.add(file + " is damaged: " + String.join(", ", history.faults()));
      }
      months.put(year * 100 + month, new Month(file, digest, history));
    }
    return new LiveHistory(months);
  }

  @Nullable Month month(int month) {
    return months.get(month);
  }

  Optional<History> history(int month) {
    return Optional.ofNullable(months.get(month)).map(Month::history);
  }

  /** The newest month, 0 if there is none. */
  int newest() {
    return months.isEmpty() ? 0 : months.lastKey();
  }

  /**
   * How far AWStats has gone; all it has not seen before that is late. Where it does not know, as
   * far as can be.
   */
  long reached() {
    long reached = history(newest()).map(History::reached).orElse(0L);
    return reached == 0 ? Long.MAX_VALUE : reached;
  }

  /** Gives a new file the owner and permissions of the one it replaces, or of the newest. */
  void makeAlike(Path file, int month) throws IOException {
    Month model = months.get(months.containsKey(month) ? month : newest());
    if (model != null) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(model.file());
      Files.setPosixFilePermissions(file, permissions);
      Owner.of(model.file()).give(file);
    }
  }
}
