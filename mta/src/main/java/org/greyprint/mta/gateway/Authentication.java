// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

/** AUTH (RFC 4954) of a session, between the client and the next hop; never logged. */
final class Authentication {
  private final ClientConnection connection;
  private String login = "";

  Authentication(ClientConnection connection) {
    this.connection = connection;
  }

  /** The user that the next hop authenticated; "" if none. */
  String login() {
    return login;
  }

  /** Passes AUTH on, and what follows it. */
  void begin(Hop hop, Command command) {
    Login who = new Login(command.argument());
    hop.command(command.line(), reply -> answered(hop, who, reply));
  }

  private void answered(Hop hop, Login who, Reply reply) {
    if (reply.code() == 235) {
      login = who.name();
    } else if (reply.code() == 334) {
      who.challenged();
      connection.expectLine(line -> {
        if (line.isEmpty()) {
          hop.command(
              "*", ignored -> connection.reply(Reply.of(501, "5.5.2 The line cannot be read")));
        } else {
          who.answered(line.get());
          hop.command(line.get(), next -> answered(hop, who, next));
        }
      });
    }
    connection.reply(reply);
  }
}
