// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

/** A site's history could not be rebuilt; the message says what is wrong and what to do. */
public final class RebuildException extends Exception {
  private static final long serialVersionUID = 1;

  public RebuildException(String message) {
    super(message);
  }

  public RebuildException(String message, Throwable cause) {
    super(message, cause);
  }
}
