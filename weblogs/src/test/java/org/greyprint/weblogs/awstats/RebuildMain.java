// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A rebuild in a process of its own, which ends without any tidying up at a step. */
final class RebuildMain {
  private RebuildMain() {}

  /** Configurations, log, awstats.pl, and the beginning of the step's name to end at. */
  public static void main(String[] arguments) throws Exception {
    RebuildSettings settings =
        RebuildSettings.of(Path.of(arguments[0]))
            .withProgram(Path.of(arguments[2]))
            .withPatience(Duration.ZERO);
    List<String> lines = Files.readAllLines(Path.of(arguments[1]), StandardCharsets.ISO_8859_1);
    try (AwstatsRebuild rebuild =
        AwstatsRebuild.open(
            settings,
            RebuildProgress.silent(),
            step -> {
              if (step.startsWith(arguments[3])) {
                Runtime.getRuntime().halt(137);
              }
            })) {
      Rig.feed(rebuild, lines);
      System.out.print(rebuild.finish().text());
    }
  }

  /** The command line of such a process. */
  static List<String> command(Path configurations, Path log, Path program, String step) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        RebuildMain.class.getName(),
        configurations.toString(),
        log.toString(),
        program.toString(),
        step);
  }
}
