// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code SHOW SLAVE STATUS} or {@code SHOW REPLICA STATUS} says, under either set of names.
 *
 * @param lag seconds behind the master; empty where the server does not know
 */
record ReplicaStatus(
    String sourceHost,
    int sourcePort,
    String sourceUser,
    long sourceServerId,
    String io,
    String applier,
    String state,
    String applierState,
    long ioErrno,
    String ioError,
    long applierErrno,
    String applierError,
    Optional<Long> lag,
    String file,
    long offset,
    boolean gtid,
    boolean verifiesTls,
    String filters) {

  static Optional<ReplicaStatus> of(List<Row> rows) {
    return rows.isEmpty() ? Optional.empty() : Optional.of(of(rows.getFirst()));
  }

  static ReplicaStatus of(Row row) {
    List<String> filters = new ArrayList<>();
    row.columns()
        .forEach((name, value) -> {
          if (name.matches("(?i)Replicate_(Do|Ignore|Wild|Rewrite).*") && !value.isEmpty()) {
            filters.add(name + "=" + value);
          }
        });
    String lag = row.get("Seconds_Behind_Master", "Seconds_Behind_Source");
    String usingGtid = row.get("Using_Gtid");
    return new ReplicaStatus(
        row.get("Master_Host", "Source_Host"),
        (int) row.number("Master_Port", "Source_Port"),
        row.get("Master_User", "Source_User"),
        row.number("Master_Server_Id", "Source_Server_Id"),
        row.get("Slave_IO_Running", "Replica_IO_Running"),
        row.get("Slave_SQL_Running", "Replica_SQL_Running"),
        row.get("Slave_IO_State", "Replica_IO_State"),
        row.get("Slave_SQL_Running_State", "Replica_SQL_Running_State"),
        row.number("Last_IO_Errno"),
        row.get("Last_IO_Error"),
        row.number("Last_SQL_Errno"),
        row.get("Last_SQL_Error"),
        lag.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(lag)),
        row.get("Relay_Master_Log_File", "Relay_Source_Log_File"),
        row.number("Exec_Master_Log_Pos", "Exec_Source_Log_Pos"),
        usingGtid.isEmpty() ? row.number("Auto_Position") == 1 : !usingGtid.equalsIgnoreCase("No"),
        row.get("Master_SSL_Verify_Server_Cert").equals("Yes")
            && row.get("Master_SSL_Allowed").equals("Yes"),
        String.join(", ", filters));
  }

  boolean follows(Address master) {
    return sourceHost.equalsIgnoreCase(master.host()) && sourcePort == master.port();
  }

  /** By name, or by id where its master has told that: some names mean the same server. */
  boolean follows(Source source) {
    return follows(source.address()) || sourceServerId == source.serverId();
  }

  boolean running() {
    return io.equals("Yes") && applier.equals("Yes");
  }

  /** Whether it will not come right by itself: an IO thread that is "Connecting" still may. */
  boolean broken() {
    return applierErrno != 0 || ioErrno == 1045 || (ioErrno != 0 && io.equals("No"));
  }

  boolean applierStopped() {
    return applier.equals("No");
  }

  /** What is wrong with it, in the server's own words; empty where both threads run cleanly. */
  Optional<String> trouble() {
    if (ioErrno != 0) {
      return Optional.of("IO thread says " + io + ", error " + ioErrno + ": " + ioError);
    }
    if (applierErrno != 0) {
      return Optional.of(
          "SQL thread says " + applier + ", error " + applierErrno + ": " + applierError);
    }
    if (!io.equals("Yes")) {
      return Optional.of("IO thread says " + io);
    }
    return applier.equals("Yes") ? Optional.empty() : Optional.of("SQL thread says " + applier);
  }
}
