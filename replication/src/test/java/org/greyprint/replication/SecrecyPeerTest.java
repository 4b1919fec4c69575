// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Passwords stay out of command lines, plans, journals and logs; connections can be encrypted. */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class SecrecyPeerTest {
  private static final String PASSWORD = "adm'in\"se\\cret #1";

  private static String quoted() {
    return Sql.quote(PASSWORD);
  }

  /**
   * Wraps both programs: what they were called with, what of that others can see, then the real.
   */
  private static Path spies(Rig rig) throws IOException {
    Path tools = Files.createDirectory(rig.folder.resolve("tools"));
    for (String name : List.of("mariadb-dump", "mariadb")) {
      Path script = tools.resolve(name);
      Files.writeString(
          script,
          "#!/bin/sh\n{ cat /proc/$$/cmdline /proc/$$/environ | tr '\\0' '\\n'\n"
              + "for f in "
              + rig.folder
              + "/*.cnf; do stat -c '%a %n' $f; done; } >> "
              + rig.folder.resolve("seen")
              + "\nexec "
              + rig.from.installed().tools().resolve(name)
              + " \"$@\"\n");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return tools;
  }

  @Test
  void passwordsAreNowhere() throws IOException {
    try (Rig rig = Rig.of(1, false, true)) {
      List<String> admin =
          List.of(
              "CREATE USER admin@'%' IDENTIFIED BY " + quoted(),
              "GRANT ALL PRIVILEGES ON *.* TO admin@'%' WITH GRANT OPTION");
      rig.from.run(admin);
      rig.to.run(admin);
      rig.fill(1000);
      Access access = Access.password(PASSWORD).replicatingAs("repl", Rig.REPLICATION_PASSWORD);
      MoveSettings settings =
          MoveSettings.of(
                  rig.from.address().as("admin"),
                  rig.to.address().as("admin"),
                  access,
                  rig.folder.resolve("journal"))
              .withTools(List.of(spies(rig)));
      String plan = rig.move(settings).plan().text();
      rig.move(settings).go();
      rig.move(settings).back();
      String seen = Files.readString(rig.folder.resolve("seen"));
      assertThat(seen)
          .contains("--single-transaction", "--init-command=", "600 " + rig.folder)
          .doesNotContain("644 ");
      String journal = Files.readString(rig.folder.resolve("journal"));
      String log = Files.readString(rig.folder.resolve("journal.log"));
      assertThat(log).contains("MASTER_PASSWORD='****'", "IDENTIFIED BY PASSWORD '****'");
      String hash = rig.from.value("SELECT PASSWORD('appsecret')");
      for (String text : List.of(seen, plan, journal, log, String.join("\n", rig.notes))) {
        assertThat(text)
            .doesNotContain("se\\cret", "cret #1", Rig.REPLICATION_PASSWORD, "appsecret", hash);
      }
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(rig.folder.resolve("journal"))))
          .isEqualTo("rw-------");
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(rig.folder.resolve("journal.log"))))
          .isEqualTo("rw-------");
      try (Stream<Path> files = Files.list(rig.folder)) {
        assertThat(files.filter(file -> file.toString().endsWith(".cnf"))).isEmpty();
      }
    }
  }

  /** A certificate authority of the test's own and a certificate for 127.0.0.1. */
  private static List<String> certificates(Path folder) {
    String script =
        "cd "
            + folder
            + " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority"
            + " -keyout ca.key -out ca.pem"
            + " && openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1"
            + " -keyout server.key -out server.csr"
            + " && echo subjectAltName=IP:127.0.0.1 > ext"
            + " && openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
            + " -days 2 -extfile ext -out server.pem"
            + " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stranger"
            + " -keyout other.key -out other.pem";
    Programs.Result result = Programs.run(Duration.ofMinutes(2), List.of("sh", "-c", script));
    assertThat(result.status()).as(result.out()).isZero();
    return List.of(
        "--ssl-ca=" + folder.resolve("ca.pem"),
        "--ssl-cert=" + folder.resolve("server.pem"),
        "--ssl-key=" + folder.resolve("server.key"));
  }

  @Test
  @Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb", "openssl"})
  void movesOverTls() throws IOException {
    Path folder = Files.createTempDirectory("greyprint-tls");
    try {
      List<String> options = certificates(folder);
      for (Access.TlsMode mode :
          List.of(Access.TlsMode.VERIFY, Access.TlsMode.VERIFY_CA, Access.TlsMode.REQUIRE)) {
        try (Rig rig = Rig.with(options.toArray(String[]::new))) {
          moveOverTls(rig, mode, folder, options);
        }
      }
    } finally {
      Programs.run(Duration.ofMinutes(1), List.of("rm", "-rf", folder.toString()));
    }
  }

  private static void moveOverTls(Rig rig, Access.TlsMode mode, Path folder, List<String> options) {
    rig.replica(rig.from, true, options.toArray(String[]::new));
    List<String> admin =
        List.of(
            "CREATE USER IF NOT EXISTS admin@'%' IDENTIFIED BY 'x' REQUIRE SSL",
            "GRANT ALL PRIVILEGES ON *.* TO admin@'%' WITH GRANT OPTION");
    rig.from.run(admin);
    rig.to.run(admin);
    rig.from.sql("ALTER USER repl@'%' REQUIRE SSL");
    rig.replicas
        .getFirst()
        .run(List.of("STOP SLAVE", "CHANGE MASTER TO MASTER_SSL=1", "START SLAVE"));
    Rig.awaitReplica(rig.replicas.getFirst(), rig.from);
    Access access = Access.password("x").replicatingAs("repl", Rig.REPLICATION_PASSWORD);
    Access good =
        access.with(
            new Access.Tls(
                mode,
                mode == Access.TlsMode.REQUIRE
                    ? Optional.empty()
                    : Optional.of(folder.resolve("ca.pem"))));
    MoveSettings settings =
        MoveSettings.of(
                rig.from.address().as("admin"),
                rig.to.address().as("admin"),
                good,
                rig.folder.resolve("journal"))
            .withTools(List.of(rig.from.installed().tools()));
    if (mode == Access.TlsMode.VERIFY) {
      List<Access> bad = new ArrayList<>(List.of(access));
      bad.add(access.with(new Access.Tls(mode, Optional.of(folder.resolve("other.pem")))));
      for (Access one : bad) {
        MoveSettings without =
            MoveSettings.of(settings.from(), settings.to(), one, rig.folder.resolve("refused"));
        assertThatThrownBy(() -> rig.move(without).plan()).isInstanceOf(MoveFailure.class);
      }
    }
    rig.move(settings).go();
    rig.assertEqualEverywhere(rig.to);
    rig.assertMaster(rig.to, 1);
    Row status = rig.from.row("SHOW SLAVE STATUS");
    assertThat(status.get("Master_SSL_Allowed")).isEqualTo("Yes");
    assertThat(status.get("Master_SSL_Verify_Server_Cert"))
        .isEqualTo(mode == Access.TlsMode.VERIFY ? "Yes" : "No");
  }
}
