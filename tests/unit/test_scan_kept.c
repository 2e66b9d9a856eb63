/* test_scan_kept.c -- codes that are sent, kept for a bad day or dictated, keys of
 * networks, an old password and the new one: each in several languages, and what only
 * looks like them; and addresses, accounts and papers by the form that their country or
 * system gives them. */
#include "rows.h"

/* clang-format off */
static const struct row told[] = {
    {"Twój kod weryfikacyjny to 481530. Nikomu go nie podawaj.", "481530", ACTION_LOCAL},
    {"Az Ön ellenőrző kódja: 660124. Ne adja meg senkinek.", "660124", ACTION_LOCAL},
    {"Vahvistuskoodisi on 451937.", "451937", ACTION_LOCAL},
    {"Sinu kinnituskood on 749204.", "749204", ACTION_LOCAL},
    {"Engangskoden din er 850172.", "850172", ACTION_LOCAL},
    {"Vaša potrditvena koda je 828036.", "828036", ACTION_LOCAL},
    {"Ваш код підтвердження 916517, дійсний 3 хвилини.", "916517", ACTION_LOCAL},
    {"کد تایید شما 573016 است.", "573016", ACTION_LOCAL},
    {"קוד האימות שלך הוא 930275.", "930275", ACTION_LOCAL},
    {"आपका सत्यापन कोड 418160 है।", "418160", ACTION_LOCAL},
    {"รหัสยืนยันของคุณคือ 869142", "869142", ACTION_LOCAL},
    {"Mã xác nhận của bạn là 257051.", "257051", ACTION_LOCAL},
    {"Kode verifikasi Anda 485380.", "485380", ACTION_LOCAL},
    {"Votre code de validation est le 612 918.", "612 918", ACTION_LOCAL},
    {"Meine Wiederherstellungscodes: 78KD-92PX, 4MQB-11ZT", "4MQB-11ZT", ACTION_LOCAL},
    {"mes codes de secours : 5521-1183, 9047-6612", "9047-6612", ACTION_LOCAL},
    {"backup codes\n5521-1183\n9047-6612\n3310-0982\n", "3310-0982", ACTION_LOCAL},
    {"Op het briefje bij het modem: netwerk Rietkraag, sleutel rietkraag67.", "rietkraag67", ACTION_LOCAL},
    {"På lappen vid routern: nät Blåsippa, nyckel blasippa75.", "blasippa75", ACTION_LOCAL},
    {"WLAN-Passwort früher Kiesel77, inzwischen Kiesel78", "Kiesel78", ACTION_LOCAL},
    {"hint for the password: dog and year, so Biscuit2011", "Biscuit2011", ACTION_LOCAL},
    {"An der Kellertür 4406 eintippen und Raute drücken.", "4406", ACTION_LOCAL},
    {"La alarma se quita con el 9134 en el teclado.", "9134", ACTION_LOCAL},
    {"Vārtiņi atveras ar 4872.", "4872", ACTION_LOCAL},
    {"裏口のキーボックスは5341で開きます。", "5341", ACTION_LOCAL},
    {"Defib code changed to C368X.", "C368X", ACTION_LOCAL},
    {"the password is spelled capital M maple three nine dollar", "M maple three nine dollar", ACTION_LOCAL},
    {"wifi: all lowercase bluebottle zero three", "bluebottle zero three", ACTION_LOCAL},
    {"Passwort: großes B wie Berta, dann birke sieben vier Ausrufezeichen", "birke sieben vier Ausrufezeichen", ACTION_LOCAL},
    {"AGENT: I've sent a code to your phone, could you read it back?\nCALLER: four four nine one oh two", "four four nine one oh two", ACTION_LOCAL},
    {"Asha: OTP भी आया होगा, बता जल्दी\nMira: 198418", "198418", ACTION_LOCAL},
};

static const struct row forms[] = {
    {"〒150-0043 東京都渋谷区道玄坂2-28-11\n携帯 080-3143-9251", "東京都渋谷区道玄坂2-28-11", ACTION_MASK},
    {"住所は福岡県福岡市博多区博多駅前1-16-3です", "福岡県福岡市博多区博多駅前1-16-3", ACTION_MASK},
    {"adresi Cumhuriyet Mah. 118. Sok. No: 30/4 mi", "Cumhuriyet Mah. 118. Sok. No: 30/4", ACTION_MASK},
    {"Lale Sokak No:5 Kadıköy", "Lale Sokak No:5", ACTION_MASK},
    {"P<NLDBONNEFOY<<ANNESOPHIE<<<<<<<<<<<<<<<<<<<<<", "NLDBONNEFOY<<ANNESOPHIE", ACTION_MASK},
    {"bind failed for uid=hollis40,ou=people,dc=bell", "hollis40", ACTION_MASK},
    {"Security ID: CORP\\hollis.r40", "hollis.r40", ACTION_MASK},
    {"Account Name: DC59$", "DC59", ACTION_MASK},
    {"my gamertag is the_real_davide87", "the_real_davide87", ACTION_MASK},
    {"Personeelsnr: 24179", "24179", ACTION_MASK},
    {"date of birth one seven zero three eight eight", "one seven zero three eight eight", ACTION_MASK},
    {"vehicle index whiskey x-ray two four tango romeo lima", "whiskey x-ray two four tango romeo lima", ACTION_MASK},
};

static const char *const clear[] = {
    "the verification took 481530 ms", "confirm that 5000 rows were written", "validation error code 404040",
    "backup of 2023-1105 is done", "the backup code in main.c is old", "restore 5521-1183 blocks from the backup",
    "früher hieß es Python37, jetzt Python38", "we moved from Angular15 to Angular16 and now the router works",
    "the network table has key user_id01", "hint: use Python311 for this", "Tipp: nimm lieber Ubuntu2204",
    "capital gains tax one", "the capital of France has two rivers", "lowercase the three columns",
    "use uppercase for one letter", "the phone has 4096 MB", "call the helpdesk on day 1200",
    "東京都は2-1で勝ちました", "第2-3章", "No: 5 items", "see Apt No", "cn=admin", "x = P<T<<4>>",
    "the safe range opens at 4.5", "Fenster öffnet um 0730",
};
/* clang-format on */

static void codes_and_passwords_are_told_in_notes(void **state)
{
    CHECK_ROWS(told);
}

static void values_have_the_form_of_their_country_or_system(void **state)
{
    CHECK_ROWS(forms);
}

static void what_looks_alike_stays_clear(void **state)
{
    CHECK_CLEAR(clear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_and_passwords_are_told_in_notes),
        cmocka_unit_test(values_have_the_form_of_their_country_or_system),
        cmocka_unit_test(what_looks_alike_stays_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
