// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a next hop can do, by the keywords of its answer to EHLO.
 *
 * @param keywords in upper case, with their parameters
 */
record Capabilities(Map<String, String> keywords) {
  static final Capabilities NONE = new Capabilities(Map.of());

  /** Passed on where the next hop has them: they concern only it and the client. */
  private static final Set<String> PASSED =
      Set.of(
          "8BITMIME",
          "SMTPUTF8",
          "DSN",
          "ENHANCEDSTATUSCODES",
          "VRFY",
          "EXPN",
          "CHUNKING",
          "DELIVERBY",
          "MT-PRIORITY",
          "FUTURERELEASE",
          "NO-SOLICITING",
          "LIMITS");

  static Capabilities of(Reply ehlo) {
    Map<String, String> keywords = new LinkedHashMap<>();
    for (int i = 1; i < ehlo.lines().size(); i++) {
      String line = ehlo.lines().get(i).strip();
      int space = line.indexOf(' ');
      String keyword = (space < 0 ? line : line.substring(0, space)).toUpperCase(Locale.ROOT);
      if (keyword.startsWith("AUTH=")) {
        continue;
      }
      keywords.putIfAbsent(keyword, space < 0 ? "" : line.substring(space + 1).strip());
    }
    return new Capabilities(keywords);
  }

  boolean has(String keyword) {
    return keywords.containsKey(keyword);
  }

  String parameter(String keyword) {
    return keywords.getOrDefault(keyword, "");
  }

  /**
   * The answer to a client's EHLO: what both the next hop and the gateway can do, and PIPELINING
   * and STARTTLS, which are between the client and the gateway alone.
   *
   * @param maxSize of a message, 0 for no limit of our own
   * @param startTls whether STARTTLS can be offered now
   * @param auth whether AUTH may be offered: only under TLS
   */
  Reply offer(String hostname, long maxSize, boolean startTls, boolean auth) {
    List<String> lines = new ArrayList<>();
    lines.add(hostname);
    lines.add("PIPELINING");
    long size = Command.number(parameter("SIZE"));
    long least = size == 0 || (maxSize > 0 && maxSize < size) ? maxSize : size;
    if (has("SIZE") || maxSize > 0) {
      lines.add(least > 0 ? "SIZE " + least : "SIZE");
    }
    if (startTls) {
      lines.add("STARTTLS");
    }
    keywords.forEach((keyword, parameter) -> {
      if (PASSED.contains(keyword) || (keyword.equals("AUTH") && auth)) {
        lines.add(parameter.isEmpty() ? keyword : keyword + " " + parameter);
      }
    });
    return new Reply(250, lines);
  }
}
