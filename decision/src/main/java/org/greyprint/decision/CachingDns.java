// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Keeps answers as long as they hold, between a minute and an hour, and failures for half a minute;
 * the same question is under way once. What is not answered at all within 20 seconds is a failure
 * too, so no question stays under way for ever.
 */
public final class CachingDns implements Dns {
  private static final long SHORTEST = Duration.ofMinutes(1).toNanos();
  private static final long LONGEST = Duration.ofHours(1).toNanos();
  private static final long FAILED = Duration.ofSeconds(30).toNanos();

  private record Key(String name, DnsType type) {}

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Dns dns;
  private final Duration patience;
  private final AsyncCache<Key, DnsAnswer> cache;

  /**
   * A cache before another source.
   *
   * @param size how many answers are kept
   */
  public CachingDns(Dns dns, int size, Ticker ticker) {
    this(dns, size, ticker, PATIENCE);
  }

  CachingDns(Dns dns, int size, Ticker ticker, Duration patience) {
    this.dns = dns;
    this.patience = patience;
    this.cache =
        Caffeine.newBuilder()
            .maximumSize(size)
            .ticker(ticker)
            .executor(Runnable::run)
            .expireAfter(Expiry.<Key, DnsAnswer>creating((key, answer) -> time(answer)))
            .buildAsync();
  }

  private static Duration time(DnsAnswer answer) {
    return Duration.ofNanos(
        switch (answer) {
          case DnsAnswer.Found found -> clamp(found.ttl());
          case DnsAnswer.Absent absent -> clamp(absent.ttl());
          case DnsAnswer.Failed failed -> FAILED;
        });
  }

  private static long clamp(Duration ttl) {
    long seconds = Math.min(ttl.toSeconds(), 86_400);
    return Math.clamp(Duration.ofSeconds(seconds).toNanos(), SHORTEST, LONGEST);
  }

  @Override
  public CompletionStage<DnsAnswer> ask(String name, DnsType type) {
    return cache.get(
        new Key(name.toLowerCase(Locale.ROOT), type),
        (key, executor) ->
            dns.ask(key.name(), key.type())
                .exceptionally(e -> new DnsAnswer.Failed(e.toString()))
                .toCompletableFuture()
                .copy()
                .completeOnTimeout(
                    new DnsAnswer.Failed("no answer"), patience.toMillis(), TimeUnit.MILLISECONDS));
  }
}
