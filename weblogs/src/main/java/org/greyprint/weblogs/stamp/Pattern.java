// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A parsed pattern of {@link PatternStamps}: literal octets and directives. */
record Pattern(boolean anchored, List<Part> parts) {
  /** A pattern, or why the text is none. */
  sealed interface Result {
    record Good(Pattern pattern) implements Result {}

    record Bad(String why) implements Result {}
  }

  /** One piece: a directive's letter, or 0 and an octet that has to stand there. */
  record Part(char directive, byte literal) {}

  private static final String DIRECTIVES = "YmdeHMSbjzsfIp";
  private static final int MOST_PARTS = 200;

  static Result parse(String text) {
    boolean anchored = text.startsWith("^");
    byte[] octets = (anchored ? text.substring(1) : text).getBytes(StandardCharsets.UTF_8);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] != '%') {
        parts.add(new Part((char) 0, octets[i]));
        continue;
      }
      if (++i == octets.length) {
        return new Result.Bad("the pattern ends with a single %: write %% for the sign itself");
      }
      switch (octets[i]) {
        case '%' -> parts.add(new Part((char) 0, (byte) '%'));
        case 'T' -> add(parts, "H:M:S");
        case 'F' -> add(parts, "Y-m-d");
        case 'h' -> add(parts, "b");
        default -> {
          char letter = (char) (octets[i] & 0xff);
          if (DIRECTIVES.indexOf(letter) < 0) {
            return new Result.Bad(
                "the pattern's %"
                    + letter
                    + " is not known: there are %Y %m %b %d %e %j %H %I %p %M %S %f %z %s %T %F %%");
          }
          parts.add(new Part(letter, (byte) 0));
        }
      }
    }
    return check(new Pattern(anchored, List.copyOf(parts)));
  }

  private static void add(List<Part> parts, String letters) {
    for (char c : letters.toCharArray()) {
      boolean directive = Character.isLetter(c);
      parts.add(new Part(directive ? c : (char) 0, directive ? 0 : (byte) c));
    }
  }

  private static Result check(Pattern pattern) {
    if (pattern.parts.size() > MOST_PARTS) {
      return new Result.Bad("the pattern is too long");
    }
    boolean epoch = pattern.has('s');
    boolean day =
        pattern.has('Y') && pattern.has('j')
            || (pattern.has('m') || pattern.has('b')) && (pattern.has('d') || pattern.has('e'));
    if (!epoch && !day) {
      return new Result.Bad(
          "the pattern gives no day: it needs %s, or %d and %m or %b, or %Y and %j");
    }
    if (pattern.has('I') && !pattern.has('p')) {
      return new Result.Bad("the pattern has %I (1 to 12) and no %p (AM or PM)");
    }
    return new Result.Good(pattern);
  }

  boolean has(char directive) {
    return parts.stream().anyMatch(part -> part.directive == directive);
  }
}
