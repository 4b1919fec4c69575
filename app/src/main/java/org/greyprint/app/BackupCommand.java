// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.serve.Backup;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code greyprint backup FILE}: all state in one archive, while the daemon serves or not. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Writes all state (greylist with its lists, journal) to FILE, a tar archive that only its",
      "owner can read. The daemon goes on serving. Mail in a Maildir is not part of it."
    })
final class BackupCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "FILE", description = "The archive; must not be there yet.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    if (Files.exists(file)) {
      throw new Failure(file + ": is there already; name a new file");
    }
    Configuration configuration = config.load();
    Optional<DaemonClient> daemon = DaemonClient.find(configuration);
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.deleteIfExists(part);
      try (OutputStream out = create(part)) {
        if (daemon.isPresent()) {
          daemon.get().download("/api/v1/backup", out);
        } else {
          Backup.writeStopped(out, configuration);
        }
      }
      Backup.verify(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new Failure(file + ": cannot be written: " + e.getMessage(), e);
    } finally {
      part.toFile().delete();
    }
    Objects.requireNonNull(spec).commandLine().getOut().println(file + ": written and whole");
    Objects.requireNonNull(spec).commandLine().getOut().flush();
    return Main.DONE;
  }

  private static OutputStream create(Path part) throws IOException {
    return new BufferedOutputStream(
        Channels.newOutputStream(
            Files.newByteChannel(
                part,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")))));
  }
}
