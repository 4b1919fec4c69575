// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/** A user and group by number, as files have them. */
record Owner(int uid, int gid) {

  /** Who owns a file. */
  static Owner of(Path file) throws IOException {
    return new Owner(
        (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS),
        (Integer) Files.getAttribute(file, "unix:gid", LinkOption.NOFOLLOW_LINKS));
  }

  /** Who we are. */
  static int self() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /**
   * Whom to become for work in a folder: nobody, if it is ours; its owner, if we are root.
   *
   * @throws RebuildException if it is somebody else's and we are not root
   */
  static Optional<Owner> toBecome(Path folder) throws IOException, RebuildException {
    Owner owner = of(folder);
    int self = self();
    if (owner.uid == self) {
      return Optional.empty();
    }
    if (self != 0) {
      throw new RebuildException(
          folder
              + " belongs to the user with number "
              + owner.uid
              + "; run this as that user or as root");
    }
    return Optional.of(owner);
  }

  /** A command line that runs what follows it as this user. */
  List<String> prefix() {
    return List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--");
  }

  /** Gives a file to this owner, unless it is. */
  void give(Path file) throws IOException {
    if (!of(file).equals(this)) {
      Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(file, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Gives a folder and all in it. */
  void giveAll(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
              throws IOException {
            give(dir);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            give(file);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
