// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.Optional;

/** The points of an SMTP session at which the MTA sends macros, in their order of time. */
public enum Stage {
  CONNECT('C', 0),
  HELO('H', 1),
  MAIL('M', 2),
  RCPT('R', 3),
  DATA('T', 4),
  HEADER('L', -1),
  END_OF_HEADERS('N', 6),
  BODY('B', -1),
  END_OF_MESSAGE('E', 5),
  UNKNOWN('U', -1);

  private static final Stage[] ALL = values();

  private final char command;
  private final int request;

  Stage(char command, int request) {
    this.command = command;
    this.request = request;
  }

  /** The command byte that the macros belong to. */
  public char command() {
    return command;
  }

  /** The stage's number in a macro request, or -1 where none can be made. */
  public int request() {
    return request;
  }

  /** The stage of a command byte; empty for one that has no macros. */
  public static Optional<Stage> of(int command) {
    for (Stage stage : ALL) {
      if (stage.command == command) {
        return Optional.of(stage);
      }
    }
    return Optional.empty();
  }
}
