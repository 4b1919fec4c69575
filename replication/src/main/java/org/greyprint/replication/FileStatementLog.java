// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;

/** The statement log: one line a statement, masked, appended to a file only its owner may read. */
final class FileStatementLog implements StatementLog, AutoCloseable {
  private final Writer writer;
  private final Clock clock;

  FileStatementLog(Path file, Clock clock) {
    this.clock = clock;
    try {
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new MoveFailure(file + ": the log cannot be written: " + e, e);
    }
  }

  @Override
  public synchronized void sent(Address server, String statement, Duration took, String result) {
    try {
      writer.write(
          String.format(
              Locale.ROOT,
              "%s %s %.1f ms: %s%s%n",
              clock.instant(),
              server.place(),
              took.toNanos() / 1e6,
              statement,
              result.isEmpty() ? "" : " -> " + result.replace('\n', ' ')));
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the statement log cannot be written", e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
