// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.util.List;
import java.util.concurrent.Callable;
import org.greyprint.replication.Address;
import org.greyprint.replication.StatusReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code greyprint db status}: who follows whom, and how well. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description =
        "Shows who follows whom, positions, lag, errors and errant transactions; asks only.")
final class DbStatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "HOST",
      converter = DbAccess.AddressConverter.class,
      description = "A server: user@host:port.")
  private List<Address> hosts = List.of();

  @Mixin private DbAccess access = new DbAccess();

  @Override
  public Integer call() {
    StatusReport report = StatusReport.of(hosts, access.access(System.getenv(), System.console()));
    spec.commandLine().getOut().print(report.text());
    spec.commandLine().getOut().flush();
    return report.healthy() ? Main.DONE : Main.FAULT;
  }
}
