// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import io.helidon.http.BadRequestException;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What requests bring along. */
final class Requests {
  private static final int MOST = 10_000;

  private Requests() {}

  static Optional<String> query(ServerRequest request, String name) {
    return request.query().contains(name)
        ? Optional.of(request.query().get(name))
        : Optional.empty();
  }

  static String needed(ServerRequest request, String name) {
    return query(request, name)
        .orElseThrow(() -> new BadRequestException("the parameter '" + name + "' is needed"));
  }

  static int limit(ServerRequest request, int fallback) {
    return number(request, "limit", fallback, 1, MOST);
  }

  static int number(ServerRequest request, String name, int fallback, int least, int most) {
    String text = query(request, name).orElse(Integer.toString(fallback));
    int number = text.matches("\\d{1,7}") ? Integer.parseInt(text) : -1;
    if (number < least || number > most) {
      throw new BadRequestException(name + " is a number from " + least + " to " + most);
    }
    return number;
  }

  /** An address; never a name that would be looked up. */
  static InetAddress address(String text) {
    try {
      if (text.matches("[0-9.]{7,15}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
        return InetAddress.getByName(text);
      }
    } catch (UnknownHostException e) {
      throw new BadRequestException("'" + text + "' is no address", e);
    }
    throw new BadRequestException("'" + text + "' is no address");
  }

  static JsonNode body(ServerRequest request) {
    return Json.object(request.content().as(byte[].class))
        .orElseThrow(() -> new BadRequestException("the body is to be a JSON object"));
  }

  static Optional<String> text(JsonNode body, String name) {
    JsonNode value = body.get(name);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw new BadRequestException("'" + name + "' is to be a string");
    }
    return Optional.of(value.asString());
  }
}
