// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

/** The input or the state is at fault: one line that says what, where and what to do. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1;

  public Failure(String message) {
    super(message);
  }

  public Failure(String message, Throwable cause) {
    super(message, cause);
  }
}
