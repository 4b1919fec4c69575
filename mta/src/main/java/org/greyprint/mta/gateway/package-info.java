// SPDX-License-Identifier: Apache-2.0

/**
 * The SMTP gateway: a transparent relay in front of any mail server, which sees each client's SYN
 * without privileges. {@link org.greyprint.mta.gateway.Gateway} is the way in.
 */
@NullMarked
package org.greyprint.mta.gateway;

import org.jspecify.annotations.NullMarked;
