// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code greyprint completion}: a script that completes commands and options in a shell. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a script that completes commands and options in bash and zsh:",
      "  source <(greyprint completion)",
      "or for all users: greyprint completion > /etc/bash_completion.d/greyprint"
    })
final class CompletionCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec);
    own.commandLine().getOut().print(AutoComplete.bash("greyprint", own.root().commandLine()));
    own.commandLine().getOut().flush();
    return Main.DONE;
  }
}
