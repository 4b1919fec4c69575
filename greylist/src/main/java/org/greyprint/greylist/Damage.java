// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** Telling damaged files from ones that cannot be used just now, and moving them aside. */
final class Damage {
  /** How many damaged stores are kept. */
  private static final int KEPT = 2;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private Damage() {}

  static boolean is(RocksDBException e) {
    Status status = e.getStatus();
    if (status == null) {
      return false;
    }
    return switch (status.getCode()) {
      case Corruption, InvalidArgument, NotFound -> true;
      case IOError -> missing(String.valueOf(e.getMessage()));
      default -> false;
    };
  }

  /** One of the files that belong together is missing. */
  private static boolean missing(String message) {
    return message.contains("No such file or directory") && !message.contains("While mkdir");
  }

  /** Moves a folder away; of several that were moved the oldest go. */
  static Path setAside(Path folder) throws IOException {
    String prefix = folder.getFileName() + ".damaged-";
    Path target = folder.resolveSibling(prefix + TIME.format(Instant.now()));
    Files.move(folder, target);
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      List<Path> all;
      try (Stream<Path> siblings = Files.list(parent)) {
        all =
            siblings
                .filter(each -> each.getFileName().toString().startsWith(prefix))
                .sorted(Comparator.reverseOrder())
                .toList();
      }
      for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
        delete(old);
      }
    }
    return target;
  }

  static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(folder)) {
      all = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.delete(each);
    }
  }
}
