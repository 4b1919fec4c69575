// SPDX-License-Identifier: Apache-2.0

/**
 * The rebuild of AWStats history from complete logs, beside the live one, verified, then swapped.
 */
@NullMarked
package org.greyprint.weblogs.awstats;

import org.jspecify.annotations.NullMarked;
