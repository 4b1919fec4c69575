// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.greyprint.mta.gateway.GatewaySettings.KeyPair;
import org.greyprint.testkit.Programs;

/** Certificates of tests, made by openssl. */
final class Keys {
  private Keys() {}

  /** A self-signed certificate, made anew in the same files. */
  static KeyPair make(Path folder, String host) {
    Path certificate = folder.resolve(host + ".pem");
    Path key = folder.resolve(host + ".key");
    Programs.Result made =
        Programs.run(
            Duration.ofSeconds(30),
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=" + host,
                "-addext",
                "subjectAltName=DNS:" + host + ",IP:127.0.0.1",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString()));
    assertThat(made.status()).as(made.out()).isZero();
    return new KeyPair(certificate, key);
  }

  /** TLS of a client that takes any certificate. */
  static SSLContext trusting() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    X509TrustManager all =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    context.init(null, new TrustManager[] {all}, new SecureRandom());
    return context;
  }
}
