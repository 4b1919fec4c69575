// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Copies that fail on the way: rolled back and named, and the same command does it later. */
@Tag("peer")
@Execution(ExecutionMode.CONCURRENT)
@Needs({"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb"})
class FailedCopyPeerTest {
  /** A folder with the real import and a dump program of the test's own. */
  private static Path tools(Rig rig, String dump) throws IOException {
    Path tools = Files.createDirectory(rig.folder.resolve("tools"));
    Path real = rig.from.installed().tools();
    Path script = tools.resolve("mariadb-dump");
    Files.writeString(script, "#!/bin/sh\n" + dump.replace("REAL", real + "/mariadb-dump"));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createSymbolicLink(tools.resolve("mariadb"), real.resolve("mariadb"));
    return tools;
  }

  private static void failsThenWorks(String dump, String words) throws IOException {
    try (Rig rig = Rig.of(1, false, true)) {
      rig.fill(5000);
      MoveSettings settings = rig.settings();
      assertThatThrownBy(() -> rig.move(settings.withTools(List.of(tools(rig, dump)))).go())
          .isInstanceOf(MoveFailure.class)
          .hasMessageContaining(words)
          .hasMessageContaining("rolled back: " + rig.from.address() + " is writable");
      rig.assertMaster(rig.from, 1);
      assertThat(rig.to.value("SHOW DATABASES LIKE 'app'")).isEmpty();
      assertThat(rig.move(settings).go().message()).contains("is the master");
      rig.assertEqualEverywhere(rig.to);
    }
  }

  @Test
  void aDumpThatIsCutShort() throws IOException {
    failsThenWorks("REAL \"$@\" | head -c 100000\nexit 0\n", "the dump was cut short after 100000");
  }

  @Test
  void aDumpThatFails() throws IOException {
    failsThenWorks(
        "REAL \"$@\" | head -c 100000\necho 'Lost connection' >&2\nexit 2\n",
        "the dump failed with status 2:");
  }

  @Test
  void anImportThatFails() throws IOException {
    failsThenWorks(
        "REAL \"$@\" | sed 's/^INSERT INTO `big`/INSERT INTO `pig`/'\n",
        "the import failed with status 1");
  }

  @Test
  void noToolsOnThisHost() throws IOException {
    try (Rig rig = new Rig()) {
      Path none = Files.createDirectory(rig.folder.resolve("none"));
      assertThat(rig.move(rig.settings().withTools(List.of(none))).plan().text())
          .contains("no mariadb-dump or no mariadb on this host")
          .contains("install the package mariadb-client");
    }
  }

  /** The new host's disk fills up during the import; made by mounting a small one. */
  @Test
  @Needs(
      value = {"mariadbd", "mariadb-install-db", "mariadb-dump", "mariadb", "mount", "umount"},
      root = true)
  void aFullDisk() throws IOException {
    Path small = Files.createTempDirectory("greyprint-small");
    mount("mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", small.toString());
    try (Rig rig = new Rig();
        MariaDb to = MariaDb.start(rig.from.installed(), small, 9, "--tmpdir=" + rig.folder)) {
      rig.fill(300_000);
      rig.from.sql("ANALYZE TABLE app.big");
      MoveSettings settings =
          MoveSettings.of(
                  rig.from.address(), to.address(), rig.access(), rig.folder.resolve("journal"))
              .withTools(List.of(rig.from.installed().tools()))
              .withMethod(Optional.of(MoveSettings.Method.GTID))
              .withLimits(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(60));
      Path filler = small.resolve("filler");
      Move.Hook hook =
          place -> {
            if (place.equals("doing copy")) {
              fill(filler, small);
            }
          };
      assertThatThrownBy(() -> rig.move(settings, hook).go())
          .hasMessageContaining(to.address() + ": the import failed")
          .hasMessageContaining("full")
          .hasMessageContaining("rolled back: " + rig.from.address() + " is writable");
      rig.assertMaster(rig.from, 0);
      assertThat(rig.move(settings).plan().text()).contains("no room: ", "make room there");
    } finally {
      mount("umount", small.toString());
      Files.delete(small);
    }
  }

  private static void fill(Path filler, Path folder) {
    try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
      long room = Files.getFileStore(folder).getUsableSpace() - 6_000_000;
      byte[] block = new byte[1_000_000];
      for (long done = 0; done < room; done += block.length) {
        file.write(block);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void mount(String... command) {
    Programs.Result result = Programs.run(Duration.ofSeconds(30), List.of(command));
    assertThat(result.status()).as(result.out()).isZero();
  }
}
