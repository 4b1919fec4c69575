// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.greyprint.greylist.GreylistSettings;
import org.greyprint.greylist.GreylistSettings.AutoAllow;
import org.greyprint.greylist.GreylistSettings.Correspondents;
import org.greyprint.greylist.GreylistSettings.Networks;
import org.greyprint.greylist.GreylistSettings.Pools;

/**
 * Reads {@code store} and {@code greylist}.
 *
 * @param poolFiles provider pools beyond those that ship
 */
record GreylistReader(GreylistSettings settings, List<Path> poolFiles) {
  private static final Duration MONTH = Duration.ofDays(30);
  private static final Duration LONG = Duration.ofDays(3660);

  static String store(Section top, Path state) {
    return top.parse(
        "store",
        "rocksdb:" + state.resolve("greylist"),
        text -> text.matches("rocksdb:.+") ? Optional.of(text) : Optional.empty(),
        "a store, such as rocksdb:/var/lib/greyprint/greylist");
  }

  static GreylistReader read(Section section) {
    GreylistSettings defaults = GreylistSettings.DEFAULT;
    Duration delay =
        section.time("delay", defaults.delay(), Duration.ZERO, ConfigurationReader.DAY);
    Duration window = section.time("window", defaults.window(), ConfigurationReader.SECOND, MONTH);
    Duration lifetime =
        section.time("lifetime", defaults.lifetime(), ConfigurationReader.SECOND, LONG);
    Duration maxWait = section.time("max-wait", defaults.maxWait(), Duration.ZERO, MONTH);
    int maxTries = section.integer("max-tries", defaults.maxTries(), 0, 1_000_000);
    Networks networks = networks(section.section("networks"), defaults.networks());
    AutoAllow autoAllow = autoAllow(section.section("auto-allow"), defaults.autoAllow());
    Correspondents correspondents =
        correspondents(section.section("correspondents"), defaults.correspondents());
    Section poolKeys = section.section("pools");
    List<Path> files = poolKeys.list("files", Section::parsePath, "a path");
    Pools pools = pools(poolKeys, defaults.pools());
    section.end();
    GreylistSettings read = defaults;
    try {
      read =
          new GreylistSettings(
              delay,
              window,
              lifetime,
              maxWait,
              maxTries,
              networks,
              autoAllow,
              correspondents,
              pools);
    } catch (IllegalArgumentException e) {
      // The message begins with the key.
      String[] words = String.valueOf(e.getMessage()).split(" ", 2);
      section.problem(words[0], words.length > 1 ? words[1] : "is wrong");
    }
    return new GreylistReader(read, files);
  }

  private static Networks networks(Section section, Networks defaults) {
    Networks read =
        new Networks(
            section.integer("ipv4", defaults.ipv4(), 8, 32),
            section.integer("ipv6", defaults.ipv6(), 16, 128));
    section.end();
    return read;
  }

  private static AutoAllow autoAllow(Section section, AutoAllow defaults) {
    int deliveries = section.integer("deliveries", defaults.deliveries(), 0, 1_000_000);
    Duration interval = section.time("interval", defaults.interval(), Duration.ZERO, MONTH);
    AutoAllow.Scope scope = section.choice("scope", defaults.scope());
    Duration expiry = section.time("expiry", defaults.expiry(), ConfigurationReader.SECOND, LONG);
    section.end();
    if (expiry.compareTo(interval) <= 0) {
      section.problem("expiry", "is not above the interval");
      return defaults;
    }
    return new AutoAllow(deliveries, interval, scope, expiry);
  }

  private static Correspondents correspondents(Section section, Correspondents defaults) {
    Correspondents read =
        new Correspondents(
            section.flag("enabled", defaults.enabled()),
            section.time("expiry", defaults.expiry(), ConfigurationReader.SECOND, LONG));
    section.end();
    return read;
  }

  private static Pools pools(Section section, Pools defaults) {
    Pools read =
        new Pools(
            section.flag("spf", defaults.spf()),
            section.integer("networks", defaults.networks(), 1, 1000));
    section.end();
    return read;
  }
}
