// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * How servers are reached: passwords and TLS. Never printed, never written to plan, journal or log.
 *
 * @param passwords the password of an account on a server; empty where there is none
 * @param replicationUser the account replicas log in with, where it was given
 * @param replicationPassword its password, where it was given
 * @param tls how connections are encrypted, the replicas' own too
 * @param connectTimeout how long a server may take to answer at first
 */
public record Access(
    Function<Address, String> passwords,
    Optional<String> replicationUser,
    Optional<String> replicationPassword,
    Tls tls,
    Duration connectTimeout) {

  /** How a connection is encrypted. */
  public enum TlsMode {
    /** Not at all. */
    OFF,
    /** Encrypted; the server's certificate is not looked at. */
    REQUIRE,
    /** Encrypted; the certificate must come from the given authority. */
    VERIFY_CA,
    /** Encrypted; the certificate must be the named host's too. */
    VERIFY
  }

  /** TLS to every server: a mode, and the authority's certificate (PEM) for the verifying ones. */
  public record Tls(TlsMode mode, Optional<Path> authority) {
    /** No encryption. */
    public static final Tls OFF = new Tls(TlsMode.OFF, Optional.empty());

    boolean on() {
      return mode != TlsMode.OFF;
    }
  }

  /** One password for every server, no TLS, five seconds to connect. */
  public static Access password(String password) {
    return new Access(
        address -> password, Optional.empty(), Optional.empty(), Tls.OFF, Duration.ofSeconds(5));
  }

  /** The same with an account for replication. */
  public Access replicatingAs(String user, String password) {
    return new Access(passwords, Optional.of(user), Optional.of(password), tls, connectTimeout);
  }

  /** The same with TLS. */
  public Access with(Tls other) {
    return new Access(passwords, replicationUser, replicationPassword, other, connectTimeout);
  }

  @Override
  public String toString() {
    return "Access[tls=" + tls.mode() + "]";
  }
}
