// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses as the greylist compares them.
 *
 * <p>Many senders give each message, or each try, an address of its own. What differs from one to
 * the next is taken out, so that a retry is known again:
 *
 * <ul>
 *   <li>BATV's signature (draft-levine-smtp-batv), in both orders that are in use, and Barracuda's
 *       and SparkPost's variants of it;
 *   <li>the hash and time stamp of SRS (Mengwong, SRS0 and SRS1);
 *   <li>an extension after {@code +};
 *   <li>the recipient's own address in it (VERP);
 *   <li>numbers, UUIDs, long hexadecimal and mixed words become {@code #}.
 * </ul>
 */
final class Mailboxes {
  /** The most octets of an address that are compared as they are (RFC 5321, 4.5.3.1: 64+1+255). */
  static final int LONGEST = 320;

  private static final Pattern BATV =
      Pattern.compile("(?:ms)?prvs\\d?=(?:[0-9a-z]{6,16}=(.+)|([^=]+)=[0-9a-z]{6,16})");
  private static final Pattern BTV1 = Pattern.compile("btv1==[0-9a-z]+==(.+)");
  private static final Pattern SRS0 = Pattern.compile("srs0[=+-][^=]+=[0-9a-z]{1,4}=([^=]+)=(.+)");
  private static final Pattern SRS1 =
      Pattern.compile("srs1[=+-][^=]+=[^=]+==[^=]+=[0-9a-z]{1,4}=([^=]+)=(.+)");
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private Mailboxes() {}

  /** The part behind the last @ in lower case, or "". */
  static String domain(String address) {
    int at = address.lastIndexOf('@');
    return at < 0 ? "" : host(address.substring(at + 1));
  }

  /** A host or domain name in lower case, in its ASCII form, without a dot at its end. */
  static String host(String name) {
    String lower = clean(name.toLowerCase(Locale.ROOT));
    if (!ascii(lower)) {
      try {
        lower = IDN.toASCII(lower, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
      } catch (IllegalArgumentException e) {
        return bounded(lower);
      }
    }
    int end = lower.length();
    while (end > 0 && (lower.charAt(end - 1) == '.' || lower.charAt(end - 1) == ' ')) {
      end--;
    }
    return bounded(lower.substring(0, end));
  }

  private static boolean ascii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 126) {
        return false;
      }
    }
    return true;
  }

  /** An address in lower case; nothing is taken out. */
  static String plain(String address) {
    int at = address.lastIndexOf('@');
    if (at < 0) {
      return bounded(clean(address.toLowerCase(Locale.ROOT)));
    }
    String local = clean(address.substring(0, at).toLowerCase(Locale.ROOT));
    return bounded(local + '@' + domain(address));
  }

  /** A plain address without its extension. */
  static String withoutExtension(String plain) {
    int at = plain.lastIndexOf('@');
    int plus = plain.indexOf('+');
    return plus > 0 && plus < at ? plain.substring(0, plus) + plain.substring(at) : plain;
  }

  /**
   * A sender as it is compared.
   *
   * @param recipient the recipient, {@link #plain}
   */
  static String sender(String address, String recipient) {
    if (address.isBlank()) {
      return "";
    }
    int at = address.lastIndexOf('@');
    String local = clean((at < 0 ? address : address.substring(0, at)).toLowerCase(Locale.ROOT));
    String domain = at < 0 ? "" : "@" + domain(address);
    if (local.length() > 4 * LONGEST) {
      return bounded(local + domain);
    }
    return bounded(local(local, recipient) + domain);
  }

  private static String local(String local, String recipient) {
    String rest = local;
    if (local.startsWith("srs")) {
      Matcher srs0 = SRS0.matcher(local);
      Matcher srs1 = SRS1.matcher(local);
      Matcher srs = srs0.matches() ? srs0 : srs1;
      if (srs == srs0 || srs1.matches()) {
        return "srs=" + host(srs.group(1)) + "=" + words(extension(srs.group(2)));
      }
    } else if (local.startsWith("prvs") || local.startsWith("msprvs")) {
      Matcher batv = BATV.matcher(local);
      if (batv.matches()) {
        rest = batv.group(1) == null ? batv.group(2) : batv.group(1);
      }
    } else if (local.startsWith("btv1")) {
      Matcher btv1 = BTV1.matcher(local);
      rest = btv1.matches() ? btv1.group(1) : local;
    }
    rest = extension(rest);
    int at = recipient.lastIndexOf('@');
    if (at > 0 && rest.length() >= recipient.length() && rest.indexOf('=') > 0) {
      String verp = recipient.substring(0, at) + "=" + recipient.substring(at + 1);
      rest = rest.replace(verp, "=");
    }
    return words(rest);
  }

  private static String extension(String local) {
    int plus = local.indexOf('+');
    return plus > 0 ? local.substring(0, plus) : local;
  }

  /** Numbers, and words that look drawn, become #. */
  private static String words(String local) {
    int digits = 0;
    for (int i = 0; i < local.length(); i++) {
      digits += digit(local.charAt(i)) ? 1 : 0;
    }
    if (digits == 0) {
      return local;
    }
    String text = local.length() < 36 ? local : UUID.matcher(local).replaceAll("#");
    StringBuilder out = new StringBuilder(text.length());
    for (int from = 0; from < text.length(); ) {
      int to = from;
      while (to < text.length() && (digit(text.charAt(to)) || letter(text.charAt(to)))) {
        to++;
      }
      if (to == from) {
        out.append(text.charAt(from++));
      } else {
        out.append(word(text.substring(from, to)));
        from = to;
      }
    }
    return out.toString();
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean letter(char c) {
    return c >= 'a' && c <= 'z';
  }

  private static String word(String word) {
    int digits = 0;
    int hex = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      digits += digit(c) ? 1 : 0;
      hex += c <= 'f' ? 1 : 0;
    }
    boolean number = digits == word.length();
    boolean hexadecimal = hex == word.length() && word.length() >= 8 && digits > 0;
    boolean mixed = word.length() >= 16 && digits >= 2;
    if (number || hexadecimal || mixed) {
      return "#";
    }
    return digits < 5 ? word : runs(word);
  }

  /** Five digits in a row and more become #. */
  private static String runs(String word) {
    StringBuilder out = new StringBuilder(word.length());
    for (int from = 0, to = 0; from < word.length(); from = to) {
      while (to < word.length() && digit(word.charAt(to))) {
        to++;
      }
      if (to - from >= 5) {
        out.append('#');
      } else {
        out.append(word, from, to);
      }
      if (to < word.length()) {
        out.append(word.charAt(to++));
      }
    }
    return out.toString();
  }

  /** Control characters would break lists; an address must not have any. */
  private static String clean(String text) {
    String trimmed = text.strip();
    for (int i = 0; i < trimmed.length(); i++) {
      char c = trimmed.charAt(i);
      if (c < ' ' || c == 127 || Character.isSurrogate(c)) {
        return trimmed.replaceAll("[\\p{Cntrl}\\p{Cs}]|[^\\x00-\\uFFFF]", "?");
      }
    }
    return trimmed;
  }

  /** What is too long keeps its beginning, and a hash of all. */
  private static String bounded(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    return text.substring(0, LONGEST - 20)
        + "~"
        + Hashes.hex(text.getBytes(StandardCharsets.UTF_8));
  }
}
