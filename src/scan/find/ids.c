/* ids.c -- numbers that countries, banks and hospitals give out: shape, check, caption.
 *
 * A row is a shape, a check and the words that announce it.  `alone` is the score
 * without any caption (0: never alone, for one random number in ten passes the check;
 * below ALONE_BARE: only written in groups);
 * `captioned` is the score with one.  Digits may be written apart, one by one, or be
 * broken by a line's end: rows marked so are tried on the text without the blanks. */
#include "scan/find/checksum.h"
#include "scan/find/floats.h"
#include "scan/scanner.h"

/* Shapes: d digit, A letter, X either, ~ a blank, dash, dot or nothing, _ a blank or
 * nothing; all else is itself.  Letters are compared in upper case. */
struct id_rule {
    enum guard_type type;
    const char *shape;
    id_check *check;
    uint8_t alone, captioned;
    uint8_t cls[3];
    bool may_break;  /* also tried across blanks and line ends */
    bool upper_only; /* letters must be capitals unless a caption is there */
};

static const struct id_rule rules[] = {
    {TYPE_US_SSN, "ddd-dd-dddd", check_ssn, 80, 98, {CLS_SSN, CLS_TAX}, true, false},
    {TYPE_US_SSN, "ddd dd dddd", check_ssn, 0, 95, {CLS_SSN, CLS_TAX}, true, false},
    {TYPE_US_SSN, "ddd.dd.dddd", check_ssn, 0, 95, {CLS_SSN, CLS_TAX}, true, false},
    {TYPE_US_SSN, "ddddddddd", check_ssn, 0, 90, {CLS_SSN}, true, false},
    {TYPE_US_ITIN, "ddd-dd-dddd", check_itin, 80, 98, {CLS_TAX, CLS_SSN}, true, false},
    {TYPE_US_ITIN, "ddd~dd~dddd", check_itin, 0, 88, {CLS_TAX, CLS_SSN}, true, false},
    {TYPE_US_EIN, "dd-ddddddd", check_ein, 0, 95, {CLS_EIN, CLS_TAX}, true, false},
    {TYPE_US_ABA_ROUTING, "ddddddddd", check_aba, 0, 97, {CLS_ROUTING}, true, false},
    {TYPE_US_ABA_ROUTING, "dddd-dddd-d", check_aba, 0, 97, {CLS_ROUTING}, true, false},
    {TYPE_UK_NINO, "AA_dd_dd_dd_A", check_nino, 85, 98, {CLS_NINO, CLS_TAX}, true, true},
    {TYPE_UK_NHS, "ddd~ddd~dddd", check_nhs, 0, 97, {CLS_NHS}, true, false},
    {TYPE_US_MBI,
     "dXXd-AXd-AAdd",
     check_mbi,
     88,
     98,
     {CLS_MBI, CLS_MEDICARE},
     true,
     true},
    {TYPE_US_MBI, "dXXdAXdAAdd", check_mbi, 80, 98, {CLS_MBI, CLS_MEDICARE}, true, true},
    {TYPE_US_NPI, "dddddddddd", check_npi, 0, 96, {CLS_NPI}, true, false},
    {TYPE_US_DEA, "AAddddddd", check_dea, 0, 97, {CLS_DEA}, true, true},
    {TYPE_US_DEA, "A9ddddddd", check_dea, 0, 97, {CLS_DEA}, true, true},
    {TYPE_AU_MEDICARE,
     "dddd~ddddd~d",
     check_medicare,
     0,
     93,
     {CLS_MEDICARE},
     true,
     false},
    {TYPE_DE_HEALTH_INSURANCE,
     "Addddddddd",
     check_kvnr,
     0,
     95,
     {CLS_KVNR, CLS_PLAN},
     true,
     true},
    {TYPE_DE_TAX_ID, "dd_ddd_ddd_ddd", check_de_tax, 58, 97, {CLS_TAX}, true, false},
    {TYPE_DE_SOCIAL_SECURITY,
     "dd~dddddd~A~ddd",
     check_de_sv,
     70,
     97,
     {CLS_SV, CLS_SSN},
     true,
     true},
    {TYPE_DE_VAT_ID, "DE_ddddddddd", check_de_vat, 70, 95, {CLS_TAX}, true, true},
    {TYPE_FR_NIR,
     "d_dd_dd_dd_ddd_ddd_dd",
     check_nir,
     80,
     98,
     {CLS_NIR, CLS_SSN},
     true,
     false},
    {TYPE_FR_NIR,
     "d_dd_dd_2A_ddd_ddd_dd",
     check_nir,
     80,
     98,
     {CLS_NIR, CLS_SSN},
     true,
     false},
    {TYPE_FR_NIR,
     "d_dd_dd_2B_ddd_ddd_dd",
     check_nir,
     80,
     98,
     {CLS_NIR, CLS_SSN},
     true,
     false},
    {TYPE_ES_NIF, "dddddddd~A", check_nif, 82, 98, {CLS_NIF}, true, true},
    {TYPE_ES_NIF, "ddddddd~A", check_nif, 0, 90, {CLS_NIF}, true, true},
    {TYPE_ES_NIE, "A~ddddddd~A", check_nie, 84, 98, {CLS_NIF}, true, true},
    {TYPE_IT_FISCAL_CODE,
     "AAA_AAA_ddAdd_AdddA",
     check_it_cf,
     95,
     98,
     {CLS_CF},
     true,
     false},
    {TYPE_IT_VAT_CODE, "ddddddddddd", check_it_vat, 0, 90, {CLS_COMPANY_NO}, true, false},
    {TYPE_IT_VAT_CODE,
     "ITddddddddddd",
     check_it_vat,
     0,
     90,
     {CLS_COMPANY_NO},
     true,
     true},
    {TYPE_NL_BSN, "dddd~dd~ddd", check_bsn, 0, 97, {CLS_BSN}, true, false},
    {TYPE_NL_BSN, "ddd~ddd~ddd", check_bsn, 0, 97, {CLS_BSN}, true, false},
    {TYPE_BE_NRN, "dd.dd.dd-ddd.dd", check_be_nrn, 85, 98, {CLS_BE}, true, false},
    {TYPE_BE_NRN, "ddddddddddd", check_be_nrn, 0, 95, {CLS_BE}, true, false},
    {TYPE_PT_NIF, "ddd_ddd_ddd", check_pt_nif, 0, 95, {CLS_NIF, CLS_TAX}, true, false},
    {TYPE_PL_PESEL, "ddddddddddd", check_pesel, 55, 98, {CLS_PESEL}, true, false},
    {TYPE_SE_PERSONNUMMER, "dddddd-dddd", check_se_pnr, 70, 98, {CLS_SE}, true, false},
    {TYPE_SE_PERSONNUMMER, "dddddd+dddd", check_se_pnr, 70, 98, {CLS_SE}, true, false},
    {TYPE_SE_PERSONNUMMER, "dddddddd-dddd", check_se_pnr, 75, 98, {CLS_SE}, true, false},
    {TYPE_SE_PERSONNUMMER, "dddddddddd", check_se_pnr, 0, 92, {CLS_SE}, true, false},
    {TYPE_SE_PERSONNUMMER, "dddddddddddd", check_se_pnr, 0, 92, {CLS_SE}, true, false},
    {TYPE_SE_ORGANISATIONSNUMMER,
     "dddddd-dddd",
     check_se_org,
     0,
     92,
     {CLS_COMPANY_NO},
     true,
     false},
    {TYPE_FI_PERSONAL_IDENTITY_CODE,
     "dddddd-dddX",
     check_hetu,
     85,
     98,
     {CLS_FI},
     true,
     true},
    {TYPE_FI_PERSONAL_IDENTITY_CODE,
     "dddddd+dddX",
     check_hetu,
     85,
     98,
     {CLS_FI},
     true,
     true},
    {TYPE_FI_PERSONAL_IDENTITY_CODE,
     "ddddddAdddX",
     check_hetu,
     80,
     98,
     {CLS_FI},
     true,
     true},
    {TYPE_NO_FNR, "dddddd_ddddd", check_no_fnr, 60, 98, {CLS_NO}, true, false},
    {TYPE_DK_CPR, "dddddd-dddd", check_dk_cpr, 56, 97, {CLS_DK}, true, false},
    {TYPE_DK_CPR, "dddddddddd", check_dk_cpr, 0, 92, {CLS_DK}, true, false},
    {TYPE_CH_AHV, "ddd.dddd.dddd.dd", check_ahv, 95, 98, {CLS_AHV}, true, false},
    {TYPE_CH_AHV, "ddd~dddd~dddd~dd", check_ahv, 75, 98, {CLS_AHV}, true, false},
    {TYPE_TR_NATIONAL_ID, "ddddddddddd", check_tckn, 58, 97, {CLS_TR}, true, false},
    {TYPE_ZA_ID_NUMBER, "dddddd_dddd_ddd", check_za, 58, 96, {CLS_ZA}, true, false},
    {TYPE_BR_CPF, "ddd.ddd.ddd-dd", check_cpf, 95, 98, {CLS_CPF}, true, false},
    {TYPE_BR_CPF, "ddddddddddd", check_cpf, 0, 97, {CLS_CPF}, true, false},
    {TYPE_BR_CNPJ, "dd.ddd.ddd/dddd-dd", check_cnpj, 95, 98, {CLS_CNPJ}, true, false},
    {TYPE_BR_CNPJ, "dddddddddddddd", check_cnpj, 0, 97, {CLS_CNPJ}, true, false},
    {TYPE_MX_CURP, "AAAAddddddAAAAAAXd", check_curp, 96, 98, {CLS_MX}, true, false},
    {TYPE_CL_RUT, "dd.ddd.ddd-X", check_rut, 90, 98, {CLS_CL}, true, false},
    {TYPE_CL_RUT, "d.ddd.ddd-X", check_rut, 85, 98, {CLS_CL}, true, false},
    {TYPE_CL_RUT, "dddddddd-X", check_rut, 0, 95, {CLS_CL}, true, false},
    {TYPE_CL_RUT, "ddddddd-X", check_rut, 0, 95, {CLS_CL}, true, false},
    {TYPE_IN_AADHAAR, "dddd~dddd~dddd", check_aadhaar, 0, 97, {CLS_AADHAAR}, true, false},
    {TYPE_IN_AADHAAR,
     "dddd dddd dddd",
     check_aadhaar,
     60,
     97,
     {CLS_AADHAAR},
     false,
     false},
    {TYPE_IN_PAN,
     "AAAAAddddA",
     check_pan,
     80,
     97,
     {CLS_PAN, CLS_CARD, CLS_TAX},
     true,
     true},
    {TYPE_IN_GSTIN, "ddAAAAAddddAdXX", check_gstin, 90, 97, {CLS_GST}, true, true},
    {TYPE_IN_GSTIN, "ddAAAAAddddAAAX", check_gstin, 90, 97, {CLS_GST}, true, true},
    {TYPE_SG_NRIC_FIN, "AdddddddA", check_nric, 88, 98, {CLS_NRIC}, true, true},
    {TYPE_SG_UEN, "ddddddddA", check_any, 0, 88, {CLS_UEN}, false, true},
    {TYPE_SG_UEN, "dddddddddA", check_any, 0, 88, {CLS_UEN}, false, true},
    {TYPE_SG_UEN, "AddAAddddA", check_any, 60, 88, {CLS_UEN}, false, true},
    {TYPE_KR_RRN, "dddddd-ddddddd", check_rrn, 90, 98, {CLS_KR}, true, false},
    {TYPE_KR_RRN, "ddddddddddddd", check_rrn, 0, 95, {CLS_KR}, true, false},
    {TYPE_KR_FRN, "dddddd-ddddddd", check_frn, 88, 98, {CLS_KR}, true, false},
    {TYPE_KR_FRN, "ddddddddddddd", check_frn, 0, 95, {CLS_KR}, true, false},
    {TYPE_KR_BRN, "ddd-dd-ddddd", check_krbrn, 60, 93, {CLS_KR}, true, false},
    {TYPE_CN_RIC, "dddddddddddddddddX", check_cn_ric, 95, 98, {CLS_CN}, true, true},
    {TYPE_JP_MYNUMBER, "dddd~dddd~dddd", check_mynumber, 0, 97, {CLS_JP}, true, false},
    {TYPE_AU_TFN, "ddd_ddd_ddd", check_tfn, 0, 97, {CLS_TFN, CLS_TAX}, true, false},
    {TYPE_AU_ABN, "dd_ddd_ddd_ddd", check_abn, 55, 96, {CLS_ABN}, true, false},
    {TYPE_AU_ACN, "ddd_ddd_ddd", check_acn, 0, 95, {CLS_ACN}, true, false},
    {TYPE_CA_SIN, "ddd~ddd~ddd", check_sin, 0, 97, {CLS_SIN, CLS_SSN}, true, false},
    {TYPE_TH_TNIN, "d-dddd-ddddd-dd-d", check_th, 90, 97, {CLS_TH}, true, false},
    {TYPE_TH_TNIN, "ddddddddddddd", check_th, 0, 92, {CLS_TH}, true, false},
    {TYPE_PH_TIN, "ddd-ddd-ddd-ddd", check_mixed, 0, 90, {CLS_TAX, CLS_PH}, false, false},
    {TYPE_VIN, "XXXXXXXXXXXXXXXXX", check_vin, 82, 97, {CLS_VIN}, true, true},
    {TYPE_DEVICE_ID, "dd~dddddd~dddddd~d", check_imei, 0, 96, {CLS_IMEI}, true, false},
    {TYPE_DEVICE_ID, "ddddddddddddddd", check_imei, 0, 96, {CLS_IMEI}, true, false},
    {TYPE_UK_DRIVING_LICENCE,
     "XXXXXddddddXXXAA",
     check_uk_dl,
     70,
     95,
     {CLS_LICENSE},
     false,
     true},
    {TYPE_US_PASSPORT, "Adddddddd", check_passport, 0, 92, {CLS_PASSPORT}, true, true},
    {TYPE_US_PASSPORT, "ddddddddd", check_passport, 0, 92, {CLS_PASSPORT}, true, false},
    {TYPE_PASSPORT, "AAddddddd", check_passport, 0, 90, {CLS_PASSPORT}, true, true},
    {TYPE_PASSPORT, "AAAdddddd", check_passport, 0, 88, {CLS_PASSPORT}, true, true},
    {TYPE_PASSPORT, "Addddddd", check_passport, 0, 88, {CLS_PASSPORT}, true, true},
    {TYPE_PASSPORT, "ddAAddddd", check_passport, 0, 88, {CLS_PASSPORT}, true, true},
    {TYPE_PASSPORT, "CXXXXXXXX", check_passport, 0, 90, {CLS_PASSPORT}, true, true},
    {TYPE_DE_ID_CARD, "LXXXXXXXX", check_mixed, 0, 92, {CLS_IDENTITY}, true, true},
    {TYPE_DE_ID_CARD, "LXXXXXXXXd", check_mixed, 0, 92, {CLS_IDENTITY}, true, true},
};

enum { TEXT_MAX = 96 };

/* What stands at a place, and where each character of it came from. */
struct candidate {
    char c[TEXT_MAX];
    uint32_t end_of[TEXT_MAX];
    size_t n;
    uint32_t start;
    bool is_joined; /* blanks were taken out */
    bool is_float;  /* digits of a number with an exponent: all of them or none */
};

/* Length matched, and the characters without separators in plain. */
static size_t match_shape(const char *shape, const struct candidate *c, char *plain,
                          size_t *nplain, bool *has_small)
{
    size_t i = 0, k = 0;
    for (; *shape; shape++) {
        char x = i < c->n ? c->c[i] : '\0';
        char up = is_lower(x) ? (char)(x - 32) : x;
        bool ok;
        switch (*shape) {
        case 'd':
            ok = is_digit(x);
            break;
        case 'A':
            ok = is_alpha(x);
            break;
        case 'X':
            ok = is_alnum(x);
            break;
        case '~':
            i += x == ' ' || x == '-' || x == '.';
            continue;
        case '_':
            i += x == ' ';
            continue;
        default:
            if (c->is_joined && !is_alnum(*shape) && *shape != x)
                continue; /* written apart: the separator may be gone too */
            ok = up == *shape;
        }
        if (!ok)
            return 0;
        *has_small |= is_lower(x);
        if (is_alnum(x))
            plain[k++] = up;
        i++;
    }
    *nplain = k;
    return i;
}

/* Behind an integer that some program wrote as a number with a point: 4111111111111111.0
 */
static bool is_point_zero(const struct window *w, size_t end)
{
    return end + 1 < w->n && w->p[end] == '.' && w->p[end + 1] == '0' &&
           (end + 2 == w->n || (!is_alnum(w->p[end + 2]) && w->p[end + 2] != '.'));
}

bool is_in_thousands(const struct window *w, size_t start)
{
    size_t end = start;
    while (end < w->n && is_digit(w->p[end]))
        end++;
    bool goes_on = end + 1 < w->n && (w->p[end] == '-' || w->p[end] == ' ') &&
                   is_digit(w->p[end + 1]);
    return end - start == 3 && !goes_on;
}

/* Nothing before or after that would make it a part of something longer. */
static bool stands_alone(const struct window *w, size_t start, size_t end)
{
    char before = start > 0 ? w->p[start - 1] : ' ';
    char before2 = start > 1 ? w->p[start - 2] : ' ';
    char after = end < w->n ? w->p[end] : ' ';
    char after2 = end + 1 < w->n ? w->p[end + 1] : ' ';
    if (is_alnum(before) || is_alnum(after) || before == '$')
        return false;
    if ((before == '.' || before == '/' || before == '-') && is_digit(before2))
        return false;
    if (before == ',' && is_digit(before2) && is_in_thousands(w, start))
        return false;
    if (before == '-' && is_alnum(before2))
        return false;
    if ((after == '-' || after == '/' || after == '.' || after == ',') &&
        is_digit(after2))
        return (after == ',' && w->p[end - 1] != ' ' && end - start > 8) ||
               is_point_zero(w, end);
    return after != '%';
}

static int best_caption(const struct window *w, const struct id_rule *r, size_t start,
                        size_t end)
{
    int best = -1;
    for (size_t i = 0; i < ARRAY_LEN(r->cls) && r->cls[i]; i++) {
        int dist = caption_distance(w, start, end, (enum word_class)r->cls[i]);
        if (dist >= 0 && (best < 0 || dist < best))
            best = dist;
    }
    return best;
}

static bool is_group(const struct window *w, size_t at)
{
    for (size_t i = at; i < at + 4; i++)
        if (!is_hex(w->p[i]))
            return false;
    return true;
}

/* More groups of four beside it: a table of numbers, not one number. */
static bool is_in_row(const struct window *w, size_t start, size_t end)
{
    bool before = start >= 6 && (w->p[start - 1] == ' ' || w->p[start - 1] == '\n') &&
                  is_group(w, start - 5) && !is_alnum(w->p[start - 6]);
    bool behind = end + 5 < w->n && (w->p[end] == ' ' || w->p[end] == '\n') &&
                  is_group(w, end + 1) && !is_alnum(w->p[end + 5]);
    return before || behind;
}

/* Digits and nothing between them: of one in ten to one in a hundred of all numbers the
 * check digits are right, so such a number needs its word, or a text about somebody
 * (names/national.c). */
enum { ALONE_BARE = 65 };

static bool is_bare(const struct candidate *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_digit(c->c[i]))
            return false;
    return true;
}

static void try_rule(struct window *w, const struct id_rule *r, const struct candidate *c)
{
    char plain[TEXT_MAX];
    size_t nplain = 0;
    bool small = false;
    size_t n = match_shape(r->shape, c, plain, &nplain, &small);
    if (n == 0)
        return;
    size_t end = c->end_of[n - 1];
    if ((c->is_float && n < c->n) || !stands_alone(w, c->start, end) ||
        !r->check((struct str){plain, nplain}))
        return;
    int dist = best_caption(w, r, c->start, end);
    if (dist < 0 && is_bare(c, n) && r->alone < ALONE_BARE)
        return;
    if (dist < 0 && (r->alone == 0 || (r->upper_only && small) || c->is_joined ||
                     (r->type == TYPE_IN_AADHAAR && is_in_row(w, c->start, end))))
        return;
    if (check_digits_of(r->check))
        note_checked(w, c->start, end);
    if (dist >= 0) {
        int score = r->captioned - dist / 6;
        propose(w, c->start, end, r->type, score < r->alone ? r->alone : score, SAW_WORD);
        return;
    }
    bool is_other = caption_distance(w, c->start, end, CLS_ORDER) >= 0 ||
                    caption_distance(w, c->start, end, CLS_TEST) >= 0;
    propose(w, c->start, end, r->type, is_other ? r->alone - 30 : r->alone,
            r->check == check_any ? SAW_SHAPE : SAW_CHECKSUM);
}

/* Cards and IBANs have no fixed shape: any grouping, any length of their kind. */
enum { CALLED_A_CARD = 8 };

/* 5.800000000000001: every tenth of such has good check digits. */
static bool has_decimals(const struct candidate *c, size_t last)
{
    size_t points = 0, marks = 0;
    for (size_t i = 0; i < last; i++) {
        marks += !is_digit(c->c[i]);
        points += c->c[i] == '.';
    }
    return marks == 1 && points == 1;
}

static void try_card(struct window *w, const struct candidate *c)
{
    char digits[24];
    size_t n = 0, last = 0;
    bool has_point = false, has_other = false;
    for (size_t i = 0; i < c->n && n < 20; i++) {
        char x = c->c[i];
        if (is_digit(x)) {
            digits[n++] = x;
            last = i;
            continue;
        }
        if ((x != ' ' && x != '-' && x != '.') || i + 1 >= c->n || !is_digit(c->c[i + 1]))
            break;
        struct str so_far = {digits, n};
        if (n >= 15 && check_card(so_far) && stands_alone(w, c->start, c->end_of[last]))
            break; /* the next group is another number */
        has_point |= x == '.';
        has_other |= x != '.';
    }
    struct str s = {digits, n};
    if ((has_point && has_other) || /* versions, places on a page: "3.8 3.7 3.6" */
        n < 12 || n > 19 || !stands_alone(w, c->start, c->end_of[last]) || !luhn_ok(s) ||
        has_decimals(c, last))
        return;
    size_t end = c->end_of[last], breaks = 0;
    for (size_t i = c->start; i < end; i++)
        breaks += w->p[i] == '\n';
    if (breaks > 1)
        return; /* a column of numbers */
    int dist = caption_distance(w, c->start, end, CLS_CARD);
    /* Nobody has to know every issuer: what is called a card and adds up is one. */
    if (!check_card(s) && (dist < 0 || dist > CALLED_A_CARD))
        return;
    bool is_other = caption_distance(w, c->start, end, CLS_ORDER) >= 0 ||
                    caption_distance(w, c->start, end, CLS_IMEI) >= 0;
    bool is_table =
        is_in_row(w, c->start, end) || (c->start > 0 && w->p[c->start - 1] == '.');
    if (dist < 0 && (n < 15 || (c->is_joined && n < 16) || is_table))
        return;
    int score = dist >= 0 ? 99 : is_other ? 50 : n >= 16 ? 88 : 80;
    note_checked(w, c->start, end);
    propose(w, c->start, end, TYPE_CREDIT_CARD, score, SAW_CHECKSUM);
}

static void try_iban(struct window *w, const struct candidate *c)
{
    char plain[40];
    size_t n = 0;
    if (c->n < 15 || !is_alpha(c->c[0]) || !is_alpha(c->c[1]))
        return;
    for (size_t i = 0; i < c->n && n < 34; i++) {
        char x = c->c[i];
        if (!is_alnum(x)) {
            if ((x != ' ' && x != '-') || i + 1 >= c->n || !is_alnum(c->c[i + 1]))
                return;
            continue;
        }
        plain[n++] = is_lower(x) ? (char)(x - 32) : x;
        if (n > 4 && (n < 5 || !is_digit(plain[2]) || !is_digit(plain[3])))
            return;
        if (n >= 15 && check_iban((struct str){plain, n}) &&
            stands_alone(w, c->start, c->end_of[i])) {
            note_checked(w, c->start, c->end_of[i]);
            propose(w, c->start, c->end_of[i], TYPE_IBAN, 99, SAW_CHECKSUM);
            return;
        }
    }
}

static bool fits_row(const struct id_rule *r, const struct candidate *c)
{
    char plain[TEXT_MAX];
    size_t nplain = 0;
    bool small = false;
    return match_shape(r->shape, c, plain, &nplain, &small) == c->n &&
           check_digits_of(r->check)((struct str){plain, nplain});
}

/* Does a number of this row count as one of kind t?  Of one that is called no more than
 * somebody's number, or a patient's, any that it may be does. */
static bool is_kind(const struct id_rule *r, enum guard_type t)
{
    bool is_any = false;
    if (t == TYPE_ID_NUMBER)
        is_any = guard_type_group(r->type) == GROUP_NATIONAL_ID || r->type == TYPE_UK_NHS;
    else if (t == TYPE_MRN)
        is_any = r->type == TYPE_UK_NHS;
    else if (t == TYPE_HEALTH_PLAN_ID)
        is_any = guard_type_group(r->type) == GROUP_HEALTH_ID && r->type != TYPE_UK_NHS;
    return check_digits_of(r->check) && (r->type == t || is_any);
}

bool kind_has_check(enum guard_type t)
{
    bool ret = t == TYPE_CREDIT_CARD || t == TYPE_IBAN;
    for (size_t i = 0; !ret && i < ARRAY_LEN(rules); i++)
        ret = is_kind(&rules[i], t);
    return ret;
}

bool has_check_of(enum guard_type t, struct str value)
{
    struct candidate c = {.is_joined = true};
    for (size_t i = 0; i < value.n; i++) {
        if (!is_alnum(value.p[i]))
            continue;
        if (c.n == TEXT_MAX)
            return false;
        c.c[c.n++] = is_lower(value.p[i]) ? (char)(value.p[i] - 32) : value.p[i];
    }
    struct str plain = {c.c, c.n};
    if (t == TYPE_CREDIT_CARD)
        return c.n >= 12 && c.n <= 19 && luhn_ok(plain);
    if (t == TYPE_IBAN)
        return check_iban(plain);
    for (size_t i = 0; c.n && i < ARRAY_LEN(rules); i++)
        if (is_kind(&rules[i], t) && fits_row(&rules[i], &c))
            return true;
    return false;
}

/* The text from a place on, as written, as far as an identifier may go. */
static void read_plain(const struct window *w, size_t start, struct candidate *c)
{
    c->n = 0;
    c->start = (uint32_t)start;
    c->is_joined = c->is_float = false;
    for (size_t i = start; i < w->n && c->n < TEXT_MAX; i++) {
        char x = w->p[i];
        if (!is_alnum(x) && (x == '\n' || !is_alnum(w->p[i - 1])))
            break; /* no shape has two marks together */
        c->end_of[c->n] = (uint32_t)(i + 1);
        c->c[c->n++] = x;
    }
}

/* "536-22-" before the end of its line: the line was broken at the dash. */
static bool ends_with_dash(const struct window *w, size_t start, size_t i)
{
    return i > start + 1 && w->p[i - 1] == '-' && is_alnum(w->p[i - 2]);
}

/* Behind a line's end at i, and blanks that begin the next, where a word or number may
 * go on; 0: it does not. */
static size_t next_line(const struct window *w, size_t start, size_t i)
{
    size_t at = i + 1;
    if (i == start || (!is_alnum(w->p[i - 1]) && !ends_with_dash(w, start, i)))
        return 0;
    while (at < w->n && w->p[at] == ' ' && at - i < 8)
        at++;
    return at < w->n && is_alnum(w->p[at]) ? at : 0;
}

static bool may_join_lines(const struct window *w, size_t start)
{
    size_t left = w->n - start < TEXT_MAX ? w->n - start : TEXT_MAX;
    const char *nl = memchr(w->p + start, '\n', left);
    return nl && next_line(w, start, (size_t)(nl - w->p));
}

static void put(struct candidate *c, char x, size_t end)
{
    c->end_of[c->n] = (uint32_t)end;
    c->c[c->n++] = x;
}

/* "4 1 1 1": single characters with single blanks between. */
static bool is_spaced(const struct window *w, size_t start)
{
    return start + 8 < w->n && w->p[start + 1] == ' ' && w->p[start + 3] == ' ' &&
           w->p[start + 5] == ' ' && w->p[start + 7] == ' ';
}

static void read_spaced(const struct window *w, size_t start, struct candidate *c)
{
    for (size_t i = start; i < w->n && c->n < TEXT_MAX && w->p[i] != '\n'; i++)
        if (w->p[i] != ' ')
            put(c, w->p[i], i + 1);
}

/* A line's end is nothing; with blanks behind it, it is a blank. */
static void read_lines(const struct window *w, size_t start, struct candidate *c)
{
    for (size_t i = start; i < w->n && c->n < TEXT_MAX; i++) {
        size_t next = w->p[i] == '\n' ? next_line(w, start, i) : 0;
        if (w->p[i] == '\n' && !next)
            break;
        if (!next)
            put(c, w->p[i], i + 1);
        else if (next > i + 1 && !ends_with_dash(w, start, i))
            put(c, ' ', next);
        i = next ? next - 1 : i;
    }
}

/* The text without what parts it, or false when nothing does. */
static bool read_joined(const struct window *w, size_t start, struct candidate *c)
{
    bool spaced = is_spaced(w, start);
    if (!spaced && !may_join_lines(w, start))
        return false;
    c->n = 0;
    c->start = (uint32_t)start;
    c->is_joined = true;
    c->is_float = false;
    if (spaced)
        read_spaced(w, start, c);
    else
        read_lines(w, start, c);
    return true;
}

/* Enough characters before the next mark that no identifier holds. */
static bool is_long_enough(const struct window *w, size_t start)
{
    size_t digits = 0, all = 0, need = is_digit(w->p[start]) ? 5 : 4;
    size_t end = start + DIGIT_WITHIN < w->n ? start + DIGIT_WITHIN : w->n;
    for (size_t i = start; i < end && all < 20; i++) {
        char c = w->p[i];
        if (is_digit(c)) {
            digits++;
            all++;
        } else if (is_alpha(c)) {
            all++;
        } else if (!(c == ' ' || c == '-' || c == '.' || c == '/' || c == '+' ||
                     c == '\n' || c == '\0')) {
            break;
        }
        if (all >= 8 && digits >= need)
            return true;
    }
    return false;
}

/* In the middle of "4 1 1 1 1": its beginning was tried already. */
static bool inside_spaced(const struct window *w, size_t at)
{
    return at > 6 && w->p[at - 1] == ' ' && w->p[at - 3] == ' ' && w->p[at - 5] == ' ' &&
           is_alnum(w->p[at - 2]) && is_alnum(w->p[at - 4]) && is_alnum(w->p[at - 6]);
}

/* -- which rules to try ---------------------------------------------------------------
 */

static bool is_element(char shape)
{
    return is_alnum(shape); /* d, A, X and letters and digits that are themselves */
}

static bool takes(char shape, bool digit)
{
    if (shape == 'X')
        return true;
    return digit ? shape == 'd' || is_digit(shape) : shape != 'd' && is_alpha(shape);
}

static void index_rule(struct id_index *x, size_t r)
{
    const char *shape = rules[r].shape;
    size_t lead = 0, word = r / 64;
    uint64_t bit = UINT64_C(1) << r % 64;
    x->alone[word] |= rules[r].alone ? bit : 0;
    while (is_element(shape[lead]))
        lead++;
    bool may_go_on = shape[lead] == '~' || shape[lead] == '_';
    for (size_t n = 1; n < ID_RUNS; n++) {
        x->run[0][n][word] |= n == lead || (may_go_on && n > lead) ? bit : 0;
        x->run[1][n][word] |= n >= lead && rules[r].may_break ? bit : 0;
    }
    for (size_t i = 0; i < ID_LEADS; i++)
        for (size_t digit = 0; digit < 2; digit++)
            x->lead[i][digit][word] |= i >= lead || takes(shape[i], digit) ? bit : 0;
}

void id_index_init(struct id_index *x)
{
    *x = (struct id_index){.run = {{{0}}}};
    for (size_t r = 0; r < ARRAY_LEN(rules); r++)
        index_rule(x, r);
}

_Static_assert(ARRAY_LEN(rules) <= 64 * ID_WORDS, "a bit for each rule");

/* Tries the rules whose shape begins like the candidate. */
static void try_rules(struct window *w, const struct candidate *c)
{
    const struct id_index *x = &w->sc->ids;
    uint64_t left[ID_WORDS];
    size_t n = 0;
    bool has_caption = c->n && is_caption_near(w, c->start, c->end_of[c->n - 1]);
    if (!has_caption && (c->is_joined || c->is_float))
        return; /* none of them is known without */
    while (n < c->n && n < ID_RUNS - 1 && is_alnum(c->c[n]))
        n++;
    for (size_t i = 0; i < ID_WORDS; i++)
        left[i] = x->run[c->is_joined][n][i] & (has_caption ? UINT64_MAX : x->alone[i]);
    for (size_t k = 0; k < n && k < ID_LEADS; k++)
        for (size_t i = 0; i < ID_WORDS; i++)
            left[i] &= x->lead[k][is_digit(c->c[k])][i];
    for (size_t i = 0; i < ID_WORDS; i++)
        for (; left[i]; left[i] &= left[i] - 1)
            try_rule(w, &rules[64 * i + (size_t)__builtin_ctzll(left[i])], c);
}

/* 4.111111111111111e15, as its digits.  What is measured has few digits and many zeros.
 */
static void try_float(struct window *w, size_t start)
{
    enum { SIGNIFICANT_LEAST = 8, OF_A_CARD = 12 };
    struct float_seen f;
    if (start > 0 && w->p[start - 1] == '.' && (start < 2 || !is_alnum(w->p[start - 2])))
        start--; /* .4111111111111111e16 */
    struct candidate c = {.start = (uint32_t)start, .is_float = true};
    if (!float_read((struct str){w->p + start, w->n - start}, &f) ||
        f.nsignificant < SIGNIFICANT_LEAST)
        return;
    for (size_t i = 0; i < f.n; i++)
        put(&c, f.digits[i], start + f.bytes);
    if (f.nsignificant >= OF_A_CARD)
        try_card(w, &c);
    try_rules(w, &c);
}

void find_ids(struct window *w)
{
    struct candidate plain = {0}, joined = {0};
    for (size_t i = next_anchor(w, 0, AT_ID); i < w->ntok;
         i = next_anchor(w, i + 1, AT_ID)) {
        if (!is_long_enough(w, w->tok[i].start))
            continue;
        size_t start = w->tok[i].start;
        read_plain(w, start, &plain);
        bool digit = is_digit(plain.c[0]);
        bool has_joined = !inside_spaced(w, start) && read_joined(w, start, &joined);
        if (digit) {
            try_card(w, &plain);
            try_float(w, start);
        } else {
            try_iban(w, &plain);
        }
        if (has_joined && digit)
            try_card(w, &joined);
        if (has_joined && !digit)
            try_iban(w, &joined);
        try_rules(w, &plain);
        if (has_joined)
            try_rules(w, &joined);
    }
}
