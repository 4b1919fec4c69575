// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.greyprint.testkit.Testbed;

/** The mail host of the end-to-end tests: Greyprint, Postfix on three ports, Sendmail, Exim. */
final class MailHost implements AutoCloseable {
  /** Postfix with the milter over its UNIX socket, and over TCP, and with the policy service. */
  static final int POSTFIX_UNIX = 25;

  static final int POSTFIX_TCP = 26;
  static final int POSTFIX_POLICY = 27;
  static final int SENDMAIL = 28;
  static final int EXIM = 29;

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
  static MailHost start(String captureInterface) throws IOException {
    Serve.build();
    Testbed testbed = Testbed.up();
    try {
      Serve serve = Serve.start(testbed, captureInterface);
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
        List.of("milter_default_action = accept"),
        Map.of(
            POSTFIX_UNIX,
            List.of("smtpd_milters=unix:" + serve.milterSocket()),
            POSTFIX_TCP,
            List.of("smtpd_milters=inet:127.0.0.1:" + Serve.MILTER_PORT),
            POSTFIX_POLICY,
            List.of(
                "smtpd_recipient_restrictions=reject_unauth_destination," + policy,
                "smtpd_data_restrictions=" + policy,
                "cleanup_service_name=cleanup-policy")),
        List.of("cleanup-policy unix n - n - 0 cleanup -o header_checks=regexp:" + checks));
  }

  void startSendmail() throws IOException {
    sendmail =
        Sendmail.start(
            testbed,
            SENDMAIL,
            "INPUT_MAIL_FILTER(`greyprint', `S=unix:"
                + serve.milterSocket()
                + ", T=C:30s;S:10s;R:10s;E:1m')dnl");
  }

  void startExim() throws IOException {
    exim = Exim.start(testbed, EXIM, serve.policySocket().toString());
  }

  Inbox inbox(int port) {
    return port == SENDMAIL ? sendmail.inbox() : port == EXIM ? exim.inbox() : postfix.inbox();
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
