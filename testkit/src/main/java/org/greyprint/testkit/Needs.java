// SPDX-License-Identifier: Apache-2.0
package org.greyprint.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a test needs of the machine: programs on the path, or root.
 *
 * <p>Where something is missing the test is skipped and the reason printed; with {@code
 * GREYPRINT_REQUIRE_PEERS=1} in the environment, as {@code ./verify} sets it where it could install
 * everything, it fails instead, so that nothing is skipped unseen.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsCondition.class)
public @interface Needs {
  /** Names of programs, looked for on PATH and in /usr/sbin, /usr/local/sbin and /sbin. */
  String[] value() default {};

  /** Whether the test must run as root (network namespaces, MTAs that change user). */
  boolean root() default false;
}
