// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

/** One place SYNs come from: an interface, or a running p0f. */
public interface Source extends AutoCloseable {
  /**
   * How it stands.
   *
   * @param name the interface's name, or p0f's socket
   * @param up whether SYNs come in now
   * @param line one line for the log: what, and if it does not work, why and what to do
   * @param received SYNs taken, or answers of p0f
   * @param dropped packets that the system let go because we were too slow
   */
  record Status(String name, boolean up, String line, long received, long dropped) {}

  /** How it stands now. */
  Status status();

  @Override
  void close();
}
