// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.greyprint.weblogs.stamp.FormatDetection;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.StampContext;
import org.greyprint.weblogs.stamp.Stamps;

/** Merges logs into the exact order of their instants. */
public final class Merge {
  private Merge() {}

  private record Line(long instant, int source, byte[] text) {}

  /** Merges into a stream, which is flushed and left open. */
  public static MergeSummary run(MergeSettings settings, OutputStream out, MergeProgress progress)
      throws IOException {
    BufferedOutputStream buffered = new BufferedOutputStream(out, 1 << 16);
    MergeSummary summary =
        run(
            settings,
            (instant, source, buffer, offset, length) -> buffered.write(buffer, offset, length),
            progress);
    buffered.flush();
    return summary;
  }

  /**
   * Merges into a sink.
   *
   * @throws LogsException if a source can't be read to its end, or changed while it was read
   * @throws IOException what the sink throws
   */
  public static MergeSummary run(MergeSettings settings, LineSink sink, MergeProgress progress)
      throws IOException {
    List<Line> lines = new ArrayList<>();
    List<MergeSummary.OfSource> summaries = new ArrayList<>();
    for (int i = 0; i < settings.sources().size(); i++) {
      summaries.add(read(settings, i, lines));
    }
    lines.sort(Comparator.comparingLong(Line::instant));
    for (Line line : lines) {
      sink.line(line.instant, line.source, line.text, 0, line.text.length);
    }
    return new MergeSummary(summaries);
  }

  private static MergeSummary.OfSource read(MergeSettings settings, int index, List<Line> lines)
      throws IOException {
    Source source = settings.sources().get(index);
    byte[] all;
    try (InputStream in = source.open()) {
      all = in.readAllBytes();
    }
    StampContext context = new StampContext(settings.sourceZone(), source.written());
    Optional<LogFormat> format =
        settings.format().kind() == LogFormat.Kind.AUTO
            ? FormatDetection.detect(all, Math.min(all.length, 1 << 16), context)
            : Optional.of(settings.format());
    Stamps stamps = format.orElse(LogFormat.ISO).stamps(context);
    long records = 0;
    long undated = 0;
    long late = 0;
    long first = Stamps.NONE;
    long last = Stamps.NONE;
    long current = Stamps.NONE;
    for (int from = 0; from < all.length; ) {
      int to = from;
      while (to < all.length && all[to] != '\n') {
        to++;
      }
      long instant = stamps.find(all, from, to);
      byte[] text = new byte[to - from + 1];
      System.arraycopy(all, from, text, 0, to - from);
      text[to - from] = '\n';
      if (instant == Stamps.NONE) {
        undated++;
      } else {
        records++;
        late += instant < last ? 1 : 0;
        last = Math.max(last, instant);
        first = first == Stamps.NONE ? instant : Math.min(first, instant);
        current = instant;
      }
      if (settings.zone().isPresent() && instant != Stamps.NONE) {
        byte[] target = new byte[text.length + stamps.longest()];
        System.arraycopy(text, 0, target, 0, stamps.start() - from);
        int after =
            stamps.write(
                instant,
                settings.zone().get().getTotalSeconds(),
                all,
                target,
                stamps.start() - from);
        int rest = to - stamps.end();
        System.arraycopy(all, stamps.end(), target, after, rest);
        target[after + rest] = '\n';
        text = java.util.Arrays.copyOf(target, after + rest + 1);
      }
      lines.add(new Line(current, index, text));
      from = to + 1;
    }
    return new MergeSummary.OfSource(
        source.name(), format, records, undated, late, all.length, first, last);
  }
}
