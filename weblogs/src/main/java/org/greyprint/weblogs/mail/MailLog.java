// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.function.Consumer;

/** The log of one kind of mail server. */
interface MailLog {
  /** Whether a program's lines are of this kind. */
  boolean takes(String program);

  /** Takes a line, and gives out a record for each recipient it tells the fate of. */
  void entry(Entry entry, Consumer<MailRecord> out);
}
