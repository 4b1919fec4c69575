// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.net.InetSocketAddress;

/**
 * Who calls, as the next hop is told.
 *
 * @param client its address and port
 * @param server where it came to
 * @param extended whether it said EHLO
 * @param helo the name it gave
 */
record Caller(InetSocketAddress client, InetSocketAddress server, boolean extended, String helo) {}
