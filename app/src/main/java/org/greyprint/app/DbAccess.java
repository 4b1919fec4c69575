// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.greyprint.replication.Access;
import org.greyprint.replication.Address;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * How the servers are logged in to; passwords come from a file, the environment or the terminal.
 *
 * <p>CONFIGURATION. {@code GREYPRINT_DB_PASSWORD}: one password for all servers. {@code
 * GREYPRINT_REPLICATION_PASSWORD}: the replication account's.
 */
final class DbAccess {
  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "One password for all servers, or lines 'user@host:port password'. Without it"
              + " GREYPRINT_DB_PASSWORD, else a prompt where there is a terminal, else none.")
  private @Nullable Path passwordFile;

  @Option(
      names = "--replication-user",
      paramLabel = "NAME",
      description =
          "The account replicas log in with; without it what they use now. Its password is"
              + " GREYPRINT_REPLICATION_PASSWORD, or as for the others.")
  private @Nullable String replicationUser;

  @Option(
      names = "--tls",
      paramLabel = "MODE",
      defaultValue = "off",
      converter = TlsConverter.class,
      description =
          "off, require (encrypted), verify-ca or verify (the certificate is the host's too);"
              + " for every server, the dump and import programs, and replication.")
  private Access.TlsMode tls = Access.TlsMode.OFF;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = "The authority's certificate (PEM) the verifying modes trust.")
  private @Nullable Path tlsAuthority;

  /** {@code user@host:port} on the command line. */
  static final class AddressConverter implements ITypeConverter<Address> {
    @Override
    public Address convert(String text) {
      return Address.parse(text)
          .orElseThrow(() ->
              new TypeConversionException(
                  "'" + text + "' is no address: user@host:port, e.g. root@db1:3306"));
    }
  }

  /** {@code off}, {@code require}, {@code verify-ca} or {@code verify}. */
  static final class TlsConverter implements ITypeConverter<Access.TlsMode> {
    @Override
    public Access.TlsMode convert(String text) {
      return switch (text) {
        case "off" -> Access.TlsMode.OFF;
        case "require" -> Access.TlsMode.REQUIRE;
        case "verify-ca" -> Access.TlsMode.VERIFY_CA;
        case "verify" -> Access.TlsMode.VERIFY;
        default ->
            throw new TypeConversionException(
                "'" + text + "' is none of off, require, verify-ca, verify");
      };
    }
  }

  /** The access these options and the environment give. */
  Access access(Map<String, String> environment, @Nullable Console console) {
    return new Access(
        passwords(environment, console),
        Optional.ofNullable(replicationUser),
        Optional.ofNullable(environment.get("GREYPRINT_REPLICATION_PASSWORD")),
        new Access.Tls(tls, Optional.ofNullable(tlsAuthority)),
        Duration.ofSeconds(10));
  }

  private Function<Address, String> passwords(
      Map<String, String> environment, @Nullable Console console) {
    if (passwordFile != null) {
      return fromFile(passwordFile);
    }
    String one = environment.get("GREYPRINT_DB_PASSWORD");
    if (one != null) {
      return address -> one;
    }
    if (console == null || !console.isTerminal()) {
      return address -> "";
    }
    Map<Address, String> asked = new HashMap<>();
    return address ->
        asked.computeIfAbsent(
            address,
            a -> {
              char[] typed = console.readPassword("Password of %s: ", a);
              return typed == null ? "" : new String(typed);
            });
  }

  private static Function<Address, String> fromFile(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new Failure("--password-file " + file + ": cannot be read: " + e.getMessage(), e);
    }
    if (lines.size() == 1 && !lines.getFirst().matches("\\S+@\\S+:\\d+\\s.*")) {
      return address -> lines.getFirst();
    }
    Map<String, String> passwords = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = lines.get(i).strip().split("\\s+", 2);
      Optional<Address> address = Address.parse(parts[0]);
      if (address.isEmpty() || parts.length < 2) {
        throw new Failure(
            "--password-file " + file + ": entry " + (i + 1) + " is not 'user@host:port password'");
      }
      passwords.put(address.get().toString(), parts[1]);
    }
    return address -> passwords.getOrDefault(address.toString(), "");
  }
}
