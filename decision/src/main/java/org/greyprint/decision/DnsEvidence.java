// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers what DNS tells of a client, in the background from the connection on.
 *
 * <p>One session is kept waiting for DNS no longer than the deadline in all. When several sessions
 * in a row waited in vain, DNS counts as down and nobody waits, until an answer comes again;
 * questions are still sent, so that it is noticed.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * {@link #counts()}: questions (that the cache could not answer), failed (no or no proper answer),
 * waited (decisions that were kept waiting), in-vain (that gave up), down (1 while nobody waits).
 * The change to down and back is logged (WARN, INFO).
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link DnsSettings}.
 */
public final class DnsEvidence implements EvidenceSource {
  private static final Logger LOG = LoggerFactory.getLogger(DnsEvidence.class);
  private static final int IN_A_ROW = 5;
  private static final int MOST_NAMES = 10;

  private final Dns dns;
  private final DnsSettings settings;
  private final ListCheck lists;
  private final Cache<String, AtomicLong> waited;
  private final AtomicInteger vainInARow = new AtomicInteger();
  private final LongAdder questions = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final LongAdder vain = new LongAdder();

  /** Made when it is first asked: it takes longer to make than all else here. */
  private @Nullable SpfCheck spf;

  /** Asks over the network. */
  public static DnsEvidence over(DnsSettings settings) {
    return new DnsEvidence(new NetDns(settings), settings, Ticker.systemTicker());
  }

  /**
   * Asks a given DNS, through a cache.
   *
   * @param source where answers come from
   * @param ticker the time by which answers expire
   */
  public DnsEvidence(Dns source, DnsSettings settings, Ticker ticker) {
    this.settings = settings;
    this.dns =
        new CachingDns((name, type) -> counted(source.ask(name, type)), settings.cache(), ticker);
    this.lists = new ListCheck(dns, settings.lists(), ticker::read);
    this.waited =
        Caffeine.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofMinutes(10))
            .executor(Runnable::run)
            .build();
  }

  private synchronized SpfCheck spf() {
    SpfCheck made = spf;
    if (made == null) {
      made = new SpfCheck(dns);
      spf = made;
    }
    return made;
  }

  private CompletionStage<DnsAnswer> counted(CompletionStage<DnsAnswer> stage) {
    questions.increment();
    return stage.whenComplete((answer, e) -> {
      if (e != null || !answer.known()) {
        failures.increment();
      } else if (vainInARow.getAndSet(0) >= IN_A_ROW) {
        LOG.info("DNS answers again");
      }
    });
  }

  /** What was counted since the start. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("questions", questions.sum());
    counts.put("failed", failures.sum());
    counts.put("waited", waits.sum());
    counts.put("in-vain", vain.sum());
    counts.put("down", vainInARow.get() >= IN_A_ROW ? 1L : 0L);
    return counts;
  }

  @Override
  public CompletableFuture<?> ask(Need need, Inquiry inquiry) {
    InetAddress client = inquiry.client().address();
    return switch (need) {
      case REVERSE -> reverse(client);
      case HELO -> helo(client, inquiry.session().helo());
      case SPF -> spf().check(client, inquiry.envelope().sender(), inquiry.session().helo());
      case LISTS -> lists.check(client);
    };
  }

  @Override
  public void connected(Inquiry.Client client, Inquiry.Session session, Set<Need> needs) {
    // The cache keeps the answers, or the questions under way, for the decision.
    if (needs.contains(Need.REVERSE)) {
      discard(reverse(client.address()));
    }
    if (needs.contains(Need.LISTS)) {
      discard(lists.check(client.address()));
    }
  }

  private static void discard(CompletableFuture<?> future) {
    future.exceptionally(e -> null);
  }

  @Override
  public Duration patience(Inquiry inquiry) {
    if (vainInARow.get() >= IN_A_ROW) {
      return Duration.ZERO;
    }
    AtomicLong already = waited.getIfPresent(inquiry.session().id());
    return already == null ? settings.deadline() : settings.deadline().minusNanos(already.get());
  }

  @Override
  public void waited(Inquiry inquiry, Duration time, boolean inVain) {
    waits.increment();
    waited.get(inquiry.session().id(), id -> new AtomicLong()).addAndGet(time.toNanos());
    if (inVain) {
      vain.increment();
      if (vainInARow.incrementAndGet() == IN_A_ROW) {
        LOG.warn("DNS does not answer in time; decisions no longer wait for it until it does");
      }
    }
  }

  /** The reverse names and whether one leads back (RFC 8601, 2.7.3, "iprev"). */
  CompletableFuture<Reverse> reverse(InetAddress client) {
    String zone = client instanceof Inet4Address ? "in-addr.arpa" : "ip6.arpa";
    return dns.ask(Addresses.reversed(client, zone), DnsType.PTR)
        .thenCompose(answer -> {
          if (!answer.known()) {
            return CompletableFuture.completedFuture(Reverse.UNKNOWN);
          }
          List<String> names =
              answer.values().stream()
                  .map(name -> name.toLowerCase(Locale.ROOT))
                  .limit(MOST_NAMES)
                  .toList();
          return confirm(client, names);
        })
        .exceptionally(e -> Reverse.UNKNOWN)
        .toCompletableFuture();
  }

  private CompletionStage<Reverse> confirm(InetAddress client, List<String> names) {
    List<CompletableFuture<DnsAnswer>> forward = new ArrayList<>();
    names.forEach(name -> forward.add(addresses(client, name)));
    return CompletableFuture.allOf(forward.toArray(CompletableFuture<?>[]::new))
        .thenApply(all -> {
          String confirmed = "";
          boolean known = true;
          for (int i = 0; i < names.size(); i++) {
            DnsAnswer answer = forward.get(i).join();
            known &= answer.known();
            if (confirmed.isEmpty() && holds(answer, client)) {
              confirmed = names.get(i);
            }
          }
          String shown = !confirmed.isEmpty() ? confirmed : names.isEmpty() ? "" : names.get(0);
          return new Reverse(
              known || !confirmed.isEmpty(),
              names,
              confirmed,
              HostNames.generic(shown, client),
              HostNames.dynamic(shown));
        });
  }

  private CompletableFuture<DnsAnswer> addresses(InetAddress client, String name) {
    DnsType type = client instanceof Inet4Address ? DnsType.A : DnsType.AAAA;
    return dns.ask(name, type).toCompletableFuture();
  }

  private static boolean holds(DnsAnswer answer, InetAddress client) {
    return answer.values().stream()
        .anyMatch(value -> Addresses.parse(value).filter(client::equals).isPresent());
  }

  /** Whether the name in HELO is this machine's. */
  CompletableFuture<HeloFinding> helo(InetAddress client, String helo) {
    switch (HostNames.kind(helo)) {
      case "name" -> {
        String name = helo.endsWith(".") ? helo.substring(0, helo.length() - 1) : helo;
        return addresses(client, name)
            .thenApply(answer ->
                answer.known()
                    ? new HeloFinding(true, !answer.values().isEmpty(), holds(answer, client))
                    : HeloFinding.UNKNOWN)
            .exceptionally(e -> HeloFinding.UNKNOWN);
      }
      case "literal" -> {
        String inner = helo.substring(1, helo.length() - 1);
        String text =
            inner.toLowerCase(Locale.ROOT).startsWith("ipv6:") ? inner.substring(5) : inner;
        boolean own = Addresses.parse(text).filter(client::equals).isPresent();
        return CompletableFuture.completedFuture(new HeloFinding(true, false, own));
      }
      default -> {
        return CompletableFuture.completedFuture(new HeloFinding(true, false, false));
      }
    }
  }
}
