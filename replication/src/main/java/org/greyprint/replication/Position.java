// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

/**
 * A place in a server's binary log.
 *
 * @param gtid the last transactions, in the server's own syntax; empty where GTIDs are off
 * @param file the log file's name
 * @param offset the byte after the last event
 */
record Position(String gtid, String file, long offset) {
  @Override
  public String toString() {
    return file + ":" + offset + (gtid.isEmpty() ? "" : " (" + gtid + ")");
  }
}
