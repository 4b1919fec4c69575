// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.time.Duration;

/** Told of every statement that was sent to a server; the text is masked already. */
@FunctionalInterface
public interface StatementLog {
  void sent(Address server, String statement, Duration took, String result);
}
