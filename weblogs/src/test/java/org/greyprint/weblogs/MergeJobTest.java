// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class MergeJobTest {
  private static final Instant NOW = Instant.parse("2012-07-01T00:00:00Z");

  @TempDir private Path folder;

  private static String hit(String host, int second, String page) {
    return String.format(
        Locale.ROOT,
        "%s 192.0.2.1 - - [28/Jun/2012:12:%02d:%02d +0200] \"GET /%s HTTP/1.1\" 200 5 \"-\" \"-\"\n",
        host,
        second / 60,
        second % 60,
        page);
  }

  private Path log(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, StandardCharsets.ISO_8859_1);
  }

  private MergeJob.Report merge(Output output, Path... files) throws IOException {
    List<Source> sources = Stream.of(files).map(Sources::file).toList();
    MergeSettings settings = MergeSettings.of(sources).withTemporary(folder);
    return MergeJob.run(
        new MergeJob.Settings(settings, output, Optional.empty()), NOW, MergeProgress.NONE);
  }

  private Output split() {
    return new Output.ToFolder(folder.resolve("sites"));
  }

  private String site(String name) throws IOException {
    return Files.readString(folder.resolve("sites").resolve(name), StandardCharsets.ISO_8859_1);
  }

  @Test
  void splitsByVirtualHostWithSafeNames() throws IOException {
    Path one =
        log(
            "one.log",
            hit("WWW.A.example:80", 1, "1")
                + "trace\n"
                + hit("../../etc/passwd", 3, "3")
                + hit("www.b.example", 5, "5"));
    Path two =
        log(
            "two.log",
            "no date\n" + hit("www.a.example:443", 2, "2") + hit("www.b.example.:80", 4, "4"));
    MergeJob.Report report = merge(split(), one, two);
    assertThat(report.files()).isEqualTo(4);
    assertThat(site("www.a.example.log"))
        .isEqualTo(hit("WWW.A.example:80", 1, "1") + "trace\n" + hit("www.a.example:443", 2, "2"));
    assertThat(site("www.b.example.log"))
        .isEqualTo(hit("www.b.example.:80", 4, "4") + hit("www.b.example", 5, "5"));
    assertThat(site("%2e.%2f..%2fetc%2fpasswd.log")).isEqualTo(hit("../../etc/passwd", 3, "3"));
    assertThat(site("_no_host.log")).isEqualTo("no date\n");
    try (Stream<Path> files = Files.list(folder.resolve("sites"))) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void beginsTheFilesAnewWithoutAState() throws IOException {
    Path log = log("web.log", hit("a", 1, "1"));
    merge(split(), log);
    merge(split(), log);
    assertThat(site("a.log")).isEqualTo(hit("a", 1, "1"));
  }

  @Test
  void refusesASymbolicLinkInTheFolder() throws IOException {
    Path victim = log("victim", "precious\n");
    Files.createDirectory(folder.resolve("sites"));
    Files.createSymbolicLink(folder.resolve("sites/a.log"), victim);
    Path log = log("web.log", hit("a", 1, "1"));
    assertThatThrownBy(() -> merge(split(), log))
        .isInstanceOf(LogsException.class)
        .hasMessageContaining("a.log is a symbolic link");
    assertThat(victim).hasContent("precious\n");
  }

  @Test
  void refusesToSplitIntoALogItReads() throws IOException {
    Files.createDirectory(folder.resolve("sites"));
    Path log = log("sites/a.log", hit("a", 1, "1"));
    assertThatThrownBy(() -> merge(split(), log)).hasMessageContaining("one of the logs");
    assertThat(log).hasContent(hit("a", 1, "1"));
  }

  @Test
  void fiveThousandHostsWithFewOpenFiles() throws IOException {
    int hosts = 5000;
    StringBuilder text = new StringBuilder();
    Random random = new Random(1);
    List<List<String>> wanted = new ArrayList<>();
    for (int i = 0; i < hosts; i++) {
      wanted.add(new ArrayList<>());
    }
    for (int i = 0; i < 60_000; i++) {
      int host = i < hosts ? i : random.nextInt(hosts);
      String line = hit("site" + host + ".example:80", i / 20, "page" + i);
      text.append(line);
      wanted.get(host).add(line.strip());
    }
    Path log = log("web.log", text.toString());
    Path sites = folder.resolve("sites");
    Files.createDirectory(sites);
    // So little room that the hosts' lines are written again and again, with 64 open files.
    MergeSettings settings = MergeSettings.of(List.of(Sources.file(log)));
    try (MergeRun run = MergeRun.open(settings, Resumption.NONE, MergeProgress.NONE)) {
      run.scan();
      try (Splitter splitter =
          new Splitter(sites, Disk.REAL, null, Set.of(), 1 << 24, 64, run.stamps())) {
        run.merge(splitter);
        splitter.end();
        assertThat(splitter.files()).isEqualTo(hosts);
      }
    }
    for (int i = 0; i < hosts; i++) {
      assertThat(Files.readAllLines(sites.resolve("site" + i + ".example.log")))
          .isEqualTo(wanted.get(i));
    }
  }

  @Test
  void replacesTheOutputOnlyWhenAllIsWritten() throws IOException {
    Path out = log("all.log", "of yesterday\n");
    Path good = log("good.log", hit("a", 1, "1"));
    byte[] packed = packed("gz", hit("a", 2, "2").repeat(100));
    Path bad = folder.resolve("bad.gz");
    Files.write(bad, Arrays.copyOf(packed, packed.length / 2));
    assertThatThrownBy(() -> merge(new Output.ToFile(out), good, bad))
        .isInstanceOf(LogsException.class)
        .hasMessageContaining("bad.gz can't be read to its end");
    assertThat(out).hasContent("of yesterday\n");
    merge(new Output.ToFile(out), good);
    assertThat(out).hasContent(hit("a", 1, "1"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("all.log", "good.log", "bad.gz");
    }
  }

  private static byte[] packed(String how, String text) throws IOException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (how) {
          case "gz" -> new GZIPOutputStream(octets);
          case "bz2" -> new BZip2CompressorOutputStream(octets);
          case "xz" -> new XZOutputStream(octets, new LZMA2Options());
          default -> new ZstdOutputStream(octets);
        }) {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    return octets.toByteArray();
  }

  @Test
  void readsEveryPackingAndSeveralPartsInOneFile() throws IOException {
    List<Path> files = new ArrayList<>();
    StringBuilder wanted = new StringBuilder();
    int second = 0;
    for (String how : List.of("gz", "bz2", "xz", "zst")) {
      ByteArrayOutputStream parts = new ByteArrayOutputStream();
      for (int part = 0; part < 3; part++) {
        String text = hit("a", second++, how + part);
        parts.writeBytes(packed(how, text));
        wanted.append(text);
      }
      // The name does not count.
      files.add(Files.write(folder.resolve(how + ".log"), parts.toByteArray()));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    merge(new Output.ToStream(out), files.toArray(Path[]::new));
    assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo(wanted.toString());
  }

  @Test
  void tellsWhichPackedLogIsCutShort() throws IOException {
    for (String how : List.of("gz", "bz2", "xz", "zst")) {
      byte[] packed = packed(how, hit("a", 1, "x".repeat(5000)).repeat(20));
      Path file = folder.resolve("cut." + how);
      Files.write(file, Arrays.copyOf(packed, packed.length - 9));
      assertThatThrownBy(() -> merge(new Output.ToStream(new ByteArrayOutputStream()), file))
          .isInstanceOf(LogsException.class)
          .hasMessageContaining("cut." + how);
    }
  }

  @Test
  void tellsThatALogIsNotThere() {
    assertThatThrownBy(() ->
            merge(new Output.ToStream(new ByteArrayOutputStream()), folder.resolve("none.log")))
        .isInstanceOf(LogsException.class)
        .hasMessageContaining("none.log");
  }

  @Test
  void takesBackWhatWasWrittenWhereALogIsCutShortMeanwhile() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      text.append(hit("a", i, "x".repeat(1000)));
    }
    Path log = log("web.log", text.toString());
    Path out = log("out", "before\n");
    MergeSettings settings = MergeSettings.of(List.of(Sources.file(log))).withTemporary(folder);
    try (FileChannel channel = FileChannel.open(out, StandardOpenOption.APPEND);
        MergeRun run = MergeRun.open(settings, Resumption.NONE, MergeProgress.NONE)) {
      log("web.log", text.substring(0, text.length() / 2));
      Draft draft = new Draft(channel);
      assertThatThrownBy(() -> run.merge(draft))
          .isInstanceOf(LogsException.class)
          .hasMessageContaining("web.log was cut short while it was read")
          .hasMessageContaining("run again");
    }
    assertThat(out).hasContent("before\n");
  }

  @Test
  void takesNothingBackThatIsOfOthers() throws IOException {
    Path out = log("out", "before\n");
    try (FileChannel channel = FileChannel.open(out, StandardOpenOption.APPEND)) {
      Draft draft = new Draft(channel);
      draft.write(ByteBuffer.wrap(new byte[10]));
      Files.writeString(out, "other\n", StandardOpenOption.APPEND);
      assertThatThrownBy(draft::retract)
          .isInstanceOf(LogsException.class)
          .hasMessageContaining("another program writes to the output");
      assertThat(Files.readString(out)).startsWith("before\n").endsWith("other\n");
      Files.writeString(out, "");
      assertThatThrownBy(draft::retract)
          .isInstanceOf(LogsException.class)
          .hasMessageContaining("cut short");
    }
  }

  @Test
  void replacesTheOutputAsAWholeWhetherALineIsLateOrNot() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i < 3000; i++) {
      text.append(hit("a", i, "x".repeat(1000)));
    }
    Path out = log("out", "before\n");
    for (String late : List.of("", hit("a", 0, "late"))) {
      Path log = log("web.log", text + late);
      assertThat(merge(new Output.ToFile(out), log).files()).isEqualTo(1);
      assertThat(Files.readString(out)).isEqualTo(late + text);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void tellsThatALogWasWrittenAnewWhileItWasRead() throws IOException {
    String text = hit("a", 1, "1").repeat(1000);
    Path log = log("web.log", text);
    MergeSettings settings = MergeSettings.of(List.of(Sources.file(log))).withTemporary(folder);
    for (String other : List.of("", text.replace("/1", "/2"))) {
      log("web.log", text);
      try (MergeRun run = MergeRun.open(settings, Resumption.NONE, MergeProgress.NONE)) {
        run.scan();
        log("web.log", other);
        assertThatThrownBy(() -> run.merge(new ByteArrayOutputStream()))
            .isInstanceOf(LogsException.class)
            .hasMessageContaining("run again");
      }
    }
  }
}
