// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The statement log: one line a statement, masked, appended to a file only its owner may read.
 *
 * <p>DIAGNOSTICS. A log that cannot be written (a full disk) never stops a move, least of all one
 * that puts the old master back in service: it is said once, and the move goes on without.
 */
final class FileStatementLog implements StatementLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileStatementLog.class);

  private final Path file;
  private final Writer writer;
  private final Clock clock;
  private boolean broken;

  FileStatementLog(Path file, Clock clock) {
    this.file = file;
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
      broken(e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      broken(e);
    }
  }

  private void broken(IOException e) {
    if (!broken) {
      LOG.error("{}: the statement log cannot be written, the move goes on without it", file, e);
      broken = true;
    }
  }
}
