// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code greyprint logs}: the logs of several servers. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = "Brings logs of several servers into exact order.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {LogsMergeCommand.class, CommandLine.HelpCommand.class})
final class LogsCommand {}
