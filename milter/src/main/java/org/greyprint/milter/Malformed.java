// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

/**
 * A frame that is no command.
 *
 * @param command the frame's command byte, 0 to 255
 * @param problem what is wrong with it, and where
 */
public record Malformed(int command, String problem) implements Parsed {}
