// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.greyprint.decision.Position;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** One file that is being read: its text, the mistakes so far, the keys that were asked for. */
final class Source {
  private final String file;
  private final String text;
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> asked = new TreeSet<>();
  private int[] lineStarts = {};

  Source(String file, String text) {
    this.file = file;
    this.text = text;
  }

  String file() {
    return file;
  }

  String text() {
    return text;
  }

  /** The file's top; without content where the file has none or is no YAML. */
  Section top() {
    try {
      Optional<Node> root =
          new Compose(LoadSettings.builder().setLabel(file).build()).composeString(text);
      if (root.isEmpty() || Value.isNothing(root.get())) {
        return new Section(this, "", Optional.empty(), start());
      }
      if (root.get() instanceof MappingNode mapping) {
        return new Section(this, "", Optional.of(mapping), start());
      }
      problem(root.get(), "keys with values are expected, such as 'mode: observe'");
    } catch (MarkedYamlEngineException e) {
      Position place = e.getProblemMark().map(this::position).orElse(start());
      problems.add(
          new Problem(place, "this is no YAML: " + oneLine(String.valueOf(e.getProblem()))));
    } catch (YamlEngineException e) {
      problems.add(
          new Problem(start(), "this is no YAML: " + oneLine(String.valueOf(e.getMessage()))));
    }
    return new Section(this, "", Optional.empty(), start());
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s+", " ");
  }

  private Position start() {
    return new Position(file, 1, 1);
  }

  Position position(Node node) {
    return node.getStartMark().map(this::position).orElse(start());
  }

  private Position position(Mark mark) {
    return new Position(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  /** The place of a code point of the text. */
  Position position(int index) {
    if (lineStarts.length == 0) {
      int[] points = text.codePoints().toArray();
      lineStarts =
          IntStream.concat(
                  IntStream.of(0),
                  IntStream.range(0, points.length).filter(i -> points[i] == '\n').map(i -> i + 1))
              .toArray();
    }
    int found = Arrays.binarySearch(lineStarts, index);
    int line = found >= 0 ? found : -found - 2;
    return new Position(file, line + 1, index - lineStarts[line] + 1);
  }

  void problem(Node node, String message) {
    problem(position(node), message);
  }

  void problem(Position place, String message) {
    problems.add(new Problem(place, message));
  }

  void asked(String path) {
    asked.add(path);
  }

  /** Every key that was asked for, as {@code greylist.delay} or {@code capture[].ports}. */
  Set<String> asked() {
    return Collections.unmodifiableSet(asked);
  }

  /** The mistakes, in the order of the file. */
  List<Problem> problems() {
    return problems.stream()
        .distinct()
        .sorted(
            Comparator.comparingInt((Problem problem) -> problem.position().line())
                .thenComparingInt(problem -> problem.position().column()))
        .toList();
  }
}
