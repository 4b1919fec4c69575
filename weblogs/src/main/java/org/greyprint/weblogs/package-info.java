// SPDX-License-Identifier: Apache-2.0

/** Exact-order merge of logs, and the rebuild of AWStats history. */
@NullMarked
package org.greyprint.weblogs;

import org.jspecify.annotations.NullMarked;
