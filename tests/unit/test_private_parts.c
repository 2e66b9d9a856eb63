/* test_private_parts.c -- chains of parts that are an address, accounts, and numbers of
 * staff, devices and cars, in a text about private people; and codes that a list or an
 * answer tells. */
#include "rows.h"

/* clang-format off */
static const struct row chains[] = {
    {"Delivery for Sunita Deshpande: Flat 302, Sai Krupa Apartments, Near Ganesh Mandir, Kothrud, Pune - 411038, call 9822012345", "Flat 302, Sai Krupa Apartments, Near Ganesh Mandir, Kothrud, Pune - 411038", ACTION_MASK},
    {"Pickup for Fatima Sheikh: Plot No. 66, Pocket B, Okhla Phase II, New Delhi-110020, mobile 98110 22334", "Plot No. 66, Pocket B, Okhla Phase II", ACTION_MASK},
    {"Customer Bader Al-Enezi: Block 5, Street 12, House 33, Salwa, mobile 99887766.", "Block 5, Street 12, House 33, Salwa", ACTION_MASK},
    {"Entregar para João Batista em Av. Paulista, nº 1578, conj. 41, Bela Vista. Fone (11) 91234-5678", "nº 1578, conj. 41, Bela Vista", ACTION_MASK},
    {"Juma Mwinyi anaishi Mtaa wa Kariakoo, nyumba namba 14, Dar es Salaam, simu 0754 123 456.", "nyumba namba 14, Dar es Salaam", ACTION_MASK},
    {"Please ship to Kenji Watanabe, 2-11-3 Meguro, Meguro-ku, Tokyo 153-0063, 03-3711-0000.", "2-11-3 Meguro, Meguro-ku, Tokyo 153-0063", ACTION_MASK},
    {"Vytautas Kazlauskas, Vilties g. 104-2, LT-01103 Vilnius, +370 612 34567", "Vilties g. 104-2, LT-01103 Vilnius", ACTION_MASK},
    {"We moved from London to Harrogate HG1 4QT in May. Gillian Thwaite, gillian.t@btinternet.com", "Harrogate HG1 4QT", ACTION_MASK},
    {"Recipient Svenja Althaus, Lindenallee 180, 24936 Kiel, tel 0176 90153210.", "Lindenallee 180, 24936 Kiel", ACTION_MASK},
    {"{\"customer\":{\"full_name\":\"Dana Whitfield\"},\"addr1\":\"88 Poplar Ridge Dr\",\"city_state\":\"Tulsa\",\"postal\":\"OK 74105\"}", "OK 74105", ACTION_MASK},
    {"{\"customer\":{\"full_name\":\"Dana Whitfield\"},\"addr1\":\"88 Poplar Ridge Dr\",\"city_state\":\"Tulsa\",\"postal\":\"OK 74105\"}", "Tulsa", ACTION_MASK},
    {"届け先は〒201-0018 横浜市港北区南町三丁目176です。担当は佐藤美咲、電話 090-1234-5678", "〒201-0018 横浜市港北区南町三丁目176", ACTION_MASK},
    {"〒460-0008 愛知県名古屋市中区栄2-13-17 コーポ青葉362号室\n前田 直美、携帯 090-3416-7193", "コーポ青葉362号室", ACTION_MASK},
    {"வணக்கம், நான் செல்வம். முகவரி: 12, அண்ணா சாலை, கோயம்புத்தூர் 641018, எண் +91 94430 12345", "அண்ணா சாலை, கோயம்புத்தூர் 641018", ACTION_MASK},
};

static const struct row handles[] = {
    {"Ask Priya Nair, her handle is @pnair_dev, or ring 07700 900123.", "pnair_dev", ACTION_MASK},
    {"my ign is frostbyte_99 and on discord I'm frosty.mage, email frosty@fernmail.net", "frosty.mage", ACTION_MASK},
    {"The rota was exported by karen1978 on 3 May. Karen Whitby, karen.whitby@fernmail.net", "karen1978", ACTION_MASK},
    {"Пользователь ivanov_s не может войти. Сергей Иванов, +7 912 345-67-89", "ivanov_s", ACTION_MASK},
    {"moonpetal_7: did you get the mail?\nrook.22: which one is it\nmoonpetal_7: from sara@kimonohaus.de\nrook.22: yes I have that", "rook.22", ACTION_MASK},
    {"bronisława: kto ma klucze do biura\nmirek: ja mam, zadzwoń 601 234 567\nbronisława: ok dzieki za info\nmirek: nie ma sprawy wcale", "bronisława", ACTION_MASK},
    {"Members: CONTOSO\\tfischer, CONTOSO\\bwhite. Tom Fischer, tom@fischerhaus.de", "fischer", ACTION_MASK},
    {"C:\\Users\\t.nguyen\\report.docx could not be opened, says Trang Nguyen (trang@fernmail.net)", "nguyen", ACTION_MASK},
};

static const struct row numbers[] = {
    {"Грузчик Олег Дёмин (таб. №5521) не вышел на смену.", "5521", ACTION_MASK},
    {"Ana Ruiz, nº de empleado 55102, pide vacaciones.", "55102", ACTION_MASK},
    {"Arresting officer: PC Khan 4471; victim Jane Crewe, 020 7946 0812", "4471", ACTION_MASK},
    {"Staff ID S20391, Abena Mensah, night shift.", "S20391", ACTION_MASK},
    {"Radio RT-11931 went to Lt. Amy Cole, her number is 0161 496 0223", "RT-11931", ACTION_MASK},
    {"{\"owner\":\"Tom Reed\",\"device_id\":\"dv_88213344-1902\"}", "dv_88213344-1902", ACTION_MASK},
    {"His ute (rego xkd-418) hit Maria Pohl's car, her number is 0412 345 678.", "xkd-418", ACTION_MASK},
    {"Автомобиль с номером Е405КХ150, владелец Анна Шилова, 8 903 222-11-00", "Е405КХ150", ACTION_MASK},
    {"车牌粤B12345，车主李强，电话13800138000", "粤B12345", ACTION_MASK},
    {"Ich bin bis 20 Uhr unter 0221-229742 zu erreichen. Rosa Lind", "0221-229742", ACTION_MASK},
};

static const struct row codes[] = {
    {"Key under the pot, 12 Elm St, alarm 8566. Feed the cat. Thanks, Laura Finch", "8566", ACTION_LOCAL},
    {"gate 2206, garage 1187, back door stays open. Love, Mum", "1187", ACTION_LOCAL},
    {"пароль от почты всё ещё Vesna_1984", "Vesna_1984", ACTION_LOCAL},
    {"haslo do sklepu dalej Violet@13 ? pisze Ola", "Violet@13", ACTION_LOCAL},
    {"marta: did u reuse pw\njon: yea copper3178 on everything", "copper3178", ACTION_LOCAL},
};

/* The same words where they say something else. */
static const char *const clear[] = {
    "ORDER BY 2 DESC LIMIT 5", "web-6d4cf56db6-abcde   0/1     CrashLoopBackOff   7", "Alarm 4012: pump failed",
    "gate 2206 opens at noon", "the password still has to change every 90 days", "still x86_64 after the update",
    "did you reset the password\nyes, after 30 minutes", "the flat 302 response means found", "Block 5, Street 12 of the map data",
    "read 11030553088 bytes in 44051401359 ns", "assert parse(\"(555) 555-0100\") == \"+15555550100\"",
    "PING example.com (192.0.2.10) 56(84) bytes of data.", "is \"Tr0ub4dor&3\" a good password?",
    "Tko je bio Nikola Tesla?", "Tko je bio Nikola Tesla i gdje je rođen?", "Which albums should I hear to understand Miles Davis's electric period?",
    "decorate it with @property and @lru_cache", "run ERROR\\nnext line", "Stage 2, Block 4, Level 9 of the game",
};
/* clang-format on */

static void addresses_are_chains_of_parts(void **state)
{
    CHECK_ROWS(chains);
}

static void accounts_are_told_by_signs_and_words(void **state)
{
    CHECK_ROWS(handles);
}

static void staff_devices_and_cars_have_numbers(void **state)
{
    CHECK_ROWS(numbers);
}

static void codes_stand_in_lists_and_answers(void **state)
{
    CHECK_ROWS(codes);
}

static void other_uses_stay_clear(void **state)
{
    CHECK_CLEAR(clear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_chains_of_parts),
        cmocka_unit_test(accounts_are_told_by_signs_and_words),
        cmocka_unit_test(staff_devices_and_cars_have_numbers),
        cmocka_unit_test(codes_stand_in_lists_and_answers),
        cmocka_unit_test(other_uses_stay_clear),
    };
    return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
