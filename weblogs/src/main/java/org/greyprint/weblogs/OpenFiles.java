// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files may be open. */
final class OpenFiles {
  private static final String LIMIT = "Max open files";
  private static final int MOST = 8192;
  private static final int LEAST = 64;

  private OpenFiles() {}

  /** Half of the process's limit, at most 8192: the other half is for the sources. */
  static int most() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith(LIMIT)) {
          String soft = line.substring(LIMIT.length()).strip().split("\\s+")[0];
          return soft.equals("unlimited")
              ? MOST
              : (int) Math.clamp(Long.parseLong(soft) / 2, LEAST, MOST);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return LEAST * 4;
    }
    return LEAST * 4;
  }
}
