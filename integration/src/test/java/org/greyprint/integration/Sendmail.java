// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.greyprint.testkit.Debs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/**
 * Debian's Sendmail, unpacked and started with a configuration of its own, on one port of the mail
 * host over IPv4 and IPv6; delivers mail for example.net into files.
 */
final class Sendmail implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      divert(0)dnl
      OSTYPE(`linux')dnl
      define(`confSERVICE_SWITCH_FILE', `FOLDER/service.switch')dnl
      define(`QUEUE_DIR', `FOLDER/mqueue')dnl
      define(`confPID_FILE', `FOLDER/pid')dnl
      define(`STATUS_FILE', `FOLDER/statistics')dnl
      define(`ALIAS_FILE', `')dnl
      define(`confCONTROL_SOCKET_NAME', `')dnl
      define(`confDOMAIN_NAME', `mx.example.net')dnl
      define(`confDONT_PROBE_INTERFACES', `true')dnl
      define(`confTO_IDENT', `0s')dnl
      define(`confQUEUE_LA', `10000')dnl
      define(`confREFUSE_LA', `10000')dnl
      define(`confDELAY_LA', `10000')dnl
      define(`confDELIVERY_MODE', `i')dnl
      define(`LOCAL_MAILER_PATH', `FOLDER/deliver')dnl
      define(`LOCAL_MAILER_FLAGS', `lsDn')dnl
      define(`LOCAL_MAILER_ARGS', `deliver $u')dnl
      FEATURE(`accept_unresolvable_domains')dnl
      FEATURE(`no_default_msa')dnl
      DAEMON_OPTIONS(`Family=inet, Port=PORT, Name=MTA-v4')dnl
      DAEMON_OPTIONS(`Family=inet6, Addr=IPV6, Port=PORT, Name=MTA-v6')dnl
      FILTER
      MODIFY_MAILER_FLAGS(`LOCAL', `-Aw')dnl
      MAILER(`local')dnl
      MAILER(`smtp')dnl
      LOCAL_CONFIG
      Cwexample.net
      """;
  private static final String DELIVER =
      """
      #!/bin/sh
      umask 022
      cat > "$(mktemp FOLDER/mail/msg.XXXXXX)"
      """;

  private final Path folder;
  private final Process process;

  private Sendmail(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param filter the INPUT_MAIL_FILTER line of sendmail.mc
   */
  static Sendmail start(Testbed testbed, int port, String filter) throws IOException {
    Path folder = Files.createDirectories(testbed.folder().resolve("sendmail"));
    Path binary = Debs.unpacked("sendmail-bin").resolve("usr/libexec/sendmail/sendmail");
    Path macros = Debs.unpacked("sendmail-cf").resolve("usr/share/sendmail/cf/");
    Path m4 = Debs.unpacked("m4").resolve("usr/bin/m4");
    Files.createDirectories(folder.resolve("mqueue"));
    Files.setPosixFilePermissions(
        folder.resolve("mqueue"), PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(folder.resolve("mail"));
    Files.setPosixFilePermissions(
        folder.resolve("mail"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(folder.resolve("service.switch"), "hosts files\naliases files\n");
    Path deliver = folder.resolve("deliver");
    Files.writeString(deliver, DELIVER.replace("FOLDER", folder.toString()));
    Files.setPosixFilePermissions(deliver, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(
        folder.resolve("sendmail.mc"),
        CONFIGURATION
            .replace("FOLDER", folder.toString())
            .replace("PORT", Integer.toString(port))
            .replace("IPV6", Testbed.IPV6)
            .replace("FILTER", filter));
    String make =
        m4 + " -D_CF_DIR_=" + macros + "/ " + macros + "/m4/cf.m4 sendmail.mc > sendmail.cf";
    Programs.Result made =
        Programs.run(
            Duration.ofSeconds(20), List.of("/bin/sh", "-c", "cd " + folder + " && " + make));
    if (made.status() != 0) {
      throw new IllegalStateException("m4: " + made.out());
    }
    // A host name without a dot would make it sleep for a minute.
    Process process =
        testbed.start(
            Testbed.MX,
            folder.resolve("out"),
            "unshare",
            "-u",
            "sh",
            "-c",
            "hostname mx.example.net; exec "
                + binary
                + " -C "
                + folder.resolve("sendmail.cf")
                + " -bD -O LogLevel=14 -X "
                + folder.resolve("traffic"));
    String connect = "exec 3<>/dev/tcp/127.0.0.1/" + port;
    Sendmail sendmail = new Sendmail(folder, process);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(() ->
            !process.isAlive() || testbed.run(Testbed.MX, "bash", "-c", connect).status() == 0);
    if (!process.isAlive()) {
      throw new IllegalStateException("sendmail: " + Files.readString(folder.resolve("out")));
    }
    return sendmail;
  }

  Inbox inbox() {
    return new Inbox(folder.resolve("mail"));
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(5, java.util.concurrent.TimeUnit.SECONDS).join();
  }
}
