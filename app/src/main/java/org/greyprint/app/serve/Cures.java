// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.greyprint.app.Failure;

/** Turns what keeps the daemon from listening into one line: what, where, and what to do. */
final class Cures {
  private Cures() {}

  /**
   * A failure that ends the start.
   *
   * @param key of the configuration that says where
   */
  static Failure failure(IOException e, String key) {
    String message =
        e instanceof AccessDeniedException denied
            ? denied.getFile() + ": Permission denied"
            : e instanceof NoSuchFileException missing
                ? missing.getFile() + ": No such file or directory"
                : String.valueOf(e.getMessage());
    String shown =
        message
            .replaceAll("\\w+\\(\\.\\.\\) failed with error\\(-\\d+\\): ", "")
            .replaceAll("\\w+\\(\\.\\.\\) failed: ", "")
            .replace("cannot listen on /", "cannot listen on ");
    String cure = cure(shown);
    return new Failure(key + ": " + shown + (cure.isEmpty() ? "" : ": " + cure), e);
  }

  private static String cure(String message) {
    boolean unix = message.contains("unix:") || message.contains(".sock");
    if (message.contains("already in use") || message.contains("listens there already")) {
      return unix
          ? "stop the other process, or choose another path"
          : "stop what listens there (ss -ltnp shows it), or choose another address";
    }
    if (message.contains("ermission denied")) {
      return unix || !message.contains("cannot listen")
          ? "give this user the right to write there, or choose another path"
          : "a port below 1024 needs the capability CAP_NET_BIND_SERVICE, or choose a higher one";
    }
    if (message.contains("assign requested address")) {
      return "this machine has no such address; 'ip address' shows those it has";
    }
    if (message.contains("No such file or directory")) {
      return "make the folder, or choose another path";
    }
    return "";
  }
}
