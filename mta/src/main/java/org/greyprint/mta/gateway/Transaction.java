// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.greyprint.decision.Decision;
import org.jspecify.annotations.Nullable;

/** One message on its way, from MAIL to the answer to its data. */
final class Transaction {
  final String id;
  final String sender;
  final String mail;
  final long size;

  /** The RCPT lines that the next hop took and the rules let pass. */
  final List<String> recipients = new ArrayList<>(1);

  /** Headers that decisions asked for, each once. */
  final Set<Decision.Header> headers = new LinkedHashSet<>();

  /** Whether the next hop holds recipients that were deferred or refused here. */
  boolean stale;

  /** The answer that DATA gets, if the null sender was deferred. */
  @Nullable Reply atData;

  Transaction(String id, String sender, String mail, long size) {
    this.id = id;
    this.sender = sender;
    this.mail = mail;
    this.size = size;
  }
}
