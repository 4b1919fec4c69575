// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of a journal, named after the millisecond they were begun in. */
final class Segments {
  private static final Pattern NAME = Pattern.compile("journal-(\\d{15})\\.seg");

  private Segments() {}

  /** A file of a journal. */
  record Segment(Path path, long begun) {}

  static Path path(Path directory, long begun) {
    return directory.resolve(String.format(Locale.ROOT, "journal-%015d.seg", begun));
  }

  /** The segments, oldest first; none where the directory is not there. */
  static List<Segment> list(Path directory) throws IOException {
    List<Segment> segments = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          segments.add(new Segment(file, Long.parseLong(name.group(1))));
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    segments.sort(Comparator.comparingLong(Segment::begun));
    return segments;
  }
}
