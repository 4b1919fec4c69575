// SPDX-License-Identifier: Apache-2.0

/** Helpers of the tests: real programs, temporary hosts, conditions with a printed reason. */
@NullMarked
package org.greyprint.testkit;

import org.jspecify.annotations.NullMarked;
