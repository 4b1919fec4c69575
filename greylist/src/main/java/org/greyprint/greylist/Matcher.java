// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.Optional;

/**
 * A {@link TripletFilter} that has been read.
 *
 * @param network the client's network
 * @param sender a whole address as it is compared, {@code @domain}, or "" for the null sender
 * @param recipient a whole address as it is compared, or {@code @domain}
 * @param state where it stands
 */
record Matcher(
    Optional<Net> network,
    Optional<String> sender,
    Optional<String> recipient,
    Optional<Triplet.State> state) {
  /**
   * Reads a filter.
   *
   * @throws IllegalArgumentException if a part of it is not what it should be
   */
  static Matcher of(TripletFilter filter) {
    Optional<Net> network =
        filter
            .client()
            .map(text ->
                Net.parse(text.strip())
                    .orElseThrow(() ->
                        new IllegalArgumentException(
                            "'" + text + "' is no address and no network such as 192.0.2.0/24")));
    Optional<String> recipient =
        filter
            .recipient()
            .map(text ->
                text.startsWith("@")
                    ? "@" + Mailboxes.host(text.substring(1))
                    : Mailboxes.plain(text));
    Optional<String> sender = filter.sender().map(text -> sender(text, recipient.orElse("")));
    return new Matcher(network, sender, recipient, filter.state());
  }

  private static String sender(String text, String recipient) {
    if (text.equals("<>") || text.isBlank()) {
      return "";
    }
    return text.startsWith("@")
        ? "@" + Mailboxes.host(text.substring(1))
        : Mailboxes.sender(text, recipient);
  }

  /** The record's name, where the filter names a single one. */
  Optional<String> single() {
    return sender.isPresent()
            && recipient.isPresent()
            && !sender.get().startsWith("@")
            && !recipient.get().startsWith("@")
        ? Optional.of(Pair.name(sender.get(), recipient.get()))
        : Optional.empty();
  }

  boolean matches(String itsSender, String itsRecipient) {
    return matches(sender, itsSender) && matches(recipient, itsRecipient);
  }

  private static boolean matches(Optional<String> wanted, String address) {
    return wanted.isEmpty()
        || address.equals(wanted.get())
        || wanted.get().startsWith("@")
            && !wanted.get().equals("@")
            && address.endsWith(wanted.get());
  }

  boolean matches(Origin origin) {
    boolean from =
        network.isEmpty()
            || network.get().contains(origin.client())
            || network.get().contains(Net.around(origin.client(), origin.bits()));
    return from && (state.isEmpty() || state.get() == origin.state());
  }
}
