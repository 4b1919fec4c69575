// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "inet:127.0.0.1:8893, 127.0.0.1, 8893",
    "127.0.0.1:0, 127.0.0.1, 0",
    "inet:[::1]:65535, ::1, 65535",
    "inet:8893@localhost, localhost, 8893",
    "inet6:8893@::1, ::1, 8893"
  })
  void readsPorts(String text, String host, int port) {
    assertThat(Endpoint.parse(text)).contains(new Endpoint.Inet(host, port));
  }

  @Test
  void readsSockets() {
    assertThat(Endpoint.parse("unix:/run/g/m.sock"))
        .contains(new Endpoint.Unix(Path.of("/run/g/m.sock")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "unix:",
        "unix:relative",
        "inet:",
        "inet:host",
        "inet:host:",
        "inet:host:65536",
        "inet:host:port",
        "inet:::1:25",
        "inet::25",
        "inet:25@"
      })
  void refusesTheRest(String text) {
    assertThat(Endpoint.parse(text)).isEmpty();
  }

  @Test
  void refusesAPathThatNoSocketCanHave() {
    assertThat(Endpoint.parse("unix:/" + "x".repeat(107))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet:127.0.0.1:8893", "inet:[::1]:25", "unix:/run/m"})
  void isWrittenAsItIsRead(String text) {
    assertThat(Endpoint.parse(text)).map(Object::toString).contains(text);
  }
}
