// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small readers: addresses, versions, GTIDs, statements, states. */
class WordsTest {
  @ParameterizedTest
  @CsvSource({
    "root@db1:3307, root@db1:3307",
    "db1, root@db1:3306",
    "a@b@DB1, a@b@db1:3306",
    "x@[2001:db8::1]:3307, x@[2001:db8::1]:3307",
    "x@[::1], x@[::1]:3306"
  })
  void addresses(String text, String read) {
    assertThat(Address.parse(text).map(Address::toString)).contains(read);
  }

  @ParameterizedTest
  @CsvSource({"a@", "@b", "a@b:0", "a@b:65536", "a@b:x", "a@b:", "2001:db8::1", "a@[::1", "a@b'c"})
  void noAddresses(String text) {
    assertThat(Address.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.11.19-MariaDB-0+deb12u1-log, MariaDB 10.11.19",
    "5.5.5-10.4.1-MariaDB, MariaDB 10.4.1",
    "8.0.36-0ubuntu1, MySQL 8.0.36",
    "8.4, MySQL 8.4.0"
  })
  void versions(String text, String read) {
    assertThat(ServerVersion.parse(text)).hasToString(read);
  }

  @Test
  void whatTheReplicaHasAndTheMasterHasNot() {
    GtidList master = GtidList.parse("0-1-90,0-2-100, 1-1-5");
    assertThat(GtidList.parse("0-1-90,0-2-99").notIn(master)).isEmpty();
    assertThat(GtidList.parse("0-2-100,0-3-101").notIn(master)).hasToString("[0-3-101]");
    assertThat(GtidList.parse("0-1-91").notIn(master)).hasToString("[0-1-91]");
    assertThat(master.covers(GtidList.parse("0-3-100"))).isTrue();
    assertThat(master.covers(GtidList.parse("0-3-101"))).isFalse();
    assertThat(master.covers(GtidList.parse("2-1-1"))).isFalse();
    assertThat(GtidList.parse("").gtids()).isEmpty();
  }

  @Test
  void aNewMastersLogKnowsEarlierMastersUpToThePlace() {
    Dialect dialect = Dialect.of(ServerVersion.parse("10.11.6-MariaDB"));
    Position place = new Position("0-1-50,1-1-7", "binlog.000001", 4);
    assertThat(dialect.seed(place, "0-7-30,0-9-51,0-1-60,1-1-9,1-4-3"))
        .extracting(Sql::text)
        .containsExactly(
            "RESET MASTER",
            "SET GLOBAL gtid_binlog_state='0-7-30,1-4-3,0-1-50,1-1-7'",
            "SET GLOBAL gtid_slave_pos='0-1-50,1-1-7'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CHANGE MASTER TO MASTER_PASSWORD='it''s x', MASTER_PORT=1",
        "CREATE USER a@b IDENTIFIED BY PASSWORD '*it''s x'",
        "CREATE USER a@b IDENTIFIED VIA ed25519 USING 'it\\'s x' OR unix_socket",
        "CREATE USER 'a'@'%' IDENTIFIED WITH 'caching_sha2_password' AS 'it''s x'",
        "CREATE USER 'a'@'%' IDENTIFIED WITH 'caching_sha2_password' AS 0x6974277320",
        "SET PASSWORD = PASSWORD('it''s x')",
        "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = 'it''s x'"
      })
  void secretsAreMasked(String statement) {
    String masked = Sql.of(statement).masked();
    assertThat(masked).contains("'****'").doesNotContain("it's", "it''s", "it\\'s", "6974");
    assertThat(Sql.of(statement)).hasToString(masked);
  }

  /** A quoted value masked as a password never shows, whatever is in it. */
  @Test
  void anyPasswordIsMasked() {
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      StringBuilder password = new StringBuilder("SECRET");
      for (int n = random.nextInt(12); n > 0; n--) {
        password.append("'\\\"= ,()x\n".charAt(random.nextInt(10)));
      }
      password.append("SECRET");
      String masked =
          Sql.of("CHANGE MASTER TO MASTER_PASSWORD=" + Sql.quote("" + password) + ", MASTER_PORT=1")
              .masked();
      assertThat(masked).isEqualTo("CHANGE MASTER TO MASTER_PASSWORD='****', MASTER_PORT=1");
    }
  }

  private static Row row(Map<String, String> columns) {
    Map<String, String> any = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    any.putAll(columns);
    return new Row(any);
  }

  @Test
  void statesUnderEitherName() {
    ReplicaStatus old =
        ReplicaStatus.of(
            row(
                Map.of(
                    "Master_Host",
                    "db1",
                    "Master_Port",
                    "3306",
                    "Slave_IO_Running",
                    "Connecting",
                    "Slave_SQL_Running",
                    "Yes",
                    "Last_IO_Errno",
                    "2003",
                    "Last_IO_Error",
                    "no route",
                    "Seconds_Behind_Master",
                    "7",
                    "Using_Gtid",
                    "Slave_Pos")));
    assertThat(old.trouble()).contains("IO thread says Connecting, error 2003: no route");
    assertThat(old.broken()).isFalse();
    assertThat(old.gtid()).isTrue();
    assertThat(old.lag()).contains(7L);
    ReplicaStatus fresh =
        ReplicaStatus.of(
            row(
                Map.of(
                    "Source_Host",
                    "DB1",
                    "Source_Port",
                    "3306",
                    "Replica_IO_Running",
                    "Yes",
                    "Replica_SQL_Running",
                    "Yes",
                    "Auto_Position",
                    "1",
                    "Replicate_Do_DB",
                    "x")));
    assertThat(fresh.trouble()).isEmpty();
    assertThat(fresh.running()).isTrue();
    assertThat(fresh.lag()).isEqualTo(Optional.empty());
    assertThat(fresh.filters()).isEqualTo("Replicate_Do_DB=x");
    assertThat(fresh.follows(new Address("a", "db1", 3306))).isTrue();
  }

  @Test
  void privilegesOfEachFamily() {
    ServerVersion mariaDb = ServerVersion.parse("11.4.5-MariaDB");
    assertThat(Privileges.missing(mariaDb, Set.of("ALL PRIVILEGES"))).isEmpty();
    assertThat(Privileges.missing(mariaDb, Set.of("SUPER")))
        .contains("BINLOG ADMIN", "READ_ONLY ADMIN or READ ONLY ADMIN");
    assertThat(Privileges.missing(ServerVersion.parse("8.4.3"), Set.of("SUPER")))
        .contains("XA_RECOVER_ADMIN")
        .doesNotContain("BINLOG_ADMIN or SUPER");
    assertThat(Privileges.missing(ServerVersion.parse("5.7.44"), Set.of())).contains("SUPER");
  }
}
