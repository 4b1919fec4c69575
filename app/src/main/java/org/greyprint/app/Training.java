// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/**
 * Runs what the program does at its start, so that the JVM can keep the loaded classes and what it
 * learned of their methods in a cache (JEP 483, 514, 515). Started by {@code launcher/build} alone.
 */
final class Training {
  private Training() {}

  /**
   * @param args an empty folder to work in
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Path.of(args[0]);
    // First, because the first command decides how is logged.
    TrainingServe.run(folder);
    for (List<String> command : commands()) {
      CommandLine line = Main.commandLine();
      StringWriter out = new StringWriter();
      line.setOut(new PrintWriter(out));
      line.setErr(new PrintWriter(out));
      int status = line.execute(command.toArray(String[]::new));
      if (status != Main.DONE) {
        System.err.println(command + " ended with " + status);
        System.exit(status);
      }
    }
    wrong();
  }

  /** What is not in the cache has to be looked for in every jar; so also the errors are. */
  private static void wrong() {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(new StringWriter()));
    line.execute("--no-such-option");
  }

  private static List<List<String>> commands() {
    return List.of(List.of("--version"), List.of("--help"), List.of("signatures", "list"));
  }
}
