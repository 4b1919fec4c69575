// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Makes the command-line library's exception, apart, so that it is not loaded without need. */
final class WrongUsage {
  private WrongUsage() {}

  /** To be thrown; says what is wrong, with the command's usage, and ends with status 2. */
  static RuntimeException of(CommandSpec spec, String message) {
    return new CommandLine.ParameterException(spec.commandLine(), message);
  }
}
