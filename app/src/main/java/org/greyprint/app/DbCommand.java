// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code greyprint db}: a MySQL or MariaDB master and its replicas. */
@Command(
    name = "db",
    mixinStandardHelpOptions = true,
    description = "Moves a MySQL or MariaDB master with its replicas to a new host.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {DbMoveCommand.class, DbStatusCommand.class, CommandLine.HelpCommand.class})
final class DbCommand {}
