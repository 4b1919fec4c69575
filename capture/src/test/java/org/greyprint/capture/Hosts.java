// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.testkit.Programs;

/** Hosts of a test, each a network namespace; all are removed at the end. */
final class Hosts implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Names end in the process id, so that two runs on one machine do not meet. */
  final String id = Long.toString(ProcessHandle.current().pid() % 100_000);

  /** Octets of the network 10.x.y.0/24 between this host and the first one. */
  final String network =
      "10.%d.%d"
          .formatted(
              130 + (int) (ProcessHandle.current().pid() >> 8 & 63),
              (int) (ProcessHandle.current().pid() & 255));

  private final List<String> namespaces = new ArrayList<>();
  private final List<String> links = new ArrayList<>();

  String add(String name) {
    String namespace = "gpt" + id + name;
    run("ip netns add " + namespace);
    namespaces.add(namespace);
    run("ip -n " + namespace + " link set lo up");
    return namespace;
  }

  /** A wire from this machine to a host; gives the name of this machine's end. */
  String wire(String namespace) {
    String here = "gp" + id + "w" + links.size();
    run("ip link add %s type veth peer name eth0 netns %s".formatted(here, namespace));
    links.add(here);
    run("ip addr add %s.1/24 dev %s".formatted(network, here));
    run("ip -6 addr add fd79:%s::1/64 dev %s nodad".formatted(id(), here));
    run("ip link set " + here + " up");
    run("ip -n %s addr add %s.2/24 dev eth0".formatted(namespace, network));
    run("ip -n %s -6 addr add fd79:%s::2/64 dev eth0 nodad".formatted(namespace, id()));
    run("ip -n " + namespace + " link set eth0 up");
    run("ip netns exec " + namespace + " ethtool -K eth0 tx off");
    return here;
  }

  /** The last group of IPv6 networks here, in hexadecimal. */
  String id() {
    return Integer.toHexString(Integer.parseInt(id) & 0xffff);
  }

  /** A wire between two hosts behind the first one. */
  void wire(String router, String host, int subnet) {
    String near = "in" + subnet;
    run("ip link add %s netns %s type veth peer name eth0 netns %s".formatted(near, router, host));
    run("ip -n %s addr add 172.31.%d.1/24 dev %s".formatted(router, subnet, near));
    run("ip -n %s link set %s up".formatted(router, near));
    run("ip -n %s addr add 172.31.%d.2/24 dev eth0".formatted(host, subnet));
    run("ip -n %s link set eth0 up".formatted(host));
    run("ip netns exec %s ethtool -K eth0 tx off".formatted(host));
    run("ip -n %s route add default via 172.31.%d.1".formatted(host, subnet));
  }

  /** Opens a TCP connection from a host and closes it. */
  Programs.Result connect(String namespace, String address, int port) {
    return Programs.run(
        LIMIT,
        List.of(
            "ip",
            "netns",
            "exec",
            namespace,
            "bash",
            "-c",
            "exec 3<>/dev/tcp/" + address + "/" + port));
  }

  String in(String namespace, String command) {
    return run("ip netns exec " + namespace + " " + command);
  }

  /** The hardware address of one of this machine's interfaces. */
  static String mac(String link) {
    return run("cat /sys/class/net/" + link + "/address").trim();
  }

  static String run(String command) {
    return run(List.of(command.split(" ")));
  }

  static String run(List<String> command) {
    Programs.Result result = Programs.run(LIMIT, command);
    if (result.status() != 0) {
      throw new IllegalStateException(command + ": " + result.out());
    }
    return result.out();
  }

  @Override
  public void close() {
    for (String link : links) {
      Programs.run(LIMIT, List.of("ip", "link", "del", link));
    }
    for (String namespace : namespaces) {
      Programs.run(LIMIT, List.of("ip", "netns", "del", namespace));
    }
  }
}
