// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * The few things that are done to files whose state after a crash matters. A test puts one of its
 * own in place that stops after any number of them.
 */
interface Disk {
  /** The real one. */
  Disk REAL = new RealDisk();

  /** A file that is written to at its end. */
  interface Appender extends Closeable {
    /** Writes all that remains in the buffer. */
    void write(ByteBuffer data) throws IOException;

    /** Returns when all that was written is on the disk. */
    void force() throws IOException;

    long size() throws IOException;
  }

  /**
   * Opens a file for appending, and makes it where it is not there.
   *
   * @throws LogsException if it is a symbolic link, a folder or a device
   */
  Appender append(Path path) throws IOException;

  void truncate(Path path, long size) throws IOException;

  void delete(Path path) throws IOException;

  /** Gives a file another's name in one step. */
  void rename(Path from, Path to) throws IOException;

  /** Returns when the names in a folder are on the disk. */
  void forceFolder(Path folder) throws IOException;

  /** Makes a file hold just this, or, whenever it is stopped, what it held before. */
  default void replace(Path path, byte[] content) throws IOException {
    Path aside = path.resolveSibling(path.getFileName() + ".new");
    if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
      delete(aside);
    }
    try (Appender file = append(aside)) {
      file.write(ByteBuffer.wrap(content));
      file.force();
    }
    rename(aside, path);
    forceFolder(folder(path));
  }

  /** The folder a file is in. */
  static Path folder(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    return parent == null ? path.toAbsolutePath() : parent;
  }
}
