// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.LinkedHashSet;
import java.util.Set;

/** What a log has told of a message in the queue so far. */
final class Message {
  /** Recipients of a message that waits are remembered up to this number. */
  private static final int MOST = 100;

  String sender = "";
  String client = "";
  long size = -1;

  /** Whether a content filter of this host handed it back. */
  boolean returned;

  private final Set<String> waiting = new LinkedHashSet<>();

  void waits(String recipient) {
    if (waiting.size() < MOST) {
      waiting.add(recipient);
    }
  }

  void done(String recipient) {
    waiting.remove(recipient);
  }

  Set<String> waiting() {
    return waiting;
  }

  MailRecord record(String recipient, String next, int code) {
    return new MailRecord(sender, recipient, client, next, code, size);
  }
}
