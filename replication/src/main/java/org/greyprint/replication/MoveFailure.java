// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.ArrayList;
import java.util.List;

/** The move cannot go on: one line that names host, cause and cure. */
public class MoveFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  public MoveFailure(String message) {
    super(message);
  }

  public MoveFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /** Joins what went wrong in several places into one line. */
  static String join(List<String> parts) {
    return String.join("; ", new ArrayList<>(parts));
  }
}
