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
  static final int READ = 1 << 16;

  /** How many lines are taken in one call. */
  private static final int FEW = 32;

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
  private final StampContext context;
  private @Nullable Stamps stamps;
  private boolean unterminated;

  // What was read last: where that is in the source, what of it was not given yet, and its end.
  private byte[] buffer = new byte[0];
  private long base;
  private int begun;
  private int limit;

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
    base = from;
    context = new StampContext(settings.sourceZone(), content.written());
    format =
        settings.format().kind() == LogFormat.Kind.AUTO
            ? start.format()
            : Optional.of(settings.format());
    current = start.last();
    newest = start.newest();
  }

  /**
   * Reads the source to its end.
   *
   * @param window for the lines that can stay in their file; none if there is no such
   * @param buffer of {@link #bufferSize}
   */
  void run(Optional<Window> window, Pool pool, byte[] buffer, Tally tally) throws IOException {
    Window stays = window.orElse(null);
    Groups groups =
        (instant, position, octets, at, length, last) -> {
          if (stays == null || !stays.add(instant, position, length)) {
            pool.add(instant, source, position, octets, at, length, last);
          }
        };
    boolean goesOn = true;
    while (goesOn) {
      goesOn = more(buffer, groups, tally);
    }
    if (stays != null) {
      indexes = stays.end();
      mark = content.mark(from, MARK);
    }
  }

  /**
   * Reads on, and gives the lines that end in what was read.
   *
   * @param next where to read to; may be what was read to before, or another, which begins then
   *     with the piece of a line that was left over there; of {@link #bufferSize}
   * @return false at the end of the source, when all lines have been given
   */
  boolean more(byte[] next, Groups groups, Tally tally) throws IOException {
    int kept = limit - begun;
    System.arraycopy(buffer, begun, next, 0, kept);
    base += begun;
    begun = 0;
    buffer = next;
    int read = fill(next, kept, tally);
    limit = kept + read;
    groupFrom = groupTo = 0;
    Stamps finding = stamps;
    if (finding == null || format.isEmpty() && (read > 0 || !continued)) {
      finding = stamps(next, limit);
      stamps = finding;
    }
    if (read > 0) {
      begun = lines(finding, groups, next);
      flush(groups, next, false);
      return true;
    }
    if (limit > 0) {
      if (!continued) {
        stamp(finding.find(next, 0, limit));
      }
      unterminated = true;
      group(groups, next, 0, limit);
      flush(groups, next, true);
      begun = limit;
    }
    return false;
  }

  /** Takes the lines that end in a buffer; tells where the first one begins that does not. */
  private int lines(Stamps finding, Groups groups, byte[] octets) throws IOException {
    int begin = 0;
    int next = some(finding, groups, octets, 0, limit);
    while (next > begin) {
      begin = next;
      next = some(finding, groups, octets, begin, limit);
    }
    return begin;
  }

  /**
   * Takes a few lines. A method of its own, because one that is called often is compiled early and
   * once, a loop that runs for long twice.
   */
  private int some(Stamps finding, Groups groups, byte[] octets, int from, int to)
      throws IOException {
    int begin = from;
    for (int i = 0; i < FEW && begin < to; i++) {
      int next = line(finding, groups, octets, begin, to);
      if (next == begin) {
        break;
      }
      begin = next;
    }
    return begin;
  }

  /**
   * Takes a line, or a piece of one that is very long; tells where the next begins, the same place
   * if the line does not end in the buffer.
   */
  private int line(Stamps finding, Groups groups, byte[] octets, int begin, int to)
      throws IOException {
    int feed = Octets.lineFeed(octets, begin, to);
    if (feed < 0 && to - begin < LineSink.LONGEST) {
      return begin;
    }
    int end = feed < 0 ? begin + LineSink.LONGEST : feed + 1;
    boolean whole = end - begin <= LineSink.LONGEST && feed >= 0;
    end = Math.min(end, begin + LineSink.LONGEST);
    if (!continued) {
      stamp(finding.find(octets, begin, whole ? feed : end));
    }
    group(groups, octets, begin, end);
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
  private Stamps stamps(byte[] octets, int to) {
    if (format.isEmpty()) {
      format = FormatDetection.detect(octets, to, context);
    }
    Stamps finding = format.orElse(LogFormat.ISO).stamps(context);
    finding.resume(current);
    return finding;
  }

  /**
   * The octets of a buffer for {@link #more}: room for the piece of a line that was left over, and
   * for a line feed at the end of the source.
   *
   * @param read how much is read at a time
   */
  static int bufferSize(int read) {
    return LineSink.LONGEST + read + 1;
  }

  private int fill(byte[] octets, int at, Tally tally) throws IOException {
    int room = octets.length - bufferSize(0);
    int filled = 0;
    while (filled < room / 2) {
      int read = content.read(octets, at + filled, room - filled);
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

  private void group(Groups groups, byte[] octets, int begin, int end) throws IOException {
    if (groupTo == begin
        && groupTo > groupFrom
        && groupInstant == current
        && end - groupFrom <= LineSink.LONGEST) {
      groupTo = end;
      return;
    }
    flush(groups, octets, false);
    groupInstant = current;
    groupFrom = begin;
    groupTo = end;
  }

  private void flush(Groups groups, byte[] octets, boolean last) throws IOException {
    int length = groupTo - groupFrom;
    if (length > 0) {
      groups.take(groupInstant, base + groupFrom, octets, groupFrom, length, last);
      groupFrom = groupTo;
    }
  }

  int source() {
    return source;
  }

  /** Where the reading of the source began. */
  long from() {
    return from;
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

  /** Takes lines of one instant that follow each other. */
  interface Groups {
    /**
     * A piece of the source.
     *
     * @param position where it begins in the source
     * @param last whether it is the last piece of the source and lacks the line feed
     */
    void take(long instant, long position, byte[] octets, int from, int length, boolean last)
        throws IOException;
  }

  /** Is told what was read. */
  interface Tally {
    void read(int octets);
  }
}
