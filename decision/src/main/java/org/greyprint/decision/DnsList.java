// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A block- or allow-list in the DNS (RFC 5782).
 *
 * @param name how rules, journal and explain call it
 * @param zone where it is asked, e.g. zen.spamhaus.org
 * @param allow whether it names wanted senders
 * @param codes which answers count, and how much; the first that fits counts, none if none fits
 */
public record DnsList(String name, String zone, boolean allow, List<Code> codes) {
  /**
   * Answers and their weight.
   *
   * @param octets for each octet the lowest and highest that fit
   * @param weight what it adds to dns.block or dns.allow
   */
  public record Code(List<int[]> octets, double weight) {
    /**
     * Reads a pattern of answers: four octets, each a number, a range such as 10-11, or *.
     *
     * @return empty if it is none, or not in 127.0.0.0/8
     */
    public static Optional<Code> parse(String pattern, double weight) {
      String[] parts = pattern.split("\\.", -1);
      List<int[]> octets = new ArrayList<>();
      for (String part : parts) {
        if (part.equals("*")) {
          octets.add(new int[] {0, 255});
        } else if (part.matches("\\d{1,3}")) {
          octets.add(new int[] {Integer.parseInt(part), Integer.parseInt(part)});
        } else if (part.matches("\\d{1,3}-\\d{1,3}")) {
          int dash = part.indexOf('-');
          octets.add(
              new int[] {
                Integer.parseInt(part.substring(0, dash)),
                Integer.parseInt(part.substring(dash + 1))
              });
        } else {
          return Optional.empty();
        }
      }
      boolean right =
          octets.size() == 4
              && octets.getFirst()[0] == 127
              && octets.getFirst()[1] == 127
              && octets.stream().allMatch(o -> o[0] <= o[1] && o[1] <= 255);
      return right ? Optional.of(new Code(List.copyOf(octets), weight)) : Optional.empty();
    }

    boolean fits(String answer) {
      String[] parts = answer.split("\\.", -1);
      if (parts.length != 4) {
        return false;
      }
      for (int i = 0; i < 4; i++) {
        int octet = Integer.parseInt(parts[i]);
        if (octet < octets.get(i)[0] || octet > octets.get(i)[1]) {
          return false;
        }
      }
      return true;
    }
  }

  /** A list of which any answer counts 1, but those by which lists tell of a refused question. */
  public static DnsList any(String name, String zone, boolean allow) {
    return new DnsList(name, zone, allow, List.of(Code.parse("127.*.*.*", 1).orElseThrow()));
  }

  /**
   * Whether an answer says that the question was refused (too many, or through a public resolver):
   * 127.255.255.0/24 by custom, and whatever is outside of 127.0.0.0/8 (RFC 5782, 2.1).
   */
  static boolean refusal(String answer) {
    return !answer.startsWith("127.") || answer.startsWith("127.255.255.");
  }

  /** What an answer adds, or 0. */
  double weight(String answer) {
    for (Code code : codes) {
      if (code.fits(answer)) {
        return code.weight();
      }
    }
    return 0;
  }
}
