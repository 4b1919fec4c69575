// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.greyprint.journal.JournalReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where commands find the journal. */
final class JournalOption {
  @Option(
      names = "--journal",
      paramLabel = "DIR",
      description = "The journal's directory (default: the configuration's).")
  private @Nullable Path directory;

  @Mixin private ConfigOption config = new ConfigOption();

  /** The configuration that says where it is. */
  ConfigOption config() {
    return config;
  }

  /**
   * The directory.
   *
   * @throws Failure if there is none
   */
  Path directory() {
    Path chosen = directory;
    Path found = chosen == null ? config.load().journal().directory() : chosen;
    if (!Files.isDirectory(found)) {
      throw new Failure(
          "no journal in "
              + found
              + ": has 'greyprint serve' run? name another with --journal DIR");
    }
    return found;
  }

  /** Says what could not be read. */
  void tellDamage(JournalReader reader, PrintWriter err) {
    if (reader.broken() > 0 || reader.unreadable() > 0) {
      err.println(
          "greyprint: passed over in the journal: "
              + reader.broken()
              + " damaged octets, "
              + reader.unreadable()
              + " records of another version");
      err.flush();
    }
  }
}
