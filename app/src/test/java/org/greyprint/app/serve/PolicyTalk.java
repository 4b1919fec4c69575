// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.nio.file.Path;

/** Policy requests, for tests of other packages. */
public final class PolicyTalk {
  private PolicyTalk() {}

  /** The action that is answered. */
  public static String ask(Path socket, String client, String sender, String recipient)
      throws IOException {
    return Talk.policy(socket, client, sender, recipient);
  }
}
