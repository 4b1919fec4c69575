// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes messages about conditions helpful. */
final class RuleHints {
  private static final Pattern DOTTED = Pattern.compile("[A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)*");
  private static final List<String> FUNCTIONS =
      List.of(
          "matches",
          "startsWith",
          "endsWith",
          "contains",
          "size",
          "within",
          "under",
          "exists",
          "all",
          "int",
          "double",
          "string");

  private RuleHints() {}

  /** The text from a place on, to the end of its line. */
  static String rest(String text, int line, int column) {
    String[] lines = text.split("\n", -1);
    if (line > lines.length) {
      return "";
    }
    String row = lines[line - 1];
    int from = row.offsetByCodePoints(0, Math.min(column, row.codePointCount(0, row.length())));
    return row.substring(from);
  }

  /** The name that is not known, with what follows its dots where the text begins with it. */
  static String undeclared(String message, String text) {
    String[] quoted = message.split("'", 3);
    String name = quoted.length < 3 ? "" : quoted[1];
    Matcher matcher = DOTTED.matcher(text);
    return matcher.lookingAt() && matcher.group().startsWith(name) ? matcher.group() : name;
  }

  /** The known name that is nearest to one that is not known. */
  static String nearest(String name, Fields fields) {
    List<String> known = new ArrayList<>(FUNCTIONS);
    fields.all().forEach(field -> known.add(field.name()));
    return nearest(name, known);
  }

  /** The known word that is nearest, or "" if none is near. */
  static String nearest(String name, List<String> known) {
    String best = "";
    int least = Math.max(1, name.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(name, candidate);
      if (!name.contains(".") && candidate.contains(".")) {
        String last = candidate.substring(candidate.indexOf('.') + 1);
        distance = Math.min(distance, distance(name, last));
      }
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    if (!best.isEmpty()) {
      return "did you mean " + best + "?";
    }
    String prefix = name.contains(".") ? name.substring(0, name.indexOf('.') + 1) : name + ".";
    List<String> same = known.stream().filter(field -> field.startsWith(prefix)).toList();
    return same.isEmpty() ? "" : "known are " + String.join(", ", same);
  }

  /** An overload message in plain words. */
  static String overload(String message) {
    Matcher matcher =
        Pattern.compile("found no matching overload for '([^']*)' applied to '\\(([^']*)\\)'.*")
            .matcher(message);
    if (!matcher.lookingAt()) {
      return message;
    }
    String operator = matcher.group(1).replace("_", "").replace("@", "");
    return "'" + operator + "' does not go with " + matcher.group(2).replace(", ", " and ");
  }

  /** The types of the fields that a condition uses. */
  static String types(String when, Fields fields) {
    List<String> types = new ArrayList<>();
    Matcher matcher = DOTTED.matcher(when);
    while (matcher.find()) {
      fields
          .find(matcher.group())
          .map(field ->
              field.name()
                  + (field.type() == FieldType.INT ? " is an " : " is a ")
                  + field.type().word())
          .filter(text -> !types.contains(text))
          .ifPresent(types::add);
    }
    return String.join(", ", types);
  }

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
