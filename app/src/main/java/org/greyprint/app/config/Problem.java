// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import org.greyprint.decision.Position;

/**
 * A mistake in a configuration file.
 *
 * @param position where
 * @param message what is wrong, and what to do
 */
public record Problem(Position position, String message) {
  /** One line: {@code file:line:column: message}. */
  @Override
  public String toString() {
    return position + ": " + message;
  }
}
