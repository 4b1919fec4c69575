// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Debian packages that cannot be installed side by side (MTAs), downloaded and unpacked, not
 * installed. Kept in {@code ~/.cache/greyprint/debs}.
 */
public final class Debs {
  private Debs() {}

  /**
   * The folder a package is unpacked in.
   *
   * @throws IllegalStateException if it can be had neither from the cache nor by {@code apt-get
   *     download}
   */
  public static Path unpacked(String name) {
    Path cache = Path.of(System.getProperty("user.home"), ".cache", "greyprint", "debs");
    Path folder = cache.resolve(name);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    try {
      Files.createDirectories(cache);
      Path work = Files.createTempDirectory(cache, "." + name);
      String script =
          "cd '" + work + "' && apt-get -q download " + name + " && dpkg -x ./*.deb unpacked";
      Programs.Result result =
          Programs.run(Duration.ofMinutes(2), List.of("/bin/sh", "-c", script));
      if (result.status() != 0) {
        throw new IllegalStateException("cannot download " + name + ": " + result.out());
      }
      Files.move(work.resolve("unpacked"), folder, StandardCopyOption.ATOMIC_MOVE);
      try (Stream<Path> rest = Files.list(work)) {
        for (Path file : rest.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(work);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
