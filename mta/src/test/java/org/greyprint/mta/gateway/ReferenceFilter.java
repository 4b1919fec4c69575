// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the message filter should do, written for plainness: whole strings, a char an octet. */
final class ReferenceFilter {
  private ReferenceFilter() {}

  /** What comes out of a message, and where it ends in the input. */
  record Result(String out, int end) {}

  private record Row(String raw, boolean first) {}

  /** Normalises a message that came by DATA; its end must be in the input. */
  static Result data(String in, String name) {
    List<Row> rows = new ArrayList<>();
    int at = 0;
    while (true) {
      int crlf = in.indexOf("\r\n", at);
      String line = in.substring(at, crlf);
      at = crlf + 2;
      if (line.equals(".")) {
        return new Result(write(rows, name), at);
      }
      String[] parts = line.split("\n", -1);
      for (int i = 0; i < parts.length; i++) {
        rows.add(new Row(parts[i], i == 0));
      }
    }
  }

  private static String write(List<Row> rows, String name) {
    StringBuilder out = new StringBuilder();
    boolean header = true;
    boolean dropping = false;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      boolean stuffed = row.first() && row.raw().startsWith(".");
      String content = stuffed ? row.raw().substring(1) : row.raw();
      String clean = content.replace('\r', ' ').replace('\0', ' ');
      String text = stuffed ? "." + clean : clean.startsWith(".") ? "." + clean : clean;
      boolean bareDot =
          stuffed && content.isEmpty() && i + 1 < rows.size() && !rows.get(i + 1).first();
      if (bareDot) {
        text = "..";
      }
      if (header) {
        boolean blank = clean.startsWith(" ") || clean.startsWith("\t");
        if (dropping && blank) {
          continue;
        }
        dropping = false;
        if (blank && i == 0) {
          out.append("\r\n");
          header = false;
        } else if (named(content, name)) {
          dropping = true;
          continue;
        } else if (content.isEmpty()) {
          header = false;
        }
      }
      out.append(text).append("\r\n");
    }
    return out.toString();
  }

  private static boolean named(String content, String name) {
    if (!content.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT))) {
      return false;
    }
    int at = name.length();
    while (at < content.length() && (content.charAt(at) == ' ' || content.charAt(at) == '\t')) {
      at++;
    }
    if (at - name.length() > MessageFilter.MAX_BLANKS || at == content.length()) {
      return true;
    }
    char c = content.charAt(at);
    return c == ':' || c == '\r' || c == 0;
  }
}
