// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.greyprint.capture.Observation;

/**
 * The messages whose recipients are being asked about, by {@code instance}. Bounded: the one that
 * was longest not asked about goes first. For use by several threads.
 */
final class Instances {
  /** What is remembered of a message. */
  static final class State {
    private final CompletionStage<Optional<Observation>> syn;
    private boolean headerGiven;
    private boolean decided;
    private Optional<String> atData = Optional.empty();

    State(CompletionStage<Optional<Observation>> syn) {
      this.syn = syn;
    }

    CompletionStage<Optional<Observation>> syn() {
      return syn;
    }

    /** Whether the header is still to be given; only the first who asks is told so. */
    synchronized boolean takeHeader() {
      boolean first = !headerGiven;
      headerGiven = true;
      return first;
    }

    /** Notes that a recipient was decided on at RCPT. */
    synchronized void decided() {
      decided = true;
    }

    synchronized boolean wasDecided() {
      return decided;
    }

    /** Keeps an action until DATA. */
    synchronized void atData(String action) {
      atData = Optional.of(action);
    }

    synchronized Optional<String> atData() {
      return atData;
    }
  }

  private final Map<String, State> states;

  Instances(int capacity) {
    states =
        new LinkedHashMap<>(256, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, State> eldest) {
            return size() > capacity;
          }
        };
  }

  /** A message's state; what is not known under this name, or has none, is made new. */
  State of(String instance, Supplier<State> maker) {
    if (instance.isEmpty()) {
      return maker.get();
    }
    synchronized (states) {
      State known = states.get(instance);
      if (known == null) {
        known = maker.get();
        states.put(instance, known);
      }
      return known;
    }
  }

  /** A message's state, if it was asked about before. */
  Optional<State> known(String instance) {
    synchronized (states) {
      return Optional.ofNullable(states.get(instance));
    }
  }

  int size() {
    synchronized (states) {
      return states.size();
    }
  }
}
