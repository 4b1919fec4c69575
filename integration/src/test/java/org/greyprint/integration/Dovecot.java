// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.greyprint.testkit.Debs;
import org.greyprint.testkit.Testbed;

/** Debian's Dovecot, unpacked: an LMTP server on a UNIX socket, with one maildir for everybody. */
final class Dovecot implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      base_dir = FOLDER/run
      state_dir = FOLDER/state
      protocols = lmtp
      log_path = /dev/stderr
      mail_location = maildir:FOLDER/mail
      default_internal_user = nobody
      default_internal_group = nogroup
      default_login_user = nobody
      ssl = no
      first_valid_uid = 1
      userdb {
        driver = static
        args = uid=nobody gid=nogroup home=FOLDER/home allow_all_users=yes
      }
      passdb {
        driver = static
        args = nopassword=y
      }
      service lmtp {
        unix_listener FOLDER/lmtp.sock {
          mode = 0666
        }
      }
      service stats {
        chroot =
      }
      """;

  /** It looks for its programs and modules where the packages would put them. */
  private static final String START =
      """
      set -e
      mount -t overlay overlay -o lowerdir=LMTPD/usr:CORE/usr:/usr /usr
      exec /usr/sbin/dovecot -F -c FOLDER/dovecot.conf
      """;

  private final Path folder;
  private final Process process;

  private Dovecot(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  static Dovecot start(Testbed testbed) throws IOException {
    Path folder = Files.createDirectories(testbed.folder().resolve("dovecot"));
    Path mail = Files.createDirectory(folder.resolve("mail"));
    Files.setPosixFilePermissions(mail, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(
        folder.resolve("dovecot.conf"), CONFIGURATION.replace("FOLDER", folder.toString()));
    Path script = folder.resolve("start");
    Files.writeString(
        script,
        START
            .replace("FOLDER", folder.toString())
            .replace("CORE", Debs.unpacked("dovecot-core").toString())
            .replace("LMTPD", Debs.unpacked("dovecot-lmtpd").toString()));
    Path out = folder.resolve("out");
    Process process = testbed.start(Testbed.MX, out, "unshare", "-m", "sh", script.toString());
    Dovecot dovecot = new Dovecot(folder, process);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !process.isAlive() || Files.exists(dovecot.socket()));
    if (!process.isAlive()) {
      throw new IllegalStateException("dovecot: " + Files.readString(out));
    }
    return dovecot;
  }

  Path socket() {
    return folder.resolve("lmtp.sock");
  }

  Inbox inbox() {
    return new Inbox(folder.resolve("mail"));
  }

  @Override
  public void close() throws Exception {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
    process.destroyForcibly();
  }
}
