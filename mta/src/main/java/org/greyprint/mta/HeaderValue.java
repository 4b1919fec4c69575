// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.util.Locale;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;

/**
 * The text of the {@code X-P0f-OS} header: the label, and in brackets how sure it is, e.g. {@code
 * Windows 10 or 11 [role=client quality=exact confidence=0.98 distance=12 link="Ethernet or
 * modem"]}. The label comes first and stands alone where nothing is known ({@code UNKNOWN}), so
 * that rules that match {@code /^Windows(?! Server)/} go on working.
 */
public final class HeaderValue {
  /** The value where the operating system is not known. */
  public static final String UNKNOWN = OperatingSystem.UNKNOWN.label();

  private static final int MAX_WORDS = 120;

  private HeaderValue() {}

  /** The value for what a SYN told; {@link #UNKNOWN} where there was none. */
  public static String of(Optional<Fingerprint> fingerprint) {
    return fingerprint.map(HeaderValue::of).orElse(UNKNOWN);
  }

  /**
   * The value for what a SYN told: one line of printable ASCII of at most some 350 characters. A
   * distance below 0 and an empty link are left out.
   */
  public static String of(Fingerprint fingerprint) {
    OperatingSystem os = fingerprint.os();
    if (os.name().isEmpty()) {
      return UNKNOWN;
    }
    StringBuilder out = new StringBuilder(plain(os.label()));
    out.append(" [role=").append(os.role().word());
    out.append(" quality=").append(os.quality().word());
    out.append(String.format(Locale.ROOT, " confidence=%.2f", os.confidence()));
    if (fingerprint.distance() >= 0) {
      out.append(" distance=").append(fingerprint.distance());
    }
    if (!fingerprint.link().isEmpty()) {
      out.append(" link=\"").append(plain(fingerprint.link())).append('"');
    }
    return out.append(']').toString();
  }

  /** Words of a signature file, without what would end the label or the quotes too early. */
  private static String plain(String words) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < words.length() && out.length() < MAX_WORDS; i++) {
      char c = words.charAt(i);
      out.append(c < ' ' || c > '~' ? '?' : c == '[' ? '(' : c == ']' ? ')' : c == '"' ? '\'' : c);
    }
    return out.toString();
  }
}
