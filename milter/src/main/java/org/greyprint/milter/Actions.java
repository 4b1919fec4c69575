// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

/**
 * What a filter may ask of the MTA at the end of a message: the SMFIF bits of the negotiation.
 *
 * <p>Source: libmilter's {@code mfapi.h} (Sendmail 8.17).
 */
public final class Actions {
  /** Add and insert header fields. */
  public static final int ADD_HEADERS = 0x1;

  /** Replace the body. */
  public static final int CHANGE_BODY = 0x2;

  /** Add recipients. */
  public static final int ADD_RECIPIENTS = 0x4;

  /** Remove recipients. */
  public static final int DELETE_RECIPIENTS = 0x8;

  /** Change and delete header fields. */
  public static final int CHANGE_HEADERS = 0x10;

  /** Put the message into quarantine. */
  public static final int QUARANTINE = 0x20;

  /** Change the envelope sender. */
  public static final int CHANGE_SENDER = 0x40;

  /** Add recipients with ESMTP arguments. */
  public static final int ADD_RECIPIENTS_WITH_ARGUMENTS = 0x80;

  /** Say in the negotiation which macros are wanted. */
  public static final int REQUEST_MACROS = 0x100;

  private Actions() {}
}
