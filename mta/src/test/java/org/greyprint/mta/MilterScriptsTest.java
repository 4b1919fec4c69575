// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterServer;
import org.greyprint.milter.MilterSettings;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The milter face under the scripts of {@code miltertest}, a milter client of other hands. */
@Tag("peer")
@Needs("miltertest")
class MilterScriptsTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/miltertest");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "wait, inet", "wait, unix",
    "forged, inet", "forged, unix",
    "bounce, inet", "bounce, unix",
    "own, inet", "own, unix"
  })
  void satisfies(String script, String kind) throws Exception {
    FakeDecider decider = new FakeDecider();
    decider.everyPort = FakeDecider.WINDOWS;
    FaceCounters counters = new FaceCounters();
    Endpoint endpoint =
        kind.equals("unix")
            ? new Endpoint.Unix(folder.resolve("m.sock"))
            : new Endpoint.Inet("127.0.0.1", 0);
    try (MilterServer server =
        MilterServer.start(
            List.of(endpoint),
            MilterSettings.DEFAULT,
            MilterFilter.WISHES,
            MilterFilter.factory(
                decider, decider, InstantSource.system(), FaceSettings.DEFAULT, counters))) {
      String socket =
          switch (server.endpoints().getFirst()) {
            case Endpoint.Inet(String host, int port) -> "inet:" + port + "@" + host;
            case Endpoint.Unix(Path path) -> "unix:" + path;
          };
      Programs.Result result =
          Programs.run(
              Duration.ofSeconds(20),
              List.of(
                  "miltertest",
                  "-D",
                  "socket=" + socket,
                  "-D",
                  "folder=" + SCRIPTS,
                  "-D",
                  "windows=" + HeaderValue.of(FakeDecider.WINDOWS),
                  "-s",
                  SCRIPTS.resolve(script + ".lua").toString()));
      assertThat(result.out()).contains("all is well");
      assertThat(result.status()).isZero();
      assertThat(server.counters().malformed()).isZero();
      assertThat(server.counters().notAgreed()).isZero();
      assertThat(counters.failed()).isZero();
    }
  }
}
