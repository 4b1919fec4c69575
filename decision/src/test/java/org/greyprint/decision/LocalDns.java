// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A name server on loopback that answers by a script, or badly, or not at all. */
final class LocalDns implements AutoCloseable {
  private static final Name ROOT = Name.root;

  private final DatagramSocket socket;
  private final Thread thread;
  private final Map<String, List<String>> zone = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile boolean silent;
  private volatile int rcode = -1;
  private volatile UnaryOperator<byte[]> damage = bytes -> bytes;

  LocalDns() {
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
    thread = Thread.ofPlatform().daemon().name("local-dns").start(this::serve);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
  }

  /** Adds a record, e.g. ("mail.example.org", "A", "192.0.2.7"). */
  LocalDns with(String name, String type, String data) {
    zone.computeIfAbsent(name + " " + type, key -> new CopyOnWriteArrayList<>()).add(data);
    return this;
  }

  void silent(boolean on) {
    silent = on;
  }

  void rcode(int code) {
    rcode = code;
  }

  void damage(UnaryOperator<byte[]> how) {
    damage = how;
  }

  /** What was asked, as "name type". */
  List<String> asked() {
    return asked;
  }

  private void serve() {
    byte[] buffer = new byte[1500];
    while (!socket.isClosed()) {
      try {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        Message query = new Message(java.util.Arrays.copyOf(buffer, packet.getLength()));
        Record question = query.getQuestion();
        asked.add(question.getName().toString(true) + " " + Type.string(question.getType()));
        if (!silent) {
          byte[] answer = damage.apply(answer(query, question).toWire());
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException e) {
        if (socket.isClosed()) {
          return;
        }
        throw new UncheckedIOException(e);
      }
    }
  }

  private Message answer(Message query, Record question) throws IOException {
    Message answer = new Message(query.getHeader().getID());
    answer.getHeader().setFlag(Flags.QR);
    answer.getHeader().setFlag(Flags.RA);
    answer.addRecord(question, Section.QUESTION);
    if (rcode >= 0) {
      answer.getHeader().setRcode(rcode);
      return answer;
    }
    Name name = question.getName();
    for (int hop = 0; hop < 4; hop++) {
      List<String> alias = zone.getOrDefault(name.toString(true) + " CNAME", List.of());
      for (Record record : records(name, question.getType())) {
        answer.addRecord(record, Section.ANSWER);
      }
      if (alias.isEmpty()) {
        break;
      }
      records(name, Type.CNAME).forEach(record -> answer.addRecord(record, Section.ANSWER));
      name = Name.fromString(alias.getFirst(), ROOT);
    }
    if (answer.getSection(Section.ANSWER).isEmpty()) {
      answer.getHeader().setRcode(Rcode.NXDOMAIN);
    }
    return answer;
  }

  private List<Record> records(Name name, int type) throws IOException {
    List<Record> records = new ArrayList<>();
    for (String data :
        zone.getOrDefault(name.toString(true) + " " + Type.string(type), List.of())) {
      records.add(Record.fromString(name, type, DClass.IN, 300, data, ROOT));
    }
    return records;
  }

  @Override
  public void close() throws InterruptedException {
    socket.close();
    thread.join(5000);
  }
}
