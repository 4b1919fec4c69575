// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is to be moved, and how.
 *
 * @param from the master as it is
 * @param to the host it moves to
 * @param replicas the replicas as given; empty means that they are looked for
 * @param databases the schemas to move; empty means all but the server's own
 * @param method GTID or file and position; empty lets the plan choose
 * @param access passwords and TLS
 * @param journal where the journal is; the statement log is beside it, with {@code .log} added
 * @param tools folders the dump and import programs are looked for in
 * @param longTransaction a transaction or statement older than this is in the way
 * @param lagLimit a replica further behind than this is refused
 * @param patience how long replication may take to catch up or a thread to start
 * @param clock tells the time for the journal
 */
public record MoveSettings(
    Address from,
    Address to,
    List<Address> replicas,
    List<String> databases,
    Optional<Method> method,
    Access access,
    Path journal,
    List<Path> tools,
    Duration longTransaction,
    Duration lagLimit,
    Duration patience,
    Clock clock) {

  /** How replicas know where to go on. */
  public enum Method {
    /** By transaction names: online, the way back stays open. */
    GTID,
    /** By place in the log; the old master is shut down. */
    FILE
  }

  /** The defaults: all schemas, replicas looked for, the method chosen by the plan. */
  public static MoveSettings of(Address from, Address to, Access access, Path journal) {
    return new MoveSettings(
        from,
        to,
        List.of(),
        List.of(),
        Optional.empty(),
        access,
        journal,
        Arrays.stream(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":"))
            .filter(folder -> !folder.isEmpty())
            .map(Path::of)
            .toList(),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofHours(6),
        Clock.systemUTC());
  }

  public MoveSettings withReplicas(List<Address> given) {
    return new MoveSettings(
        from,
        to,
        List.copyOf(given),
        databases,
        method,
        access,
        journal,
        tools,
        longTransaction,
        lagLimit,
        patience,
        clock);
  }

  public MoveSettings withDatabases(List<String> given) {
    return new MoveSettings(
        from,
        to,
        replicas,
        List.copyOf(given),
        method,
        access,
        journal,
        tools,
        longTransaction,
        lagLimit,
        patience,
        clock);
  }

  public MoveSettings withMethod(Optional<Method> given) {
    return new MoveSettings(
        from,
        to,
        replicas,
        databases,
        given,
        access,
        journal,
        tools,
        longTransaction,
        lagLimit,
        patience,
        clock);
  }

  public MoveSettings withTools(List<Path> folders) {
    return new MoveSettings(
        from,
        to,
        replicas,
        databases,
        method,
        access,
        journal,
        List.copyOf(folders),
        longTransaction,
        lagLimit,
        patience,
        clock);
  }

  /** Other limits: the age of transactions, the lag, and the patience. */
  public MoveSettings withLimits(Duration transaction, Duration lag, Duration waiting) {
    return new MoveSettings(
        from,
        to,
        replicas,
        databases,
        method,
        access,
        journal,
        tools,
        transaction,
        lag,
        waiting,
        clock);
  }
}
