/* test_scan_ends.c -- a text may end anywhere, and no reader looks behind its end.  Each
 * text is scanned up to each of its bytes, from memory that ends there; what looks
 * further ends a build with AddressSanitizer. */
#include "scanning.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char *const texts[] = {
    /* A letter about private people, with what only such a text has. */
    "Dear Ms Aldous,\nmy son Tobias Brandl (born 14.3.1998, SN F7K2-99QA) lives at 12 Mill Road, LS6 3PB Leeds, car LB-TB 4411. "
    "Write to tobias.brandl@mail.example or call +44 161 496 0123. His account is tbrandl/tb1998, badge EMP-00421, policy AX/2231-77=9. "
    "Passport C01X00T47. Yours,\nJ. Brandl (mother)\n",
    /* Notes and secrets. */
    "wifi: Hauser24 pw: Sommer-Haus-91! door code 4711# alarm off with 9938B\nthe code is 482913, pin=4471\n"
    "user=anna.k password='k7$Rt!x2' ssh anna@db01.lan -p 2222\nexport DB_URL=postgres://app:s3cr3tX9@10.0.0.5:5432/db?x=1%20y\n"
    "IBAN DE89 3704 0044 0532 0130 00, card 4111 1111 1111 1111 exp 04/29 cvc 123\n",
    /* Data, code, tables. */
    "| name | phone | plate |\n|---|---|---|\n| Ines Moreau | 06 12 34 56 78 | AB-123-CD |\n{\"user\": \"imoreau\", \"dob\": \"1987-05-02\", \"geo\": [48.85, 2.35]}\n"
    "<patient id=\"MRN 0045-221\"><name>Moreau, Ines</name></patient>\nINSERT INTO t(name, pw) VALUES ('Ines', 'x9!kkA2b');\n"
    "\\u0041nna =41nna %41%6E%6E%61 &#65;nna &amp; 0x41 \\x41\\101 (+49) 30/1234-567 x12 #5=1(2)",
    /* Other scripts. */
    "Здравствуйте, Ольга Петровна! Мой телефон +7 921 123-45-67, ИНН 500100732259, адрес: ул. Лесная, д. 5, кв. 12.\n"
    "山田太郎さんの電話は090-1234-5678です。密码是 Qx7!mm29，张伟。\nمحمد: رقمي 0551234567\nसुनीता: 9876543210",
};
/* clang-format on */

static void a_text_may_end_anywhere(void **state)
{
    for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
        size_t whole = strlen(texts[k]);
        assert_true(whole > 250);
        for (size_t n = 1; n <= whole; n++) {
            char *own = malloc(n);
            struct span_list l = {0};
            struct err err = {0};
            assert_non_null(own);
            memcpy(own, texts[k], n);
            assert_int_equal(guard_scan_text(*state, (struct str){own, n}, &l, &err), 0);
            for (size_t i = 0; i < l.n; i++)
                assert_true(l.v[i].start < l.v[i].end && l.v[i].end <= n);
            span_list_release(&l);
            free(own);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
