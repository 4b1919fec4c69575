// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.greyprint.app.replay.Replay;
import org.greyprint.app.replay.Replay.Format;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Fingerprinter;

/** The {@link Training} of {@code greyprint replay}, whose cache is its own. */
final class TrainingReplay {
  private static final int SYNS = 300_000;

  private TrainingReplay() {}

  /**
   * Reads so many SYNs that what is done for each is known to be worth compiling.
   *
   * @param args an empty folder to work in
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Path capture = folder.resolve("training.pcap");
    Path signatures = folder.resolve("training.fp");
    TrainingCapture.write(capture, SYNS);
    Files.writeString(
        signatures,
        "[tcp:request]\nlabel = s:win:Windows:10 or 11\n"
            + "sig = *:128:0:*:mss*max,8:mss,nop,ws,nop,nop,sok:df,id+,flow?:0\n");
    String[] command = {
      "replay", "--summary", "--signatures", signatures.toString(), capture.toString()
    };
    if (!ReplayCommand.runPlain(command).equals(Optional.of(Main.DONE))) {
      throw new IllegalStateException("replay failed");
    }
    Fingerprinter fingerprinter =
        Databases.fingerprinter(List.of(signatures.toString(), Database.BUILTIN));
    for (Format format : Format.values()) {
      Replay.run(
          new Replay.Settings(List.of(capture.toString()), format, false),
          fingerprinter,
          OutputStream.nullOutputStream(),
          false);
    }
  }
}
