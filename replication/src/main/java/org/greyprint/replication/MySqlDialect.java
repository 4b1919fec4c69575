// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;

/**
 * MySQL from 5.6 on. Tested against a scripted server that speaks the protocol, not against a real
 * MySQL.
 */
final class MySqlDialect implements Dialect {
  private final ServerVersion version;

  /** REPLICA for SLAVE: 8.0.22; SOURCE for MASTER: 8.0.23; "source" in states: 8.0.26. */
  private final boolean replicaWord;

  private final boolean sourceWord;

  MySqlDialect(ServerVersion version) {
    this.version = version;
    this.replicaWord = version.atLeast(8, 0, 22);
    this.sourceWord = version.atLeast(8, 0, 23);
  }

  private String replica() {
    return replicaWord ? "REPLICA" : "SLAVE";
  }

  private String source() {
    return sourceWord ? "SOURCE" : "MASTER";
  }

  @Override
  public String masterStatus() {
    return version.atLeast(8, 2, 0) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";
  }

  @Override
  public String gtidPosition() {
    return "SELECT @@GLOBAL.gtid_executed AS gtid";
  }

  @Override
  public String replicaStatus() {
    return "SHOW " + replica() + " STATUS";
  }

  @Override
  public String everyReplicaStatus() {
    return replicaStatus();
  }

  @Override
  public String replicaHosts() {
    return replicaWord ? "SHOW REPLICAS" : "SHOW SLAVE HOSTS";
  }

  @Override
  public Sql startReplica() {
    return Sql.of("START " + replica());
  }

  @Override
  public Sql stopReplica() {
    return Sql.of("STOP " + replica());
  }

  @Override
  public Sql startApplier() {
    return Sql.of("START " + replica() + " SQL_THREAD");
  }

  @Override
  public Sql stopApplier() {
    return Sql.of("STOP " + replica() + " SQL_THREAD");
  }

  @Override
  public Sql startApplierUntil(Position position) {
    return Sql.of(
        "START "
            + replica()
            + " SQL_THREAD UNTIL "
            + source()
            + "_LOG_FILE="
            + Sql.quote(position.file())
            + ", "
            + source()
            + "_LOG_POS="
            + position.offset());
  }

  @Override
  public Sql follow(Source source) {
    String s = source();
    List<String> parts = new ArrayList<>();
    parts.add(s + "_HOST=" + Sql.quote(source.address().host()));
    parts.add(s + "_PORT=" + source.address().port());
    source
        .login()
        .ifPresent(login -> {
          parts.add(s + "_USER=" + Sql.quote(login.user()));
          parts.add(s + "_PASSWORD=" + Sql.quote(login.password()));
        });
    parts.add(s + "_CONNECT_RETRY=1");
    if (source.tls().on()) {
      parts.add(s + "_SSL=1");
      boolean verify = source.tls().mode() == Access.TlsMode.VERIFY;
      parts.add(s + "_SSL_VERIFY_SERVER_CERT=" + (verify ? 1 : 0));
      source.tls().authority().ifPresent(ca -> parts.add(s + "_SSL_CA=" + Sql.quote("" + ca)));
    } else if (source.login().isPresent() && sourceWord) {
      // caching_sha2_password without TLS needs the server's public key.
      parts.add("GET_SOURCE_PUBLIC_KEY=1");
    } else if (source.login().isPresent() && version.atLeast(8, 0, 0)) {
      parts.add("GET_MASTER_PUBLIC_KEY=1");
    }
    if (source.start().isPresent()) {
      Position start = source.start().get();
      parts.add(s + "_LOG_FILE=" + Sql.quote(start.file()));
      parts.add(s + "_LOG_POS=" + start.offset());
      if (version.atLeast(5, 6, 5)) {
        parts.add(s + "_AUTO_POSITION=0");
      }
    } else {
      parts.add(s + "_AUTO_POSITION=1");
    }
    return Sql.of(
        (sourceWord ? "CHANGE REPLICATION SOURCE TO " : "CHANGE MASTER TO ")
            + String.join(", ", parts));
  }

  @Override
  public Sql forget() {
    return Sql.of("RESET " + replica() + " ALL");
  }

  @Override
  public Sql emptyLog() {
    return Sql.of(version.atLeast(8, 2, 0) ? "RESET BINARY LOGS AND GTIDS" : "RESET MASTER");
  }

  @Override
  public List<Sql> seed(Position position, String history) {
    return position.gtid().isEmpty()
        ? List.of(emptyLog())
        : List.of(emptyLog(), Sql.of("SET GLOBAL gtid_purged=" + Sql.quote(position.gtid())));
  }

  @Override
  public String awaitGtid(String gtid, int seconds) {
    return version.atLeast(5, 7, 5)
        ? "SELECT WAIT_FOR_EXECUTED_GTID_SET(" + Sql.quote(gtid) + ", " + seconds + ") AS waited"
        : "SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS("
            + Sql.quote(gtid)
            + ", "
            + seconds
            + ") AS waited";
  }

  @Override
  public String awaitFile(Position position, int seconds) {
    return "SELECT "
        + (version.atLeast(8, 0, 26) ? "SOURCE_POS_WAIT(" : "MASTER_POS_WAIT(")
        + Sql.quote(position.file())
        + ", "
        + position.offset()
        + ", "
        + seconds
        + ") AS waited";
  }

  @Override
  public boolean superReadOnly() {
    return version.atLeast(5, 7, 8);
  }

  @Override
  public List<Sql> holdWrites() {
    return superReadOnly() ? List.of(Sql.of("SET GLOBAL super_read_only=1")) : refuseWrites();
  }

  @Override
  public List<Sql> fence() {
    return superReadOnly()
        ? List.of(Sql.of("SET SESSION lock_wait_timeout=5"), Sql.of("SET GLOBAL super_read_only=1"))
        : List.of(
            Sql.of("SET SESSION lock_wait_timeout=5"),
            Sql.of("SET GLOBAL read_only=1"),
            Sql.of("FLUSH TABLES WITH READ LOCK"));
  }

  /** super_read_only lets the replication threads write, so nothing has to be let go. */
  @Override
  public List<Sql> releaseSession() {
    return superReadOnly() ? List.of() : List.of(Sql.of("UNLOCK TABLES"));
  }

  @Override
  public List<Sql> refuseWrites() {
    return List.of(Sql.of("SET GLOBAL read_only=1"));
  }

  /** Taking read_only away takes super_read_only with it. */
  @Override
  public List<Sql> allowWrites() {
    return List.of(Sql.of("SET GLOBAL read_only=0"));
  }

  @Override
  public String disabledOnReplica() {
    return version.atLeast(8, 4, 0) ? "DISABLE ON REPLICA" : "DISABLE ON SLAVE";
  }

  /** MySQL gives a snapshot's place only under the lock; writes wait for milliseconds. */
  @Override
  public List<Sql> openSnapshot() {
    return List.of(
        Sql.of("SET SESSION lock_wait_timeout=5"),
        Sql.of("FLUSH TABLES WITH READ LOCK"),
        Sql.of("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"),
        Sql.of("START TRANSACTION WITH CONSISTENT SNAPSHOT"));
  }

  @Override
  public String snapshotPosition() {
    return masterStatus();
  }

  @Override
  public List<Sql> snapshotOpened() {
    return List.of(Sql.of("UNLOCK TABLES"));
  }

  @Override
  public String waitingState() {
    return version.atLeast(8, 0, 26)
        ? "Waiting for source to send event"
        : "Waiting for master to send event";
  }

  @Override
  public List<String> dumpOptions(boolean gtid) {
    String position = version.atLeast(8, 0, 26) ? "--source-data=2" : "--master-data=2";
    String purged = version.atLeast(8, 0, 17) ? "COMMENTED" : "ON";
    return List.of(position, "--set-gtid-purged=" + (gtid ? purged : "OFF"));
  }

  @Override
  public Tools.Names tools() {
    return new Tools.Names(List.of("mysqldump"), List.of("mysql"), "mysql-client");
  }
}
