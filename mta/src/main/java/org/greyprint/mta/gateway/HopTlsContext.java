// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** TLS towards the next hop: verified, or encrypted to whoever answers. */
final class HopTlsContext {
  private final GatewaySettings settings;
  private @Nullable SslContext verifying;
  private @Nullable SslContext trusting;

  HopTlsContext(GatewaySettings settings) {
    this.settings = settings;
  }

  /** A handler for a new connection. */
  SslHandler handler(ByteBufAllocator alloc, boolean verify) throws IOException {
    if (!(settings.nextHop() instanceof NextHop.Smtp(String host, int port, boolean ignored))) {
      return context(false).newHandler(alloc);
    }
    SslHandler handler = context(verify).newHandler(alloc, host, port);
    if (!verify) {
      javax.net.ssl.SSLParameters parameters = handler.engine().getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("");
      handler.engine().setSSLParameters(parameters);
    }
    return handler;
  }

  private synchronized SslContext context(boolean verify) throws SSLException {
    SslContext known = verify ? verifying : trusting;
    if (known != null) {
      return known;
    }
    SslContextBuilder builder =
        SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2");
    if (!verify) {
      return trusting =
          builder
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .endpointIdentificationAlgorithm("")
              .build();
    }
    Optional<Path> authority = settings.hopAuthority();
    if (authority.isPresent()) {
      builder.trustManager(authority.get().toFile());
    }
    return verifying = builder.endpointIdentificationAlgorithm("HTTPS").build();
  }
}
