// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Duration;

/**
 * How the greylist works. Every value has its default in {@link #DEFAULT}.
 *
 * @param delay how long after the first try a retry passes; 0 s to 1 day
 * @param window how long after the first try a retry counts as one; longer than the delay
 * @param lifetime how long after its last use a triplet that has passed is remembered
 * @param maxWait how long a sender and recipient may be on their way from changing addresses before
 *     they pass; at least the delay, and the most that any delay can be
 * @param maxTries after how many tries, a minute or more apart, they pass; 0 switches this off
 * @param networks how much of an address is compared
 * @param autoAllow when clients that have proven themselves are no longer delayed
 * @param correspondents how answers to people we wrote to are treated
 * @param pools how senders with many machines are recognised
 */
public record GreylistSettings(
    Duration delay,
    Duration window,
    Duration lifetime,
    Duration maxWait,
    int maxTries,
    Networks networks,
    AutoAllow autoAllow,
    Correspondents correspondents,
    Pools pools) {
  /** The defaults. */
  public static final GreylistSettings DEFAULT =
      new GreylistSettings(
          Duration.ofMinutes(5),
          Duration.ofDays(2),
          Duration.ofDays(36),
          Duration.ofHours(6),
          10,
          new Networks(24, 64),
          new AutoAllow(5, Duration.ofHours(1), AutoAllow.Scope.BOTH, Duration.ofDays(36)),
          new Correspondents(true, Duration.ofDays(60)),
          new Pools(true, 128));

  /** Checks the limits. */
  public GreylistSettings {
    require(!delay.isNegative(), "delay", "is negative");
    require(delay.compareTo(Duration.ofDays(1)) <= 0, "delay", "is longer than 1 day");
    require(window.compareTo(delay) > 0, "window", "is not longer than the delay");
    require(window.compareTo(Duration.ofDays(30)) <= 0, "window", "is longer than 30 days");
    require(lifetime.compareTo(window) >= 0, "lifetime", "is shorter than the window");
    require(lifetime.compareTo(Duration.ofDays(3660)) <= 0, "lifetime", "is longer than 10 years");
    require(maxWait.compareTo(delay) >= 0, "max-wait", "is shorter than the delay");
    require(maxTries >= 0, "max-tries", "is negative");
  }

  static void require(boolean holds, String key, String complaint) {
    if (!holds) {
      throw new IllegalArgumentException(key + " " + complaint);
    }
  }

  /**
   * How much of an address is compared.
   *
   * @param ipv4 bits of an IPv4 address, 8 to 32
   * @param ipv6 bits of an IPv6 address, 16 to 128
   */
  public record Networks(int ipv4, int ipv6) {
    /** Checks the limits. */
    public Networks {
      require(ipv4 >= 8 && ipv4 <= 32, "networks.ipv4", "is not between 8 and 32");
      require(ipv6 >= 16 && ipv6 <= 128, "networks.ipv6", "is not between 16 and 128");
    }
  }

  /**
   * When clients that have proven themselves are no longer delayed.
   *
   * @param deliveries how many messages must have come back after their delay; 0 switches this off
   * @param interval deliveries within this time of each other count once
   * @param scope whether networks prove themselves, domains for which SPF passes, or both
   * @param expiry how long after its last delivery a client stays proven
   */
  public record AutoAllow(int deliveries, Duration interval, Scope scope, Duration expiry) {
    /** What proves itself. */
    public enum Scope {
      NETWORK,
      DOMAIN,
      BOTH
    }

    /** Checks the limits. */
    public AutoAllow {
      require(deliveries >= 0, "auto-allow.deliveries", "is negative");
      require(!interval.isNegative(), "auto-allow.interval", "is negative");
      require(expiry.compareTo(interval) > 0, "auto-allow.expiry", "is not above the interval");
    }
  }

  /**
   * How answers to people we wrote to are treated.
   *
   * @param enabled whether they pass without delay, where SPF passes for the sender's domain
   * @param expiry for how long after we last wrote
   */
  public record Correspondents(boolean enabled, Duration expiry) {
    /** Checks the limits. */
    public Correspondents {
      require(expiry.isPositive(), "correspondents.expiry", "is not positive");
    }
  }

  /**
   * How senders with many machines are recognised.
   *
   * @param spf whether the sender's domain takes the network's place where SPF passes for it
   * @param networks a domain for which SPF passes from more networks than this is taken for one
   *     that authorises everyone, and is not recognised by its name; 1 to 1000
   */
  public record Pools(boolean spf, int networks) {
    /** Checks the limits. */
    public Pools {
      require(networks >= 1 && networks <= 1000, "pools.networks", "is not between 1 and 1000");
    }
  }

  /** With another delay. */
  public GreylistSettings withDelay(Duration value) {
    return new GreylistSettings(
        value, window, lifetime, maxWait, maxTries, networks, autoAllow, correspondents, pools);
  }

  /** With another window. */
  public GreylistSettings withWindow(Duration value) {
    return new GreylistSettings(
        delay, value, lifetime, maxWait, maxTries, networks, autoAllow, correspondents, pools);
  }

  /** With another lifetime. */
  public GreylistSettings withLifetime(Duration value) {
    return new GreylistSettings(
        delay, window, value, maxWait, maxTries, networks, autoAllow, correspondents, pools);
  }

  /** With another bound on the time a sender can be kept waiting. */
  public GreylistSettings withMaxWait(Duration value) {
    return new GreylistSettings(
        delay, window, lifetime, value, maxTries, networks, autoAllow, correspondents, pools);
  }

  /** With another number of tries. */
  public GreylistSettings withMaxTries(int value) {
    return new GreylistSettings(
        delay, window, lifetime, maxWait, value, networks, autoAllow, correspondents, pools);
  }

  /** With other networks. */
  public GreylistSettings withNetworks(Networks value) {
    return new GreylistSettings(
        delay, window, lifetime, maxWait, maxTries, value, autoAllow, correspondents, pools);
  }

  /** With other conditions for proven clients. */
  public GreylistSettings withAutoAllow(AutoAllow value) {
    return new GreylistSettings(
        delay, window, lifetime, maxWait, maxTries, networks, value, correspondents, pools);
  }

  /** With another treatment of correspondents. */
  public GreylistSettings withCorrespondents(Correspondents value) {
    return new GreylistSettings(
        delay, window, lifetime, maxWait, maxTries, networks, autoAllow, value, pools);
  }

  /** With another treatment of pools. */
  public GreylistSettings withPools(Pools value) {
    return new GreylistSettings(
        delay, window, lifetime, maxWait, maxTries, networks, autoAllow, correspondents, value);
  }
}
