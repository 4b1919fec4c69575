// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.greyprint.weblogs.stamp.FormatDetection;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.StampContext;
import org.greyprint.weblogs.stamp.Stamps;
import org.jspecify.annotations.Nullable;

/** The first reading of a source: where its lines are, when they are of, and which are late. */
final class Scan implements Closeable {
  /** Small enough to stay in the processor's cache until its lines are found. */
  private static final int READ = 1 << 16;

  private static final int MARK = 1024;
  private static final long DAY = 86_400_000_000_000L;

  private final MergeSettings settings;
  private final int source;
  private final Content content;
  private final long from;
  private final long newest;
  private final SortedMap<Long, Long> oldDays = new TreeMap<>();
  private byte[] mark = new byte[0];
  private Optional<LogFormat> format;
  private long current;
  private @Nullable Window window;
  private boolean unterminated;

  /** Whether the last piece was of a line that goes on. */
  private boolean continued;

  private List<LineIndex> indexes = List.of();

  private long records;
  private long undated;
  private long late;
  private long first = Stamps.NONE;
  private long last = Stamps.NONE;

  // Lines of one instant that follow each other, still in the buffer.
  private long groupInstant;
  private int groupFrom;
  private int groupTo;

  Scan(MergeSettings settings, int source, Content content, Resumption.Start start) {
    this.settings = settings;
    this.source = source;
    this.content = content;
    from = content.position();
    format =
        settings.format().kind() == LogFormat.Kind.AUTO
            ? start.format()
            : Optional.of(settings.format());
    current = start.last();
    newest = start.newest();
  }

  /**
   * Reads the source.
   *
   * @param window for the lines that can stay in their file; none if there is no such
   * @param buffer at least {@link #bufferSize()}
   */
  void run(Optional<Window> window, Pool pool, byte[] buffer, Tally tally) throws IOException {
    this.window = window.orElse(null);
    int limit = fill(buffer, 0, tally);
    StampContext context = new StampContext(settings.sourceZone(), content.written());
    Stamps stamps = stamps(buffer, limit, context);
    long base = from;
    groupFrom = groupTo = 0;
    while (true) {
      int begin = lines(stamps, pool, buffer, limit, base);
      flush(pool, buffer, base, false);
      int kept = limit - begin;
      System.arraycopy(buffer, begin, buffer, 0, kept);
      base += begin;
      int read = fill(buffer, kept, tally);
      if (read == 0) {
        limit = kept;
        break;
      }
      limit = kept + read;
      if (format.isEmpty()) {
        stamps = stamps(buffer, limit, context);
      }
      groupFrom = groupTo = 0;
    }
    if (limit > 0) {
      if (format.isEmpty() && !continued) {
        stamps = stamps(buffer, limit, context);
      }
      if (!continued) {
        stamp(stamps.find(buffer, 0, limit));
      }
      unterminated = true;
      groupFrom = groupTo = 0;
      group(pool, buffer, base, 0, limit);
      flush(pool, buffer, base, true);
    }
    if (window.isPresent()) {
      indexes = window.get().end();
      mark = content.mark(from, MARK);
    }
  }

  /** Takes the lines that end in a buffer; tells where the first one begins that does not. */
  private int lines(Stamps stamps, Pool pool, byte[] buffer, int limit, long base)
      throws IOException {
    int begin = 0;
    while (begin < limit) {
      int next = line(stamps, pool, buffer, begin, limit, base);
      if (next == begin) {
        break;
      }
      begin = next;
    }
    return begin;
  }

  /**
   * Takes a line, or a piece of one that is very long; tells where the next begins, the same place
   * if the line does not end in the buffer. A method of its own, because one that is called often
   * is compiled early and once, a loop that runs for long twice.
   */
  private int line(Stamps stamps, Pool pool, byte[] buffer, int begin, int limit, long base)
      throws IOException {
    int feed = Octets.lineFeed(buffer, begin, limit);
    if (feed < 0 && limit - begin < LineSink.LONGEST) {
      return begin;
    }
    int end = feed < 0 ? begin + LineSink.LONGEST : feed + 1;
    boolean whole = end - begin <= LineSink.LONGEST && feed >= 0;
    end = Math.min(end, begin + LineSink.LONGEST);
    if (!continued) {
      stamp(stamps.find(buffer, begin, whole ? feed : end));
    }
    group(pool, buffer, base, begin, end);
    continued = !whole;
    return end;
  }

  /** Gives the file back: its lines are all kept elsewhere. */
  void release() throws IOException {
    content.close();
  }

  /**
   * Makes sure that the lines read twice were the same.
   *
   * @throws LogsException if the file was truncated or written anew meanwhile
   */
  void verify() throws IOException {
    if (mark.length > 0 && !Arrays.equals(mark, content.mark(from, MARK))) {
      throw new LogsException(content.name() + " was written anew while it was read: run again");
    }
  }

  /** What finds the stamps: while no line has had a date, any format may still be the one. */
  private Stamps stamps(byte[] buffer, int limit, StampContext context) {
    if (format.isEmpty()) {
      format = FormatDetection.detect(buffer, limit, context);
    }
    Stamps stamps = format.orElse(LogFormat.ISO).stamps(context);
    stamps.resume(current);
    return stamps;
  }

  /** The octets of the buffer that {@link #run} needs. */
  static int bufferSize() {
    return READ + LineSink.LONGEST;
  }

  private int fill(byte[] buffer, int at, Tally tally) throws IOException {
    int filled = 0;
    while (filled < READ / 2) {
      int read = content.read(buffer, at + filled, READ - filled);
      if (read < 0) {
        break;
      }
      filled += read;
    }
    tally.read(filled);
    return filled;
  }

  private void stamp(long instant) {
    if (instant == Stamps.NONE) {
      undated++;
      return;
    }
    records++;
    current = instant;
    if (instant < newest) {
      oldDays.merge(Math.floorDiv(instant, DAY), 1L, Long::sum);
    }
    if (instant >= last) {
      last = instant;
      if (first == Stamps.NONE) {
        first = instant;
      }
    } else {
      late++;
      first = Math.min(first, instant);
    }
  }

  private void group(Pool pool, byte[] buffer, long base, int begin, int end) throws IOException {
    if (groupTo == begin
        && groupTo > groupFrom
        && groupInstant == current
        && end - groupFrom <= LineSink.LONGEST) {
      groupTo = end;
      return;
    }
    flush(pool, buffer, base, false);
    groupInstant = current;
    groupFrom = begin;
    groupTo = end;
  }

  private void flush(Pool pool, byte[] buffer, long base, boolean addLineFeed) throws IOException {
    int length = groupTo - groupFrom;
    if (length == 0) {
      return;
    }
    Window stays = window;
    if (stays == null || !stays.add(groupInstant, base + groupFrom, length)) {
      pool.add(groupInstant, source, base + groupFrom, buffer, groupFrom, length, addLineFeed);
    }
    groupFrom = groupTo;
  }

  int source() {
    return source;
  }

  Content content() {
    return content;
  }

  List<LineIndex> indexes() {
    return indexes;
  }

  boolean unterminated() {
    return unterminated;
  }

  Optional<LogFormat> format() {
    return format;
  }

  /** The instant of the last record, for what comes after it in a later run. */
  long current() {
    return current;
  }

  MergeSummary.OfSource summary() {
    return new MergeSummary.OfSource(
        content.name(),
        format,
        records,
        undated,
        late,
        content.position() - from,
        first,
        last,
        new TreeMap<>(oldDays));
  }

  @Override
  public void close() throws IOException {
    content.close();
  }

  /** Is told what was read. */
  interface Tally {
    void read(int octets);
  }
}
