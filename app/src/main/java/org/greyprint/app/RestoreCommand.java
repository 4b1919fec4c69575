// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.greyprint.app.serve.Backup;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code greyprint restore FILE}: puts the state of a backup in place. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Puts the state of FILE, made by 'greyprint backup', in place. The daemon must be stopped.",
      "The former state is kept beside it."
    })
final class RestoreCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "FILE", description = "The archive.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    try {
      Backup.restore(file, config.load())
          .forEach(line -> Objects.requireNonNull(spec).commandLine().getOut().println(line));
      Objects.requireNonNull(spec).commandLine().getOut().flush();
      return Main.DONE;
    } catch (IOException e) {
      throw new Failure("restore: " + e.getMessage() + ": look at the permissions", e);
    }
  }
}
