// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.concurrent.CompletionStage;

/** Asks the DNS. */
@FunctionalInterface
public interface Dns {
  /**
   * Asks for the records of a name.
   *
   * @param name without a final dot; what cannot be a name is {@link DnsAnswer.Absent}
   * @return never fails; what goes wrong is {@link DnsAnswer.Failed}
   */
  CompletionStage<DnsAnswer> ask(String name, DnsType type);
}
