// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Greylisting: who comes for the first time is asked to come again, who does so is let in.
 *
 * <p>A sender and recipient are remembered together with the places they came from: the client's
 * network, the sender's domain where SPF authorises the client for it, the provider pool the client
 * belongs to. A retry from any of these places is the same attempt. See docs/greylisting.md.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * An attempt that cannot be answered because the store fails is answered {@link Answer.Failed},
 * counted, and logged (WARN) once until the store works again. Counters: {@link #counters()}.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link GreylistSettings}, {@link Pools}.
 */
public interface Greylist extends AutoCloseable {
  /** Answers from this store; background work runs until it is closed. */
  static Greylist start(GreylistSettings settings, Pools pools, Store store, InstantSource clock) {
    return new StoredGreylist(settings, pools, store, clock).begin();
  }

  /** May this attempt pass? Never fails: trouble is {@link Answer.Failed}. */
  CompletionStage<Answer> ask(Attempt attempt);

  /** What would be answered, and all that is known; records nothing. */
  CompletionStage<Explanation> explain(Attempt attempt);

  /**
   * Notes that one of our users has written to someone.
   *
   * @param user our user's address, the envelope sender of outgoing mail
   * @param other whom the message goes to
   */
  CompletionStage<Void> wrote(String user, String other);

  /**
   * Triplets in the order of sender and recipient.
   *
   * @param after where an earlier page said the next begins, or ""
   * @param most at most so many, 1 to 10,000
   */
  CompletionStage<Page<Triplet>> list(TripletFilter filter, String after, int most);

  /** All people that our users wrote to, in the order of the users. */
  CompletionStage<Page<Correspondent>> correspondents(String after, int most);

  /** Networks and domains that delivered, in the order of their names. */
  CompletionStage<Page<ClientState>> clients(String after, int most);

  /**
   * Lets deferred triplets pass when they come again.
   *
   * @param by who wants that
   * @return how many
   */
  CompletionStage<Integer> release(TripletFilter filter, String by);

  /**
   * Forgets triplets, so that they are greylisted anew.
   *
   * @return how many
   */
  CompletionStage<Integer> forget(TripletFilter filter);

  /**
   * Adds or replaces a list entry.
   *
   * @return the entry as it is kept, its value normalised
   * @throws IllegalArgumentException if the value is none of its kind
   */
  CompletionStage<Exemption> allow(Exemption exemption);

  /** Removes a list entry by its {@link Exemption#id()}; false if there is none. */
  CompletionStage<Boolean> remove(String id);

  /** The list entries that hold now, in the order of their ids. */
  List<Exemption> exemptions();

  /** Replaces the settings, e.g. after a reload. */
  void settings(GreylistSettings settings);

  /** The settings that hold now. */
  GreylistSettings settings();

  /** Replaces the provider pools, e.g. after a reload. */
  void pools(Pools pools);

  /** What was counted since the start. */
  GreylistCounters counters();

  /** What is wrong now; empty if nothing is. */
  Optional<String> trouble();

  /** Ends the background work; the store stays open. */
  @Override
  void close();
}
