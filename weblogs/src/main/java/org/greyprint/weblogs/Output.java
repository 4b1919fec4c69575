// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.OutputStream;
import java.nio.file.Path;

/** Where the merged lines go. */
public sealed interface Output {
  /** A stream, which is left open. */
  record ToStream(OutputStream out) implements Output {}

  /**
   * One file: replaced as a whole when the merge is done, or, with a state file, continued.
   *
   * @param path if it is a device or a pipe it is just written to
   */
  record ToFile(Path path) implements Output {}

  /**
   * One file a virtual host, {@code HOST.log}: begun anew, or, with a state file, continued.
   *
   * @param folder is made where it is not there
   */
  record ToFolder(Path folder) implements Output {}
}
