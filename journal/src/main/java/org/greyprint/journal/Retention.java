// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Which segments have had their time. */
final class Retention {
  private Retention() {}

  /**
   * Removes segments that are too old, and the oldest above the size; never the one that is
   * written.
   *
   * @return how many were removed
   */
  static int remove(JournalSettings settings, InstantSource clock, long current)
      throws IOException {
    List<Segments.Segment> segments = Segments.list(settings.directory());
    long total = 0;
    List<Long> sizes = new ArrayList<>();
    for (Segments.Segment segment : segments) {
      long size = Files.exists(segment.path()) ? Files.size(segment.path()) : 0;
      sizes.add(size);
      total += size;
    }
    long oldest = clock.millis() - settings.maxAge().toMillis();
    int removed = 0;
    for (int i = 0; i + 1 < segments.size(); i++) {
      boolean old = segments.get(i + 1).begun() < oldest;
      if (segments.get(i).begun() == current || !old && total <= settings.maxBytes()) {
        break;
      }
      Files.deleteIfExists(segments.get(i).path());
      total -= sizes.get(i);
      removed++;
    }
    return removed;
  }
}
