// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Merges nearly sorted logs, as {@link Training} for the commands that merge logs, which have a
 * cache of their own. Started by {@code launcher/build} alone.
 */
final class TrainingLogs {
  private static final int LINES = 150_000;

  private TrainingLogs() {}

  /**
   * @param args an empty folder to work in
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Path.of(args[0]);
    List<String> logs = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path log = folder.resolve("training" + i + ".log");
      write(log, 10 + i);
      logs.add(log.toString());
    }
    Path out = folder.resolve("out");
    // Often, so that it is known which methods are worth most work of the compiler.
    for (int i = 0; i < 3; i++) {
      merge(logs, out, List.of("--output", folder.resolve("all").toString()));
    }
    merge(logs, out, List.of());
    merge(logs, out, List.of("--split", folder.resolve("split").toString()));
    merge(others(folder), out, List.of());
  }

  private static void merge(List<String> logs, Path file, List<String> options)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("logs", "merge"));
    words.addAll(options);
    words.addAll(logs);
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      Optional<Integer> status =
          Main.plain(words.toArray(String[]::new), InputStream.nullInputStream(), out);
      if (status.isEmpty() || status.get() != Main.DONE) {
        throw new IllegalStateException(words + " ended with " + status);
      }
    }
  }

  /** One log of each other format, so that what reads them is in the cache. */
  private static List<String> others(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    for (String line :
        List.of(
            "192.0.2.1 - - [28/Jun/2012:10:00:00 +0200] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"",
            "2012-06-28T10:00:00.000000+02:00 mx1 postfix/smtpd[1]: connect from unknown",
            "Jun 28 10:00:00 mx1 postfix/smtpd[1]: connect from unknown")) {
      Path log = folder.resolve("other" + names.size() + ".log");
      Files.writeString(log, line + "\n");
      names.add(log.toString());
    }
    return names;
  }

  /**
   * A log of some days, with what real ones have and what is compiled wrongly if it is not seen
   * here: late lines, gaps, turns of the hour and of the month.
   */
  private static void write(Path file, int net) throws IOException {
    LocalDateTime time = LocalDateTime.of(2012, 6, 28, 2, 0);
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.ISO_8859_1)) {
      for (int i = 0; i < LINES; i++) {
        time = time.plusSeconds(i % 1000 == 0 ? 40 : i % 3);
        LocalDateTime written = i % 50 == 0 ? time.minusSeconds(i % 60) : time;
        out.write("www.example" + i % 40 + ".org:80 " + net + ".0.2." + i % 250 + " - - [");
        out.write(stamp(written));
        out.write(
            " +0200] \"GET /page-"
                + i
                + ".html HTTP/1.1\" 200 "
                + i
                + " \"http://www.example.org/\" \"Mozilla/5.0 (Windows NT 6.1; WOW64)"
                + " AppleWebKit/536.5 (KHTML, like Gecko) Safari/536.5\"\n");
      }
    }
  }

  /** Without a formatter, whose classes would be in the cache for nothing. */
  private static String stamp(LocalDateTime time) {
    return Times.twoDigits(time.getDayOfMonth())
        + (time.getMonthValue() == 6 ? "/Jun/2012:" : "/Jul/2012:")
        + Times.twoDigits(time.getHour())
        + ':'
        + Times.twoDigits(time.getMinute())
        + ':'
        + Times.twoDigits(time.getSecond());
  }
}
