/* test_scan_places.c -- where somebody lives and how they are reached, in the ways of
 * several countries; and what only looks like it. */
#include "rows.h"

/* clang-format off */
static const struct row places[] = {
    {"Meine Adresse: Am Mühlbach 14b, 79100 Freiburg", "Am Mühlbach 14b", ACTION_MASK},
    {"wohnhaft Auf der Höhe 7, Tel. 0171 2345678", "Auf der Höhe 7", ACTION_MASK},
    {"Kühlschrank steht (Zur Alten Schmiede 3)", "Zur Alten Schmiede 3", ACTION_MASK},
    {"deliver to 12 Orchard Croft, ring twice", "12 Orchard Croft", ACTION_MASK},
    {"she lives at twenty one Mill Lane.", "twenty one Mill Lane", ACTION_MASK},
    {"Petőfi Sándor utca 12., 2. emelet", "Petőfi Sándor utca 12", ACTION_MASK},
    {"Kossuth Lajos tér 3", "Kossuth Lajos tér 3", ACTION_MASK},
    {"서울시 마포구 월드컵로 12, 3층으로 와", "서울시 마포구 월드컵로 12, 3층", ACTION_MASK},
    {"부산광역시 해운대구 센텀로 97-12 502호", "센텀로 97-12 502호", ACTION_MASK},
    {"寄到上海市黄浦区南京东路12号5室谢谢", "上海市黄浦区南京东路12号5室", ACTION_MASK},
    {"我住在广州市天河区体育西路103号", "广州市天河区体育西路103号", ACTION_MASK},
    {"Nám. Republiky 12, Plzeň", "Nám. Republiky 12", ACTION_MASK},
    {"45 đường Nguyễn Huệ", "45 đường Nguyễn Huệ", ACTION_MASK},
    {"bus EM-741-B naar stop 1", "EM-741-B", ACTION_MASK},
    {"send it to 10266 bayberry ln please", "10266 bayberry ln", ACTION_MASK},
    {"Palackého 45, 612 00 Brno", "Palackého 45", ACTION_MASK},
    {"г. Пермь, ул. Садовая, д. 46, кв. 12", "Садовая, д. 46", ACTION_MASK},
    {"Schlüssel bei Uferpromenade 13", "Uferpromenade 13", ACTION_MASK},
    {"P.O. Box 194 Mill Street\n Suite 258\n Upernavik\n Malta 62401", "62401", ACTION_MASK},
    {"Address: 8 avenue Foch, 75116 Paris", "8 avenue Foch, 75116 Paris", ACTION_MASK},
    {"Box 99\n Suite 12\n Springfield\n Germany 53113, P.O. Box 249", "Box 249", ACTION_MASK},
};

static const struct row postcodes[] = {
    {"my zip code is 86881", "86881", ACTION_MASK},
    {"our new postcode is sw18 4gg", "sw18 4gg", ACTION_MASK},
    {"Meine Postleitzahl ist 50937.", "50937", ACTION_MASK},
    {"Mon code postal est 69007", "69007", ACTION_MASK},
    {"mi código postal es 28013", "28013", ACTION_MASK},
    {"il mio CAP è 40126", "40126", ACTION_MASK},
    {"Moje PSČ je 602 00", "602 00", ACTION_MASK},
    {"mijn postcode is 3511 LX", "3511 LX", ACTION_MASK},
    {"Our ZIP is 30309-2214", "30309-2214", ACTION_MASK},
    {"We live in zip code 27514 now", "27514", ACTION_MASK},
    {"we moved to the 27514 zip code", "27514", ACTION_MASK},
    {"I live in 94110 and rent", "94110", ACTION_MASK},
};

static const char *const postcodes_of_nobody[] = {
    "What is the zip code 90210 known for?",
    "How many people live in ZIP 10001?",
    "How many people live in 10001?",
    "The postcode of Leipzig is 04109",
    "I live in 2020 still",
    "Set my cap to 10000 requests",
    "zip 20240 files",
};

static const struct row handles[] = {
    {"Chiamami al 347 1234567 dopo le sei", "347 1234567", ACTION_MASK},
    {"appelez-moi au 06 12 34 56 78", "06 12 34 56 78", ACTION_MASK},
    {"позвони мне 8 916 555-45-67", "8 916 555-45-67", ACTION_MASK},
    {"Ann Bell (020 7946 0123)", "020 7946 0123", ACTION_MASK},
    {"instagram: @anna.b_81", "anna.b_81", ACTION_MASK},
    {"телеграм @anna_bell", "anna_bell", ACTION_MASK},
    {"my snap is anna_b81", "anna_b81", ACTION_MASK},
    {"vehicle FIN: WVWZZZ1JZXW000001", "WVWZZZ1JZXW000001", ACTION_MASK},
    {"Emp no 76743 joined", "76743", ACTION_MASK},
    {"Started by user Ann Bell (bella)", "bella", ACTION_MASK},
    {"UUID of player anna81 is c5d1fed0-dcb8-4567-ac7e-e3492cf6eff9", "anna81", ACTION_MASK},
    {"[08:40:42] [Chat Thread - #4/INFO]: <anna_b> hello", "anna_b", ACTION_MASK},
    {"[21:12:48] [Server thread/INFO]: anna_b[/62.176.186.90:95358] logged in", "anna_b", ACTION_MASK},
    {"Building remotely on ws-0417 (docker) in workspace /w", "ws-0417", ACTION_MASK},
    {"fax 0211 123456, 082 490 1693 office", "082 490 1693", ACTION_MASK},
};

static const char *const ordinary[] = {
    "Im Jahr 2020 und Im Kapitel 3 steht mehr",
    "Am Montag 5 Tests",
    "(In Version 3 behoben)",
    "Figure 3 Grid View, and",
    "Step 2 Open Data View.",
    "the list has 4 Custom View Controllers",
    "one Two Three Four",
    "路由12号",
    "第12号文件",
    "version (07123456) of the file",
    "build (20231123456) passed",
    "bus RS-485 wiring",
    "út 5 mohou",
    "map tg2 to vk1 devices",
    "snap install core20",
    "UUID of the disk is c5d1fed0-dcb8-4567-ac7e-e3492cf6eff9",
    "[10:11:12] [main/INFO]: Loading 12 mods",
    "[main]: <none>",
    "return the IPv4 mapped address",
    "const X509 *address",
    "{Address: 0x400571, File: file1H, Line: 5}",
    "var big Big = Big{ 10000, 2000, 300, 45 }",
    "RFC 2119, RFC 7231 and ISO 8601",
    "SOX, ISO 27001, SOC 2 and HIPAA",
    "10AEB\t\t1\n10AEC\t\t5\n10AED\t\t10\n10AEE\t\t20\n",
    "ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE",
    "920 Hz, 1000 Hz, 1080 Hz, 1160 Hz",
    "२० अक्टूबर 1976 में, 14 मई 2014 पर",
    "What was the weather on Feb. 6, 2017?",
    "Building remotely on localhost",
    "Running on Python3 with uvloop",
};
/* clang-format on */

static void places_of_other_countries_are_seen(void **state)
{
    CHECK_ROWS(places);
}

static void a_postcode_is_hidden_where_somebody_lives_there(void **state)
{
    CHECK_ROWS(postcodes);
    CHECK_CLEAR(postcodes_of_nobody);
}

static void phones_and_handles_are_seen_where_people_say_so(void **state)
{
    CHECK_ROWS(handles);
}

static void what_only_looks_like_a_place_leaves_as_it_is(void **state)
{
    CHECK_CLEAR(ordinary);
}

/* The town and the postcode on the lines below a street. */
static void the_lines_of_an_address_are_hidden_together(void **state)
{
    const char *text = "Send to:\n41 Maple Road\n Suite 860\n Utrecht\n Sweden 56687\n";
    struct span_list l = scan(state, text);
    assert_true(hides(&l, str_of(text),
                      STR("41 Maple Road\n Suite 860\n Utrecht\n Sweden 56687")));
    span_list_release(&l);
}

/* Nobody has a name in the base64 of a picture, and it is not read for any. */
static void a_blob_is_not_read_for_names(void **state)
{
    char text[9000] = "Ann Bell sent data:image/png;base64,";
    size_t n = strlen(text);
    for (size_t i = 0; n < sizeof text - 40; i++)
        text[n++] = "QmVsbEFubmE0MkFubkJlbGw3"[i % 24];
    memcpy(text + n, " and wrote to ann@bellmail.com", 31);
    struct span_list l = scan(state, text);
    assert_true(l.has_blob);
    assert_true(hides(&l, str_of(text), STR("Ann Bell")));
    assert_true(hides(&l, str_of(text), STR("ann@bellmail.com")));
    for (size_t i = 0; i < l.n; i++)
        assert_true(l.v[i].end <= 40 || l.v[i].start >= n);
    span_list_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_of_other_countries_are_seen),
        cmocka_unit_test(a_postcode_is_hidden_where_somebody_lives_there),
        cmocka_unit_test(phones_and_handles_are_seen_where_people_say_so),
        cmocka_unit_test(what_only_looks_like_a_place_leaves_as_it_is),
        cmocka_unit_test(the_lines_of_an_address_are_hidden_together),
        cmocka_unit_test(a_blob_is_not_read_for_names),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
