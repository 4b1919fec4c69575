// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

/**
 * What the MTA need not send, or need not wait for: the SMFIP bits of the negotiation.
 *
 * <p>Source: libmilter's {@code mfdef.h} (Sendmail 8.17).
 */
public final class Steps {
  public static final int NO_CONNECT = 0x1;
  public static final int NO_HELO = 0x2;
  public static final int NO_MAIL = 0x4;
  public static final int NO_RCPT = 0x8;
  public static final int NO_BODY = 0x10;
  public static final int NO_HEADERS = 0x20;
  public static final int NO_END_OF_HEADERS = 0x40;

  /** The filter answers nothing to header fields. */
  public static final int NO_REPLY_HEADER = 0x80;

  public static final int NO_UNKNOWN = 0x100;
  public static final int NO_DATA = 0x200;

  /** The MTA understands {@link Reply.Skip}. */
  public static final int SKIP = 0x400;

  /** The MTA also shows recipients that it refuses itself. */
  public static final int REJECTED_RECIPIENTS = 0x800;

  public static final int NO_REPLY_CONNECT = 0x1000;
  public static final int NO_REPLY_HELO = 0x2000;
  public static final int NO_REPLY_MAIL = 0x4000;
  public static final int NO_REPLY_RCPT = 0x8000;
  public static final int NO_REPLY_DATA = 0x10000;
  public static final int NO_REPLY_UNKNOWN = 0x20000;
  public static final int NO_REPLY_END_OF_HEADERS = 0x40000;
  public static final int NO_REPLY_BODY = 0x80000;

  /** Header values keep, and must be given with, the space after the colon. */
  public static final int LEADING_SPACE = 0x100000;

  private Steps() {}
}
