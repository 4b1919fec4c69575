// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.greyprint.milter.Endpoint;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that ask p0f, with only the path of the socket changed. */
@Tag("peer")
class P0fClientsTest {
  private static final String MESSAGE =
      "From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nHello\r\n";

  @TempDir private Path folder;

  private P0fService serve() throws IOException {
    return P0fService.start(
        List.of(new Endpoint.Unix(folder.resolve("p0f.sock"))), P0fServiceTest::history);
  }

  private static String resource(String name) throws IOException {
    try (var in = P0fClientsTest.class.getResourceAsStream("/p0f/" + name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  @Needs({"rspamd"})
  void rspamdNamesTheSystem() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = folder.resolve("rspamd.conf");
    Files.writeString(
        config,
        resource("rspamd.conf")
            .replace("@FOLDER@", folder.toString())
            .replace("@PORT@", Integer.toString(port)));
    try (P0fService service = serve()) {
      Process rspamd =
          new ProcessBuilder(
                  Programs.find("rspamd").orElseThrow().toString(),
                  "-f",
                  "-i",
                  "-c",
                  config.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("rspamd.out").toFile())
              .start();
      try (HttpClient http = HttpClient.newHttpClient()) {
        String known = scan(http, port, "192.0.2.7");
        assertThat(known)
            .contains("\"OS_WINDOWS\"", "\"Windows 10 or 11\"")
            .contains("\"LINK_DSL\"", "\"distance=12\"");
        assertThat(scan(http, port, "2001:db8::7")).contains("\"OS_WINDOWS\"");
        assertThat(scan(http, port, "192.0.2.8")).doesNotContain("OS_WINDOWS", "P0F_FAIL");
        assertThat(service.counters().bad()).isZero();
        assertThat(service.counters().found()).isEqualTo(2);
      } finally {
        rspamd.destroy();
        rspamd.waitFor();
      }
    }
  }

  /** The answer of rspamd, which takes some seconds to start. */
  private static String scan(HttpClient http, int port, String client) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/checkv2"))
            .header("IP", client)
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.ofString(MESSAGE))
            .build();
    AtomicReference<String> answer = new AtomicReference<>("");
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreException(ConnectException.class)
        .until(() -> {
          HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
          answer.set(response.body());
          return response.statusCode() == 200;
        });
    return Objects.requireNonNull(answer.get());
  }

  @Test
  @Needs({"node", "npm"})
  void harakaAddsItsHeader() throws Exception {
    Path target = Path.of("target", "haraka").toAbsolutePath();
    Files.createDirectories(target);
    if (!Files.isDirectory(target.resolve("node_modules/haraka-plugin-p0f"))) {
      Programs.Result installed =
          Programs.run(
              Duration.ofMinutes(2),
              List.of(
                  "npm",
                  "install",
                  "--no-audit",
                  "--no-fund",
                  "--ignore-scripts",
                  "--prefix",
                  target.toString(),
                  "haraka-plugin-p0f@1.0.15"));
      assertThat(installed.status()).as(installed.out()).isZero();
    }
    Path script = folder.resolve("haraka.js");
    Files.writeString(script, resource("haraka.js"));
    try (P0fService service = serve()) {
      Programs.Result result =
          Programs.run(
              Duration.ofSeconds(30),
              List.of(
                  "node",
                  script.toString(),
                  target.toString(),
                  folder.resolve("p0f.sock").toString(),
                  "192.0.2.7",
                  "192.0.2.8",
                  "2001:db8::7"));
      String header =
          "X-p0f-Result: os=\"Windows 10 or 11\" link_type=\"DSL\" distance=12 total_conn=5"
              + " shared_ip=Y";
      assertThat(result.status()).as(result.out()).isZero();
      assertThat(result.out().lines())
          .containsExactlyInAnyOrder(
              "192.0.2.7  " + header, "192.0.2.8 no p0f note ", "2001:db8::7  " + header);
      assertThat(service.counters().found()).isEqualTo(2);
    }
  }
}
