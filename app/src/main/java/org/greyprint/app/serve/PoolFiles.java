// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.greyprint.app.Failure;
import org.greyprint.greylist.Pools;

/** Provider pools: those that ship, and those of files, which come first. */
public final class PoolFiles {
  private PoolFiles() {}

  /**
   * Reads files of pools.
   *
   * @throws Failure if one cannot be read, or has mistakes
   */
  public static Pools read(List<Path> files) {
    Pools pools = Pools.NONE;
    for (Path file : files) {
      pools =
          switch (Pools.read(file.toString(), text(file))) {
            case Pools.Reading.Good good -> pools.and(good.pools());
            case Pools.Reading.Bad bad -> throw new Failure(String.join("\n", bad.mistakes()));
          };
    }
    return pools.and(Pools.builtin());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new Failure("greylist.pools.files: " + file + ": no such file", e);
    } catch (IOException e) {
      throw new Failure("greylist.pools.files: " + file + ": cannot be read: " + e, e);
    }
  }
}
