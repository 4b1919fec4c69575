// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Web servers that write logs and rotate them in every way there is. */
final class Servers {
  private static final DateTimeFormatter CLF =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss xx", Locale.ENGLISH)
          .withZone(ZoneOffset.ofHours(2));
  private static final int SERVERS = 3;
  private static final int HOSTS = 4;

  private final Path folder;
  private final Random random;
  private final List<String> written = new ArrayList<>();
  private final String[] halves = new String[SERVERS];
  private long second = Instant.parse("2012-06-28T00:00:00Z").getEpochSecond();
  private int number;

  Servers(Path folder, Random random) {
    this.folder = folder;
    this.random = random;
    Arrays.fill(halves, "");
  }

  /** All lines that were written to their ends, without their line feeds. */
  List<String> written() {
    return written;
  }

  /** Some requests at each server; some lines are late, and some not yet written to their end. */
  void serve(int most) throws IOException {
    for (int server = 0; server < SERVERS; server++) {
      StringBuilder text = new StringBuilder();
      int lines = random.nextInt(most + 1);
      for (int i = 0; i < lines; i++) {
        String line = line();
        int cut = random.nextInt(1, line.length());
        if (halves[server].isEmpty() && random.nextInt(20) == 0 && i == lines - 1) {
          text.append(line, 0, cut);
          halves[server] = line.substring(cut);
          written.add(line);
          continue;
        }
        text.append(halves[server].isEmpty() ? "" : halves[server] + "\n");
        halves[server] = "";
        text.append(line).append('\n');
        written.add(line);
      }
      append(server, text.toString());
    }
  }

  /** All lines that were begun are ended. */
  void finish() throws IOException {
    for (int server = 0; server < SERVERS; server++) {
      if (!halves[server].isEmpty()) {
        append(server, halves[server] + "\n");
        halves[server] = "";
      }
    }
  }

  private String line() {
    second += random.nextInt(5);
    long at = random.nextInt(10) == 0 ? second - random.nextInt(100_000) : second;
    return "www.site"
        + random.nextInt(HOSTS)
        + ".example:80 192.0.2.1 - - ["
        + CLF.format(Instant.ofEpochSecond(at))
        + "] \"GET /"
        + number++
        + " HTTP/1.1\" 200 5 \"-\" \"-\"";
  }

  private Path log(int server) {
    return folder.resolve("web" + server + ".log");
  }

  private void append(int server, String text) throws IOException {
    Files.writeString(
        log(server),
        text,
        StandardCharsets.ISO_8859_1,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Rotates some of the logs: by rename, or by copying and truncating; packs what is older. */
  void rotate() throws IOException {
    for (int server = 0; server < SERVERS; server++) {
      if (random.nextBoolean() || !halves[server].isEmpty() || !Files.exists(log(server))) {
        continue;
      }
      shift(server);
      Path first = folder.resolve("web" + server + ".log.1");
      if (random.nextBoolean()) {
        Files.move(log(server), first);
        if (random.nextBoolean()) {
          Files.createFile(log(server));
        }
      } else {
        Files.copy(log(server), first);
        Files.write(log(server), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
      }
    }
  }

  private int oldest(int server) {
    int age = 0;
    while (Files.exists(folder.resolve("web" + server + ".log." + (age + 1)))
        || Files.exists(folder.resolve("web" + server + ".log." + (age + 1) + ".gz"))) {
      age++;
    }
    return age;
  }

  private void shift(int server) throws IOException {
    // All are kept, however many: what is thrown away before a run took it would be lost.
    for (int age = oldest(server); age >= 1; age--) {
      for (String end : List.of("", ".gz")) {
        Path from = folder.resolve("web" + server + ".log." + age + end);
        Path to = folder.resolve("web" + server + ".log." + (age + 1));
        if (!Files.exists(from)) {
          continue;
        }
        if (end.isEmpty() && random.nextBoolean()) {
          try (OutputStream out =
              new GZIPOutputStream(Files.newOutputStream(Path.of(to + ".gz")))) {
            Files.copy(from, out);
          }
          Files.delete(from);
        } else {
          Files.move(from, Path.of(to + end), StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }

  /** All logs there are, as {@code web*.log*} gives them. */
  List<Source> sources() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().map(Sources::file).toList();
    }
  }
}
