// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.greyprint.mta.gateway.GatewaySettings.KeyPair;
import org.greyprint.mta.gateway.GatewaySettings.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's certificates, by the host that a client names. Files that changed are read again at
 * the first handshake a few seconds later; what cannot be read then is logged and the former
 * certificate stays.
 */
final class Certificates {
  private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
  private static final Duration LOOK = Duration.ofSeconds(5);

  private record Loaded(SslContext context, FileTime certificate, FileTime key) {}

  private final Tls settings;
  private final InstantSource clock;
  private final Map<KeyPair, Loaded> loaded = new HashMap<>();
  private Instant lookAgain;

  /**
   * @throws IOException if one of them cannot be read or used; says which and why
   */
  Certificates(Tls settings, InstantSource clock) throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.lookAgain = clock.instant().plus(LOOK);
    load(settings.fallback());
    for (KeyPair pair : settings.byName().values()) {
      load(pair);
    }
  }

  /** The certificate for a host; the fallback for others and for "". */
  synchronized SslContext forName(String name) {
    if (!clock.instant().isBefore(lookAgain)) {
      reload();
    }
    KeyPair pair =
        settings.byName().getOrDefault(name.toLowerCase(Locale.ROOT), settings.fallback());
    return java.util.Objects.requireNonNull(loaded.get(pair)).context();
  }

  /** Looks for changed files now. */
  synchronized void reload() {
    lookAgain = clock.instant().plus(LOOK);
    for (Map.Entry<KeyPair, Loaded> entry : Map.copyOf(loaded).entrySet()) {
      KeyPair pair = entry.getKey();
      try {
        boolean same =
            entry.getValue().certificate().equals(Files.getLastModifiedTime(pair.certificate()))
                && entry.getValue().key().equals(Files.getLastModifiedTime(pair.key()));
        if (!same) {
          load(pair);
          LOG.info("certificate {} was read again", pair.certificate());
        }
      } catch (IOException e) {
        LOG.warn("{}; the former certificate stays in use", e.getMessage());
      }
    }
  }

  private void load(KeyPair pair) throws IOException {
    try {
      FileTime certificate = Files.getLastModifiedTime(pair.certificate());
      FileTime key = Files.getLastModifiedTime(pair.key());
      SslContext context =
          SslContextBuilder.forServer(pair.certificate().toFile(), pair.key().toFile())
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      loaded.put(pair, new Loaded(context, certificate, key));
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "certificate "
              + pair.certificate()
              + " with key "
              + pair.key()
              + " cannot be used: "
              + e.getMessage(),
          e);
    }
  }
}
