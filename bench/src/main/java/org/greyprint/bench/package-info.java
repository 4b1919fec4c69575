// SPDX-License-Identifier: Apache-2.0

/** JMH benchmarks and the comparisons with peers. */
@NullMarked
package org.greyprint.bench;

import org.jspecify.annotations.NullMarked;
