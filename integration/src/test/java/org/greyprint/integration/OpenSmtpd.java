// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.greyprint.testkit.Debs;
import org.greyprint.testkit.Testbed;

/** Debian's OpenSMTPD, unpacked; delivers mail for example.net into a maildir. */
final class OpenSmtpd implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      listen on 127.0.0.1 port PORT
      action "in" maildir "FOLDER/mail" virtual { "@" = nobody }
      match from any for domain "example.net" action "in"
      """;

  /** It looks for its users and programs where the package would put them. */
  private static final String START =
      """
      set -e
      mount --bind FOLDER/passwd /etc/passwd
      mount --bind FOLDER/group /etc/group
      mount -t overlay overlay -o lowerdir=PACKAGE/usr:/usr /usr
      mount -t tmpfs tmpfs /var/spool
      mkdir -m 711 /var/spool/smtpd
      mount -t tmpfs tmpfs /var/lib
      mkdir -p /var/lib/opensmtpd/empty
      hostname mx.example.net
      exec /usr/sbin/smtpd -d -f FOLDER/smtpd.conf
      """;

  private final Path folder;
  private final Process process;

  private OpenSmtpd(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  static OpenSmtpd start(Testbed testbed, int port) throws IOException {
    Path folder = Files.createDirectories(testbed.folder().resolve("opensmtpd"));
    Path mail = Files.createDirectory(folder.resolve("mail"));
    Files.setPosixFilePermissions(mail, PosixFilePermissions.fromString("rwxrwxrwx"));
    for (String name : new String[] {"passwd", "group"}) {
      Files.copy(Path.of("/etc", name), folder.resolve(name));
      String rest = name.equals("passwd") ? ":/var/lib/opensmtpd/empty:/bin/false\n" : "\n";
      for (String user : new String[] {"opensmtpd:x:64001:", "opensmtpq:x:64002:"}) {
        String id = user.substring(user.length() - 6, user.length() - 1);
        Files.writeString(
            folder.resolve(name),
            name.equals("passwd") ? user + id + ":" + rest : user + rest,
            StandardOpenOption.APPEND);
      }
    }
    Files.writeString(
        folder.resolve("smtpd.conf"),
        CONFIGURATION.replace("FOLDER", folder.toString()).replace("PORT", "" + port));
    Path script = folder.resolve("start");
    Files.writeString(
        script,
        START
            .replace("FOLDER", folder.toString())
            .replace("PACKAGE", Debs.unpacked("opensmtpd").toString()));
    Process process =
        testbed.start(
            Testbed.MX, folder.resolve("out"), "unshare", "-m", "-u", "sh", script.toString());
    String connect = "exec 3<>/dev/tcp/127.0.0.1/" + port;
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() ->
            !process.isAlive() || testbed.run(Testbed.MX, "bash", "-c", connect).status() == 0);
    if (!process.isAlive()) {
      throw new IllegalStateException("smtpd: " + Files.readString(folder.resolve("out")));
    }
    return new OpenSmtpd(folder, process);
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
