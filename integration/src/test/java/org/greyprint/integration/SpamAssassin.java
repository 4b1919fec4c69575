// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.greyprint.testkit.Programs;

/** Debian's SpamAssassin with its own rules and ours, local tests only. */
final class SpamAssassin {

  private final Path folder;

  /**
   * Sets it up.
   *
   * @param folder for its configuration
   * @param more further lines of local.cf
   */
  SpamAssassin(Path folder, String more) throws IOException {
    this.folder = Files.createDirectories(folder);
    Files.copy(
        Programs.root().resolve("spamassassin/greyprint.cf"), folder.resolve("greyprint.cf"));
    try (Stream<Path> files = Files.list(Path.of("/etc/spamassassin"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".pre")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Files.writeString(folder.resolve("user_prefs"), "");
    Files.writeString(
        folder.resolve("local.cf"),
        "use_bayes 0\nclear_trusted_networks\nclear_internal_networks\n"
            + "trusted_networks 203.0.113.1\ninternal_networks 203.0.113.1\nreport_safe 0\n"
            + "add_header all Report _REPORT_\n"
            + more);
  }

  Programs.Result lint() {
    return run("--lint");
  }

  /** What our rules gave each message, by rule; the messages in their order. */
  List<Map<String, BigDecimal>> points(List<String> messages) throws IOException {
    // SpamAssassin gives them back in an order of its own, so each carries its number.
    StringBuilder mbox = new StringBuilder();
    for (int i = 0; i < messages.size(); i++) {
      String message = messages.get(i).strip().replace("\r", "");
      mbox.append("From x@example.org Sat Jan 31 12:00:00 2026\n")
          .append(message.replaceFirst("\n\n", "\nX-Test-Number: " + i + "\n\n"))
          .append("\n\n");
    }
    Path file = folder.resolve("messages.mbox");
    Files.writeString(file, mbox, StandardCharsets.ISO_8859_1);
    Programs.Result result = run("--mbox", file.toString());
    Map<Integer, Map<String, BigDecimal>> all = new TreeMap<>();
    for (String message : result.out().split("(?m)^From x@")) {
      if (!message.contains("X-Spam-Report:")) {
        continue;
      }
      Map<String, BigDecimal> points = new HashMap<>();
      // Only above the message's own text: what was sent cannot add to it.
      String report = message.substring(message.indexOf("X-Spam-Report:"));
      Matcher matcher =
          Pattern.compile("(?m)^\\s+\\*? *(-?\\d+\\.\\d) (GREYPRINT_\\w+)").matcher(report);
      while (matcher.find()) {
        points.put(matcher.group(2), new BigDecimal(matcher.group(1)));
      }
      Matcher number = Pattern.compile("(?m)^X-Test-Number: (\\d+)").matcher(message);
      if (number.find()) {
        all.put(Integer.valueOf(number.group(1)), points);
      }
    }
    if (all.size() != messages.size()) {
      throw new IllegalStateException(all.size() + " reports: " + result.out());
    }
    return List.copyOf(all.values());
  }

  private Programs.Result run(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "spamassassin",
                "--local",
                "--test-mode",
                "--siteconfigpath",
                folder.toString(),
                "--prefspath",
                folder.resolve("user_prefs").toString()));
    command.addAll(List.of(more));
    return Programs.run(Duration.ofSeconds(60), command);
  }
}
