// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

/** What a test's own Postfix runs beside its smtpd. */
public final class PostfixServices {
  /**
   * Lines of master.cf: the queue, delivery by virtual and smtp, bounces, and the log; no chroot.
   */
  public static final String MASTER =
      """
      postlog   unix-dgram n  -       n       -       1       postlogd
      pickup    unix  n       -       n       60      1       pickup
      cleanup   unix  n       -       n       -       0       cleanup
      qmgr      unix  n       -       n       300     1       qmgr
      rewrite   unix  -       -       n       -       -       trivial-rewrite
      bounce    unix  -       -       n       -       0       bounce
      defer     unix  -       -       n       -       0       bounce
      trace     unix  -       -       n       -       0       bounce
      error     unix  -       -       n       -       -       error
      retry     unix  -       -       n       -       -       error
      proxymap  unix  -       -       n       -       -       proxymap
      virtual   unix  -       n       n       -       -       virtual
      anvil     unix  -       -       n       -       1       anvil
      smtp      unix  -       -       n       -       -       smtp
      """;

  private PostfixServices() {}
}
