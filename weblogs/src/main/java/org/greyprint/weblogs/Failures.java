// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;

/** What went wrong on another thread, to be thrown on this one. */
final class Failures {
  private Failures() {}

  /**
   * The failure itself where it can be thrown, or one that it is the cause of. (Not a switch by
   * type: the JVM makes a class for such a one when it is first run, which takes longer than ten
   * megabytes of logs.)
   *
   * @param otherwise what to say of a failure that can't be thrown as it is, an interruption
   */
  static IOException of(Throwable failure, String otherwise) {
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return failure instanceof IOException e ? e : new IOException(otherwise, failure);
  }
}
