// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code serve} as a process of its own, signals and all, and the commands that ask it. */
class ServeProcessTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  private static final String CONFIGURATION =
      """
      state: FOLDER/var
      listen:
        policy: unix:FOLDER/policy.sock
        admin: 127.0.0.1:0
      capture: []
      dns: {servers: []}
      rules: [{name: all, then: greylist}]
      """;

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }
  }

  private Path configuration() throws IOException {
    Path file = folder.resolve("greyprint.yaml");
    Files.writeString(file, CONFIGURATION.replace("FOLDER", folder.toString()));
    return file;
  }

  private Process serve(String... environment) throws IOException {
    // Also where the tests were started with nohup.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
    command.addAll(Programs.jvm("192m", Main.class));
    command.addAll(List.of("serve", "--config", configuration().toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    for (int i = 0; i < environment.length; i += 2) {
      builder.environment().put(environment[i], environment[i + 1]);
    }
    Process process =
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
    started.add(process);
    await().atMost(LONG).until(() -> !process.isAlive() || log().contains("greyprint is ready"));
    assertThat(process.isAlive()).as(log()).isTrue();
    return process;
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  /** Runs a command in this process; gives its status and what it printed. */
  private String run(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(out));
    int status = line.execute(arguments);
    return status + ":" + out;
  }

  private String ask(String sender) throws IOException {
    return org.greyprint.app.serve.PolicyTalk.ask(
        folder.resolve("policy.sock"), "192.0.2.7", sender, "bob@example.net");
  }

  @Test
  void signalsReloadAndEndInOrderAndTheServiceManagerIsTold() throws Exception {
    Path socket = folder.resolve("notify.sock");
    Queue<String> told = new ConcurrentLinkedQueue<>();
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      Channel manager =
          new Bootstrap()
              .group(group)
              .channel(EpollDomainDatagramChannel.class)
              .handler(
                  new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext c, DomainDatagramPacket p) {
                      told.add(p.content().toString(StandardCharsets.US_ASCII));
                    }
                  })
              .bind(new DomainSocketAddress(socket.toFile()))
              .sync()
              .channel();
      Process process = serve("NOTIFY_SOCKET", socket.toString());
      await().atMost(LONG).until(() -> told.contains("READY=1"));
      assertThat(ask("anna@example.org")).startsWith("action=DEFER");

      Files.writeString(configuration(), "mode: obsreve\n");
      signal(process, "HUP");
      await().atMost(LONG).until(() -> log().contains("not reloaded"));
      assertThat(log()).contains("greyprint.yaml:1:7: mode: 'obsreve' is not one of");
      assertThat(ask("berta@example.org")).startsWith("action=DEFER");

      Files.writeString(
          configuration(), Files.readString(configuration()) + "mode: observe\nheader: X-Other\n");
      signal(process, "HUP");
      await().atMost(LONG).until(() -> log().contains("reloaded: signatures"));
      await().atMost(LONG).until(() -> log().contains("only by a restart"));
      assertThat(log()).contains("taken over only by a restart: header, patience, id-in-reply");
      assertThat(ask("carla@example.org")).startsWith("action=PREPEND X-P0f-OS");

      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(log()).isZero();
      await().atMost(LONG).until(() -> told.contains("STOPPING=1"));
      assertThat(folder.resolve("var/admin.address")).doesNotExist();
      manager.close().sync();
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Test
  void theCommandsAskTheDaemonAndTheStoreOfAStoppedOne() throws Exception {
    Process process = serve();
    String config = folder.resolve("greyprint.yaml").toString();
    assertThat(ask("anna@example.org")).startsWith("action=DEFER");
    assertThat(run("greylist", "list", "-c", config))
        .startsWith("0:waiting  until ")
        .contains("192.0.2.7", "<anna@example.org> -> <bob@example.net>  1 try");
    assertThat(run("greylist", "release", "-c", config, "--sender", "nobody@example.org"))
        .isEqualToIgnoringWhitespace("1:0 released");
    assertThat(run("greylist", "release", "-c", config, "--sender", "anna@example.org"))
        .isEqualToIgnoringWhitespace("0:1 released");
    assertThat(run("greylist", "release", "-c", config)).startsWith("2:").contains("--all");
    assertThat(run("greylist", "show", "-c", config, "anna@example.org"))
        .contains("state        released", "releasedBy   ");
    assertThat(
            run("greylist", "allow", "-c", config, "recipient", "boss@example.net", "--for", "9d"))
        .startsWith("0:")
        .contains("recipient:boss@example.net");
    assertThat(run("greylist", "allow", "-c", config, "nothing", "x")).startsWith("1:");
    assertThat(run("signatures", "unknown", "-c", config)).startsWith("0:; every SYN has a name");
    await()
        .atMost(LONG)
        .until(() -> run("explain", "-c", config, "192.0.2.7").contains("deferred (new)"));
    assertThat(run("explain", "-c", config, "192.0.2.7"))
        .contains("Greylist, now", "pass (released)", "all          matches: greylist");
    Path archive = folder.resolve("backup.tar");
    assertThat(run("backup", "-c", config, archive.toString())).contains("written and whole");
    assertThat(run("backup", "-c", config, archive.toString())).startsWith("1:");
    assertThat(run("restore", "-c", config, archive.toString()))
        .startsWith("1:")
        .contains("stop it first");

    // Killed: the address stays behind, and the commands notice.
    process.destroyForcibly().waitFor();
    assertThat(folder.resolve("var/admin.address")).exists();
    assertThat(run("greylist", "list", "-c", config)).startsWith("0:released since ");
    assertThat(run("greylist", "show", "-c", config, "--exceptions"))
        .contains("recipient:boss@example.net");
    assertThat(run("greylist", "forget", "-c", config, "--all"))
        .isEqualToIgnoringWhitespace("0:1 forgotten");
    assertThat(run("greylist", "list", "-c", config)).isEqualTo("0:");
    assertThat(run("signatures", "unknown", "-c", config)).startsWith("1:").contains("no daemon");
    assertThat(run("restore", "-c", config, archive.toString())).startsWith("0:");
    assertThat(run("greylist", "list", "-c", config)).startsWith("0:released since ");
    assertThat(run("backup", "-c", config, folder.resolve("stopped.tar").toString()))
        .contains("written and whole");
  }

  @Test
  void aDaemonThatCannotBeAskedIsToldOf() throws Exception {
    serve();
    assertThat(ask("anna@example.org")).startsWith("action=DEFER");
    // As if it had no administration: nobody knows its address.
    Files.delete(folder.resolve("var/admin.address"));
    String config = folder.resolve("greyprint.yaml").toString();
    assertThat(run("greylist", "list", "-c", config)).startsWith("0:waiting  until ");
    assertThat(run("greylist", "forget", "-c", config, "--all"))
        .startsWith("1:")
        .contains("another process has it open: a daemon with 'admin: none'");
    assertThat(run("greylist", "list", "-c", config)).startsWith("0:waiting  until ");
  }

  @Test
  void helpAtEveryLevelAndCompletion() {
    for (String[] arguments :
        new String[][] {
          {"--help"},
          {"serve", "--help"},
          {"check", "--help"},
          {"greylist", "--help"},
          {"greylist", "list", "--help"},
          {"greylist", "allow", "--help"},
          {"signatures", "unknown", "--help"},
          {"backup", "--help"},
          {"restore", "--help"},
          {"explain", "--help"},
          {"report", "--help"},
          {"completion", "--help"}
        }) {
      assertThat(run(arguments)).as(String.join(" ", arguments)).startsWith("0:Usage: greyprint");
    }
    assertThat(run("completion")).contains("complete -F", "greylist", "--config");
    assertThat(run("serve", "--config", folder.resolve("missing.yaml").toString()))
        .startsWith("1:")
        .contains("missing.yaml: no such file");
    assertThat(run("check", "--config", folder.resolve("missing.yaml").toString()))
        .startsWith("1:");
    assertThat(run("no-such-command")).startsWith("2:");
  }
}
