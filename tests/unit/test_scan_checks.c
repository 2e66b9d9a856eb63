/* test_scan_checks.c -- the check digits of the world's identifiers.
 *
 * The valid numbers are the issuers' own samples, or were drawn at random and accepted by
 * python-stdnum, which knows the same rules from elsewhere. */
#include "core/mem.h"
#include "scan/find/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* What the last character is. */
enum last {
    FREE,    /* no part of any check */
    CHECKED, /* the only one that fits those before it */
};

struct kind {
    const char *name;
    id_check *check;
    enum last last;
    uint8_t least, most; /* characters */
    const char *valid[8], *wrong[10];
};

#define KIND(check, last, least, most) #check, check, last, least, most

static const struct kind kinds[] = {
    {KIND(check_card, CHECKED, 12, 19),
     {"4111111111111111", "5555555555554444", "378282246310005", "6011000990139424"},
     {"4111111111111112", "411111111111111", "0000000000000000", "9999999999999995",
      "41111111111111a1"}},
    {KIND(check_iban, FREE, 15, 32),
     {"DE89370400440532013000", "GB82WEST12345698765432", "NO9386011117947",
      "FR1420041010050500013M02606", "AD1200012030200359100100",
      "MT84MALT011000012345MTLCAST001S", "LC55HEMM000100010012001200023015"},
     {"DE89370400440532013001", "DE8937040044053201300", "XX89370400440532013000",
      "GB82WEST12345698765423", "DE98370400440532013000"}},
    {KIND(check_ssn, FREE, 9, 9),
     {"087839320", "627273945", "536904399"},
     {"000839320", "666839320", "900839320", "087009320", "087830000", "078051120",
      "219099999", "123456789", "555555555", "08783932a"}},
    {KIND(check_ssn_bare, FREE, 9, 9), {"087839320"}, {"666839320"}},
    {KIND(check_itin, FREE, 9, 9),
     {"997902679", "992841182", "915965123", "900500000", "900650000", "900700000"},
     {"897902679", "900490000", "900660000", "900690000", "900890000", "900930000"}},
    {KIND(check_ein, FREE, 9, 9),
     {"386533117", "206433639", "952968906"},
     {"006533117", "076533117", "496533117", "976533117", "333333333"}},
    {KIND(check_aba, CHECKED, 9, 9),
     {"311306529", "019739223", "325657251", "011000015"},
     {"011000016", "131306529", "991306529", "000000000"}},
    {KIND(check_nino, FREE, 9, 9),
     {"AB123456C", "JG103759A", "ZY999999D"},
     {"BG123456C", "ZZ123456C", "DB123456C", "AO123456C", "AB123456E", "AB123456"}},
    {KIND(check_nhs, CHECKED, 10, 10),
     {"6091390996", "9078666617", "1163726516"},
     {"6091390997", "1111111111", "609139099"}},
    {KIND(check_de_tax, CHECKED, 11, 11),
     {"89751402614", "81397054826", "68609267313"},
     {"09751402614", "12345678901", "11111111111"}},
    {KIND(check_de_sv, CHECKED, 12, 12),
     {"65170839J003", "15070649C103"},
     {"65170839J004", "651708390003", "65170839J00"}},
    {KIND(check_nir, FREE, 15, 15),
     {"295114858684151", "178082494488562", "130094509489695", "295109912611193",
      "180032A12345652", "180032B12345679"},
     {"395114858684151", "295134858684151", "295114858684152", "180032B12345652",
      "295434858684151", "29511485868415"}},
    {KIND(check_nif, CHECKED, 8, 9),
     {"39041204S", "00390470E", "44286640W"},
     {"39041204A", "390412041S", "904S"}},
    {KIND(check_nie, CHECKED, 9, 9),
     {"Z7669014Z", "Y9856039R", "Z4072086X"},
     {"W7669014Z", "17669014Z", "Z7669014A"}},
    {KIND(check_it_cf, CHECKED, 16, 16), {"RCCMNL83S18D969H"}, {"RCCMNL83S18D968H"}},
    {KIND(check_it_vat, CHECKED, 11, 11),
     {"27581020800", "15288380080", "22720830649"},
     {"27581020801", "00000000000"}},
    {KIND(check_bsn, CHECKED, 9, 9),
     {"977414309", "352606472", "485431944"},
     {"977414308", "000000000"}},
    {KIND(check_be_nrn, FREE, 11, 11),
     {"41032007315", "99122700389", "37110517841"},
     {"41032007316", "41132007315", "41033207315"}},
    {KIND(check_pt_nif, CHECKED, 9, 9),
     {"227747194", "225205190", "184355273"},
     {"427747194", "227747195", "111111111"}},
    {KIND(check_pesel, CHECKED, 11, 11),
     {"67052330648", "97122050510", "73021269815"},
     {"67052330649", "67132330648", "67053330648"}},
    {KIND(check_se_pnr, CHECKED, 10, 12),
     {"8803200016", "198803200016"},
     {"8803200017", "8813200016", "8803320016", "88032000161"}},
    {KIND(check_se_org, CHECKED, 10, 10),
     {"5598570728", "5560183112", "5582463625"},
     {"5598570729", "5519570728"}},
    {KIND(check_hetu, CHECKED, 10, 11),
     {"041168105C", "130388288T", "2703212798", "041168A105C"},
     {"041368105C", "041168105D", "321168105C"}},
    {KIND(check_no_fnr, FREE, 11, 11),
     {"14125209875", "23129346825", "08028547375"},
     {"14125209876", "14135209875", "00025209875"}},
    {KIND(check_dk_cpr, FREE, 10, 10),
     {"0211214081", "2204389314", "2110625629"},
     {"0213214081", "3211214081", "021121408"}},
    {KIND(check_ahv, CHECKED, 13, 13),
     {"7565033950614", "7569431320413", "7567320798077"},
     {"7575033950614", "7565033950615"}},
    {KIND(check_tckn, CHECKED, 11, 11),
     {"85881319328", "57444532352", "53578550378"},
     {"05881319328", "85881319338", "85881319329"}},
    {KIND(check_za, CHECKED, 13, 13),
     {"4204222534087", "9810220541083", "7708186852084"},
     {"4213222534087", "4204222534387", "4204222534088"}},
    {KIND(check_cpf, CHECKED, 11, 11),
     {"29146827943", "74546731043", "66883289925"},
     {"29146827944", "29146827953", "11111111111"}},
    {KIND(check_cnpj, CHECKED, 14, 14),
     {"53007550937192", "36223388816927", "92843152141746"},
     {"53007550937193", "53007550937182", "00000000000000"}},
    {KIND(check_curp, CHECKED, 18, 18),
     {"BOXW310820HNERXN09"},
     {"BOXW310820KNERXN09", "BOXW311320HNERXN09", "BOXW310820HNERXN08"}},
    {KIND(check_rut, CHECKED, 8, 9),
     {"494058146", "960982037", "355363384", "12345670K"},
     {"494058147", "12345670J", "4940581"}},
    {KIND(check_aadhaar, CHECKED, 12, 12),
     {"479750680924", "633219253631", "518414775208"},
     {"179750680924", "479750680925", "479750860924", "222222222222"}},
    {KIND(check_pan, FREE, 10, 10), {"ACUPA7085R"}, {"ACUXA7085R", "ACUPA7085"}},
    {KIND(check_gstin, CHECKED, 15, 15),
     {"27AAPFU0939F1ZV"},
     {"39AAPFU0939F1ZV", "00AAPFU0939F1ZV", "27AAPFU0939F1ZW"}},
    {KIND(check_nric, CHECKED, 9, 9),
     {"S1234567D", "T1234567J", "F1234567N", "G1234567X", "M1234567K"},
     {"S1234567E", "X1234567D", "S123456D"}},
    {KIND(check_rrn, CHECKED, 13, 13),
     {"7105201405599", "8205152197109", "6210262269778"},
     {"7113201405599", "7105205405599", "7105200405599"}},
    {KIND(check_frn, CHECKED, 13, 13),
     {"7105205405592"},
     {"7105201405599", "7105209405593", "7113205405593", "7105205405594"}},
    {KIND(check_krbrn, CHECKED, 10, 10),
     {"1248100998", "2208162517", "1208147521"},
     {"1248100997"}},
    {KIND(check_cn_ric, CHECKED, 18, 18),
     {"110101195512234012", "110101199501225805", "11010519491231002X"},
     {"110101185512234012", "110101195513234012", "110101195512234013"}},
    {KIND(check_mynumber, CHECKED, 12, 12),
     {"346699101633", "099848745584", "613246452050"},
     {"346699101634", "111111111111"}},
    {KIND(check_tfn, CHECKED, 8, 9),
     {"486781580", "110650353", "521323876"},
     {"486781581", "111111111", "4867815"}},
    {KIND(check_abn, FREE, 11, 11),
     {"79446358963", "89622479452", "70778917858"},
     {"79446358964", "09446358963"}},
    {KIND(check_acn, CHECKED, 9, 9),
     {"055985012", "561605132", "296099860"},
     {"055985013", "000000000"}},
    {KIND(check_sin, CHECKED, 9, 9),
     {"477826952", "576695266", "565855103"},
     {"477826953", "046454286", "877826951"}},
    {KIND(check_th, CHECKED, 13, 13),
     {"6919827633407", "7783067500581", "8931488537001"},
     {"6919827633408", "0919827633407", "9919827633407"}},
    {KIND(check_mbi, FREE, 11, 11),
     {"1EG4TE5MK73"},
     {"0EG4TE5MK73", "1SG4TE5MK73", "1E-4TE5MK73", "1EGATE5MK73", "1EG4TE5MK7A"}},
    {KIND(check_npi, CHECKED, 10, 10),
     {"1234567893", "1245319599"},
     {"3234567893", "1234567894", "1111111111"}},
    {KIND(check_dea, CHECKED, 9, 9),
     {"AB1234563", "F91234563"},
     {"AB1234564", "IB1234563", "1B1234563"}},
    {KIND(check_medicare, FREE, 10, 11),
     {"2123456701", "21234567011"},
     {"7123456701", "2123456711", "212345670"}},
    {KIND(check_kvnr, CHECKED, 10, 10), {"A123456780"}, {"A123456781", "1123456780"}},
    {KIND(check_vin, FREE, 17, 17),
     {"1M8GDM9AXKP042788", "5GZCZ43D13S812715"},
     {"1M8GDM9A1KP042788", "IM8GDM9AXKP042788", "11111111111111111",
      "1M8GDM9AXKP042789"}},
    {KIND(check_imei, CHECKED, 15, 15),
     {"343363392480339", "665713555795743", "490154203237518"},
     {"343363392480338", "000000000000000"}},
    {KIND(check_de_vat, CHECKED, 11, 11),
     {"DE453311231", "DE880561358", "DE779151444"},
     {"AT453311231", "DE453311232"}},
    {KIND(check_uk_dl, FREE, 16, 16),
     {"MORGA657054SM9IJ", "MORGA607054SM9IJ"},
     {"MORGA613054SM9IJ", "MORGA600054SM9IJ", "MORGA607324SM9IJ", "MORGA607004SM9IJ"}},
    {KIND(check_mixed, FREE, 3, 48), {"A1B2C3", "123", "1112"}, {"AB12", "1111", "2345"}},
    {KIND(check_passport, FREE, 5, 48), {"C01X00T47", "12346"}, {"AB1234", "11111"}},
    {KIND(check_any, FREE, 1, 48), {"x"}, {""}},
};

/* The text in memory of its own size, so that a byte read past it is seen. */
static bool passes(const struct kind *k, const char *text, size_t n)
{
    char *exact = mem_alloc(n);
    memcpy(exact, text, n);
    bool ok = k->check((struct str){exact, n});
    mem_free(exact);
    return ok;
}

static void valid_ones_pass_and_wrong_ones_do_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        for (size_t v = 0; v < ARRAY_LEN(k->valid) && k->valid[v]; v++)
            if (!passes(k, k->valid[v], strlen(k->valid[v])))
                fail_msg("%s refuses %s", k->name, k->valid[v]);
        for (size_t v = 0; v < ARRAY_LEN(k->wrong) && k->wrong[v]; v++)
            if (passes(k, k->wrong[v], strlen(k->wrong[v])))
                fail_msg("%s accepts %s", k->name, k->wrong[v]);
    }
}

/* Of all characters in the last place one fits. */
static void one_check_digit_fits(void **state)
{
    (void)state;
    static const char any[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        for (size_t v = 0; k->last == CHECKED && k->valid[v]; v++) {
            char text[48];
            size_t n = strlen(k->valid[v]), fit = 0;
            bool is_digit = k->valid[v][n - 1] <= '9';
            memcpy(text, k->valid[v], n);
            for (size_t c = 0; any[c]; c++) {
                text[n - 1] = any[c];
                fit += (c < 10) == is_digit && passes(k, text, n);
            }
            if (fit != 1)
                fail_msg("%s: %zu last characters fit %s", k->name, fit, k->valid[v]);
        }
    }
}

/* Any other length is refused, and nothing past it is read. */
static void other_lengths_are_refused(void **state)
{
    (void)state;
    enum { LONGEST = 48 };
    uint64_t random = 88172645463325252ULL;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (size_t n = 0; n < LONGEST; n++)
            for (int round = 0; round < 40; round++) {
                char text[LONGEST];
                for (size_t at = 0; at < n; at++) {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    text[at] =
                        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[random %
                                                               (round % 2 ? 36 : 10)];
                }
                /* Half of them begin like one that is valid. */
                size_t same = strlen(kinds[i].valid[0]);
                if (round % 4 < 2)
                    memcpy(text, kinds[i].valid[0], n < same ? n : same);
                bool ok = passes(&kinds[i], text, n);
                if (ok && (n < kinds[i].least || n > kinds[i].most))
                    fail_msg("%s accepts %.*s", kinds[i].name, (int)n, text);
            }
}

/* Beginnings and lengths that some issuer has: all with good check digits. */
static void cards_are_those_that_somebody_issues(void **state)
{
    (void)state;
    static const char *const issued[] = {
        "4139284756022",    "4139284756029183",    "4139284756029183742",
        "5113928475602913", "5513928475602919",    "2221139284756025",
        "2720139284756021", "341392847560298",     "371392847560291",
        "36139284756024",   "38139284756022",      "3913928475602910",
        "30013928475604",   "30513928475603",      "6011139284756020",
        "6513928475602917", "6441392847560294",    "6491392847560293",
        "6213928475602910", "6213928475602918373", "6413928475602918",
        "3513928475602914", "180013928475602",     "213113928475601",
        "501392847569",     "5613928475602",       "5813928475602916",
        "6313928475602919", "6713928475602918372", "601392847567",
        "122013928475603"};
    static const char *const others[] = {
        /* of a length that their issuer has not, or of no issuer */
        "41392847560293",   "511392847560296",  "34139284756021",    "3613928475605",
        "601113928475603",  "351392847560297",  "18001392847560293", "1013928475602914",
        "9013928475602916", "2220139284756026", "2721139284756020"};
    for (size_t i = 0; i < ARRAY_LEN(issued); i++) {
        assert_true(luhn_ok(str_of(issued[i])));
        if (!check_card(str_of(issued[i])))
            fail_msg("%s is no card", issued[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (check_card(str_of(others[i])))
            fail_msg("%s is a card", others[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_ones_pass_and_wrong_ones_do_not),
        cmocka_unit_test(one_check_digit_fits),
        cmocka_unit_test(other_lengths_are_refused),
        cmocka_unit_test(cards_are_those_that_somebody_issues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
