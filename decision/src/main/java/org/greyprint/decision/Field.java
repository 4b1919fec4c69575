// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.Set;
import java.util.function.Function;

/**
 * A field that rules see.
 *
 * @param name with its dot, e.g. os.family
 * @param type its type
 * @param needs what must be asked of DNS first
 * @param explicit whether the field tells that something is unknown, so that it can be read then
 * @param reader takes it from the facts
 */
record Field(
    String name,
    FieldType type,
    Set<Need> needs,
    boolean explicit,
    Function<Facts, Object> reader) {}
