// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/** Sends mail with swaks from a host of the testbed. */
final class Client {
  private static final AtomicLong IDS = new AtomicLong(System.nanoTime() % 1_000_000_000);

  private static final Pattern DEFERRAL =
      Pattern.compile("\\*\\* 45[01] 4\\.7\\.1 .*Greylisted, retry in \\d+ second");

  private final Testbed testbed;

  Client(Testbed testbed) {
    this.testbed = testbed;
  }

  /**
   * What came of one try.
   *
   * @param delivered whether the server took the message
   * @param transcript what both sides said
   */
  record Attempt(boolean delivered, String transcript) {
    /** Whether the recipient was told to come again: 451, from Postfix' policy service 450. */
    boolean deferred() {
      return !delivered && DEFERRAL.matcher(transcript).find();
    }

    /** Whether the deferral was exactly the milter's, {@code 451 4.7.1}. */
    boolean deferredBy(String code) {
      return deferred() && transcript.contains("** " + code);
    }
  }

  /** A name that nothing else has: for recipients and subjects. */
  static String id(String what) {
    return what.replaceAll("[^a-zA-Z0-9]", "") + "." + IDS.incrementAndGet();
  }

  /**
   * One try; the id is the recipient's local part, in example.net, and the subject.
   *
   * @param host the persona that sends
   * @param server IPv4 or IPv6 address
   */
  Attempt send(String host, String server, int port, String id, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "swaks",
                "--server",
                server.contains(":") ? "[" + server + "]" : server,
                "--port",
                Integer.toString(port),
                "--helo",
                "pc.isp.example",
                "--from",
                "sender@isp.example",
                "--to",
                id + "@example.net",
                "--header",
                "Subject: " + id,
                "--suppress-data",
                "--timeout",
                "20"));
    if (server.contains(":")) {
      command.add("-6");
    }
    command.addAll(List.of(more));
    Programs.Result result = testbed.run(host, command.toArray(String[]::new));
    return new Attempt(result.status() == 0, result.out());
  }
}
