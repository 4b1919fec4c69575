// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.config.ConfigurationReader;
import org.greyprint.app.config.ConfigurationResult;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which configuration a command goes by. */
final class ConfigOption {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      defaultValue = "${env:GREYPRINT_CONFIG:-}",
      description =
          "The configuration (default: $GREYPRINT_CONFIG; without any, what needs no other service).")
  private @Nullable Path file;

  /** This file's, or the default one for "". */
  static ConfigOption of(String name) {
    ConfigOption option = new ConfigOption();
    option.file = Path.of(name);
    return option;
  }

  /** The file's name, or "" where there is none. */
  String name() {
    Path chosen = file;
    return chosen == null || chosen.toString().isEmpty() ? "" : chosen.toString();
  }

  /**
   * Reads it.
   *
   * @throws Failure if there is no such file
   */
  ConfigurationResult read() {
    String name = name();
    if (name.isEmpty()) {
      return ConfigurationReader.defaults();
    }
    try {
      return ConfigurationReader.read(name, Files.readString(Path.of(name)));
    } catch (NoSuchFileException e) {
      throw new Failure(name + ": no such file: name the configuration with --config FILE", e);
    } catch (AccessDeniedException e) {
      throw new Failure(name + ": permission denied: make it readable for this user", e);
    } catch (MalformedInputException e) {
      throw new Failure(name + ": is not UTF-8: save it in that encoding", e);
    } catch (IOException e) {
      throw new Failure(name + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads it for a command that cannot go on without.
   *
   * @throws Failure if it has mistakes; tells all of them
   */
  Configuration load() {
    return switch (read()) {
      case Configuration configuration -> configuration;
      case ConfigurationResult.Faulty faulty ->
          throw new Failure("the configuration has mistakes:\n" + faulty);
    };
  }
}
