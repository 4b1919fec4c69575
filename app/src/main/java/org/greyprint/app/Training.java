// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/**
 * Runs what the program does at its start, so that the JVM can keep the loaded classes in a cache
 * (JEP 483, JEP 514). Started by {@code launcher/build} alone.
 */
final class Training {
  private Training() {}

  /**
   * @param args an empty folder to work in
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (List<String> command : commands(folder)) {
      CommandLine line = Main.commandLine();
      StringWriter out = new StringWriter();
      line.setOut(new PrintWriter(out));
      int status = line.execute(command.toArray(String[]::new));
      if (status != Main.DONE) {
        System.err.println(command + " ended with " + status);
        System.exit(status);
      }
    }
  }

  private static List<List<String>> commands(Path folder) {
    return List.of(List.of("--version"), List.of("--help"), List.of("signatures", "list"));
  }
}
