// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.greyprint.testkit.PostfixServices;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/**
 * Debian's Postfix on the mail host, with folders and a configuration of its own; delivers mail for
 * example.net into maildirs. Each port can have options of its own.
 */
final class Postfix implements AutoCloseable {
  private static final String MAIN =
      """
      compatibility_level = 3.6
      queue_directory = FOLDER/spool
      data_directory = FOLDER/data
      maillog_file = FOLDER/log
      maillog_file_prefixes = /run
      myhostname = mx.example.net
      mydestination =
      mynetworks = 127.0.0.0/8
      inet_interfaces = all
      inet_protocols = all
      smtpd_peername_lookup = no
      smtpd_client_connection_rate_limit = 0
      smtpd_recipient_restrictions = reject_unauth_destination
      virtual_mailbox_domains = example.net
      virtual_mailbox_base = FOLDER/mail
      virtual_mailbox_maps = static:inbox/
      virtual_uid_maps = static:65534
      virtual_gid_maps = static:65534
      """;

  private final Testbed testbed;
  private final Path folder;

  private Postfix(Testbed testbed, Path folder) {
    this.testbed = testbed;
    this.folder = folder;
  }

  /**
   * Starts it.
   *
   * @param main further lines of main.cf
   * @param ports options of smtpd ({@code name=value}, no spaces) by port
   * @param services further lines of master.cf
   */
  static Postfix start(
      Testbed testbed, List<String> main, Map<Integer, List<String>> ports, List<String> services)
      throws IOException {
    Path folder = testbed.folder().resolve("postfix");
    for (String name : List.of("etc", "spool", "data", "mail")) {
      Files.createDirectories(folder.resolve(name));
    }
    own(folder.resolve("data"), "postfix");
    own(folder.resolve("mail"), "nobody");
    Files.writeString(
        folder.resolve("etc/main.cf"),
        MAIN.replace("FOLDER", folder.toString()) + String.join("\n", main) + "\n");
    StringBuilder master = new StringBuilder(PostfixServices.MASTER);
    ports.forEach((port, options) -> {
      master.append(port).append(" inet n - n - - smtpd\n");
      options.forEach(option -> master.append("  -o ").append(option).append('\n'));
    });
    services.forEach(line -> master.append(line).append('\n'));
    Files.writeString(folder.resolve("etc/master.cf"), master);
    Postfix postfix = new Postfix(testbed, folder);
    postfix.control("check");
    postfix.control("start");
    return postfix;
  }

  private static void own(Path path, String user) throws IOException {
    UserPrincipal owner =
        path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
    Files.setOwner(path, owner);
  }

  private void control(String what) {
    Programs.Result result =
        testbed.run(Testbed.MX, "postfix", "-c", folder.resolve("etc").toString(), what);
    if (result.status() != 0) {
      throw new IllegalStateException("postfix " + what + ": " + result.out() + log());
    }
  }

  Inbox inbox() {
    return new Inbox(folder.resolve("mail"));
  }

  Path etc() {
    return folder.resolve("etc");
  }

  String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return "(no log)";
    }
  }

  @Override
  public void close() {
    Programs.run(
        Duration.ofSeconds(20),
        testbed.command(Testbed.MX, "postfix", "-c", folder.resolve("etc").toString(), "stop"));
  }
}
