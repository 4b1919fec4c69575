// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** README's "Five minutes to a protected Postfix", word for word. */
@Tag("peer")
@Needs(
    value = {"postfix", "swaks", "nft", "ip"},
    root = true)
class QuickStartTest {
  private static final int PORT = 25;

  /** The indented block of a section of the README that is marked as of a kind. */
  private static String block(String section, String kind) {
    Matcher block = Pattern.compile("(?ms)^   ```(\\w*)\n(.*?)^   ```$").matcher(section);
    while (block.find()) {
      if (block.group(1).equals(kind)) {
        return block.group(2).replaceAll("(?m)^   ", "");
      }
    }
    throw new AssertionError("no block of kind '" + kind + "' in: " + section);
  }

  @Test
  void protectsAPostfix() throws Exception {
    Serve.build();
    String readme = Files.readString(Programs.root().resolve("README.md"));
    String section =
        readme
            .substring(readme.indexOf("## Five minutes to a protected Postfix"))
            .replaceFirst("(?s)\n## Documentation.*", "");
    // The interface's name and the folder are this machine's own.
    String configuration =
        block(section, "yaml")
            .replace("interface: eth0", "interface: mail0")
            .replace("/var/lib/greyprint", "FOLDER/var");
    List<String> main = block(section, "").lines().toList();
    assertThat(main).contains("milter_default_action = accept");

    try (Testbed testbed = Testbed.up();
        ReadmeServe serve = new ReadmeServe(testbed, configuration)) {
      Client client = new Client(testbed);
      try (Postfix postfix = Postfix.start(testbed, main, Map.of(PORT, List.of()), List.of())) {
        // Observing: delivered, with the header, and the report says what would have been.
        String id = Client.id("observed");
        Client.Attempt observed = client.send("windows-10", Testbed.IPV4, PORT, id);
        assertThat(observed.delivered()).as(observed.transcript() + serve.log()).isTrue();
        assertThat(
                await()
                    .until(() -> postfix.inbox().find(id), found -> found.isPresent())
                    .orElseThrow()
                    .headers("X-P0f-OS"))
            .singleElement()
            .asString()
            .startsWith("Windows 10 or 11 [role=client");
        assertThat(client.send("linux", Testbed.IPV4, PORT, Client.id("linux")).delivered())
            .isTrue();
        await()
            .untilAsserted(() ->
                assertThat(serve.run("report", "--config", serve.file().toString()))
                    .contains("observ"));

        // Enforcing, after a SIGHUP.
        serve.write(configuration.replace("mode: observe", "mode: enforce"));
        serve.hangUp();
        await()
            .atMost(Duration.ofSeconds(30))
            .pollInterval(Duration.ofMillis(500))
            .until(
                () -> client.send("windows-10", Testbed.IPV4, PORT, Client.id("waits")).deferred());
        assertThat(client.send("linux", Testbed.IPV4, PORT, Client.id("linux")).delivered())
            .isTrue();
        assertThat(
                client
                    .send("windows-server-2022", Testbed.IPV4, PORT, Client.id("server"))
                    .delivered())
            .isTrue();

        // Stopped: delivered.
        serve.stop();
        assertThat(client.send("windows-10", Testbed.IPV4, PORT, Client.id("stopped")).delivered())
            .isTrue();
      }
    }
  }

  /** What step 2 starts. */
  private static final class ReadmeServe implements AutoCloseable {
    private final Testbed testbed;
    private final Path folder;
    private final Process process;

    ReadmeServe(Testbed testbed, String configuration) throws Exception {
      this.testbed = testbed;
      this.folder = Files.createDirectories(testbed.folder().resolve("etc"));
      Files.createDirectory(folder.resolve("var"));
      write(configuration);
      run("check", "--config", file().toString());
      process =
          testbed.start(
              Testbed.MX,
              folder.resolve("log"),
              Serve.program("serve", "--config", file().toString()).toArray(String[]::new));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() ->
              !process.isAlive()
                  || testbed
                          .run(Testbed.MX, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8893")
                          .status()
                      == 0);
      assertThat(process.isAlive()).as(log()).isTrue();
    }

    Path file() {
      return folder.resolve("greyprint.yaml");
    }

    void write(String configuration) throws Exception {
      Files.writeString(file(), configuration.replace("FOLDER", folder.toString()));
    }

    String run(String... arguments) {
      Programs.Result result =
          testbed.run(Testbed.MX, Serve.program(arguments).toArray(String[]::new));
      assertThat(result.status()).as(result.out()).isZero();
      return result.out();
    }

    void hangUp() {
      Programs.run(Duration.ofSeconds(5), List.of("kill", "-HUP", Long.toString(process.pid())));
    }

    String log() throws Exception {
      return Files.readString(folder.resolve("log"));
    }

    void stop() {
      process.destroy();
      process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
      stop();
    }
  }
}
