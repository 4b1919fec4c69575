// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line of {@code db} where no server is needed: words, help, exit statuses. */
class DbCommandsTest {
  private static final String NOBODY = "root@127.0.0.1:1";

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine line = Main.commandLine();
    line.setErr(new PrintWriter(err, true));
    line.setOut(new PrintWriter(out, true));
    return line.execute(args);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "db move|Missing required parameters: 'OLD', 'NEW'",
        "db move a@b:1|Missing required parameter: 'NEW'",
        "db move a@b:x c@d:1|'a@b:x' is no address: user@host:port, e.g. root@db1:3306",
        "db move a@b:1 c@d:1 --go --back|--go, --back are mutually exclusive",
        "db move a@b:1 c@d:1 --method slow|'slow' is neither gtid nor file",
        "db move a@b:1 c@d:1 --tls some|'some' is none of off, require, verify-ca, verify",
        "db move a@b:1 c@d:1 --replica e@f:0|'e@f:0' is no address",
        "db move a@b:1 c@d:1 --password secret|Unknown option",
        "db status|Missing required parameter: 'HOST'",
        "db status a@:1|'a@:1' is no address"
      })
  void wrongUsageIsNamed(String line, String said) {
    assertThat(run(line.split(" "))).isEqualTo(Main.USAGE);
    assertThat(err.toString()).contains(said);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "db --help|move status",
        "db move --help|--replica= --databases= --method= --journal= --go --back --yes"
            + " --password-file= --replication-user= --tls= --tls-ca= GREYPRINT_DB_PASSWORD"
            + " GREYPRINT_REPLICATION_PASSWORD",
        "db status --help|HOST... --password-file= --tls= --tls-ca="
      })
  void helpNamesEverything(String line, String words) {
    assertThat(run(line.split(" "))).isEqualTo(Main.DONE);
    assertThat(out.toString()).contains(words.split(" "));
  }

  @Test
  void whoDoesNotAnswerIsNamedInOneLine() {
    assertThat(run("db", "move", NOBODY, NOBODY)).isEqualTo(Main.FAULT);
    assertThat(err.toString())
        .startsWith(
            "greyprint: " + NOBODY + ": does not answer (Connection refused); is it running")
        .containsOnlyOnce("\n");
    assertThat(run("db", "status", NOBODY)).isEqualTo(Main.FAULT);
    assertThat(out.toString()).startsWith(NOBODY + ": does not answer (Connection refused)");
  }

  @Test
  void aPasswordFileThatIsWrongIsNamedWithoutWhatIsInIt() throws IOException {
    Path file = folder.resolve("passwords");
    assertThat(run("db", "status", NOBODY, "--password-file", file.toString()))
        .isEqualTo(Main.FAULT);
    assertThat(err.toString()).contains("--password-file " + file + ": cannot be read");
    Files.writeString(file, "root@127.0.0.1:1 one\nsecret\n");
    assertThat(run("db", "status", NOBODY, "--password-file", file.toString()))
        .isEqualTo(Main.FAULT);
    assertThat(err.toString())
        .contains(file + ": entry 2 is not 'user@host:port password'")
        .doesNotContain("secret");
  }

  @Test
  void nothingToReturnFrom() {
    String journal = folder.resolve("j").toString();
    assertThat(run("db", "move", NOBODY, NOBODY, "--back", "--journal", journal))
        .isEqualTo(Main.FAULT);
    assertThat(err.toString())
        .isEqualTo(
            "greyprint: " + journal + ": no move to return from; " + NOBODY + " is the master\n");
  }
}
