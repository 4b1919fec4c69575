// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The servers' own dump and import programs, looked for on the path. */
record Tools(Path dump, Path load) {
  /** What they are called, and which package has them. */
  record Names(List<String> dump, List<String> load, String packageName) {}

  /** Finds both; empty where one is missing. */
  static Optional<Tools> find(Names names, List<Path> folders) {
    Optional<Path> dump = first(names.dump(), folders);
    Optional<Path> load = first(names.load(), folders);
    return dump.isPresent() && load.isPresent()
        ? Optional.of(new Tools(dump.get(), load.get()))
        : Optional.empty();
  }

  private static Optional<Path> first(List<String> names, List<Path> folders) {
    return names.stream()
        .flatMap(name -> folders.stream().map(folder -> folder.resolve(name)))
        .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
        .findFirst();
  }
}
