// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The words for MySQL, against servers that speak its protocol and understand the words of one
 * version alone. The transcripts, each question once, are in the test's resources; {@code
 * GREYPRINT_GOLDEN=write} in the environment writes them anew.
 */
class MySqlWordsTest {
  @TempDir private Path folder;

  private record Set(MySqlModel old, MySqlModel fresh, MySqlModel replica)
      implements AutoCloseable {
    static Set of(String version, boolean gtid) {
      MySqlModel.Shared shared = new MySqlModel.Shared();
      MySqlModel old = new MySqlModel("old", version, 1, gtid, shared).filled();
      MySqlModel fresh = new MySqlModel("new", version, 2, gtid, shared);
      MySqlModel replica =
          new MySqlModel("replica", version, 3, gtid, shared).filled().following(old);
      return new Set(old, fresh, replica);
    }

    Map<Integer, String> names() {
      return Map.of(old.port(), "OLD", fresh.port(), "NEW", replica.port(), "REPLICA");
    }

    String transcript() {
      StringBuilder text = new StringBuilder();
      for (MySqlModel server : List.of(old, fresh, replica)) {
        text.append("## ").append(names().get(server.port())).append('\n');
        java.util.Set<String> asked = new java.util.HashSet<>();
        for (String line : server.transcript(names())) {
          boolean question = line.matches("(repl: )?(SELECT|SHOW|XA) .*");
          if (!question || asked.add(line)) { // How often one waits depends on the machine.
            text.append(line).append('\n');
          }
        }
      }
      return text.toString();
    }

    @Override
    public void close() {
      old.close();
      fresh.close();
      replica.close();
    }
  }

  /** Stand-ins for MySQL's programs: they note how they were called, and dump one comment. */
  private Path tools(boolean source, boolean gtid) throws IOException {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    String s = source ? "SOURCE" : "MASTER";
    String dump =
        "#!/bin/sh\necho \"$0 $*\" >> "
            + folder.resolve("called")
            + "\necho \"-- CHANGE "
            + (source ? "REPLICATION SOURCE" : "MASTER")
            + " TO "
            + s
            + "_LOG_FILE='binlog.000002', "
            + s
            + "_LOG_POS=157;\"\n"
            + (gtid
                ? "echo \"-- SET @@GLOBAL.GTID_PURGED='" + MySqlModel.UUID_OLD + ":1-9';\"\n"
                : "")
            + "echo '-- Dump completed'\n";
    script(tools.resolve("mysqldump"), dump);
    script(
        tools.resolve("mysql"),
        "#!/bin/sh\necho \"$0 $*\" >> " + folder.resolve("called") + "\ncat > /dev/null\n");
    return tools;
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private MoveSettings settings(Set set, MoveSettings.Method method, Path tools) {
    return MoveSettings.of(
            set.old().address(),
            set.fresh().address(),
            Access.password("").replicatingAs("repl", "replsecret"),
            folder.resolve("journal"))
        .withTools(List.of(tools))
        .withMethod(Optional.of(method));
  }

  @ParameterizedTest
  @CsvSource({
    "5.7.44,GTID",
    "5.7.44,FILE",
    "8.0.36,GTID",
    "8.0.36,FILE",
    "8.4.3,GTID",
    "8.4.3,FILE"
  })
  void aMoveInTheWordsOfTheVersion(String version, MoveSettings.Method method) throws IOException {
    boolean gtid = method == MoveSettings.Method.GTID;
    boolean source = !version.startsWith("5.");
    try (Set set = Set.of(version, gtid)) {
      MoveSettings settings = settings(set, method, tools(source, gtid));
      Plan plan = new Move(settings, Progress.silent()).plan();
      assertThat(plan.findings()).noneMatch(Finding::refused);
      Move.Outcome outcome = new Move(settings, Progress.silent()).go();
      assertThat(outcome.message()).contains("is the master");
      if (gtid) {
        outcome = new Move(settings, Progress.silent()).back();
        assertThat(outcome.message()).contains(set.old().address() + " is the master");
      }
      String called =
          Files.readString(folder.resolve("called"))
              .replace(folder.toString(), "")
              .replaceAll("--defaults-file=\\S*", "--defaults-file=FILE")
              .lines()
              .sorted() // They start at the same time.
              .collect(java.util.stream.Collectors.joining("\n", "", "\n"));
      golden(version, method, set.transcript() + "## programs\n" + called);
    }
  }

  private static void golden(String version, MoveSettings.Method method, String text)
      throws IOException {
    String name =
        "mysql-"
            + version.substring(0, version.lastIndexOf('.'))
            + "-"
            + method.name().toLowerCase(java.util.Locale.ROOT)
            + ".txt";
    if ("write".equals(System.getenv("GREYPRINT_GOLDEN"))) {
      Path file =
          Programs.root()
              .resolve("replication/src/test/resources/org/greyprint/replication")
              .resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    }
    try (var in = MySqlWordsTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      assertThat(text).isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void statesAndWordsOfEachVersion() {
    List<String> words = new ArrayList<>();
    for (String version :
        List.of("5.6.51", "5.7.44", "8.0.21", "8.0.22", "8.0.36", "8.3.0", "8.4.3")) {
      Dialect dialect = Dialect.of(ServerVersion.parse(version));
      words.add(
          String.join(
              " | ",
              version,
              dialect.masterStatus(),
              dialect.replicaStatus(),
              dialect.emptyLog().text(),
              dialect.waitingState(),
              dialect.fence().getLast().text()));
    }
    assertThat(words)
        .containsExactly(
            "5.6.51 | SHOW MASTER STATUS | SHOW SLAVE STATUS | RESET MASTER"
                + " | Waiting for master to send event | FLUSH TABLES WITH READ LOCK",
            "5.7.44 | SHOW MASTER STATUS | SHOW SLAVE STATUS | RESET MASTER"
                + " | Waiting for master to send event | SET GLOBAL super_read_only=1",
            "8.0.21 | SHOW MASTER STATUS | SHOW SLAVE STATUS | RESET MASTER"
                + " | Waiting for master to send event | SET GLOBAL super_read_only=1",
            "8.0.22 | SHOW MASTER STATUS | SHOW REPLICA STATUS | RESET MASTER"
                + " | Waiting for master to send event | SET GLOBAL super_read_only=1",
            "8.0.36 | SHOW MASTER STATUS | SHOW REPLICA STATUS | RESET MASTER"
                + " | Waiting for source to send event | SET GLOBAL super_read_only=1",
            "8.3.0 | SHOW BINARY LOG STATUS | SHOW REPLICA STATUS | RESET BINARY LOGS AND GTIDS"
                + " | Waiting for source to send event | SET GLOBAL super_read_only=1",
            "8.4.3 | SHOW BINARY LOG STATUS | SHOW REPLICA STATUS | RESET BINARY LOGS AND GTIDS"
                + " | Waiting for source to send event | SET GLOBAL super_read_only=1");
  }

  @Test
  void theTwoFamiliesAreNotMixed() throws IOException {
    MySqlModel.Shared shared = new MySqlModel.Shared();
    try (MySqlModel old = new MySqlModel("old", "8.0.36", 1, true, shared).filled();
        MySqlModel fresh = new MySqlModel("new", "5.7.44", 2, true, shared)) {
      Plan plan =
          new Move(
                  settings(new Set(old, fresh, fresh), MoveSettings.Method.GTID, tools(true, true)),
                  Progress.silent())
              .plan();
      assertThat(plan.text()).contains("is MySQL 5.7.44, older than the old master's MySQL 8.0.36");
    }
  }

  @Test
  void wordsOfAnotherVersionAreRefusedByTheModel() {
    try (Set set = Set.of("8.4.3", true);
        Server server = new Server(set.old().address(), Access.password(""), (a, s, t, r) -> {})) {
      assertThatThrownBy(() -> server.link().run("SHOW MASTER STATUS"))
          .isInstanceOf(DatabaseError.class)
          .hasMessageContaining("[1064]");
    }
  }
}
