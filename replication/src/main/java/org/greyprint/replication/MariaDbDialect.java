// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;

/** MariaDB from 10.2 on: the old words throughout. */
final class MariaDbDialect implements Dialect {
  private final ServerVersion version;

  MariaDbDialect(ServerVersion version) {
    this.version = version;
  }

  @Override
  public String masterStatus() {
    return "SHOW MASTER STATUS";
  }

  @Override
  public String gtidPosition() {
    return "SELECT @@GLOBAL.gtid_binlog_pos AS gtid";
  }

  @Override
  public String replicaStatus() {
    return "SHOW SLAVE STATUS";
  }

  @Override
  public String everyReplicaStatus() {
    return "SHOW ALL SLAVES STATUS";
  }

  @Override
  public String replicaHosts() {
    return "SHOW SLAVE HOSTS";
  }

  @Override
  public Sql startReplica() {
    return Sql.of("START SLAVE");
  }

  @Override
  public Sql stopReplica() {
    return Sql.of("STOP SLAVE");
  }

  @Override
  public Sql startApplier() {
    return Sql.of("START SLAVE SQL_THREAD");
  }

  @Override
  public Sql stopApplier() {
    return Sql.of("STOP SLAVE SQL_THREAD");
  }

  @Override
  public Sql startApplierUntil(Position position) {
    return Sql.of(
        "START SLAVE SQL_THREAD UNTIL MASTER_LOG_FILE="
            + Sql.quote(position.file())
            + ", MASTER_LOG_POS="
            + position.offset());
  }

  @Override
  public Sql follow(Source source) {
    StringBuilder text = new StringBuilder("CHANGE MASTER TO MASTER_HOST=");
    text.append(Sql.quote(source.address().host()));
    text.append(", MASTER_PORT=").append(source.address().port());
    source
        .login()
        .ifPresent(login ->
            text.append(", MASTER_USER=")
                .append(Sql.quote(login.user()))
                .append(", MASTER_PASSWORD=")
                .append(Sql.quote(login.password())));
    text.append(", MASTER_CONNECT_RETRY=1");
    if (source.tls().on()) {
      text.append(", MASTER_SSL=1");
      boolean verify = source.tls().mode() == Access.TlsMode.VERIFY;
      text.append(", MASTER_SSL_VERIFY_SERVER_CERT=").append(verify ? 1 : 0);
      source
          .tls()
          .authority()
          .ifPresent(ca -> text.append(", MASTER_SSL_CA=").append(Sql.quote(ca.toString())));
    } else if (source.login().isPresent() && version.atLeast(11, 3, 0)) {
      // From 11.3 on a new replica verifies its master's certificate unless told not to.
      text.append(", MASTER_SSL_VERIFY_SERVER_CERT=0");
    }
    if (source.start().isPresent()) {
      Position start = source.start().get();
      text.append(", MASTER_LOG_FILE=").append(Sql.quote(start.file()));
      text.append(", MASTER_LOG_POS=").append(start.offset());
      text.append(", MASTER_USE_GTID=no");
    } else {
      text.append(", MASTER_USE_GTID=slave_pos");
      if (source.demote() && demotes()) {
        text.append(", MASTER_DEMOTE_TO_SLAVE=1");
      }
    }
    return Sql.of(text.toString());
  }

  /** Whether a former master's own transactions can be counted as received (10.10). */
  boolean demotes() {
    return version.atLeast(10, 10, 0);
  }

  @Override
  public Sql forget() {
    return Sql.of("RESET SLAVE ALL");
  }

  @Override
  public Sql emptyLog() {
    return Sql.of("RESET MASTER");
  }

  /** The log's state goes on from the old master's, so that sequence numbers never run back. */
  @Override
  public List<Sql> seed(Position position, String history) {
    return List.of(
        emptyLog(),
        Sql.of("SET GLOBAL gtid_binlog_state=" + Sql.quote(state(position.gtid(), history))),
        Sql.of("SET GLOBAL gtid_slave_pos=" + Sql.quote(position.gtid())));
  }

  /** What the old master's log has of earlier masters, up to the place, then the place itself. */
  private static String state(String gtid, String history) {
    if (history.isEmpty()) {
      return gtid;
    }
    GtidList place = GtidList.parse(gtid);
    List<String> state = new ArrayList<>();
    for (GtidList.Gtid one : GtidList.parse(history).gtids()) {
      if (one.sequence() < place.sequence(one.domain())
          && place.gtids().stream()
              .noneMatch(p -> p.domain() == one.domain() && p.server() == one.server())) {
        state.add(one.toString());
      }
    }
    place.gtids().forEach(one -> state.add(one.toString()));
    return String.join(",", state);
  }

  @Override
  public String awaitGtid(String gtid, int seconds) {
    return "SELECT MASTER_GTID_WAIT(" + Sql.quote(gtid) + ", " + seconds + ") AS waited";
  }

  @Override
  public String awaitFile(Position position, int seconds) {
    return "SELECT MASTER_POS_WAIT("
        + Sql.quote(position.file())
        + ", "
        + position.offset()
        + ", "
        + seconds
        + ") AS waited";
  }

  /** read_only leaves SUPER and READ_ONLY ADMIN out (H5); the held lock holds everyone. */
  @Override
  public List<Sql> fence() {
    return List.of(
        Sql.of("SET SESSION lock_wait_timeout=5"),
        Sql.of("SET GLOBAL read_only=1"),
        Sql.of("FLUSH TABLES WITH READ LOCK"));
  }

  @Override
  public List<Sql> releaseSession() {
    return List.of(Sql.of("UNLOCK TABLES"));
  }

  @Override
  public List<Sql> refuseWrites() {
    return List.of(Sql.of("SET GLOBAL read_only=1"));
  }

  @Override
  public List<Sql> allowWrites() {
    return List.of(Sql.of("SET GLOBAL read_only=0"));
  }

  @Override
  public String disabledOnReplica() {
    return "DISABLE ON SLAVE";
  }

  @Override
  public List<Sql> openSnapshot() {
    return List.of(
        Sql.of("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
        Sql.of("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
  }

  @Override
  public List<Sql> holdWrites() {
    return refuseWrites();
  }

  @Override
  public boolean superReadOnly() {
    return false;
  }

  /** MariaDB knows the log's place of a snapshot without any lock. */
  @Override
  public String snapshotPosition() {
    return "SELECT MAX(IF(VARIABLE_NAME='BINLOG_SNAPSHOT_FILE', VARIABLE_VALUE, '')) AS File,"
        + " MAX(IF(VARIABLE_NAME='BINLOG_SNAPSHOT_POSITION', VARIABLE_VALUE+0, 0)) AS Position"
        + " FROM information_schema.SESSION_STATUS"
        + " WHERE VARIABLE_NAME LIKE 'BINLOG_SNAPSHOT_%'";
  }

  @Override
  public List<Sql> snapshotOpened() {
    return List.of();
  }

  @Override
  public String waitingState() {
    return "Waiting for master to send event";
  }

  @Override
  public List<String> dumpOptions(boolean gtid) {
    return List.of("--master-data=2", "--gtid");
  }

  @Override
  public Tools.Names tools() {
    return new Tools.Names(
        List.of("mariadb-dump", "mysqldump"), List.of("mariadb", "mysql"), "mariadb-client");
  }
}
