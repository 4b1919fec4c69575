// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.Stamps;

/**
 * What runs with one state file have done: how much of each source they took, and of which output
 * file they wrote how much.
 *
 * <p>As a file it is lines of fields with tabs between them, names percent-encoded; the last line
 * holds the SHA-256 of what is before it, so a file that was cut short is told.
 *
 * @param generation the number of runs
 * @param target where they wrote to: {@code output} or {@code split} and a path, or {@code stream}
 * @param newest the latest instant of a record that was written, or NONE
 */
record State(long generation, String target, long newest, List<Known> sources) {
  private static final String HEAD = "greyprint-logs-merge-state 1";

  /** No run was there yet. */
  static final State EMPTY = new State(0, "", Stamps.NONE, List.of());

  /**
   * A source that was read.
   *
   * @param name what it was called
   * @param key device and inode of its file, empty for a stream
   * @param size octets of its file, packed as it is
   * @param modified when its file was last written to, nanoseconds since 1970
   * @param head so many of its first octets, unpacked, are hashed
   * @param headHash their hash
   * @param offset so many of its octets were taken
   * @param tail so many of the octets before that are hashed
   * @param tailHash their hash
   * @param format what it was read as
   * @param last the instant of the last record taken, or NONE
   * @param seen the second since 1970 of the run that took of it last
   */
  record Known(
      String name,
      String key,
      long size,
      long modified,
      int head,
      String headHash,
      long offset,
      int tail,
      String tailHash,
      Optional<LogFormat> format,
      long last,
      long seen) {}

  /**
   * Reads a state file.
   *
   * @return empty where there is none
   * @throws LogsException if it is damaged, or of something else
   */
  static State load(Path path) throws IOException {
    if (!Files.exists(path)) {
      return EMPTY;
    }
    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
    int end = text.lastIndexOf("end\t");
    if (!text.startsWith(HEAD + "\n")
        || end < 0
        || !text.substring(end).equals("end\t" + hash(text.substring(0, end)) + "\n")) {
      throw new LogsException(
          path
              + " is no whole state file (damaged, or cut short): put back a copy of it, or remove"
              + " it and the merged output to take every log from its beginning");
    }
    try {
      return parse(text.substring(0, end).split("\n", -1));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new LogsException(
          path + " was written by another version (" + e.getMessage() + "): use that one", e);
    }
  }

  private static State parse(String[] lines) {
    State state = EMPTY;
    List<Known> sources = new ArrayList<>();
    for (int i = 1; i < lines.length - 1; i++) {
      String[] f = lines[i].split("\t", -1);
      switch (f[0]) {
        case "run" ->
            state = new State(Long.parseLong(f[1]), decode(f[2]), Long.parseLong(f[3]), List.of());
        case "source" ->
            sources.add(
                new Known(
                    decode(f[1]),
                    decode(f[2]),
                    Long.parseLong(f[3]),
                    Long.parseLong(f[4]),
                    Integer.parseInt(f[5]),
                    f[6],
                    Long.parseLong(f[7]),
                    Integer.parseInt(f[8]),
                    f[9],
                    format(decode(f[10])),
                    Long.parseLong(f[11]),
                    Long.parseLong(f[12])));
        default -> throw new IllegalArgumentException("line " + (i + 1));
      }
    }
    return new State(state.generation, state.target, state.newest, List.copyOf(sources));
  }

  private static Optional<LogFormat> format(String word) {
    return LogFormat.parse(word) instanceof LogFormat.Result.Good(LogFormat format)
        ? Optional.of(format)
        : Optional.empty();
  }

  byte[] toOctets() {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    line(text, "run", generation, encode(target), newest);
    for (Known s : sources) {
      line(
          text,
          "source",
          encode(s.name),
          encode(s.key),
          s.size,
          s.modified,
          s.head,
          s.headHash,
          s.offset,
          s.tail,
          s.tailHash,
          encode(s.format.map(LogFormat::word).orElse("")),
          s.last,
          s.seen);
    }
    String before = text.toString();
    return (before + "end\t" + hash(before) + "\n").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void line(StringBuilder text, Object... fields) {
    String between = "";
    for (Object field : fields) {
      text.append(between).append(field);
      between = "\t";
    }
    text.append('\n');
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String hash(String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    return Hashes.of(octets, octets.length);
  }
}
