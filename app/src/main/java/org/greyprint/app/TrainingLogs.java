// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Nearly sorted logs of two servers, so that the merge of logs is in the cache of {@link Training}.
 */
final class TrainingLogs {
  private static final int LINES = 150_000;

  private TrainingLogs() {}

  /** Writes the logs into a folder; gives the command that merges them. */
  static List<String> write(Path folder) throws IOException {
    Path one = folder.resolve("training1.log");
    Path two = folder.resolve("training2.log");
    write(one, 10);
    write(two, 11);
    String out = folder.resolve("training-all.log").toString();
    return List.of("logs", "merge", "--output", out, one.toString(), two.toString());
  }

  private static void write(Path file, int net) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.ISO_8859_1)) {
      for (int i = 0; i < LINES; i++) {
        // One line in fifty is some seconds late, as in a real log.
        int second = i / 3 % 86_400 - (i % 50 == 0 ? Math.min(i / 3 % 86_400, i % 60) : 0);
        out.write(
            "www.example" + i % 40 + ".org:80 " + net + ".0.2." + i % 250 + " - - [28/Jun/2012:");
        out.write(two(second / 3600) + ":" + two(second / 60 % 60) + ":" + two(second % 60));
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

  private static String two(int number) {
    return String.format(Locale.ROOT, "%02d", number);
  }
}
