// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.LinkedHashMap;
import java.util.Map;

/** Messages in the queues of all hosts, by host, program and queue id; the oldest go first. */
final class Messages {
  private final Map<String, Message> byId;
  private final Map<String, Message> byMessageId;
  private long forgotten;

  /**
   * @param most messages remembered at a time
   */
  Messages(int most) {
    byId =
        new LinkedHashMap<>(1024, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Message> eldest) {
            boolean full = size() > most;
            if (full) {
              forgotten++;
            }
            return full;
          }
        };
    byMessageId =
        new LinkedHashMap<>(1024, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Message> eldest) {
            return size() > most;
          }
        };
  }

  /** The message, a new one if it is not known. */
  Message get(String queue, String id) {
    return byId.computeIfAbsent(queue + " " + id, key -> new Message());
  }

  void remove(String queue, String id) {
    byId.remove(queue + " " + id);
  }

  /**
   * The first message of a host with this Message-ID; a content filter hands it back under another
   * queue id.
   */
  Message first(String host, String messageId, Message message) {
    Message known = byMessageId.putIfAbsent(host + " " + messageId, message);
    return known == null ? message : known;
  }

  /** Messages dropped for want of room; their later records lack sender and size. */
  long forgotten() {
    return forgotten;
  }
}
