// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

/** What a frame's bytes turned out to be: a {@link Command}, or {@link Malformed}. */
public sealed interface Parsed permits Command, Malformed {}
