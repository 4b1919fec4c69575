// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Asks the block- and allow-lists. A list that failed five times in a row is left out for a minute,
 * so that one dead list does not make everyone wait.
 */
final class ListCheck {
  private static final int IN_A_ROW = 5;
  private static final long PAUSE = Duration.ofMinutes(1).toNanos();

  private static final class Asked {
    final DnsList list;
    final AtomicInteger failures = new AtomicInteger();
    final AtomicLong failedAt = new AtomicLong();

    Asked(DnsList list) {
      this.list = list;
    }
  }

  private record Answer(DnsList list, boolean known, List<String> codes) {}

  private final Dns dns;
  private final LongSupplier nanos;
  private final List<Asked> lists;

  ListCheck(Dns dns, List<DnsList> lists, LongSupplier nanos) {
    this.dns = dns;
    this.nanos = nanos;
    this.lists = lists.stream().map(Asked::new).toList();
  }

  /** Never fails. An address that is not public is on no list. */
  CompletableFuture<ListFindings> check(InetAddress client) {
    if (Addresses.isPrivate(client)) {
      return CompletableFuture.completedFuture(new ListFindings(true, 0, 0, List.of(), List.of()));
    }
    List<CompletableFuture<Answer>> answers =
        lists.stream().map(asked -> ask(asked, client)).toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> sum(answers.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<Answer> ask(Asked asked, InetAddress client) {
    DnsList list = asked.list;
    if (asked.failures.get() >= IN_A_ROW && nanos.getAsLong() - asked.failedAt.get() < PAUSE) {
      return CompletableFuture.completedFuture(new Answer(list, false, List.of()));
    }
    return dns.ask(Addresses.reversed(client, list.zone()), DnsType.A)
        .thenApply(answer -> {
          boolean refused = answer.values().stream().anyMatch(DnsList::refusal);
          if (!answer.known() || refused) {
            asked.failures.incrementAndGet();
            asked.failedAt.set(nanos.getAsLong());
            return new Answer(list, false, List.of());
          }
          asked.failures.set(0);
          return new Answer(list, true, answer.values());
        })
        .toCompletableFuture();
  }

  private static ListFindings sum(List<Answer> answers) {
    boolean known = true;
    double block = 0;
    double allow = 0;
    List<String> names = new ArrayList<>();
    List<String> codes = new ArrayList<>();
    for (Answer answer : answers) {
      DnsList list = answer.list();
      known &= answer.known();
      // Of several codes of one list the heaviest counts: they tell of the same thing.
      double weight = answer.codes().stream().mapToDouble(list::weight).max().orElse(0);
      if (weight == 0) {
        continue;
      }
      names.add(list.name());
      answer.codes().forEach(code -> codes.add(list.name() + "=" + code));
      block += list.allow() ? 0 : weight;
      allow += list.allow() ? weight : 0;
    }
    return new ListFindings(known, block, allow, List.copyOf(names), List.copyOf(codes));
  }
}
