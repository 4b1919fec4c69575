// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What senders and recipients are compared as. */
class MailboxesTest {
  private static final String ME = "me@example.org";

  @ParameterizedTest
  @CsvSource({
    "User@Example.COM, user@example.com",
    "user@example.com., user@example.com",
    // BATV, in both orders, and its variants
    "prvs=0123abcdef=user@example.com, user@example.com",
    "prvs=user=0123abcdef@example.com, user@example.com",
    "prvs=1234567890=news+7@example.com, news@example.com",
    "btv1==1234567890==user@example.com, user@example.com",
    "msprvs1=17850abcdef=user@example.com, user@example.com",
    // SRS
    "SRS0=HHH1=TT=orig.example=joe@forward.example, srs=orig.example=joe@forward.example",
    "SRS0=zzz2=QQ=orig.example=joe@forward.example, srs=orig.example=joe@forward.example",
    "SRS0+abcd=T7=Orig.example=joe+x@forward.example, srs=orig.example=joe@forward.example",
    "SRS1=HH=first.example==ABC=TT=orig.example=joe@f.example, srs=orig.example=joe@f.example",
    // extension
    "user+shopping@example.com, user@example.com",
    "+user@example.com, +user@example.com",
    // VERP, and numbers of each message
    "list-return-1234-me=example.org@lists.example, list-return-#-=@lists.example",
    "list-return-1235-me=example.org@lists.example, list-return-#-=@lists.example",
    "bounces+45329440-6cd3-me=example.org@em1847.example, bounces@em1847.example",
    "bounce-1234567-html@news.example, bounce-#-html@news.example",
    "m20260203@example.com, m#@example.com",
    "123@example.com, #@example.com",
    "0102016efd924cb8-4e48dd8b-0599-4a87-8084-b51c410b859b-000000@ses.example, #-#-#@ses.example",
    "3f9a2b17c0de@example.com, #@example.com",
    "aq7x0p2lk93mzz41v@example.com, #@example.com",
    // names that only look a little like it stay
    "john1984@example.com, john1984@example.com",
    "deadbeef@example.com, deadbeef@example.com",
    "jean-luc.picard2@example.com, jean-luc.picard2@example.com",
    "no-at-sign, no-at-sign",
    "\"\"\"quoted name\"\"@example.com\", \"\"\"quoted name\"\"@example.com\"",
  })
  void whatDiffersFromMessageToMessageIsTakenOut(String sender, String key) {
    assertThat(Mailboxes.sender(sender.replace("\"\"", "\""), ME))
        .isEqualTo(key.replace("\"\"", "\""));
  }

  @Test
  void theNullSenderIsItself() {
    assertThat(Mailboxes.sender("", ME)).isEmpty();
    assertThat(Mailboxes.sender(" ", ME)).isEmpty();
  }

  @Test
  void domainsInOtherScriptsAreComparedInTheirAsciiForm() {
    assertThat(Mailboxes.plain("Jörg@BÜCHER.example")).isEqualTo("jörg@xn--bcher-kva.example");
    assertThat(Mailboxes.sender("jörg@xn--bcher-kva.example", ME))
        .isEqualTo(Mailboxes.sender("jörg@bücher.example", ME));
  }

  @Test
  void hugeAddressesAreBoundedAndStayApart() {
    String one = Mailboxes.sender("a".repeat(100_000) + "x@example.com", ME);
    String two = Mailboxes.sender("a".repeat(100_000) + "y@example.com", ME);
    assertThat(one).isNotEqualTo(two).hasSizeLessThanOrEqualTo(Mailboxes.LONGEST);
    assertThat(Mailboxes.plain("b".repeat(5_000) + "@example.com"))
        .hasSizeLessThanOrEqualTo(Mailboxes.LONGEST);
  }

  @Test
  void whateverIsGivenIsComparedAndHasNoLineBreaks() {
    Random random = new Random(11);
    String alphabet = "prvs=SRS01+-@.#abcdef0123456789 \n\r\t\u0000é€\ud83d\ude00\"<>";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(60); length > 0; length--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String key = Mailboxes.sender(text.toString(), ME);
      assertThat(key).hasSizeLessThanOrEqualTo(Mailboxes.LONGEST);
      assertThat(key.chars().noneMatch(c -> c < ' ' || c == 127)).as(text.toString()).isTrue();
      String plain = Mailboxes.plain(text.toString());
      assertThat(plain.chars().noneMatch(c -> c < ' ' || c == 127)).as(text.toString()).isTrue();
      assertThat(Mailboxes.plain(plain)).as(text.toString()).isEqualTo(plain);
    }
  }
}
