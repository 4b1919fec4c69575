// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What an MTA delivered: one file a message, anywhere below a folder. */
record Inbox(Path folder) {
  /** A delivered message. */
  record Message(String text) {
    /** The values of all fields of a name, unfolded, from the top. */
    List<String> headers(String name) {
      String head = text.split("\r?\n\r?\n", 2)[0].replaceAll("\r?\n[ \t]+", " ");
      return head.lines()
          .filter(line -> line.matches("(?i)" + name + "\\s*:.*"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .toList();
    }
  }

  /** The message that carries an id in its subject. */
  Optional<Message> find(String id) {
    return messages().stream()
        .filter(message -> message.headers("Subject").contains(id))
        .findFirst();
  }

  List<Message> messages() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !file.toString().contains("/tmp/1"))
          .map(Inbox::read)
          .flatMap(Optional::stream)
          .toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of();
    }
  }

  private static Optional<Message> read(Path file) {
    try {
      return Optional.of(
          new Message(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
