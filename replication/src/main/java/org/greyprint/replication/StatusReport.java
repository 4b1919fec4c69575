// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who follows whom, positions, lag, errors and errant transactions; found by asking only.
 *
 * @param text as the administrator reads it, a line or some a server
 * @param healthy whether every server answers, every replica runs and nothing is errant
 */
public record StatusReport(String text, boolean healthy) {
  /** Asks every host. One that does not answer is shown as such. */
  public static StatusReport of(List<Address> hosts, Access access) {
    List<Server> servers = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    boolean healthy = true;
    try {
      for (Address host : hosts) {
        try {
          servers.add(Server.connect(host, access, (server, statement, took, result) -> {}));
        } catch (DatabaseError e) {
          text.append(e.getMessage()).append('\n');
          healthy = false;
        }
      }
      for (Server server : servers) {
        healthy &= show(text, server, servers);
      }
    } finally {
      servers.forEach(Server::close);
    }
    return new StatusReport(text.toString(), healthy);
  }

  private static boolean show(StringBuilder text, Server server, List<Server> all) {
    Optional<ReplicaStatus> status = server.status();
    text.append(server.address().place())
        .append("  ")
        .append(server.version())
        .append("  server id ")
        .append(server.serverId())
        .append(server.readOnly() ? "  read-only" : "  takes writes")
        .append('\n');
    if (server.on("log_bin")) {
      text.append("    at ").append(server.position()).append('\n');
    } else {
      text.append("    log-bin is off\n");
    }
    for (Row row : server.link().rows(server.dialect().replicaHosts())) {
      text.append("    followed by server id ")
          .append(row.get("Server_id"))
          .append(row.get("Host").isEmpty() ? "" : " at " + row.get("Host"))
          .append(row.get("Port").isEmpty() ? "" : ":" + row.get("Port"))
          .append('\n');
    }
    return status.map(replica -> follower(text, server, replica, all)).orElse(true);
  }

  private static boolean follower(
      StringBuilder text, Server server, ReplicaStatus replica, List<Server> all) {
    text.append("    follows ")
        .append(replica.sourceHost())
        .append(':')
        .append(replica.sourcePort())
        .append(replica.gtid() ? " by GTID" : " by file and position")
        .append(", IO ")
        .append(replica.io())
        .append(", SQL ")
        .append(replica.applier())
        .append(", ")
        .append(replica.lag().map(lag -> lag + " s behind").orElse("lag unknown"))
        .append(replica.state().isEmpty() ? "" : ", \"" + replica.state() + "\"")
        .append('\n');
    replica.trouble().ifPresent(trouble -> text.append("    ").append(trouble).append('\n'));
    boolean clean = true;
    Optional<Server> master =
        all.stream().filter(s -> s.serverId() == replica.sourceServerId()).findFirst();
    if (master.isPresent()) {
      String errant = errant(server, master.get());
      if (!errant.isEmpty()) {
        text.append("    errant transactions, not on ")
            .append(master.get().address().place())
            .append(": ")
            .append(errant)
            .append('\n');
        clean = false;
      }
    }
    return clean && replica.trouble().isEmpty();
  }

  /** What the replica has and its master never had; "" where there is nothing, or no GTIDs. */
  static String errant(Server replica, Server master) {
    if (!replica.hasGtids() || !master.hasGtids()) {
      return "";
    }
    if (replica.version().mariaDb()) {
      // The replica first: what arrives between the two questions is not errant.
      replica.refresh();
      master.refresh();
      List<GtidList.Gtid> errant =
          GtidList.parse(replica.variable("gtid_binlog_state"))
              .notIn(GtidList.parse(master.variable("gtid_binlog_state")));
      return errant.isEmpty() ? "" : errant.toString();
    }
    String executed = replica.position().gtid();
    return master
        .link()
        .value(
            "SELECT GTID_SUBTRACT(" + Sql.quote(executed) + ", @@GLOBAL.gtid_executed) AS errant");
  }
}
