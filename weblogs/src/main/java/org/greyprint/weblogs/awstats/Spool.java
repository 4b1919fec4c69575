// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One site's records, a file a month, in the order they came.
 *
 * <p>The month is that of the digits, as AWStats takes it. Lines without a date stay with the line
 * before. Of the newest month of the history, what is newer than AWStats' last record goes into a
 * file of its own.
 */
final class Spool {
  /** AWStats stops reading at such a line. */
  private static final String END_MARK = "__end_of_file__";

  private final Path folder;
  private final SiteConfig.DateKind kind;
  private final boolean withoutHost;
  private final long reached;
  private final SortedMap<Integer, MonthLog> judged = new TreeMap<>();
  private final SortedMap<Integer, MonthLog> newer = new TreeMap<>();
  private final OpenFiles files;
  private @Nullable MonthLog current;
  private @Nullable MonthLog open;
  private long leading;
  private long endMarks;

  /**
   * @param withoutHost whether the first field, the virtual host, is taken off
   * @param reached digits of the newest record AWStats has seen; what is newer is kept apart
   */
  Spool(Path folder, SiteConfig.DateKind kind, boolean withoutHost, long reached, OpenFiles files) {
    this.folder = folder;
    this.kind = kind;
    this.withoutHost = withoutHost;
    this.reached = reached;
    this.files = files;
  }

  /**
   * Takes a line, or a piece of a long one.
   *
   * @param start whether a line begins here
   * @param to behind the line feed, where the piece has it
   */
  void line(byte[] line, int from, int to, boolean start) throws IOException {
    if (!start) {
      if (open != null) {
        files.open(open.file()).write(line, from, to - from);
      }
      return;
    }
    open = null;
    int begin = from;
    long digits = RecordDate.digits(kind, line, from, to);
    if (digits != RecordDate.NONE) {
      SortedMap<Integer, MonthLog> logs = digits > reached ? newer : judged;
      String ending = digits > reached ? ".newer.log" : ".log";
      current =
          logs.computeIfAbsent(
              RecordDate.month(digits), month -> new MonthLog(folder.resolve(month + ending)));
      if (withoutHost) {
        begin = afterBlank(line, from, to);
      }
    }
    MonthLog log = current;
    if (log == null) {
      leading++;
    } else if (digits == RecordDate.NONE && isEndMark(line, from, to)) {
      endMarks++;
    } else {
      files.open(log.file()).write(line, begin, to - begin);
      log.count(digits);
      open = log;
    }
  }

  private static int afterBlank(byte[] line, int from, int to) {
    for (int at = from; at < to; at++) {
      if (line[at] == ' ') {
        return at + 1;
      }
    }
    return from;
  }

  private static boolean isEndMark(byte[] line, int from, int to) {
    return to - from >= END_MARK.length()
        && new String(line, from, END_MARK.length(), java.nio.charset.StandardCharsets.ISO_8859_1)
            .toLowerCase(Locale.ROOT)
            .equals(END_MARK);
  }

  /** Months by number YYYYMM, up to what AWStats has reached. */
  SortedMap<Integer, MonthLog> judged() {
    return judged;
  }

  /** What is newer than AWStats' last record. */
  SortedMap<Integer, MonthLog> newer() {
    return newer;
  }

  /** Lines without a date before the first record; they are in no file. */
  long leading() {
    return leading;
  }

  /** Lines that would have ended AWStats' reading; they are in no file. */
  long endMarks() {
    return endMarks;
  }

  /** Files open to be added to, no more than a number of them; shared by all sites. */
  static final class OpenFiles implements AutoCloseable {
    private static final int MOST = 200;
    private static final int BUFFER = 1 << 15;

    private final Map<Path, OutputStream> open = new LinkedHashMap<>(16, 0.75f, true);

    OutputStream open(Path file) throws IOException {
      OutputStream out = open.get(file);
      if (out == null) {
        if (open.size() >= MOST) {
          Map.Entry<Path, OutputStream> oldest = open.entrySet().iterator().next();
          open.remove(oldest.getKey());
          oldest.getValue().close();
        }
        out =
            new BufferedOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                BUFFER);
        open.put(file, out);
      }
      return out;
    }

    @Override
    public void close() throws IOException {
      IOException failed = null;
      for (OutputStream out : open.values()) {
        try {
          out.close();
        } catch (IOException e) {
          if (failed == null) {
            failed = e;
          } else {
            failed.addSuppressed(e);
          }
        }
      }
      open.clear();
      if (failed != null) {
        throw failed;
      }
    }
  }
}
