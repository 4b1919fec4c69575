// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.YearMonth;

/** Months as numbers YYYYMM. */
final class Months {
  private Months() {}

  static YearMonth of(int number) {
    return YearMonth.of(number / 100, number % 100);
  }

  static int number(YearMonth month) {
    return month.getYear() * 100 + month.getMonthValue();
  }
}
