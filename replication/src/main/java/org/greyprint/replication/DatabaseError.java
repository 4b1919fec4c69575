// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

/** A server refused a statement, or could not be reached. */
final class DatabaseError extends MoveFailure {
  private static final long serialVersionUID = 1;

  private final int code;
  private final boolean unreachable;

  DatabaseError(String message, int code, boolean unreachable, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.unreachable = unreachable;
  }

  /** The server's error number; 0 where it gave none. */
  int code() {
    return code;
  }

  /** Whether the connection is gone or could not be made. */
  boolean unreachable() {
    return unreachable;
  }
}
