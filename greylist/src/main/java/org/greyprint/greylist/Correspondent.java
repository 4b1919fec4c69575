// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.time.Instant;

/**
 * Someone whom one of our users has written to.
 *
 * @param user our user's address
 * @param other the address written to
 * @param last when the user last wrote
 * @param expires until when answers pass without delay
 */
public record Correspondent(String user, String other, Instant last, Instant expires) {}
