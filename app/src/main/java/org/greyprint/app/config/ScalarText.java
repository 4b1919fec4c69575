// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.util.ArrayList;
import java.util.List;
import org.greyprint.decision.Position;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A scalar whose characters' places in the file are known, whatever its style: plain, quoted,
 * literal ({@code |}) or folded ({@code >}).
 */
final class ScalarText {
  private final String value;
  private final List<Position> places;
  private final Position start;

  private ScalarText(String value, List<Position> places, Position start) {
    this.value = value;
    this.places = places;
    this.start = start;
  }

  static ScalarText none(Position start) {
    return new ScalarText("", List.of(), start);
  }

  /**
   * Follows the value through the file: the characters that are no blanks stand there in the same
   * order; blanks and ends of lines are what folding changes.
   */
  static ScalarText of(Source source, ScalarNode node) {
    String value = node.getValue();
    Position begin = source.position(node);
    int from = node.getStartMark().map(Mark::getIndex).orElse(0);
    int[] file = source.text().codePoints().toArray();
    int at = from;
    if (at < file.length && (file[at] == '|' || file[at] == '>')) {
      while (at < file.length && file[at] != '\n') {
        at++;
      }
    }
    List<Position> places = new ArrayList<>();
    for (int c : value.codePoints().toArray()) {
      boolean blank = c == ' ' || c == '\n' || c == '\t';
      if (!blank) {
        while (at < file.length && file[at] != c) {
          at++;
        }
      } else if (at < file.length && file[at] != c && file[at] != '\n') {
        // A blank that folding made of an end of line further on.
        while (at < file.length && file[at] != '\n') {
          at++;
        }
      }
      if (at >= file.length) {
        break;
      }
      places.add(source.position(at));
      at++;
    }
    Position start = places.isEmpty() ? begin : places.getFirst();
    return new ScalarText(value, places, start);
  }

  String value() {
    return value;
  }

  /** Where its text begins. */
  Position start() {
    return start;
  }

  /**
   * The place in the file of a place in the value.
   *
   * @param line from 1
   * @param column code points, from 0
   */
  Position at(int line, int column) {
    int index = 0;
    int[] points = value.codePoints().toArray();
    for (int l = 1; l < line && index < points.length; index++) {
      if (points[index] == '\n') {
        l++;
      }
    }
    index += column;
    if (index < places.size()) {
      return places.get(index);
    }
    if (places.isEmpty()) {
      return start;
    }
    Position last = places.getLast();
    return new Position(last.file(), last.line(), last.column() + 1);
  }
}
