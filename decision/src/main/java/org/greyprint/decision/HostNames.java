// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What host names tell by their shape alone. */
final class HostNames {
  /** Words of dial-up and home ranges, as providers' names and DNS operators' guides use them. */
  private static final Set<String> DYNAMIC =
      Set.of(
          "adsl",
          "broadband",
          "cable",
          "catv",
          "cust",
          "customer",
          "customers",
          "cpe",
          "dhcp",
          "dial",
          "dialin",
          "dialup",
          "docsis",
          "dsl",
          "dyn",
          "dynamic",
          "dynip",
          "fios",
          "ftth",
          "fttx",
          "gprs",
          "home",
          "isdn",
          "lte",
          "mobile",
          "modem",
          "pool",
          "pools",
          "ppp",
          "pppoe",
          "pppoa",
          "res",
          "resi",
          "residential",
          "sdsl",
          "umts",
          "user",
          "users",
          "vdsl",
          "wifi",
          "wimax",
          "wireless",
          "wlan",
          "xdsl");

  /** Words that speak for a fixed host and outweigh the others. */
  private static final Set<String> FIXED =
      Set.of("static", "mail", "mx", "smtp", "mailout", "mta", "relay", "outbound", "colo");

  private static final Pattern WORD = Pattern.compile("[a-z]+");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final Pattern BARE = Pattern.compile("[a-z0-9_][a-z0-9_-]{0,62}");

  private HostNames() {}

  /** The part after the last @, lower-cased; "" if there is none. */
  static String domain(String address) {
    int at = address.lastIndexOf('@');
    return at < 0 ? "" : address.substring(at + 1).toLowerCase(Locale.ROOT);
  }

  /**
   * What a HELO name looks like: "none", "name" (with a dot), "literal" (RFC 5321, 4.1.3),
   * "numeric" (an address without brackets), "bare" (without a dot) or "invalid".
   */
  static String kind(String helo) {
    String name = helo.toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      return "none";
    }
    if (name.startsWith("[") && name.endsWith("]")) {
      String inner = name.substring(1, name.length() - 1);
      String address = inner.startsWith("ipv6:") ? inner.substring(5) : inner;
      return Addresses.parse(address).isPresent() ? "literal" : "invalid";
    }
    if (Addresses.parse(name).isPresent()) {
      return "numeric";
    }
    if (name.length() <= 255 && isName(name)) {
      return "name";
    }
    return BARE.matcher(name).matches() ? "bare" : "invalid";
  }

  /**
   * Whether it is labels with dots between them, the last of which begins with a letter. Without a
   * regular expression, because it is asked for each decision.
   */
  private static boolean isName(String lower) {
    int end = lower.endsWith(".") ? lower.length() - 1 : lower.length();
    int last = lower.lastIndexOf('.', end - 1) + 1;
    if (last == 0
        || last == end
        || !letter(lower.charAt(last))
        || !label(lower, last, end, false)) {
      return false;
    }
    for (int from = 0; from < last; ) {
      int dot = lower.indexOf('.', from);
      if (!label(lower, from, dot, true)) {
        return false;
      }
      from = dot + 1;
    }
    return true;
  }

  /** 1 to 63 letters, digits and hyphens, none of these at either end; underscores if allowed. */
  private static boolean label(String lower, int from, int to, boolean underscores) {
    if (to <= from || to - from > 63 || lower.charAt(from) == '-' || lower.charAt(to - 1) == '-') {
      return false;
    }
    for (int i = from; i < to; i++) {
      char c = lower.charAt(i);
      if (!letter(c) && (c < '0' || c > '9') && c != '-' && !(underscores && c == '_')) {
        return false;
      }
    }
    return true;
  }

  private static boolean letter(char c) {
    return c >= 'a' && c <= 'z';
  }

  /** Whether a name has a word of a dial-up or home range and none of a fixed host. */
  static boolean dynamic(String name) {
    boolean found = false;
    Matcher words = WORD.matcher(hostPart(name));
    while (words.find()) {
      if (FIXED.contains(words.group())) {
        return false;
      }
      found |= DYNAMIC.contains(words.group());
    }
    return found;
  }

  /** Whether a name is made from the address: its octets in a row, or its hexadecimal form. */
  static boolean generic(String name, InetAddress address) {
    String lower = name.toLowerCase(Locale.ROOT);
    byte[] bytes = address.getAddress();
    String hex = HexFormat.of().formatHex(bytes);
    if (!(address instanceof Inet4Address)) {
      String joined = lower.replaceAll("[^0-9a-f]", "");
      return joined.contains(hex.substring(16)) || joined.contains(reverseNibbles(hex, 16));
    }
    if (lower.contains(hex)) {
      return true;
    }
    List<Integer> numbers = NUMBER.matcher(lower).results().map(m -> number(m.group())).toList();
    int[] octets = new int[4];
    StringBuilder padded = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      octets[i] = bytes[i] & 255;
      padded.append(String.format(Locale.ROOT, "%03d", octets[i]));
    }
    return lower.contains(padded) || row(numbers, octets, 1) || row(numbers, octets, -1);
  }

  /** Whether the last two octets, and one before them if there are as many, stand in a row. */
  private static boolean row(List<Integer> numbers, int[] octets, int step) {
    for (int i = 0; i + 1 < numbers.size(); i++) {
      for (int first = 0; first < 3; first++) {
        int a = step > 0 ? first : 3 - first;
        int b = a + step;
        if (numbers.get(i) == octets[a] && numbers.get(i + 1) == octets[b]) {
          boolean last = step > 0 ? b == 3 : a == 3;
          boolean third =
              i + 2 < numbers.size()
                  && b + step >= 0
                  && b + step < 4
                  && numbers.get(i + 2) == octets[b + step];
          if (last || third) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static int number(String digits) {
    return digits.length() > 3 ? -1 : Integer.parseInt(digits);
  }

  private static String reverseNibbles(String hex, int count) {
    return new StringBuilder(hex.substring(hex.length() - count)).reverse().toString();
  }

  /** The name without its last two labels, where a provider's own name stands. */
  private static String hostPart(String name) {
    String[] labels = name.toLowerCase(Locale.ROOT).split("\\.", -1);
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < labels.length - 2; i++) {
      part.append(labels[i]).append('.');
    }
    return part.toString();
  }
}
