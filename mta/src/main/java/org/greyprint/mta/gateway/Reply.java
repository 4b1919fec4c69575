// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.List;

/**
 * An SMTP reply (RFC 5321, 4.2).
 *
 * @param code from 200 to 599
 * @param lines the texts after the code and its separator, at least one; characters are octets
 */
record Reply(int code, List<String> lines) {
  static Reply of(int code, String text) {
    return new Reply(code, List.of(text));
  }

  /** What the client is told when the next hop does not do its part. */
  static Reply away(String why) {
    return of(451, "4.4.1 The mail server behind this gateway " + why + ", try again later");
  }

  boolean ok() {
    return code < 300;
  }

  boolean failed() {
    return code >= 400;
  }

  String first() {
    return lines.getFirst();
  }

  /** The reply as it is sent, with CRLF. */
  String text() {
    StringBuilder out = new StringBuilder(lines.size() * 40);
    for (int i = 0; i < lines.size(); i++) {
      boolean last = i == lines.size() - 1;
      out.append(code).append(last ? ' ' : '-').append(lines.get(i)).append("\r\n");
    }
    return out.toString();
  }
}
