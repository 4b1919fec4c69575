// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;

/** The logs, the state or the output are at fault: one line, what and where and what to do. */
public class LogsException extends IOException {
  private static final long serialVersionUID = 1;

  public LogsException(String message) {
    super(message);
  }

  public LogsException(String message, Throwable cause) {
    super(message, cause);
  }
}
