// SPDX-License-Identifier: Apache-2.0

/**
 * Time stamps in lines of logs: where they stand, which instant they mean, and how to write one.
 */
@NullMarked
package org.greyprint.weblogs.stamp;

import org.jspecify.annotations.NullMarked;
