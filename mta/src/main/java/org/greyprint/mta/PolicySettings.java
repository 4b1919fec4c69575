// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.time.Duration;

/**
 * The policy service's limits.
 *
 * @param header the name that PREPEND gives the header; the one of {@link FaceSettings}, or a
 *     secret one that the MTA renames (docs/policy.md, "Trusting the header")
 * @param deadline how long a decision may take before {@code DUNNO} is answered
 * @param request how long a request may take from its first octet to its end
 * @param idle how long a connection may be without a request; Postfix closes its own after 300 s
 * @param maxConnections at one time; a further one is closed at once
 * @param instances how many messages are remembered between their recipients
 * @param threads of the event loop
 */
public record PolicySettings(
    String header,
    Duration deadline,
    Duration request,
    Duration idle,
    int maxConnections,
    int instances,
    int threads) {
  /** 5 s, 60 s, 1200 s, 10,000 connections, 20,000 messages, one thread a core, up to four. */
  public static final PolicySettings DEFAULT =
      new PolicySettings(
          FaceSettings.DEFAULT.header(),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          Duration.ofSeconds(1200),
          10_000,
          20_000,
          Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 4));

  /** The longest name of an attribute, in octets. */
  static final int MAX_NAME = 512;

  /** The longest line, in octets. */
  static final int MAX_LINE = 8 * 1024;

  /** The largest request, in octets. */
  static final int MAX_REQUEST = 64 * 1024;

  /** The most attributes, the same name counted each time. */
  static final int MAX_ATTRIBUTES = 100;

  /**
   * @throws IllegalArgumentException if a limit leaves nothing to work with, or the header's name
   *     is none
   */
  public PolicySettings {
    FaceSettings.DEFAULT.withHeader(header);
    if (!deadline.isPositive() || !request.isPositive() || !idle.isPositive()) {
      throw new IllegalArgumentException("deadline, request and idle must be above zero");
    }
    if (maxConnections < 1 || instances < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "maxConnections, instances and threads must be at least 1");
    }
  }

  /** The same with another header. */
  public PolicySettings withHeader(String name) {
    return new PolicySettings(name, deadline, request, idle, maxConnections, instances, threads);
  }
}
