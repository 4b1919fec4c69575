// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code logs merge} as a process of its own, whose standard output is a file or a pipe: what it
 * wrote too early to a file, it can take back.
 */
class LogsMergeProcessTest {
  /** So many that far more than what is read ahead was written when the late line comes. */
  private static final int LINES = 12_000;

  private static final String LATE = line(0, "late");

  @TempDir private Path folder;
  private Path one;
  private Path two;
  private Path out;
  private String sorted;

  private static String line(int second, String page) {
    return String.format(
        Locale.ROOT,
        "a.example:80 192.0.2.1 - - [28/Jun/2012:%02d:%02d:%02d +0200] \"GET /%s HTTP/1.1\" 200 5"
            + " \"http://www.example.org/%s\" \"Mozilla/5.0\"\n",
        2 + second / 3600,
        second / 60 % 60,
        second % 60,
        page,
        "x".repeat(100));
  }

  @BeforeEach
  void logs() throws IOException {
    StringBuilder first = new StringBuilder();
    StringBuilder second = new StringBuilder();
    StringBuilder all = new StringBuilder(LATE);
    for (int i = 1; i <= LINES; i++) {
      String a = line(i, "a" + i);
      String b = line(i, "b" + i);
      first.append(a);
      second.append(b);
      all.append(a).append(b);
    }
    one = Files.writeString(folder.resolve("one.log"), first);
    two = Files.writeString(folder.resolve("two.log"), second + LATE);
    out = folder.resolve("out");
    sorted = all.toString();
  }

  private ProcessBuilder merge(Path... files) {
    List<String> command = new ArrayList<>(Programs.jvm("160m", Main.class));
    command.addAll(List.of("logs", "merge"));
    Arrays.stream(files).map(Path::toString).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectOutput(out.toFile())
        .redirectError(folder.resolve("err").toFile());
  }

  private int run(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  @Test
  void takesBackWhatItWroteBeforeALateLine() throws IOException, InterruptedException {
    assertThat(run(merge(one, two))).isEqualTo(Main.DONE);
    assertThat(text(out)).isEqualTo(sorted);
    assertThat(text(folder.resolve("err"))).contains("24,001 records", "1 out of order");
  }

  @Test
  void leavesWhatStoodInTheFile() throws IOException, InterruptedException {
    Files.writeString(out, "before\n");
    ProcessBuilder appending =
        merge(one, two).redirectOutput(ProcessBuilder.Redirect.appendTo(out.toFile()));
    assertThat(run(appending)).isEqualTo(Main.DONE);
    assertThat(text(out)).isEqualTo("before\n" + sorted);
  }

  @Test
  void leavesWhatWasSaidToTheSameFile() throws IOException, InterruptedException {
    assertThat(run(merge(one, two).redirectErrorStream(true))).isEqualTo(Main.DONE);
    assertThat(text(out)).startsWith(sorted).contains("2 sources: 24,001 lines");
  }

  @Test
  void writesToAPipeInOneGo() throws IOException, InterruptedException {
    ProcessBuilder piped = merge(one, two).redirectOutput(ProcessBuilder.Redirect.PIPE);
    Process process = piped.start();
    try {
      assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .isEqualTo(sorted);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void emptiesNoDevice() throws IOException, InterruptedException {
    ProcessBuilder discarding = merge(one, two).redirectOutput(Path.of("/dev/null").toFile());
    assertThat(run(discarding)).isEqualTo(Main.DONE);
    assertThat(text(folder.resolve("err"))).contains("24,001 records");
  }
}
