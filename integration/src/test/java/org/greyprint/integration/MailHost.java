// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.greyprint.testkit.Testbed;

/** The mail host of the end-to-end tests: Greyprint, Postfix on three ports, Sendmail, Exim. */
final class MailHost implements AutoCloseable {
  /** Postfix with the milter over its UNIX socket, and over TCP, and with the policy service. */
  static final int POSTFIX_UNIX = 25;

  static final int POSTFIX_TCP = 26;
  static final int POSTFIX_POLICY = 27;
  static final int SENDMAIL = 28;
  static final int EXIM = 29;

  /** Every way to ask. */
  static final List<Integer> PORTS =
      List.of(POSTFIX_UNIX, POSTFIX_TCP, POSTFIX_POLICY, SENDMAIL, EXIM);

  final Testbed testbed;
  final Serve serve;
  final Postfix postfix;
  final Client client;
  private Sendmail sendmail;
  private Exim exim;

  private MailHost(Testbed testbed, Serve serve, Postfix postfix) {
    this.testbed = testbed;
    this.serve = serve;
    this.postfix = postfix;
    this.client = new Client(testbed);
  }

  /** Makes the testbed, and starts Greyprint and Postfix. */
  static MailHost start(String configuration) throws IOException {
    Serve.build();
    Testbed testbed = Testbed.up();
    try {
      Serve serve = Serve.start(testbed, configuration);
      return new MailHost(testbed, serve, postfix(testbed, serve));
    } catch (IOException | RuntimeException e) {
      testbed.close();
      throw e;
    }
  }

  private static Postfix postfix(Testbed testbed, Serve serve) throws IOException {
    var checks = testbed.folder().resolve("header_checks");
    Files.writeString(checks, Exim.blocks("policy.md", "header_checks").getFirst());
    String policy =
        "check_policy_service,{unix:" + serve.policySocket() + ",timeout=5s,default_action=DUNNO}";
    return Postfix.start(
        testbed,
        List.of(
            "milter_default_action = accept",
            "milter_connect_timeout = 5s",
            "milter_command_timeout = 10s"),
        Map.of(
            POSTFIX_UNIX,
            List.of("smtpd_milters=unix:" + serve.milterSocket()),
            POSTFIX_TCP,
            List.of("smtpd_milters=inet:127.0.0.1:8893"),
            POSTFIX_POLICY,
            List.of(
                "smtpd_recipient_restrictions=reject_unauth_destination," + policy,
                "smtpd_data_restrictions=" + policy,
                "cleanup_service_name=cleanup-policy")),
        List.of("cleanup-policy unix n - n - 0 cleanup -o header_checks=regexp:" + checks));
  }

  /** Starts Sendmail and Exim too. */
  void startOthers() throws IOException {
    sendmail =
        Sendmail.start(
            testbed,
            SENDMAIL,
            "INPUT_MAIL_FILTER(`greyprint', `S=unix:"
                + serve.milterSocket()
                + ", T=C:30s;S:10s;R:10s;E:1m')dnl");
    exim = Exim.start(testbed, EXIM, true);
  }

  Inbox inbox(int port) {
    return port == SENDMAIL ? sendmail.inbox() : port == EXIM ? exim.inbox() : postfix.inbox();
  }

  /** The message that was delivered, which must come within a while. */
  Inbox.Message delivered(int port, String id) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> inbox(port).find(id), found -> found.isPresent())
        .orElseThrow();
  }

  /** A new message of a Windows client has to wait, whichever of these ports it comes to. */
  void mustDefer(List<Integer> ports) throws Exception {
    List<Step> steps = new ArrayList<>();
    for (int port : ports) {
      steps.add(() -> {
        String id = Client.id("defer" + port);
        Client.Attempt attempt = client.send("windows-10", Testbed.IPV4, port, id);
        assertThat(attempt.deferred())
            .as(port + ": " + attempt.transcript() + serve.about(id))
            .isTrue();
      });
    }
    together(steps);
  }

  /** A new message of a Windows client is taken at once; the values of its headers of our name. */
  void mustDeliver(List<Integer> ports) throws Exception {
    List<Step> steps = new ArrayList<>();
    for (int port : ports) {
      steps.add(() -> {
        String id = Client.id("open" + port);
        Client.Attempt attempt = client.send("windows-10", Testbed.IPV4, port, id);
        assertThat(attempt.delivered()).as(port + ": " + attempt.transcript() + logs()).isTrue();
        delivered(port, id);
      });
    }
    together(steps);
  }

  /** Something that a test does, beside others. */
  interface Step {
    void run() throws Exception;
  }

  private static final Semaphore AT_ONCE = new Semaphore(8);

  /** Does all steps beside one another and returns when they are done. */
  static void together(List<Step> steps) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (Step step : steps) {
        running.add(
            threads.submit(() -> {
              step.run();
              return null;
            }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
  }

  /** Sends a message; not too many at a time, so that each gets on. */
  Client.Attempt send(String persona, String server, int port, String id, String... more)
      throws InterruptedException {
    AT_ONCE.acquire();
    try {
      return client.send(persona, server, port, id, more);
    } finally {
      AT_ONCE.release();
    }
  }

  /** What every part said, for a failed test. */
  String logs() throws IOException {
    return "=== greyprint\n" + serve.log() + "=== postfix\n" + postfix.log();
  }

  @Override
  public void close() throws IOException {
    try (testbed;
        serve;
        postfix) {
      if (sendmail != null) {
        sendmail.close();
      }
      if (exim != null) {
        exim.close();
      }
    }
  }
}
