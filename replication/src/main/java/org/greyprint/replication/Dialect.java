// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.List;

/**
 * The words one family and version understands. Pure: gives statements, sends none.
 *
 * <p>MariaDB kept the old words (SLAVE, MASTER); MySQL added new ones in 8.0.22/23 and dropped the
 * old ones in 8.4.
 */
interface Dialect {
  static Dialect of(ServerVersion version) {
    return version.mariaDb() ? new MariaDbDialect(version) : new MySqlDialect(version);
  }

  /** Asks for the end of the binary log: File, Position, filters. */
  String masterStatus();

  /** Asks for the end of the binary log in GTIDs; empty where the server has none. */
  String gtidPosition();

  String replicaStatus();

  /** One row for each master that is followed. */
  String everyReplicaStatus();

  String replicaHosts();

  Sql startReplica();

  Sql stopReplica();

  Sql startApplier();

  Sql stopApplier();

  /** Lets the stopped applier go on and stop before the first event at or after the place. */
  Sql startApplierUntil(Position position);

  /** Points a stopped replica at its master. */
  Sql follow(Source source);

  /** Makes a server that followed one a server that follows none. */
  Sql forget();

  /** Empties the binary log, and with it the server's own GTID history. */
  Sql emptyLog();

  /**
   * Makes an empty, just filled server one that has everything up to the place.
   *
   * @param history the old master's {@code gtid_binlog_state}: what earlier masters had written
   *     counts as known too, or it would look errant on every replica; "" where there is none
   */
  List<Sql> seed(Position position, String history);

  /** Asks to wait until the replica has applied a place by GTID; 0 (or more) means it has. */
  String awaitGtid(String gtid, int seconds);

  /** Asks to wait until the replica has applied a place by file; not negative means it has. */
  String awaitFile(Position position, int seconds);

  /** Refuses writes, of accounts with every privilege too as long as the session stays. */
  List<Sql> fence();

  /** Lets go what of {@link #fence} hangs on the session; writes of others stay refused. */
  List<Sql> releaseSession();

  /** Refuses writes of ordinary accounts. */
  List<Sql> refuseWrites();

  List<Sql> allowWrites();

  /** Refuses writes of as many accounts as a server can by itself, for a master that was. */
  List<Sql> holdWrites();

  /** Whether the server can refuse the writes of every account by {@code super_read_only}. */
  boolean superReadOnly();

  /** The state of an event on a replica: it is there and does not run. */
  String disabledOnReplica();

  /** Opens a snapshot of all transactional tables. */
  List<Sql> openSnapshot();

  /** Asks for the place of the snapshot just opened, in this session; File and Position. */
  String snapshotPosition();

  /** What must be said after {@link #snapshotPosition}. */
  List<Sql> snapshotOpened();

  /** The IO thread's state when all is received. */
  String waitingState();

  /** Options of the dump program that only this family has. */
  List<String> dumpOptions(boolean gtid);

  /** The dump and import programs, the preferred names first, and the package that has them. */
  Tools.Names tools();
}
