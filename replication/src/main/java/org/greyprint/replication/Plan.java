// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a move would do.
 *
 * @param method how replicas find their place
 * @param reason why that method
 * @param copy how the new host gets the data
 * @param schemas what is moved
 * @param bytes how much that is, as the server estimates it
 * @param replicas each replica and whom it follows, as text
 * @param findings what the preflight found
 * @param steps each step and the statements it sends, masked
 */
public record Plan(
    MoveSettings.Method method,
    String reason,
    CopyWay copy,
    List<String> schemas,
    long bytes,
    List<String> replicas,
    List<Finding> findings,
    List<Step> steps) {

  /** How the new host gets the data. */
  public enum CopyWay {
    /** It follows the old master already. */
    NONE,
    /** Dumped while writes go on; the rest comes by replication. */
    ONLINE,
    /** Dumped while writes are refused. */
    FENCED
  }

  /** A step with the statements it sends; what is only known then stands in angle brackets. */
  public record Step(String name, String what, List<String> statements) {}

  /** Whether something stands in the way. */
  public boolean refused() {
    return findings.stream().anyMatch(Finding::refused);
  }

  /** The plan as the administrator reads it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("method: ").append(method).append(" (").append(reason).append(")\n");
    text.append("copy: ")
        .append(
            switch (copy) {
              case NONE -> "none, the new host follows the old master already";
              case ONLINE -> "dump and import while writes go on, the rest by replication";
              case FENCED -> "dump and import while writes are refused";
            })
        .append('\n');
    text.append("databases: ")
        .append(schemas.isEmpty() ? "none" : String.join(", ", schemas))
        .append(" (about ")
        .append((bytes + 999_999) / 1_000_000)
        .append(" MB)\n");
    text.append("replicas: ")
        .append(replicas.isEmpty() ? "none" : String.join(", ", replicas))
        .append('\n');
    int number = 1;
    for (Step step : steps) {
      text.append(number++).append(". ").append(step.name()).append(": ");
      text.append(step.what()).append('\n');
      step.statements().forEach(s -> text.append("     ").append(s).append('\n'));
    }
    for (Finding finding : findings) {
      text.append(finding.refused() ? "REFUSED " : "note    ").append(finding).append('\n');
    }
    text.append(
        refused()
            ? "Nothing was changed. Put right what is refused, then look again.\n"
            : "Nothing was changed. Do it with --go.\n");
    return text.toString();
  }

  /** The choice of method and copy. */
  record Choice(MoveSettings.Method method, String reason, CopyWay copy, List<Finding> findings) {}

  /** The non-transactional tables of the schemas; their rows are in no snapshot. */
  static List<String> nonTransactional(Server server, List<String> schemas) {
    if (schemas.isEmpty()) {
      return List.of();
    }
    List<String> tables = new ArrayList<>();
    server
        .link()
        .rows(
            "SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t"
                + " LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE"
                + " WHERE t.TABLE_TYPE='BASE TABLE' AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES'"
                + " AND t.TABLE_SCHEMA IN ("
                + String.join(", ", schemas.stream().map(Sql::quote).toList())
                + ") ORDER BY 1, 2")
        .forEach(row ->
            tables.add(Sql.name(row.get("TABLE_SCHEMA")) + "." + Sql.name(row.get("TABLE_NAME"))));
    return tables;
  }

  /** Chooses by what the servers can do, and says why. */
  static Choice choose(
      MoveSettings settings, Topology servers, List<String> schemas, boolean seeded) {
    List<Finding> findings = new ArrayList<>();
    Server from = servers.from();
    Server to = servers.to();
    List<String> plain = nonTransactional(from, schemas);
    Optional<String> account = replicationUser(settings.access(), servers);
    Optional<String> noGtid = Optional.empty();
    for (Server server : servers.all()) {
      if (!server.hasGtids()) {
        noGtid = Optional.of("gtid_mode is not ON on " + server.address().place());
      }
    }
    String updates =
        to.variable("log_replica_updates").isEmpty() ? "log_slave_updates" : "log_replica_updates";
    if (!to.on(updates)) {
      noGtid = Optional.of("log_slave_updates is off on " + to.address().place());
    }
    if (!plain.isEmpty()) {
      noGtid =
          Optional.of(
              "tables that are not transactional: "
                  + String.join(", ", plain)
                  + "; no dump of them is consistent while writes go on");
    }
    if (account.isEmpty()) {
      noGtid = Optional.of("no replication account is known (--replication-user)");
    }
    MoveSettings.Method method =
        settings
            .method()
            .orElse(noGtid.isEmpty() ? MoveSettings.Method.GTID : MoveSettings.Method.FILE);
    String reason =
        noGtid
            .map(why -> why)
            .orElse("all servers name their transactions, writes are refused for a moment only");
    if (settings.method().isPresent()) {
      reason = "as asked for";
      if (method == MoveSettings.Method.GTID && noGtid.isPresent()) {
        findings.add(
            Finding.refuse(
                from.address(),
                "GTID is not possible: " + noGtid.get(),
                "put that right, or take --method file"));
      }
    }
    CopyWay copy =
        seeded
            ? CopyWay.NONE
            : plain.isEmpty() && account.isPresent() ? CopyWay.ONLINE : CopyWay.FENCED;
    if (!seeded && Tools.find(from.dialect().tools(), settings.tools()).isEmpty()) {
      findings.add(
          Finding.refuse(
              from.address(),
              "no "
                  + from.dialect().tools().dump().getFirst()
                  + " or no "
                  + from.dialect().tools().load().getFirst()
                  + " on this host",
              "install the package " + from.dialect().tools().packageName()));
    }
    if (copy != CopyWay.FENCED && account.isPresent()) {
      findings.addAll(loginFindings(settings.access(), servers, account.get()));
    }
    return new Choice(method, reason, copy, findings);
  }

  /** The replication account: given, or what the replicas log in with now. */
  static Optional<String> replicationUser(Access access, Topology servers) {
    if (access.replicationUser().isPresent()) {
      return access.replicationUser();
    }
    return servers.direct().stream()
        .flatMap(server -> server.status().stream())
        .map(ReplicaStatus::sourceUser)
        .filter(user -> !user.isEmpty())
        .findFirst();
  }

  private static List<Finding> loginFindings(Access access, Topology servers, String user) {
    Address login = servers.from().address().as(user);
    Access replication =
        new Access(
            address -> access.replicationPassword().orElse(access.passwords().apply(login)),
            access.replicationUser(),
            access.replicationPassword(),
            access.tls(),
            access.connectTimeout());
    try (Link link =
        Link.open(
            login,
            replication.passwords().apply(login),
            replication,
            java.time.Duration.ofSeconds(10),
            (server, statement, took, result) -> {})) {
      boolean may =
          link.rows("SHOW GRANTS").stream()
              .map(row -> row.columns().values().iterator().next())
              .anyMatch(
                  g -> g.matches("(?i).*(REPLICATION (SLAVE|REPLICA)|ALL PRIV).*ON \\*\\.\\*.*"));
      return may
          ? List.of()
          : List.of(
              Finding.refuse(
                  servers.from().address(),
                  "the account " + user + " lacks REPLICATION SLAVE",
                  "GRANT REPLICATION SLAVE ON *.* to it"));
    } catch (DatabaseError e) {
      return List.of(
          Finding.refuse(
              servers.from().address(),
              "the replication account cannot log in: " + e.getMessage(),
              "give its password as GREYPRINT_REPLICATION_PASSWORD or in the password file"));
    }
  }
}
