// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, killed with SIGKILL at any time; then the same command again, while servers go on
 * writing, rotating (rename, copy and truncate) and packing their logs.
 *
 * <p>Every run kills 16; the test that is tagged {@code long} kills 200, 100 of them while one file
 * is written and 100 while a file a virtual host is, in some five minutes.
 */
class KillTest {
  /** The status of a process that SIGKILL ended. */
  private static final int KILLED = 128 + 9;

  private static final int MOST_IN_ROW = 5;

  @TempDir private Path folder;

  /** The process that is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      List<Source> sources = new ArrayList<>();
      for (String name : args[2].split(":")) {
        sources.add(Sources.file(Path.of(name)));
      }
      Path out = Path.of(args[1]);
      Output output = args[1].endsWith("split") ? new Output.ToFolder(out) : new Output.ToFile(out);
      MergeSettings settings = MergeSettings.of(sources).withTemporary(Disk.folder(out));
      MergeJob.run(
          new MergeJob.Settings(settings, output, Optional.of(Path.of(args[0]))),
          Instant.parse("2012-06-28T12:00:00Z"),
          MergeProgress.NONE);
    }
  }

  @Test
  void eachLineOnceAfterSomeKills() throws Exception {
    killed(8, false);
    killed(8, true);
  }

  @Test
  @Tag("long")
  void eachLineOnceAfterTwoHundredKills() throws Exception {
    killed(100, false);
    killed(100, true);
  }

  private void killed(int kills, boolean split) throws Exception {
    Random random = new Random(kills);
    Path place = Files.createDirectory(folder.resolve(split ? "many" : "one"));
    Path logs = Files.createDirectory(place.resolve("logs"));
    Path out = place.resolve(split ? "split" : "all.log");
    Servers servers = new Servers(logs, random);
    servers.serve(2000);
    long whole = Math.max(time(place, servers, out), 1);
    int killed = 0;
    int inRow = 0;
    while (killed < kills) {
      servers.serve(400);
      if (random.nextInt(4) == 0) {
        servers.rotate();
      }
      if (inRow == MOST_IN_ROW) {
        // What is new grows from run to run, and so does the time that one takes.
        whole = Math.max(time(place, servers, out), 1);
        inRow = 0;
        continue;
      }
      // Most of the time goes into starting, so the second half is where there is much to hit.
      Process child = start(place, servers, out);
      long after = random.nextLong(whole / 3, whole * 5 / 4 + 2);
      if (!child.waitFor(after, TimeUnit.MILLISECONDS)) {
        child.destroyForcibly();
      }
      int status = child.waitFor();
      assertThat(status).as(output(place)).isIn(0, KILLED);
      killed += status == KILLED ? 1 : 0;
      inRow = status == KILLED ? inRow + 1 : 0;
    }
    servers.finish();
    time(place, servers, out);
    List<String> lines = StateTest.lines(out);
    assertThat(lines).doesNotHaveDuplicates();
    Set<String> missing = new TreeSet<>(servers.written());
    lines.forEach(missing::remove);
    assertThat(missing).isEmpty();
    assertThat(lines).hasSameSizeAs(servers.written());
  }

  /** A whole run, and how many milliseconds it took. */
  private static long time(Path place, Servers servers, Path out) throws Exception {
    long begin = System.nanoTime();
    Process child = start(place, servers, out);
    assertThat(child.waitFor()).as(output(place)).isZero();
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private static Process start(Path place, Servers servers, Path out) throws IOException {
    List<String> names = servers.sources().stream().map(Source::name).toList();
    List<String> command = Programs.jvm("64m", Child.class);
    command.addAll(
        List.of(place.resolve("state").toString(), out.toString(), String.join(":", names)));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(place.resolve("child.out").toFile())
        .start();
  }

  private static String output(Path place) throws IOException {
    return Files.readString(place.resolve("child.out"));
  }
}
