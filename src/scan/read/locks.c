/* locks.c -- codes of doors and passwords that a sentence tells in its own way, and those
 * that answer the line above.
 *
 *     O código da porta passa a 0804      gate code has been changed to 5582
 *     大门密码已改为559201                    Jo: what's the wifi password / Al:
 * Tulip-field88
 *
 * Which words stand between a name and its value no list has.  What counts is that one
 * sentence has a word for a code, a word for what it opens, and a number as keypads have
 * them; or a word for a password, one for a change, and what looks like a password. */
#include "scan/find/plausible.h"
#include "scan/read/inside.h"
#include "scan/text/stems.h"

enum {
    ANSWER_WITHIN = 200,
    CODE_LEAST = 4,
    CODE_MOST = 8,
    LINE_MOST = 400,
    WAIT_WORDS = 6 /* so far behind a number words may say what it is */
};

/* "Türcode", "dørkoden", "ovikoodi": a code of what stands before it in one word. */
static uint64_t role_of_compound(struct str s)
{
    static const char *const fronts[] = {
        "tur",  "tuer", "haust", "tor",   "garage", "schluss", "dor",  "port", "ovi",
        "ajto", "kapu", "deur",  "poort", "tresor", "safe",    "wifi", "wlan", "inngang"};
    static const char *const codes[] = {"cod", "kod", "kood"};
    for (size_t i = 0; s.n > 6 && i < ARRAY_LEN(fronts); i++)
        for (size_t k = 0; str_startsz(s, fronts[i]) && k < ARRAY_LEN(codes); k++)
            if (str_find(s, str_of(codes[k])) >= 0)
                return STEM_CODE | STEM_LOCK;
    return 0;
}

/* "tresorcode", "wifikoden", "porttikoodi": of a word that begins with what is opened. */
static uint64_t role_of_rest(struct str s)
{
    static const char *const codes[] = {"cod", "kod", "kood", "pin"};
    static const char *const words[] = {"pass",  "salasana", "losen",
                                        "sifre", "haslo",    "heslo"};
    struct str rest = str_sub(s, s.n < 3 ? s.n : 3, s.n);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_find(rest, str_of(codes[i])) >= 0)
            return STEM_CODE;
    static const char *const keys[] = {"schlus", "nyckel",  "nokkel", "nogle",
                                       "avain",  "sleutel", "voti",   "kulcs"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_find(rest, str_of(words[i])) >= 0)
            return STEM_PASS;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (str_find(rest, str_of(keys[i])) >= 0)
            return STEM_KEYNAME;
    return 0;
}

struct str without_marks_at_ends(struct str s)
{
    static const struct str marks[] = {STR_INIT("\xD8\x9F"), STR_INIT("\xD8\x8C"),
                                       STR_INIT("\xD8\x9B"), STR_INIT("\xC2\xBB")};
    while (s.n && s.p[0] > 0 && !is_alnum(s.p[0]))
        s = str_sub(s, 1, s.n);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        s.n -= s.n > 4 && str_ends(s, marks[i]) ? 2 : 0;
    while (s.n && s.p[s.n - 1] > 0 && !is_alnum(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* "Kellertür", "achterdeur": what opens stands at the end of one word. */
static uint64_t role_of_tail(struct str s)
{
    static const struct str tails[] = {STR_INIT("t\xC3\xBCr"),  STR_INIT("t\xC3\xBCre"),
                                       STR_INIT("d\xC3\xB6rr"), STR_INIT("d\xC3\xB6rren"),
                                       STR_INIT("deur"),        STR_INIT("poort"),
                                       STR_INIT("ajt\xC3\xB3"), STR_INIT("kapu")};
    for (size_t i = 0; i < ARRAY_LEN(tails); i++)
        if (s.n > tails[i].n + 2 && str_ends(s, tails[i]))
            return STEM_LOCK;
    return 0;
}

uint64_t spoken_roles(struct str word)
{
    enum { ARTICLE_MOST = 4 };
    char folded[STEM_FOLD_BYTES];
    struct str s = without_marks_at_ends(word);
    if (s.n < 2)
        return 0;
    s = stem_fold(s, folded);
    uint64_t roles = stems_of(s) & ~(STEMS_OF_PEOPLE | STEM_STATE);
    if (roles || s.n < 4)
        return roles & (STEM_LOCK | STEM_KEYPAD | STEM_NET | STEM_WEB | STEM_PROVE |
                        STEM_RESCUE)
                   ? roles | role_of_rest(s)
                   : roles;
    ptrdiff_t mark = str_index(s, '\''); /* "l'alarme", "code's" */
    if (mark > 0 && mark <= ARTICLE_MOST)
        roles = stems_of(str_sub(s, (size_t)mark + 1, s.n));
    if (!roles && mark > 0 && (size_t)mark + 2 >= s.n)
        roles = stems_of(str_sub(s, 0, (size_t)mark));
    roles = roles ? roles : role_of_compound(s);
    return roles ? roles : role_of_tail(without_marks_at_ends(word));
}

/* -- values ----------------------------------------------------------------------------
 */

/* Digits as a keypad has them, with # or * at an end, at the front of these bytes; its
 * end, or `from`. */
static size_t past_code(const struct reader *r, size_t from, size_t end)
{
    size_t i = from, digits = 0;
    i += i < end && (r->text.p[i] == '#' || r->text.p[i] == '*');
    for (; i < end && is_digit(r->text.p[i]); i++)
        digits++;
    if (digits < CODE_LEAST || digits > CODE_MOST)
        return from;
    i += i < end && (r->text.p[i] == '#' || r->text.p[i] == '*');
    char c = byte_at(r, i), then = byte_at(r, i + 1);
    bool goes_on = is_alnum(c) || c == '%' || c == '_' ||
                   (c && strchr(".,:-/", c) && is_digit(then));
    return goes_on ? from : i;
}

/* "602 918": a code as messages write it, at the front of these bytes. */
static size_t past_halves(const struct reader *r, size_t from)
{
    for (size_t i = 0; i < 7; i++) {
        char c = byte_at(r, from + i);
        if (i == 3 ? c != ' ' && c != '-' : !is_digit(c))
            return from;
    }
    char then = byte_at(r, from + 7);
    bool goes_on = is_alnum(then) || ((then == ' ' || then == '-' || then == '.') &&
                                      is_digit(byte_at(r, from + 8)));
    return goes_on ? from : from + 7;
}

static bool is_year(struct str s)
{
    return s.n == 4 && (str_starts(s, STR("19")) || str_starts(s, STR("20")));
}

bool is_password_like(struct str s)
{
    size_t letters = 0, marks = 0, digits = count_digits(s);
    for (size_t i = 0; i < s.n; i++) {
        letters += is_alpha(s.p[i]) || s.p[i] < 0;
        marks += s.p[i] > 0 && !is_alnum(s.p[i]);
        bool is_mailbox = s.p[i] == '@' && memchr(s.p + i, '.', s.n - i);
        if (s.p[i] && (strchr("/\\:=(){}<>,", s.p[i]) || is_mailbox))
            return false;
    }
    return s.n >= 7 && s.n <= 40 && letters >= 3 && digits >= 2 && marks <= 3;
}

struct piece password_at(const struct reader *r, struct piece p)
{
    while (p.end > p.start && strchr(".,;)\"'`", r->text.p[p.end - 1]))
        p.end--;
    while (p.start < p.end && strchr("(\"'`", r->text.p[p.start]))
        p.start++;
    return p;
}

/* -- what a sentence makes of a number ------------------------------------------------
 */

/* "with": what stands behind is for the word before. */
static bool is_with(struct str s)
{
    static const char *const words[] = {"with",
                                        "using",
                                        "mit",
                                        "avec",
                                        "con",
                                        "com",
                                        "met",
                                        "med",
                                        "z",
                                        "ze",
                                        "s",
                                        "cu",
                                        "ile",
                                        "nga",
                                        "amb",
                                        "gyda",
                                        "dengan",
                                        "kwa",
                                        "use",
                                        "faites",
                                        "ar",
                                        "su",
                                        "so",
                                        "pakai",
                                        "numerolla",
                                        "nummer",
                                        "numero",
                                        "\xCE\xBC\xCE\xB5",
                                        "na",
                                        "\xD1\x81",
                                        "\xD1\x81\xD0\xB0",
                                        "\xD0\xB7",
                                        "\xD0\xBD\xD0\xB0"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "con el 9034", "mit der 4711" */
static bool is_article(struct str s)
{
    static const char *const words[] = {
        "the", "el",  "la", "le",  "il", "lo", "o", "os", "der",      "dem",
        "den", "die", "de", "het", "il", "al", "a", "az", "\xC3\xADm"};
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "is", "with", or a colon. */
static bool is_link(struct str s)
{
    static const char *const words[] = {"is",          "was",
                                        "ist",         "lautet",
                                        "est",         "c'est",
                                        "es",          "er",
                                        "on",          "jest",
                                        "to",          "je",
                                        "este",        "e",
                                        "ir",          "yra",
                                        "ni",          "ay",
                                        "yw",          "adalah",
                                        "la",          "da",
                                        "ass",         "estas",
                                        "are",         "waa",
                                        "huwa",        "it's",
                                        "\xC3\xA9",    "\xC3\xA8",
                                        "\xC3\xA4r",   "\xC3\xA9s",
                                        "\xD0\xB5",    "\xD1\x98\xD0\xB5",
                                        "l\xC3\xA0",   "\xC3\xABsht\xC3\xAB",
                                        "είναι",       "=",
                                        "-",           "\xE2\x80\x93",
                                        "\xE2\x80\x94"};
    char last = s.n ? s.p[s.n - 1] : ' ';
    return last == ':' || last == '=' || str_ends(s, STR("\xEF\xBC\x9A")) ||
           (unsigned char)s.p[0] >= 0xE3 || is_word_of(s, words, ARRAY_LEN(words)) ||
           is_with(s);
}

/* Half past six, ten to eight. */
static bool is_clock(struct str s)
{
    return s.n == 4 && s.p[0] < '3' && (s.p[0] < '2' || s.p[1] < '4') && s.p[2] < '6' &&
           (s.p[3] == '0' || s.p[3] == '5');
}

/* What stands behind a number makes it a measure. */
static bool is_measured(const struct reader *r, size_t end)
{
    static const char *const units[] = {
        "mm",     "cm",    "rpm",      "m",       "km",     "kg",     "g",     "l",
        "ml",     "px",    "pt",       "ms",      "s",      "sec",    "min",   "h",
        "hz",     "khz",   "mhz",      "w",       "kw",     "kwh",    "v",     "a",
        "ah",     "mah",   "mb",       "gb",      "kb",     "eur",    "usd",   "gbp",
        "chf",    "euro",  "euros",    "dollars", "pounds", "days",   "hours", "times",
        "people", "users", "visitors", "items",   "rows",   "points", "steps", "percent",
        "watts",  "watt",  "volts",    "bytes"};
    size_t i = end, to;
    if (byte_at(r, i) == ' ')
        i++;
    for (to = i; to < r->text.n && is_alpha(r->text.p[to]); to++)
        ;
    struct str unit = {r->text.p + i, i > end && to - i == 1 ? 0 : to - i};
    struct str sign = str_sub(r->text, i, i + 3 < r->text.n ? i + 3 : r->text.n);
    return byte_at(r, i) == '%' || byte_at(r, i) == '$' ||
           str_starts(sign, STR("\xE2\x82\xAC")) || str_starts(sign, STR("\xC2\xA3")) ||
           str_starts(sign, STR("\xC2\xB0")) || is_word_of(unit, units, ARRAY_LEN(units));
}

static bool is_sum(const struct reader *r, size_t start)
{
    return start > 0 && (r->text.p[start - 1] == '$' || r->text.p[start - 1] == '+');
}

/* Turns of a dial: "48-12-77", "3-1-9-4", and no date. */
static size_t past_turns(const struct reader *r, size_t from, size_t end)
{
    size_t i = from, groups = 0;
    int turn[8] = {0};
    while (groups < ARRAY_LEN(turn) && i < end && is_digit(r->text.p[i])) {
        size_t digits = 0;
        for (; digits < 3 && i < end && is_digit(r->text.p[i]); i++, digits++)
            turn[groups] = turn[groups] * 10 + (r->text.p[i] - '0');
        if (digits > 2)
            return from;
        groups++;
        if (i + 1 >= end || r->text.p[i] != '-' || !is_digit(r->text.p[i + 1]))
            break;
        i++;
    }
    bool may_be_date = groups == 3 && ((turn[0] <= 31 && turn[1] <= 12) ||
                                       (turn[1] <= 31 && turn[0] <= 12));
    return groups >= 3 && !may_be_date && !is_alnum(byte_at(r, i)) ? i : from;
}

/* "44B71": a keypad with letters. */
static bool is_keypad_code(struct str s)
{
    size_t digits = count_digits(s), capitals = 0, signs = 0;
    for (size_t i = 0; i < s.n; i++, signs++)
        if (i + 1 < s.n && s.p[i] == '\xD0' && (unsigned char)s.p[i + 1] < 0xB0) {
            capitals++; /* of Cyrillic */
            i++;
        } else {
            capitals += is_upper(s.p[i]);
        }
    return signs >= 4 && signs <= 8 && digits >= 3 && capitals >= 1 && capitals <= 2 &&
           digits + capitals == signs;
}

/* In Italian and Portuguese a program listens at a door, too. */
static bool is_port(struct str s)
{
    static const char *const words[] = {"porta", "portas", "port", "ports", "porten"};
    static const char *const ends[] = {"端口", "ポート", "포트"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_ends(s, str_of(ends[i])))
            return true;
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* "MA 02139": the postcode of a town in America. */
static bool is_postcode(const struct reader *r, struct piece v)
{
    static const char *const states[] = {
        "al", "ak", "az", "ar", "ca", "co", "ct", "de", "fl", "ga", "hi", "id", "il",
        "ia", "ks", "ky", "la", "me", "md", "ma", "mi", "mn", "ms", "mo", "mt", "ne",
        "nv", "nh", "nj", "nm", "ny", "nc", "nd", "oh", "ok", "or", "pa", "ri", "sc",
        "sd", "tn", "tx", "ut", "vt", "va", "wa", "wv", "wi", "wy", "dc"};
    if (v.end - v.start != 5 || v.start < 4 || r->text.p[v.start - 1] != ' ')
        return false;
    struct str state = str_sub(r->text, v.start - 3, v.start - 1);
    return is_upper(state.p[0]) && is_upper(state.p[1]) &&
           !is_alnum(r->text.p[v.start - 4]) &&
           is_word_of(state, states, ARRAY_LEN(states));
}

/* Whether the sentence makes digits a code; `near`: the words next to them. */
static bool tells_code(const struct reader *r, struct piece v, uint64_t all,
                       uint64_t near)
{
    const struct heard *h = &r->heard;
    struct str s = piece_str(r, v);
    uint64_t opened = all & (STEM_LOCK | STEM_KEYPAD),
             last = h->recent[0] | h->recent[1] | (h->is_with ? h->recent[2] : 0);
    bool waits = h->waiting.end != 0;
    bool is_secret = (all & (STEM_CODE | STEM_PASS | STEM_ONCE)) != 0;
    bool is_proof =
        (all & STEM_PROVE) && (all & (STEM_CODE | STEM_PASS)) &&
        (count_digits(s) >= 6 || (near & (STEM_PROVE | STEM_CODE | STEM_PASS)));
    bool is_device = (all & STEM_DEVICE) && s.n <= 6 &&
                     ((near & STEM_PASS) || ((near & STEM_OPEN) && h->is_linked));
    if ((all & STEM_OTHER) ||
        (h->is_port && !((all & STEM_CHANGE) && (all & STEM_CODE))) ||
        is_measured(r, v.end) || is_sum(r, v.start) || is_postcode(r, v))
        return false;
    bool is_named =
        ((opened || (all & STEM_NET)) && is_secret) ||
        ((all & (STEM_CARD | STEM_PLASTIC)) && (all & (STEM_PASS | STEM_ONCE)));
    if ((is_named || is_proof) && !waits)
        return true;
    if (is_year(s))
        return false;
    if (is_named || is_proof || is_device ||
        (!waits && (all & STEM_PASS) && (all & STEM_CHANGE)) || (near & STEM_ONCE))
        return true;
    if ((all & STEM_CODE) && (all & STEM_CAME) && count_digits(s) == 6)
        return true;
    if (is_clock(s))
        return false;
    return (opened && (near & STEM_ENTER)) ||
           (opened && h->is_linked && (all & STEM_OPEN)) ||
           (!waits && h->is_linked && (last & STEM_KEYPAD)) ||
           ((all & STEM_KEYPAD) && (all & STEM_OPEN) &&
            (h->is_linked || (near & (STEM_KEYPAD | STEM_OPEN | STEM_ENTER)))) ||
           ((near & STEM_KEYPAD) && (near & STEM_OPEN));
}

/* A word that people take for a network's password, and no name of a network as boxes and
 * telephones come with. */
static bool is_homely(struct str s)
{
    static const char *const boxes[] = {
        "livebox", "freebox",  "bbox",    "fritz",   "vodafone", "speedport",
        "easybox", "telekom",  "netgear", "linksys", "tplink",   "dlink",
        "zyxel",   "asus",     "huawei",  "xiaomi",  "redmi",    "iphone",
        "galaxy",  "android",  "pixel",   "orange",  "movistar", "starlink",
        "telstra", "swisscom", "magenta", "ziggo",   "fastweb",  "connectbox",
        "hotspot", "virgin",   "router",  "network", "guest"};
    size_t capitals = 0, lower = 0;
    for (size_t i = 0; i < s.n; i++) {
        capitals += is_upper(s.p[i]);
        lower += is_lower(s.p[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(boxes); i++)
        if (str_starts_nocase(s, str_of(boxes[i])))
            return false;
    return capitals <= 1 && lower >= 4 && s.n >= 8;
}

/* What the words heard so far make of this one; false: nothing. */
static bool give_code(struct reader *r, struct piece p, uint64_t all, uint64_t near)
{
    const struct heard *h = &r->heard;
    while (p.start < p.end && r->text.p[p.start] < 0) /* a particle: "\xD7\x9C-4471" */
        p.start++;
    for (size_t i = p.start; i < p.end && i - p.start < 5; i++)
        if (r->text.p[i] == '-' && i > p.start && !is_digit(r->text.p[p.start]))
            p.start = i; /* "ngu-4471" */
        else if (!is_lower(r->text.p[i]))
            break;
    p.start +=
        p.start < p.end && (r->text.p[p.start] == '-' || r->text.p[p.start] == '(');
    size_t end = past_code(r, p.start, p.end);
    bool may_be_halves = (all & (STEM_PROVE | STEM_ONCE)) && end == p.start;
    end = may_be_halves ? past_halves(r, p.start) : end;
    struct piece v = {p.start, end, 0};
    if (end > p.start) {
        bool is_told = tells_code(r, v, all, near);
        if (is_told)
            emit_told(r, v, NOTE_FORM, TELLS_PIN);
        return is_told;
    }
    bool opens = (all & (STEM_LOCK | STEM_KEYPAD)) != 0;
    v.end = past_turns(r, p.start, p.end);
    if (v.end > v.start &&
        ((all & STEM_KEYPAD) || (opens && (h->is_linked || (all & STEM_CODE))))) {
        emit_told(r, v, NOTE_FORM, TELLS_PIN);
        return true;
    }
    v = password_at(r, p);
    struct str s = piece_str(r, v);
    bool is_told = ((all & STEM_PASS) && (opens || (all & (STEM_NET | STEM_CHANGE)))) ||
                   ((all & STEM_CODE) && (all & STEM_NET));
    bool joins = (near & STEM_NET) && h->is_linked && is_homely(s);
    if (is_keypad_code(s) && (opens || (all & (STEM_CHANGE | STEM_TURN))) &&
        (all & (opens ? STEM_CODE | STEM_PASS : STEM_CODE)))
        emit_told(r, v, NOTE_FORM, TELLS_PIN);
    else if ((is_told || joins) && is_password_like(s))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
    else
        return false;
    return true;
}

/* The first word of a line that follows a question for a code or password. */
static void give_answer(struct reader *r, struct piece p, uint64_t above)
{
    size_t end = past_code(r, p.start, p.end);
    struct piece v = {p.start, end, 0};
    if (end > p.start) {
        emit_told(r, v, NOTE_FORM, TELLS_PIN);
        return;
    }
    v = password_at(r, p);
    const uint64_t words = STEM_PASS | STEM_LOCK | STEM_NET | STEM_KEYNAME | STEM_RESCUE;
    if ((above & words) && is_password_like(piece_str(r, v)))
        emit_told(r, v, NOTE_LINE, TELLS_PASSWORD);
}

/* Marks of Latin, wide, Arabic, Greek and Armenian writing. */
static bool asks_by_mark(struct str s)
{
    static const char *const marks[] = {"?", "\xEF\xBC\x9F", "\xD8\x9F"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_ends(s, str_of(marks[i])))
            return true;
    return (s.p[0] < 0 && s.p[s.n - 1] == ';') || str_find(s, STR("\xD5\x9E")) >= 0;
}

/* "U07:", "<bob>": who says the line. */
static bool is_speaker(struct str s)
{
    char last = s.p[s.n - 1];
    return (last == ':' && !is_digit(s.p[0])) || (last == '>' && s.p[0] == '<') ||
           s.p[0] == '@';
}

uint64_t heard_in(const struct reader *r, struct line l, bool *ret_asks)
{
    enum { SHORT_LINE = 9 };
    uint64_t roles = 0;
    size_t words = 0;
    for (size_t i = l.body; i < l.end;) {
        size_t from = skip_blanks(r, i, l.end), to = from;
        while (to < l.end && (unsigned char)r->text.p[to] > ' ')
            to++;
        if (to == from)
            break;
        struct str s = {r->text.p + from, to - from};
        if (count_digits(s) > 1 && !(words == 0 && is_speaker(s)))
            return 0;
        *ret_asks |= asks_by_mark(s);
        roles |= spoken_roles(s);
        words++;
        i = to;
    }
    *ret_asks |= (roles & STEM_ASK) || ((roles & STEM_ONCE) && words <= SHORT_LINE);
    return roles;
}

/* "yes", "nope", "still": what an answer begins with. */
static bool is_assent(struct str s)
{
    static const char *const words[] = {
        "yes",   "yea",  "yeah",     "yep",   "yup",  "ye",   "y",    "no",
        "nope",  "nah",  "ja",       "jo",    "jep",  "nee",  "nein", "oui",
        "ouais", "non",  "si",       "sim",   "nao",  "tak",  "nie",  "ano",
        "igen",  "da",   "evet",     "joo",   "haan", "it's", "its",  "still",
        "same",  "ok",   "hm",       "hmm",   "lol",  "uh",   "well", "it",
        "immer", "noch", "toujours", "dalej", "dah",  "ya",   "jup"};
    static const char *const far[] = {"да",   "ага", "нет", "так", "ні",  "ναι",
                                      "نعم",  "اه",  "כן",  "हाँ",  "হ্যাঁ", "はい",
                                      "うん", "是",  "对",  "嗯",  "네",  "응"};
    s = without_marks_at_ends(s);
    for (size_t i = 0; i < ARRAY_LEN(far); i++)
        if (str_startsz(s, far[i]) && str_eqz(s, far[i]))
            return true;
    return is_word_of(s, words, ARRAY_LEN(words));
}

/* What the line above, or the one above that, asked for: STEM_*, 0: nothing.  A short
 * line about a password asks, where the answer begins with a "yes". */
static uint64_t asked_above(struct reader *r, const struct line *l, bool is_led)
{
    enum { SHORT = 48 };
    for (size_t k = 0; k < ARRAY_LEN(r->heard.above); k++) {
        const struct line *above = &r->heard.above[k];
        bool asks = false;
        if (above->end == 0 || above->end - above->start > LINE_MOST ||
            l->start > above->end + ANSWER_WITHIN ||
            !may_read(r, above->end - above->start))
            return 0;
        uint64_t roles = heard_in(r, *above, &asks);
        uint64_t opened = roles & (STEM_LOCK | STEM_KEYPAD);
        asks |= is_led && (roles & STEM_PASS) && above->end - above->start <= SHORT;
        bool is_wanted =
            (roles & (STEM_PASS | STEM_ONCE)) ||
            ((roles & STEM_CODE) && (roles & STEM_PROVE)) ||
            ((roles & STEM_CODE) && (opened || (roles & (STEM_NET | STEM_CAME)))) ||
            ((roles & STEM_KEYNAME) && (roles & (STEM_NET | STEM_WEB))) ||
            ((roles & STEM_RESCUE) && (roles & STEM_CODE)) ||
            (opened && (roles & (STEM_ENTER | STEM_OPEN))) || (roles & STEM_KEYPAD);
        if (asks && is_wanted && !(roles & STEM_OTHER_WORD))
            return roles;
    }
    return 0;
}

/* "error code", "code postal": a code of another kind, where both words stand together.
 */
static uint64_t with_kind(uint64_t roles, uint64_t last, uint64_t before)
{
    bool is_other = ((roles & STEM_OTHER_WORD) && ((last | before) & STEM_CODE)) ||
                    ((roles & STEM_CODE) && ((last | before) & STEM_OTHER_WORD));
    return is_other ? roles | STEM_OTHER : roles;
}

/* A number waits for what the words behind it say. */
static void hear_behind(struct reader *r, uint64_t roles, bool is_end)
{
    struct heard *h = &r->heard;
    if (h->waiting.end == 0)
        return;
    h->behind |= roles & ~(uint64_t)STEM_OTHER_WORD;
    bool is_done = (roles && give_code(r, h->waiting, h->waited | h->behind,
                                       h->waited_near | h->behind)) ||
                   ++h->waits > WAIT_WORDS || is_end;
    if (is_done)
        h->waiting.end = 0;
}

/* A word that may be a code: by the line above, by the words before it, or later. */
static void hear_value(struct reader *r, const struct line *l, struct piece p,
                       bool is_first, uint64_t roles)
{
    struct heard *h = &r->heard;
    uint64_t near = h->recent[0] | h->recent[1] | h->recent[2] | h->recent[3];
    bool is_led = !is_first && h->is_lead;
    uint64_t above = is_first || is_led ? asked_above(r, l, is_led) : 0;
    struct str last = piece_str(r, h->last);
    h->waiting.end = 0;
    if (last.n && h->before.end > h->before.start && is_article(last) &&
        is_with(piece_str(r, h->before)))
        last = piece_str(r, h->before);
    h->is_linked = last.n && is_link(last);
    h->is_with = last.n && is_with(last);
    h->is_port = last.n && is_port(without_marks_at_ends(last));
    if (above)
        give_answer(r, p, above);
    if (give_kept(r, l, p, h->sentence | roles, near | roles) ||
        give_code(r, p, h->sentence | roles, near | roles))
        return;
    if (!h->is_port)
        h->waiting = p;
    h->waited = h->sentence;
    h->waited_near = near;
    h->behind = 0;
    h->waits = 0;
    h->sentence |= roles;
}

void hear_word(struct reader *r, const struct line *l, struct piece p, size_t nth,
               uint64_t roles)
{
    struct heard *h = &r->heard;
    struct str s = piece_str(r, p);
    if (l->end - l->start > LINE_MOST || s.n == 0)
        return;
    bool is_first = nth == 0;
    if (nth == 0) {
        memset(h->recent, 0, sizeof h->recent);
        h->waiting.end = h->sentence = 0;
        h->has_label = false;
        h->is_lead = true;
        h->last = h->before = h->earlier = (struct piece){0};
        h->line = 0;
    }
    h->line |= roles;
    is_first |= nth == 1 && h->has_label;
    h->has_label = nth == 0 && is_speaker(s);
    if (count_digits(s) >= 2 && !h->has_label) {
        hear_value(r, l, p, is_first, roles);
    } else {
        bool is_end = strchr(".!;", s.p[s.n - 1]) && s.n > 3;
        roles = with_kind(roles, h->recent[0], h->recent[1]);
        h->sentence |= roles & ~(uint64_t)STEM_OTHER_WORD;
        hear_behind(r, roles, is_end);
        if (is_end)
            h->sentence = 0;
    }
    h->is_lead = h->is_lead && (h->has_label || is_assent(s));
    memmove(h->recent + 1, h->recent, sizeof h->recent - sizeof *h->recent);
    h->recent[0] = roles;
    h->before = h->last;
    h->last = p;
}

void hear_line(struct reader *r, const struct line *l)
{
    if (l->end > l->body) {
        r->heard.above[1] = r->heard.above[0];
        r->heard.above[0] = *l;
    }
}
