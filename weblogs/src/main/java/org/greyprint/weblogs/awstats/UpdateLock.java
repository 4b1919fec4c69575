// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * AWStats' own lock, which keeps its updates away from a site with EnableLockForUpdate: {@code
 * awstats.SITE.lock} in /tmp, one of the places it looks at.
 */
final class UpdateLock implements AutoCloseable {
  private static final Pattern MINE = Pattern.compile("greyprint process (\\d+)");

  private final Path file;

  private UpdateLock(Path file) {
    this.file = file;
  }

  /**
   * Takes it.
   *
   * @throws RebuildException if AWStats holds it
   */
  static UpdateLock take(SiteConfig site) throws IOException, RebuildException {
    Path file =
        Path.of(System.getProperty("greyprint.awstats.lock", "/tmp"))
            .resolve("awstats" + site.suffix() + ".lock");
    if (Files.exists(file)) {
      Matcher mine = MINE.matcher(Files.readString(file));
      if (!mine.find() || isAlive(Long.parseLong(mine.group(1)))) {
        throw new RebuildException(
            file
                + " is there: AWStats is updating "
                + site.name()
                + ", or was cut off; if no awstats.pl runs, remove it");
      }
      Files.delete(file);
    }
    Files.writeString(
        file,
        "AWStats history rebuilt by greyprint process " + ProcessHandle.current().pid() + "\n",
        StandardOpenOption.CREATE_NEW);
    return new UpdateLock(file);
  }

  private static boolean isAlive(long process) {
    return ProcessHandle.of(process).filter(ProcessHandle::isAlive).isPresent();
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
