// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret that must be shown for changes and for what tells of people. It is the first line of a
 * file that only its owner can read; another content holds from the next request on.
 */
final class Token {
  private static final Logger LOG = LoggerFactory.getLogger(Token.class);
  private static final int SHORTEST = 16;

  private final Path file;

  private Token(Path file) {
    this.file = file;
  }

  /** The token in a file, made where it is missing. Where it cannot be made, nothing matches. */
  static Token in(Path file) {
    Token token = new Token(file);
    try {
      token.make();
    } catch (IOException e) {
      LOG.warn(
          "admin.token-file: {} cannot be written ({}); the administration only shows sums until it"
              + " is there",
          file,
          e.toString());
    }
    return token;
  }

  private void make() throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    byte[] secret = new byte[24];
    new SecureRandom().nextBytes(secret);
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(StandardCharsets.US_ASCII.encode(HexFormat.of().formatHex(secret) + "\n"));
    } catch (FileAlreadyExistsException e) {
      LOG.debug("{} is there", file);
    }
  }

  /** Whether this is it; takes the same time whatever is given. */
  boolean matches(String given) {
    Optional<String> expected = read();
    byte[] right = expected.orElse("").getBytes(StandardCharsets.UTF_8);
    boolean same = MessageDigest.isEqual(right, given.getBytes(StandardCharsets.UTF_8));
    return expected.isPresent() && same;
  }

  private Optional<String> read() {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().map(String::strip).filter(line -> line.length() >= SHORTEST);
    } catch (IOException | java.io.UncheckedIOException e) {
      LOG.debug("{} cannot be read", file, e);
      return Optional.empty();
    }
  }
}
