// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.testkit.Debs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/**
 * Debian's Exim, unpacked and started with a configuration of its own that holds the two blocks of
 * docs/policy.md; delivers mail for example.net into a maildir.
 */
final class Exim implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      exim_path = BINARY
      primary_hostname = mx.example.net
      local_interfaces = <; 0.0.0.0 ; ::0
      daemon_smtp_ports = PORT
      spool_directory = FOLDER/spool
      log_file_path = FOLDER/%slog
      pid_file_path = FOLDER/pid
      host_lookup =
      rfc1413_hosts =
      keep_environment =
      never_users =
      deliver_drop_privilege = true
      tls_advertise_hosts =
      exim_user = nobody
      exim_group = nogroup
      domainlist local_domains = example.net
      acl_smtp_rcpt = acl_check_rcpt
      acl_smtp_predata = acl_check_predata

      begin acl

      acl_check_rcpt:
        deny !domains = +local_domains
      RCPT_BLOCK
        accept

      acl_check_predata:
      DATA_BLOCK

      begin routers
      all:
        driver = accept
        domains = +local_domains
        transport = maildir

      begin transports
      maildir:
        driver = appendfile
        maildir_format
        directory = FOLDER/mail
        create_directory
        user = nobody
        group = nogroup
      """;

  private final Path folder;
  private final Process process;

  private Exim(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** The blocks of a page of docs/ that are marked as of a kind, in their order. */
  static List<String> blocks(String page, String kind) throws IOException {
    Matcher matcher =
        Pattern.compile("(?ms)^```" + kind + "\n(.*?)^```$")
            .matcher(Files.readString(Programs.root().resolve("docs").resolve(page)));
    List<String> blocks = new ArrayList<>();
    while (matcher.find()) {
      blocks.add(matcher.group(1));
    }
    return blocks;
  }

  /**
   * Starts it.
   *
   * @param asks whether it asks the policy service as docs/policy.md says
   */
  static Exim start(Testbed testbed, int port, boolean asks) throws IOException {
    Path folder = Files.createDirectories(testbed.folder().resolve("exim"));
    for (String name : List.of("spool", "mail")) {
      Files.createDirectories(folder.resolve(name));
      Files.setPosixFilePermissions(
          folder.resolve(name), PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    // Where it runs itself again without root's rights, a cache in root's home is out of reach.
    Path binary = folder.resolve("exim4");
    Files.copy(Debs.unpacked("exim4-daemon-light").resolve("usr/sbin/exim4"), binary);
    List<String> blocks = asks ? blocks("policy.md", "exim") : List.of("", "  accept\n");
    Path configuration = folder.resolve("exim.conf");
    Files.writeString(
        configuration,
        CONFIGURATION
            .replace("RCPT_BLOCK", blocks.get(0))
            .replace("DATA_BLOCK", blocks.get(1))
            .replace("BINARY", binary.toString())
            .replace("FOLDER", folder.toString())
            .replace("PORT", Integer.toString(port)));
    // The program knows its user by name, which this machine need not have.
    for (String name : List.of("passwd", "group")) {
      Path copy = folder.resolve(name);
      Files.copy(Path.of("/etc", name), copy);
      String entry = name.equals("passwd") ? ":x:65534:65534::/:/bin/false\n" : ":x:65534:\n";
      Files.writeString(copy, "Debian-exim" + entry, StandardOpenOption.APPEND);
    }
    String command =
        "mount --bind FOLDER/passwd /etc/passwd && mount --bind FOLDER/group /etc/group && exec "
            + binary
            + " -bdf -C "
            + configuration;
    Process process =
        testbed.start(
            Testbed.MX,
            folder.resolve("out"),
            "unshare",
            "-m",
            "sh",
            "-c",
            command.replace("FOLDER", folder.toString()));
    String connect = "exec 3<>/dev/tcp/127.0.0.1/" + port;
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(() ->
            !process.isAlive() || testbed.run(Testbed.MX, "bash", "-c", connect).status() == 0);
    Exim exim = new Exim(folder, process);
    if (!process.isAlive()) {
      throw new IllegalStateException("exim: " + exim.log());
    }
    return exim;
  }

  Inbox inbox() {
    return new Inbox(folder.resolve("mail"));
  }

  String log() throws IOException {
    StringBuilder log = new StringBuilder();
    for (String name : List.of("out", "mainlog", "paniclog")) {
      if (Files.exists(folder.resolve(name))) {
        log.append(Files.readString(folder.resolve(name)));
      }
    }
    return log.toString();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(5, java.util.concurrent.TimeUnit.SECONDS).join();
  }
}
