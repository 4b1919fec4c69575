// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a rule does with what it matches. */
sealed interface Action {
  /** Takes the recipient. */
  record Deliver() implements Action {}

  /** Asks the greylist; with the rule's own delay if it has one. */
  record Greylist(Optional<Duration> delay) implements Action {}

  /** Refuses the recipient. */
  record Reject(String text) implements Action {}

  /** Adds headers and points and goes on to the next rule. */
  record Mark(List<Decision.Header> headers, double points) implements Action {}
}
