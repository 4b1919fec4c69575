// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Compares every table of every server at one and the same place of the master's log, while writes
 * go on.
 *
 * <p>The appliers of the replicas are stopped for some milliseconds; a snapshot is opened on the
 * master, and each replica is let on to exactly its place and gives a snapshot too. Then all go on
 * and the tables are read in the snapshots, on all servers at once. A replica below a replica waits
 * for the end of its parent's log while that stands still.
 */
final class Checksums {
  private static final int TRIES = 3;

  /** Table definition changed while its snapshot was open (a statement like ALTER TABLE). */
  private static final int CHANGED = 1412;

  private final Server master;
  private final List<Topology.Replica> followers;
  private final List<String> schemas;
  private final Duration patience;
  private final Progress progress;
  private final Runnable mark;
  private final List<String> leftOut;

  /**
   * @param leftOut tables whose rows are in no snapshot; {@link #compare} leaves them out
   * @param followers whoever follows the master or one before it in the list
   * @param mark writes something on the master that reaches all
   */
  Checksums(
      Server master,
      List<Topology.Replica> followers,
      List<String> schemas,
      Duration patience,
      Progress progress,
      Runnable mark,
      List<String> leftOut) {
    this.master = master;
    this.followers = followers;
    this.schemas = schemas;
    this.patience = patience;
    this.progress = progress;
    this.mark = mark;
    this.leftOut = List.copyOf(leftOut);
  }

  /** One server's open snapshot. */
  private record Snapshot(Server server, Link link) implements AutoCloseable {
    @Override
    public void close() {
      link.close();
    }
  }

  /**
   * Compares.
   *
   * @return how many tables are equal on all
   * @throws MoveFailure naming the tables and servers that differ
   */
  int compare() {
    for (int attempt = 1; ; attempt++) {
      List<Snapshot> snapshots = new ArrayList<>();
      try {
        openAll(snapshots);
        List<String> tables = tables(snapshots.getFirst().link(), schemas);
        tables.removeAll(leftOut);
        return read(snapshots, tables);
      } catch (DatabaseError e) {
        if (e.code() != CHANGED || attempt == TRIES) {
          throw e;
        }
        progress.note("a table's definition changed meanwhile; comparing again");
      } finally {
        restart();
        snapshots.forEach(Snapshot::close);
      }
    }
  }

  /**
   * Compares servers that all stand still at the same place; the master is fenced.
   *
   * @return how many tables are equal on all
   */
  int compareAtRest(List<Server> others) {
    List<Snapshot> sessions = new ArrayList<>();
    try {
      sessions.add(new Snapshot(master, master.open(Duration.ZERO)));
      others.forEach(server -> sessions.add(new Snapshot(server, server.open(Duration.ZERO))));
      return read(sessions, tables(sessions.getFirst().link(), schemas));
    } finally {
      sessions.forEach(Snapshot::close);
    }
  }

  private List<Server> direct() {
    return followers.stream().filter(f -> f.parent() == master).map(f -> f.server()).toList();
  }

  private void openAll(List<Snapshot> snapshots) {
    for (Server server : direct()) {
      server.link().run(server.dialect().stopApplier());
    }
    Position place = open(master, snapshots);
    // Something has to come after the place, else an idle applier would not notice it is there.
    mark.run();
    Map<Server, Position> standing = new HashMap<>();
    for (Server server : direct()) {
      server.link().run(server.dialect().startApplierUntil(place));
    }
    for (Topology.Replica follower : followers) {
      Server server = follower.server();
      if (follower.parent() == master) {
        awaitStop(server, place);
      } else {
        Position end = standing.get(follower.parent());
        server.await(end == null ? follower.parent().position() : end, false, patience);
      }
      open(server, snapshots);
      standing.put(server, server.position());
    }
    restart();
  }

  private void awaitStop(Server server, Position place) {
    boolean there =
        Server.eventually(
            patience, () -> server.status().map(ReplicaStatus::applierStopped).orElse(true));
    ReplicaStatus status =
        server.status().orElseThrow(() -> new MoveFailure(server + ": follows no one any more"));
    if (!there || status.applierErrno() != 0) {
      throw new MoveFailure(
          server + ": did not reach " + place + ": " + status.trouble().orElse("too slow"));
    }
  }

  private static Position open(Server server, List<Snapshot> snapshots) {
    Link link = server.open(Duration.ZERO);
    snapshots.add(new Snapshot(server, link));
    link.run(server.dialect().openSnapshot());
    Row row = link.row(server.dialect().snapshotPosition());
    link.run(server.dialect().snapshotOpened());
    return new Position("", row.get("File"), row.number("Position"));
  }

  /** Lets every applier go on. */
  private void restart() {
    for (Server server : direct()) {
      try {
        if (server.status().map(ReplicaStatus::applierStopped).orElse(false)) {
          server.link().run(server.dialect().startApplier());
        }
      } catch (DatabaseError e) {
        progress.note(server + ": " + e.getMessage());
      }
    }
  }

  /** The tables of the schemas, in the order of their names. */
  static List<String> tables(Link link, List<String> schemas) {
    if (schemas.isEmpty()) {
      return new ArrayList<>();
    }
    List<String> tables = new ArrayList<>();
    link.rows(
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
                + " WHERE TABLE_TYPE='BASE TABLE' AND TABLE_SCHEMA IN ("
                + String.join(", ", schemas.stream().map(Sql::quote).toList())
                + ") ORDER BY TABLE_SCHEMA, TABLE_NAME")
        .forEach(row ->
            tables.add(Sql.name(row.get("TABLE_SCHEMA")) + "." + Sql.name(row.get("TABLE_NAME"))));
    return tables;
  }

  private int read(List<Snapshot> snapshots, List<String> tables) {
    progress.begin("checksums on " + snapshots.size() + " servers", "tables", tables.size());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<Server, Future<Map<String, String>>> sums = new LinkedHashMap<>();
      for (Snapshot snapshot : snapshots) {
        boolean shown = snapshot.server() == master;
        sums.put(snapshot.server(), threads.submit(() -> sums(snapshot.link(), tables, shown)));
      }
      Map<String, String> right = get(sums.get(master));
      List<String> differences = new ArrayList<>();
      for (Map.Entry<Server, Future<Map<String, String>>> entry : sums.entrySet()) {
        Map<String, String> other = get(entry.getValue());
        List<String> differing =
            tables.stream().filter(t -> !Objects.equals(right.get(t), other.get(t))).toList();
        if (!differing.isEmpty()) {
          differences.add(
              entry.getKey().address().place() + " differs in " + String.join(", ", differing));
        }
      }
      if (!differences.isEmpty()) {
        throw new MoveFailure(
            "rows are missing or differ, compared with "
                + master.address().place()
                + ": "
                + MoveFailure.join(differences));
      }
      return tables.size();
    } finally {
      progress.end();
    }
  }

  private Map<String, String> sums(Link link, List<String> tables, boolean shown) {
    Map<String, String> sums = new HashMap<>();
    for (String table : tables) {
      sums.put(table, link.row("CHECKSUM TABLE " + table).get("Checksum"));
      if (shown) {
        progress.at(sums.size());
      }
    }
    return sums;
  }

  private static <T> T get(@Nullable Future<T> future) {
    try {
      return Objects.requireNonNull(future).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MoveFailure failure) {
        throw failure;
      }
      throw new MoveFailure("checksums: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoveFailure("interrupted", e);
    }
  }
}
