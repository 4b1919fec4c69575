// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** What tells one file of the machine from every other: device and inode. */
final class FileKeys {
  private FileKeys() {}

  static Object of(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key == null ? path.toRealPath().toString() : key;
  }

  /** Whether it is a file that can be read at any place and more than once; a pipe can't. */
  static boolean ordinary(Path path) {
    return Files.isRegularFile(path) || !Files.exists(path);
  }
}
