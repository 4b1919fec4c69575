// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.greyprint.testkit.Debs;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;

/** Exim and Sendmail as clients: one message handed to a server, at once. */
final class Submitter {
  private static final String EXIM =
      """
      exim_path = FOLDER/exim4
      primary_hostname = client.example.org
      spool_directory = FOLDER/spool
      log_file_path = FOLDER/%slog
      exim_user = nobody
      exim_group = nogroup
      never_users =
      keep_environment =
      begin routers
      all:
        driver = manualroute
        route_list = * SERVER
        self = send
        transport = out
      begin transports
      out:
        driver = smtp
        port = PORT
      """;

  private static final String SENDMAIL =
      """
      divert(0)dnl
      OSTYPE(`linux')dnl
      define(`confSERVICE_SWITCH_FILE', `FOLDER/service.switch')dnl
      define(`QUEUE_DIR', `FOLDER/mqueue')dnl
      define(`confPID_FILE', `FOLDER/pid')dnl
      define(`STATUS_FILE', `FOLDER/statistics')dnl
      define(`ALIAS_FILE', `')dnl
      define(`confCONTROL_SOCKET_NAME', `')dnl
      define(`confDOMAIN_NAME', `client.example.org')dnl
      define(`confDONT_PROBE_INTERFACES', `true')dnl
      define(`SMART_HOST', `relay:[SERVER]')dnl
      define(`RELAY_MAILER_ARGS', `TCP $h PORT')dnl
      FEATURE(`accept_unresolvable_domains')dnl
      FEATURE(`no_default_msa')dnl
      MAILER(`smtp')dnl
      """;

  private Submitter() {}

  private static Path folder(Testbed testbed, String name) throws IOException {
    Path folder = Files.createDirectories(testbed.folder().resolve(name));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    return folder;
  }

  private static String fill(String text, Path folder, String server, int port) {
    return text.replace("FOLDER", folder.toString())
        .replace("SERVER", server)
        .replace("PORT", Integer.toString(port));
  }

  private static void message(Path folder, String id) throws IOException {
    Files.writeString(
        folder.resolve("message"),
        "From: a@example.org\nTo: b@example.net\nSubject: " + id + "\n\n.dot\n\u00e4\nend\n");
  }

  /** Exim, which sends by BDAT where it can. */
  static Programs.Result exim(Testbed testbed, String host, String server, int port, String id)
      throws IOException {
    Path folder = folder(testbed, "exim-client");
    Files.createDirectories(folder.resolve("spool"));
    Files.setPosixFilePermissions(
        folder.resolve("spool"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.copy(
        Debs.unpacked("exim4-daemon-light").resolve("usr/sbin/exim4"), folder.resolve("exim4"));
    Files.writeString(folder.resolve("conf"), fill(EXIM, folder, server, port));
    message(folder, id);
    for (String name : List.of("passwd", "group")) {
      Files.copy(Path.of("/etc", name), folder.resolve(name));
      String entry = name.equals("passwd") ? ":x:65534:65534::/:/bin/false\n" : ":x:65534:\n";
      Files.writeString(folder.resolve(name), "Debian-exim" + entry, StandardOpenOption.APPEND);
    }
    String command =
        "mount --bind FOLDER/passwd /etc/passwd && mount --bind FOLDER/group /etc/group && "
            + "FOLDER/exim4 -C FOLDER/conf -odf -f a@example.org b@example.net < FOLDER/message; "
            + "cat FOLDER/mainlog";
    return testbed.run(
        host, "unshare", "-m", "sh", "-c", command.replace("FOLDER", folder.toString()));
  }

  /** Sendmail. */
  static Programs.Result sendmail(Testbed testbed, String host, String server, int port, String id)
      throws IOException {
    Path folder = folder(testbed, "sendmail-client");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path macros = Debs.unpacked("sendmail-cf").resolve("usr/share/sendmail/cf/");
    Files.createDirectories(folder.resolve("mqueue"));
    Files.setPosixFilePermissions(
        folder.resolve("mqueue"), PosixFilePermissions.fromString("rwx------"));
    Files.writeString(folder.resolve("service.switch"), "hosts files\naliases files\n");
    Files.writeString(folder.resolve("client.mc"), fill(SENDMAIL, folder, server, port));
    message(folder, id);
    String command =
        "hostname client.example.org && cd FOLDER && M4 -D_CF_DIR_=CF/ CF/m4/cf.m4 client.mc"
            + " > client.cf && BINARY -C FOLDER/client.cf -odi -v -f a@example.org"
            + " b@example.net < message";
    return testbed.run(
        host,
        "unshare",
        "-u",
        "sh",
        "-c",
        command
            .replace("FOLDER", folder.toString())
            .replace("M4", Debs.unpacked("m4").resolve("usr/bin/m4").toString())
            .replace("CF/", macros + "/")
            .replace(
                "BINARY",
                Debs.unpacked("sendmail-bin").resolve("usr/libexec/sendmail/sendmail").toString()));
  }
}
