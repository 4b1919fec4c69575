// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/**
 * What one SYN tells about the machine that sent it.
 *
 * @param os the operating system
 * @param distance hops between sender and here, or -1 where it can't be told
 * @param link the link type its MTU speaks for, e.g. "Ethernet or modem"; "" if unknown
 * @param mtu the sender's MTU in octets, or 0 if the SYN had no MSS
 * @param signature the SYN's own signature in p0f's syntax, with ECE, CWR and the IP ECN field
 *     apart
 */
public record Fingerprint(
    OperatingSystem os, int distance, String link, int mtu, String signature) {}
