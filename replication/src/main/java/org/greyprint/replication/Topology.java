// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The master, the new host, and every replica with the one it follows.
 *
 * @param replicas parents come before their children
 */
record Topology(Server from, Server to, List<Replica> replicas) implements AutoCloseable {
  /**
   * A replica and whom it follows.
   *
   * @param parent the server it follows: the master, or a replica before it in the list
   */
  record Replica(Server server, Server parent) {}

  private static final Duration ATTACHING = Duration.ofSeconds(2);

  /** The replicas that follow the master itself. */
  List<Server> direct() {
    return replicas.stream().filter(r -> r.parent == from).map(Replica::server).toList();
  }

  /** Every server there is, the master first. */
  List<Server> all() {
    List<Server> all = new ArrayList<>(List.of(from, to));
    replicas.forEach(replica -> all.add(replica.server));
    return all;
  }

  /**
   * Finds the replicas, or takes the given ones, and confirms each by asking it whom it follows.
   *
   * <p>The master names them by {@code SHOW REPLICA HOSTS}; where that has no host, the address its
   * dump thread sends to is taken with the port named there. Whoever is attached but cannot be
   * reached becomes a problem: left behind, it would silently keep old data.
   *
   * @param problems gets a finding for each replica that cannot be confirmed
   */
  static Topology find(
      Server from,
      Server to,
      List<Address> given,
      Access access,
      StatementLog log,
      List<Finding> problems) {
    List<Replica> replicas = new ArrayList<>();
    Set<Long> known = new HashSet<>(List.of(from.serverId(), to.serverId()));
    boolean toFollows = to.status().isPresent();
    List<Server> unplaced = new ArrayList<>();
    for (Address address : given) {
      Optional<Server> server = connect(address, access, log, problems);
      server.ifPresent(unplaced::add);
    }
    List<Server> parents = new ArrayList<>(List.of(from));
    for (int i = 0; i < parents.size(); i++) {
      Server parent = parents.get(i);
      for (Row row : attached(parent)) {
        long id = row.number("Server_id", "Server_Id");
        if (id == to.serverId() && !toFollows) {
          problems.add(
              Finding.refuse(
                  to.address(),
                  "its server_id " + id + " is that of a replica of " + parent.address().place(),
                  "one of the two would be refused ('equal server ids'): SET GLOBAL server_id to"
                      + " another, and in its configuration"));
        }
        if (unplaced.stream().anyMatch(s -> s.serverId() == id) || known.contains(id)) {
          continue;
        }
        List<String> tried = new ArrayList<>();
        Optional<Server> found = candidate(parent, row, id, access, log, tried);
        if (found.isPresent()) {
          unplaced.add(found.get());
        } else {
          problems.add(
              Finding.refuse(
                  parent.address(),
                  "a replica with server id "
                      + id
                      + " is attached and could not be confirmed ("
                      + (tried.isEmpty() ? "it names no address" : String.join("; ", tried))
                      + ")",
                  "name it with --replica user@host:port, with a password that is good there"));
        }
      }
      for (Server server : List.copyOf(unplaced)) {
        Optional<ReplicaStatus> status = server.status();
        if (status.isPresent() && follows(status.get(), parent)) {
          unplaced.remove(server);
          if (known.add(server.serverId())) {
            replicas.add(new Replica(server, parent));
            parents.add(server);
          } else {
            problems.add(
                Finding.refuse(
                    server.address(),
                    "its server id " + server.serverId() + " is another server's too",
                    "give each server an id of its own (server_id) and restart it"));
            server.close();
          }
        }
      }
    }
    for (Server server : unplaced) {
      problems.add(
          Finding.refuse(
              server.address(),
              "is no replica of "
                  + from.address().place()
                  + ": "
                  + server
                      .status()
                      .map(s -> "it follows " + s.sourceHost() + ":" + s.sourcePort())
                      .orElse("it follows no one"),
              "leave it out, or attach it first"));
      server.close();
    }
    return new Topology(from, to, replicas);
  }

  /** By id where it has been connected, else by name. */
  private static boolean follows(ReplicaStatus status, Server parent) {
    return status.sourceServerId() != 0
        ? status.sourceServerId() == parent.serverId()
        : status.follows(parent.address());
  }

  private static Optional<Server> connect(
      Address address, Access access, StatementLog log, List<Finding> problems) {
    try {
      return Optional.of(Server.connect(address, access, log));
    } catch (DatabaseError e) {
      problems.add(
          Finding.refuse(
              address, String.valueOf(e.getMessage()), "see that it answers, or leave it out"));
      return Optional.empty();
    }
  }

  /**
   * The replicas a server names. One that is just attaching has said its id and not yet asked for
   * the log, so that no thread shows its address: it is waited for.
   */
  private static List<Row> attached(Server parent) {
    List<Row> rows = new ArrayList<>();
    Server.eventually(
        ATTACHING,
        () -> {
          rows.clear();
          rows.addAll(parent.link().rows(parent.dialect().replicaHosts()));
          long nameless = rows.stream().filter(row -> row.get("Host").isEmpty()).count();
          return nameless == 0 || dumpHosts(parent).size() >= nameless;
        });
    return rows;
  }

  /** Where the threads that send the log send it, one entry a thread. */
  private static List<String> dumpHosts(Server parent) {
    List<String> hosts = new ArrayList<>();
    for (Row thread : parent.link().rows("SHOW PROCESSLIST")) {
      if (thread.get("Command").startsWith("Binlog Dump")) {
        String host = thread.get("Host");
        int colon = host.lastIndexOf(':');
        hosts.add(colon < 0 ? host : host.substring(0, colon));
      }
    }
    return hosts;
  }

  private static Optional<Server> candidate(
      Server parent, Row row, long id, Access access, StatementLog log, List<String> tried) {
    int port = (int) row.number("Port");
    Set<String> hosts = new LinkedHashSet<>();
    if (!row.get("Host").isEmpty()) {
      hosts.add(row.get("Host"));
    }
    hosts.addAll(dumpHosts(parent));
    for (String host : hosts) {
      Optional<Address> address =
          Address.parse(
              parent.address().user()
                  + "@"
                  + (host.contains(":") ? "[" + host + "]" : host)
                  + ":"
                  + (port == 0 ? Address.DEFAULT_PORT : port));
      if (address.isEmpty()) {
        continue;
      }
      try {
        Server server = Server.connect(address.get(), access, log);
        if (server.serverId() == id) {
          return Optional.of(server);
        }
        tried.add(address.get().place() + " has server id " + server.serverId());
        server.close();
      } catch (DatabaseError e) {
        tried.add(String.valueOf(e.getMessage()));
        log.sent(address.get(), "(confirm replica " + id + ")", Duration.ZERO, "not here");
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    all().forEach(Server::close);
  }
}
