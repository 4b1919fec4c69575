// SPDX-License-Identifier: Apache-2.0

/** Evidence, rules, and the one question every face asks. */
@NullMarked
package org.greyprint.decision;

import org.jspecify.annotations.NullMarked;
