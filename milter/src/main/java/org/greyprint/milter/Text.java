// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Octets and text. */
public final class Text {
  private Text() {}

  /**
   * The text that octets speak for: a string of the wire (ISO 8859-1) read again as UTF-8 where it
   * is that, unchanged where it is not (RFC 6531 allows UTF-8 in addresses).
   */
  public static String utf8(String octets) {
    for (int i = 0; i < octets.length(); i++) {
      if (octets.charAt(i) >= 0x80) {
        try {
          return StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)))
              .toString();
        } catch (CharacterCodingException e) {
          return octets;
        }
      }
    }
    return octets;
  }

  /**
   * Fit for one line of an SMTP reply (RFC 5321, 4.2): what is not printable ASCII becomes '?', and
   * the end is cut at {@code limit} characters.
   */
  static String printable(String text, int limit) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), limit));
    for (int i = 0; i < text.length() && out.length() < limit; i++) {
      char c = text.charAt(i);
      out.append(c >= ' ' && c <= '~' ? c : c == '\t' ? ' ' : '?');
    }
    return out.toString();
  }

  /**
   * Fit for a header value: no NUL, no CR, and an LF only before a space or tab (folding, RFC 5322,
   * 2.2.3); each of them becomes a space otherwise.
   */
  static String headerValue(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || c == '\r') {
        out.append(' ');
      } else if (c == '\n') {
        boolean folds =
            i + 1 < text.length() && (text.charAt(i + 1) == ' ' || text.charAt(i + 1) == '\t');
        out.append(folds ? '\n' : ' ');
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** Without the NULs that would end a string of the wire too early. */
  static String withoutNul(String text) {
    return text.indexOf(0) < 0 ? text : text.replace("\0", "");
  }
}
