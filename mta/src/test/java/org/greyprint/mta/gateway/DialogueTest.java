// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Golden dialogues, one a file in {@code src/test/resources/dialogues}: lines that begin with
 * {@code C: } are sent (with {@code \r}, {@code \n} and {@code \0} as escapes, CRLF added unless
 * the line ends with a backslash), {@code S: } lines must come, {@code H: } lines are the commands
 * that the next hop must have seen by the end, {@code M: } the end of the last message it took.
 */
class DialogueTest {
  static Stream<Path> dialogues() throws IOException {
    Path folder = Programs.root().resolve("mta/src/test/resources/dialogues");
    return Files.list(folder).sorted();
  }

  @ParameterizedTest
  @MethodSource("dialogues")
  void goes(Path file) throws Exception {
    try (Rig rig = new Rig()) {
      rig.open(rig.settings());
      try (Line line = Line.greeted(rig.plain())) {
        int number = 0;
        int seen = 0;
        for (String row : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
          number++;
          String text = row.length() > 3 ? row.substring(3) : "";
          switch (row.length() < 2 ? "#" : row.substring(0, 2)) {
            case "C:" -> line.send(octets(text));
            case "S:" ->
                assertThat(String.valueOf(line.line()))
                    .as("%s line %d", file.getFileName(), number)
                    .isEqualTo(text);
            case "H:" ->
                assertThat(rig.hop.commands.get(seen++))
                    .as("%s line %d", file.getFileName(), number)
                    .isEqualTo(text);
            case "M:" ->
                assertThat(rig.hop.messages.getLast())
                    .as("%s line %d", file.getFileName(), number)
                    .endsWith(new String(octets(text), StandardCharsets.ISO_8859_1));
            default -> assertThat(row).as("%s line %d", file, number).matches("(#.*)?");
          }
        }
      }
    }
  }

  private static byte[] octets(String text) {
    boolean open = text.endsWith("\\") && !text.endsWith("\\\\");
    String plain =
        (open ? text.substring(0, text.length() - 1) : text + "\\r\\n")
            .replace("\\r", "\r")
            .replace("\\n", "\n")
            .replace("\\0", "\0");
    return plain.getBytes(StandardCharsets.ISO_8859_1);
  }
}
