// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.app.config.Configuration;

/** What the greylist keeps: of the running daemon, or in the store of a stopped one. */
interface GreylistAccess extends AutoCloseable {
  /**
   * Which triplets; "" means any.
   *
   * @param client an address or a network
   * @param sender an address, {@code @domain} or {@code <>}
   * @param recipient an address or {@code @domain}
   * @param state waiting, released or passed
   */
  record Filter(String client, String sender, String recipient, String state) {
    boolean isEmpty() {
      return client.isEmpty() && sender.isEmpty() && recipient.isEmpty() && state.isEmpty();
    }
  }

  /** A part of a long list. */
  record Part(List<Map<String, Object>> items, Optional<String> next) {}

  /**
   * Whatever answers for this configuration.
   *
   * @param change whether something is to be changed
   */
  static GreylistAccess of(Configuration configuration, boolean change) {
    return DaemonClient.find(configuration)
        .<GreylistAccess>map(RunningGreylist::new)
        .orElseGet(() -> StoppedGreylist.open(configuration, change));
  }

  Part triplets(Filter filter, String after, int most);

  Part clients(String after, int most);

  Part correspondents(String after, int most);

  long release(Filter filter, String by);

  long forget(Filter filter);

  List<Map<String, Object>> exceptions();

  /**
   * Adds an exception.
   *
   * @param delay a time such as 10m; 0 for none
   * @param lasts for how long, or ""
   */
  Map<String, Object> allow(
      String kind, String value, String delay, String by, String reason, String lasts);

  void remove(String id);

  @Override
  void close();
}
