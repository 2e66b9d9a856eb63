/* documents.c -- papers and files whose fields have fixed places: the machine-readable
 * zone of passports and cards (ICAO 9303), the line of characters on a cheque, payment
 * files of 94 columns (NACHA), the numbered fields of European driving licences, and the
 * slashed fields of police messages.
 *
 * Offsets are those of each standard. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"

static size_t next_line(const struct reader *r, size_t end)
{
    while (end < r->text.n && (r->text.p[end] == '\r' || r->text.p[end] == '\n'))
        end++;
    return end;
}

static size_t end_of(const struct reader *r, size_t from)
{
    size_t end = from;
    while (end < r->text.n && r->text.p[end] != '\n' && r->text.p[end] != '\r' &&
           end - from < 128)
        end++;
    return end;
}

/* -- machine-readable zones ---------------------------------------------------------- */

static bool is_zone_line(struct str s)
{
    size_t fill = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_upper(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '<')
            return false;
        fill += s.p[i] == '<';
    }
    bool is_cut = s.n > 24 && s.n < 48 && fill > 4 &&
                  s.p[1] == '<' && /* by who copied it */
                  strchr("PIACV", s.p[0]) && is_upper(s.p[2]);
    return ((s.n == 30 || s.n == 36 || s.n == 44) && fill > 0) || is_cut;
}

/* Two lines of 36 or 44: names and then the number; three of 30: numbers, birth, names.
 */
static void read_zone(struct reader *r, const struct line *l)
{
    struct str s = str_trim(str_sub(r->text, l->body, l->end));
    if (!is_zone_line(s) || !may_read(r, 2 * s.n))
        return;
    bool is_name = s.n != 30 && is_upper(s.p[0]) && is_upper(s.p[2]) && is_upper(s.p[4]);
    size_t words = 0;
    for (size_t i = 1; i < s.n; i++)
        words += s.p[i] == '<' && s.p[i - 1] == '<';
    is_name |= s.n == 30 && words > 0 && count_digits(s) == 0;
    struct piece v = {(size_t)(s.p - r->text.p), (size_t)(s.p - r->text.p) + s.n, 0};
    while (v.end > v.start && r->text.p[v.end - 1] == '<')
        v.end--;
    emit_told(r, v, NOTE_SEGMENT, is_name ? TELLS_PERSON : TELLS_PASSPORT);
}

/* -- banks --------------------------------------------------------------------------- */

/* U+2446 around the routing number, U+2448 around or behind the account. */
static void read_cheque(struct reader *r, const struct line *l)
{
    struct str s = str_sub(r->text, l->body, l->end);
    ptrdiff_t at = str_find(s, STR("\xE2\x91\x86"));
    if (at < 0)
        return;
    for (size_t i = l->body + (size_t)at, n = 0; i < l->end && n < 6;) {
        while (i < l->end && !is_digit(r->text.p[i]))
            i++;
        size_t from = i;
        while (i < l->end && (is_digit(r->text.p[i]) || r->text.p[i] == '-'))
            i++;
        if (i - from >= 6)
            emit_told(r, (struct piece){from, i, 0}, NOTE_SEGMENT,
                      n++ == 0 ? TELLS_ROUTING : TELLS_ACCOUNT);
    }
}

static void columns(struct reader *r, const struct line *l, size_t from, size_t to,
                    enum telling what)
{
    struct piece v = trimmed(r, (struct piece){l->start + from, l->start + to, 0});
    if (v.end <= l->end)
        emit_told(r, v, NOTE_SEGMENT, what);
}

/* The check digit of a routing number. */
static bool is_routing(struct str s)
{
    static const unsigned weight[] = {3, 7, 1};
    unsigned sum = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
        sum += weight[i % 3] * (unsigned)(s.p[i] - '0');
    }
    return s.n == 9 && sum % 10 == 0 && sum > 0;
}

/* Files cut their lines' ends off, so the length says nothing: the check digit does. */
static void read_nacha(struct reader *r, const struct line *l)
{
    struct str s = str_sub(r->text, l->start, l->end);
    if (s.n < 24)
        return;
    if (str_starts(s, STR("101 ")) && is_routing(str_sub(s, 4, 13))) {
        columns(r, l, 4, 13, TELLS_ROUTING);
        columns(r, l, 13, 23, TELLS_ROUTING);
    } else if (s.p[0] == '5' && s.n > 53 && is_upper(s.p[50]) && is_upper(s.p[52])) {
        columns(r, l, 40, 50, TELLS_TAX);
    } else if (s.p[0] == '6' && is_routing(str_sub(s, 3, 12)) && s.n > 39) {
        columns(r, l, 3, 12, TELLS_ROUTING);
        columns(r, l, 12, 29, TELLS_ACCOUNT);
        columns(r, l, 39, s.n < 54 ? s.n : 54, TELLS_EMPLOYEE);
        columns(r, l, 54, s.n < 76 ? s.n : 76, TELLS_PERSON);
    }
}

static size_t digits_from(const struct reader *r, size_t i, size_t end)
{
    size_t to = i;
    while (to < end && is_digit(r->text.p[to]))
        to++;
    return to - i;
}

static bool speaks_of_banks(const struct reader *r, const struct line *l)
{
    static const char *const words[] = {"ebit",      "ank",     "ort code", "ccount",
                                        " a/c",      "ransfer", "arclays",  "loyds",
                                        "atWest",    "HSBC",    "antander", "onzo",
                                        "ationwide", "alifax",  "BACS"};
    struct str s = str_sub(r->text, l->body, l->end);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(s, str_of(words[i])) >= 0)
            return true;
    return false;
}

/* "20-11-43 73920184": the sort code of a British bank, an account of eight digits. */
static void read_sort_code(struct reader *r, const struct line *l)
{
    for (size_t i = l->body; i + 16 < l->end; i++) {
        if (!is_digit(r->text.p[i]))
            continue;
        size_t n = digits_from(r, i, l->end);
        bool is_code = n == 2 && byte_at(r, i + 2) == '-' && byte_at(r, i + 5) == '-' &&
                       digits_from(r, i + 3, l->end) == 2 &&
                       digits_from(r, i + 6, l->end) == 2;
        if (!is_code) {
            i += n;
            continue;
        }
        size_t at = i + 8;
        while (at < l->end && at - i < 20 && !is_digit(r->text.p[at]))
            at++;
        if (digits_from(r, at, l->end) == 8 && speaks_of_banks(r, l)) {
            emit_told(r, (struct piece){i, i + 8, 0}, NOTE_SEGMENT, TELLS_ROUTING);
            emit_told(r, (struct piece){at, at + 8, 0}, NOTE_SEGMENT, TELLS_ACCOUNT);
        }
        i = at;
    }
}

/* Accounts as they are written in Japanese, Korean and Chinese: the bank, maybe its
 * branch and the kind of account, and the number. */
static void read_bank_of_east(struct reader *r, const struct line *l)
{
    static const char *const banks[] = {"\xE9\x8A\x80\xE8\xA1\x8C",
                                        "\xE9\x93\xB6\xE8\xA1\x8C",
                                        "은행",
                                        "뱅크",
                                        "농협",
                                        "우체국",
                                        "새마을금고",
                                        "신협",
                                        "信用金庫",
                                        "信金",
                                        "ゆうちょ",
                                        "農協",
                                        "口座",
                                        "계좌",
                                        "储蓄卡"};
    enum { MAX_TO_BANK = 72, LEAST = 7, MOST = 19 };
    for (size_t i = l->body; i + LEAST <= l->end; i++) {
        if (!is_digit(r->text.p[i]))
            continue;
        size_t end = i, digits = 0;
        while (end < l->end && (is_digit(r->text.p[end]) ||
                                ((r->text.p[end] == '-' || r->text.p[end] == ' ') &&
                                 end + 1 < l->end && is_digit(r->text.p[end + 1]))))
            digits += is_digit(r->text.p[end++]);
        bool is_phone = r->text.p[i] == '0' && /* an area code and a dash */
                        (byte_at(r, i + 3) == '-' || byte_at(r, i + 4) == '-');
        size_t from = i > l->body + MAX_TO_BANK ? i - MAX_TO_BANK : l->body;
        bool is_number = digits >= LEAST && digits <= MOST && !is_phone &&
                         (i == l->body || !strchr("+-.,:/", r->text.p[i - 1]));
        struct str before = str_sub(r->text, from, i);
        for (size_t k = 0; is_number && k < ARRAY_LEN(banks); k++)
            if (str_find(before, str_of(banks[k])) >= 0) {
                emit_told(r, (struct piece){i, end, 0}, NOTE_SEGMENT, TELLS_ACCOUNT);
                break;
            }
        if (is_number && !may_read(r, ARRAY_LEN(banks) * 8))
            return;
        i = end;
    }
}

/* -- licences ------------------------------------------------------------------------ */

static size_t past_number(const struct reader *r, size_t i, const char *number)
{
    size_t n = strlen(number);
    i = skip_blanks(r, i, r->text.n);
    return str_starts(str_sub(r->text, i, r->text.n), (struct str){number, n}) ? i + n
                                                                               : 0;
}

/* "1. Bell", "2. Anna", "3. 01.02.1980 Ulm", "4d. ...", "5. B072..." */
static void read_licence(struct reader *r, const struct line *l)
{
    size_t one = past_number(r, l->body, "1. ");
    size_t second = next_line(r, l->end), second_end = end_of(r, second);
    size_t two = one ? past_number(r, second, "2. ") : 0;
    size_t third = next_line(r, second_end), third_end = end_of(r, third);
    size_t three = two ? past_number(r, third, "3. ") : 0;
    if (!three || !is_digit(byte_at(r, three)))
        return;
    size_t date = three;
    while (date < third_end && (is_digit(r->text.p[date]) || r->text.p[date] == '.' ||
                                r->text.p[date] == '/' || r->text.p[date] == '-'))
        date++;
    emit_told(r, (struct piece){one, l->end, 0}, NOTE_SEGMENT, TELLS_LAST);
    emit_told(r, (struct piece){two, second_end, 0}, NOTE_SEGMENT, TELLS_FIRST);
    emit_told(r, (struct piece){three, date, 0}, NOTE_SEGMENT, TELLS_DOB);
    size_t at = next_line(r, third_end);
    for (size_t k = 0; k < 9 && at < r->text.n; k++) {
        size_t end = end_of(r, at), five = past_number(r, at, "5. ");
        size_t own = past_number(r, at, "4d. "), home = past_number(r, at, "8. ");
        if (five)
            emit_told(r, (struct piece){five, end, 0}, NOTE_SEGMENT, TELLS_LICENSE);
        if (own)
            emit_told(r, (struct piece){own, end, 0}, NOTE_SEGMENT, TELLS_NATIONAL);
        if (home)
            emit_told(r, (struct piece){home, end, 0}, NOTE_SEGMENT, TELLS_ADDRESS);
        at = next_line(r, end);
        may_read(r, end - at);
    }
}

/* NAM/BELL, ANNA.DOB/19800201.SOC/...: fields of police messages. */
static void read_slashed(struct reader *r, const struct line *l)
{
    static const struct {
        const char *field;
        enum telling what;
    } rows[] = {
        {"NAM/", TELLS_PERSON},   {"DOB/", TELLS_DOB},     {"SOC/", TELLS_NATIONAL},
        {"OLN/", TELLS_LICENSE},  {"LIC/", TELLS_PLATE},   {"VIN/", TELLS_VIN},
        {"SSN/", TELLS_NATIONAL}, {"ADR/", TELLS_ADDRESS}, {"OWN/", TELLS_PERSON},
        {"RO/", TELLS_PERSON},    {"OWNER ", TELLS_PERSON}};
    for (size_t i = l->body; i + 5 < l->end; i++) {
        if (!is_upper(r->text.p[i]) || (i > l->body && is_alnum(r->text.p[i - 1])))
            continue;
        struct str s = str_sub(r->text, i, l->end);
        for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
            if (!str_startsz(s, rows[k].field))
                continue;
            size_t from = i + strlen(rows[k].field), to = from;
            while (to < l->end && r->text.p[to] != '.' && r->text.p[to] != '/' &&
                   to - from < READ_MAX_NAME)
                to++;
            emit_told(r, trimmed(r, (struct piece){from, to, 0}), NOTE_FORM,
                      rows[k].what);
        }
    }
}

/* -- travel -------------------------------------------------------------------------- */

/* "SSR DOCS BA HK1 P/GBR/123456789/GBR/12JUL76/M/23OCT26/BELL/ANN" and DOCO, DOCA: the
 * fields of IATA's messages between slashes; "1.BELL/ANN MS" of a booking. */
static void read_booking(struct reader *r, const struct line *l, struct str s)
{
    ptrdiff_t docs = str_find(s, STR("DOCS"));
    if (docs >= 0) {
        size_t at = l->body + (size_t)docs, field = 0;
        for (size_t i = at; i <= l->end && field < 10; i++) {
            if (i < l->end && r->text.p[i] != '/')
                continue;
            struct piece v = {at, i, 0};
            if (field == 2)
                emit_told(r, v, NOTE_SEGMENT, TELLS_PASSPORT);
            if (field == 4)
                emit_told(r, v, NOTE_SEGMENT, TELLS_DOB);
            if (field == 7)
                emit_told(r, (struct piece){at, l->end, 0}, NOTE_SEGMENT, TELLS_PERSON);
            at = i + 1;
            field++;
        }
    }
    for (size_t i = 0; i + 6 < s.n; i++) {
        bool begins = is_digit(s.p[i]) && s.p[i + 1] == '.' && is_upper(s.p[i + 2]) &&
                      (i == 0 || s.p[i - 1] == ' ');
        size_t k = i + 2, slashes = 0;
        while (begins && k < s.n &&
               (is_upper(s.p[k]) || s.p[k] == '/' || s.p[k] == '-' ||
                (s.p[k] == ' ' && k + 1 < s.n && is_upper(s.p[k + 1]))))
            slashes += s.p[k++] == '/';
        if (slashes == 1)
            emit_told(r, (struct piece){l->body + i + 2, l->body + k, 0}, NOTE_SEGMENT,
                      TELLS_PERSON);
    }
}

void read_document(struct reader *r, const struct line *l)
{
    read_zone(r, l);
    read_booking(r, l, str_sub(r->text, l->body, l->end));
    read_cheque(r, l);
    read_nacha(r, l);
    read_sort_code(r, l);
    read_bank_of_east(r, l);
    if (r->text.p[l->body] == '1')
        read_licence(r, l);
    if (memchr(r->text.p + l->body, '/', l->end - l->body) ||
        is_upper(r->text.p[l->body]))
        read_slashed(r, l);
    may_read(r, l->end - l->body);
}
