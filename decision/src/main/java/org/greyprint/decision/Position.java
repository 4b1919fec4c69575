// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

/**
 * Where something stands in a configuration file.
 *
 * @param file the file's name, or "" for what is built in
 * @param line from 1
 * @param column from 1
 */
public record Position(String file, int line, int column) {
  /** Where the built-in defaults stand. */
  public static final Position BUILT_IN = new Position("(built in)", 1, 1);

  /**
   * The place in the file of a place within the text that begins here.
   *
   * @param textLine line within the text, from 1
   * @param textColumn column within the text, from 0
   */
  Position within(int textLine, int textColumn) {
    return new Position(file, line + textLine - 1, column + textColumn);
  }

  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
