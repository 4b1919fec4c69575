// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.time.Instant;
import java.time.ZoneId;
import java.util.function.Supplier;

/**
 * What a stamp does not say.
 *
 * @param zone the zone of stamps without an offset; not asked for where all have one
 * @param written when the source was last written to: a stamp without a year is of the last year in
 *     which it is not more than a day later than this
 */
public record StampContext(Supplier<ZoneId> zone, Instant written) {}
