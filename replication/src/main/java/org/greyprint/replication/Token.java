// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** A row that is written on the master and must arrive everywhere; its schema is our own. */
final class Token {
  /** The schema, made for the move and dropped at its end. */
  static final String SCHEMA = "greyprint_move";

  private static final String TABLE = SCHEMA + ".token";

  private Token() {}

  /** What is sent, for the plan. */
  static List<Sql> statements(String value) {
    return List.of(
        Sql.of("CREATE DATABASE IF NOT EXISTS " + SCHEMA),
        Sql.of(
            "CREATE TABLE IF NOT EXISTS "
                + TABLE
                + " (id INT PRIMARY KEY, value CHAR(36) NOT NULL) ENGINE=InnoDB"),
        Sql.of("REPLACE INTO " + TABLE + " VALUES (1, " + Sql.quote(value) + ")"));
  }

  /** The removal; it reaches all by replication. */
  static Sql removal() {
    return Sql.of("DROP DATABASE IF EXISTS " + SCHEMA);
  }

  /** Changes the row; gives its value. */
  static String write(Server master) {
    String value = UUID.randomUUID().toString();
    master.link().run(statements(value));
    return value;
  }

  /**
   * Waits until the row is there.
   *
   * @throws MoveFailure with the replication threads' own words where it does not come
   */
  static void await(Server server, String value, Duration limit) {
    String[] trouble = {""};
    boolean seen =
        Server.eventually(
            limit,
            () -> {
              try {
                if (server.link().value("SELECT value FROM " + TABLE).equals(value)) {
                  return true;
                }
              } catch (DatabaseError e) {
                // 1146, 1049: the table or the schema has not arrived yet.
                if (e.code() != 1146 && e.code() != 1049) {
                  throw e;
                }
              }
              trouble[0] =
                  server
                      .status()
                      .filter(ReplicaStatus::broken)
                      .flatMap(ReplicaStatus::trouble)
                      .orElse("");
              return !trouble[0].isEmpty();
            });
    if (!trouble[0].isEmpty()) {
      throw new MoveFailure(server + ": " + trouble[0]);
    }
    if (!seen) {
      throw new MoveFailure(
          server
              + ": a row written on the master has not arrived within "
              + limit.toSeconds()
              + " s"
              + server.status().flatMap(ReplicaStatus::trouble).map(t -> ": " + t).orElse(""));
    }
  }

  /**
   * Waits until the schema is gone.
   *
   * @throws MoveFailure with the replication threads' own words where it stays
   */
  static void awaitRemoval(Server server, Duration limit) {
    boolean[] broken = {false};
    boolean gone =
        Server.eventually(
            limit,
            () -> {
              if (!server.schemas().contains(SCHEMA)) {
                return true;
              }
              broken[0] = server.status().filter(ReplicaStatus::broken).isPresent();
              return broken[0];
            });
    if (!gone || broken[0]) {
      throw new MoveFailure(
          server
              + ": the schema "
              + SCHEMA
              + " is still there"
              + server.status().flatMap(ReplicaStatus::trouble).map(t -> ": " + t).orElse(""));
    }
  }
}
