// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The DNS evidence of one decision: what was asked, what has come, what was given up. Handed from
 * one thread to the next, never shared.
 */
final class DnsFacts {
  /** Asks for one kind of evidence; the future never fails. */
  @FunctionalInterface
  interface Asker {
    CompletableFuture<?> ask(Need need);
  }

  private final Asker asker;
  private final Map<Need, CompletableFuture<?>> asked = new EnumMap<>(Need.class);
  private final Set<Need> givenUp = EnumSet.noneOf(Need.class);

  DnsFacts(Asker asker) {
    this.asker = asker;
  }

  /** Asks in the background for what was not asked yet. */
  void ask(Collection<Need> needs) {
    for (Need need : needs) {
      asked.computeIfAbsent(need, asker::ask);
    }
  }

  /** Completes when all of these have come. */
  CompletableFuture<Void> arrival(Collection<Need> needs) {
    ask(needs);
    return CompletableFuture.allOf(
        needs.stream().map(asked::get).toArray(CompletableFuture<?>[]::new));
  }

  /** No longer waits for what has not come. */
  void giveUp(Collection<Need> needs) {
    for (Need need : needs) {
      CompletableFuture<?> future = asked.get(need);
      if (future == null || !future.isDone()) {
        givenUp.add(need);
      }
    }
  }

  boolean askedAny() {
    return !asked.isEmpty();
  }

  boolean asked(Need need) {
    return asked.containsKey(need);
  }

  /** Whether waiting would change nothing. */
  boolean settled(Need need) {
    CompletableFuture<?> future = asked.get(need);
    return givenUp.contains(need) || future != null && future.isDone();
  }

  /** Whether DNS has answered. */
  boolean known(Need need) {
    return switch (need) {
      case REVERSE -> reverse().known();
      case HELO -> helo().known();
      case SPF -> spf().known();
      case LISTS -> lists().known();
    };
  }

  boolean gaveUp() {
    return !givenUp.isEmpty();
  }

  Reverse reverse() {
    return found(Need.REVERSE, Reverse.UNKNOWN);
  }

  HeloFinding helo() {
    return found(Need.HELO, HeloFinding.UNKNOWN);
  }

  SpfFinding spf() {
    return found(Need.SPF, SpfFinding.UNKNOWN);
  }

  ListFindings lists() {
    return found(Need.LISTS, ListFindings.UNKNOWN);
  }

  @SuppressWarnings("unchecked")
  private <T> T found(Need need, T unknown) {
    CompletableFuture<?> future = asked.get(need);
    if (future == null || givenUp.contains(need) || !future.isDone()) {
      return unknown;
    }
    return future.isCompletedExceptionally() ? unknown : (T) future.join();
  }
}
