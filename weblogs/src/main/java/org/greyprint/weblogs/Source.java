// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** One log to be merged: a file, packed or not, or a stream that can be read once. */
public interface Source {
  /** What people call it: the file's name as it was given, {@code -} for standard input. */
  String name();

  /** The file, where it is one. */
  Optional<Path> file();

  /**
   * When it was last written to; the year of stamps without one comes from this.
   *
   * @throws IOException if the file can't be looked at
   */
  Instant written() throws IOException;

  /**
   * Opens it, unpacked (gz, bz2, xz and zstd are told by their first octets).
   *
   * @throws IOException if it can't be opened, or is a stream and was opened before
   */
  InputStream open() throws IOException;
}
