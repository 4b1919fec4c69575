// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.greyprint.app.replay.Replay;
import org.greyprint.app.replay.Replay.Format;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Fingerprinter;
import picocli.CommandLine;

/**
 * Runs what the program does at its start, so that the JVM can keep the loaded classes and what it
 * learned of their methods in a cache (JEP 483, 514, 515). Started by {@code launcher/build} alone.
 */
final class Training {
  private static final int SYNS = 300_000;

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
    replay(folder.resolve("training.pcap"), signatures(folder.resolve("training.fp")));
  }

  /** What is not in the cache has to be looked for in every jar; so also the errors are. */
  private static void wrong() {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(new StringWriter()));
    line.execute("--no-such-option");
  }

  private static Fingerprinter signatures(Path file) throws IOException {
    Files.writeString(
        file,
        "[tcp:request]\nlabel = s:win:Windows:10 or 11\n"
            + "sig = *:128:0:*:mss*max,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0\n");
    return Databases.fingerprinter(List.of(file.toString(), Database.BUILTIN));
  }

  /** Reads so many SYNs that what is done for each is known to be worth compiling. */
  private static void replay(Path capture, Fingerprinter fingerprinter) throws IOException {
    TrainingCapture.write(capture, SYNS);
    List<String> files = List.of(capture.toString());
    for (Format format : Format.values()) {
      Replay.run(
          new Replay.Settings(files, format, false),
          fingerprinter,
          OutputStream.nullOutputStream(),
          false);
    }
    Replay.run(
        new Replay.Settings(files, Format.TEXT, true),
        fingerprinter,
        OutputStream.nullOutputStream(),
        false);
  }

  private static List<List<String>> commands() {
    return List.of(List.of("--version"), List.of("--help"), List.of("signatures", "list"));
  }
}
