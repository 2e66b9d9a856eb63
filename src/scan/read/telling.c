/* telling.c -- a name cut into parts, folded, and looked up in the table of telling.h.
 *
 * Open addressing over 2^14 little-endian words: 24 bits of the hash, 8 of telling;
 * made by tools/guard_telling.py, which folds alike. */
#include "scan/read/telling.h"

#include "scan/detect.h"
#include "scan/read/glued.h"
#include "scan/read/known_form.h"
#include "scan/text/words.h"

enum {
    SLOTS = 1 << 14,
    MAX_PARTS = 10,
    MAX_FOLDED = 160,
    MAX_RUN = 6,
    MIN_RUN_BYTES = 5
};

extern const unsigned char guard_telling_begin[], guard_telling_end[];

/* Folded parts, one behind the other: part i is s[at[i]..at[i + 1]). */
struct parts {
    char s[MAX_FOLDED];
    uint8_t at[MAX_PARTS + 2];
    size_t n;
    bool has_blanks; /* words and not an identifier */
};

static uint8_t look_up(const char *s, size_t n)
{
    uint64_t hash = word_hash(s, n);
    uint32_t tag = (uint32_t)(hash >> 40);
    for (size_t i = hash & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
        const unsigned char *p = guard_telling_begin + 4 * i;
        uint32_t slot = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                        (uint32_t)p[3] << 24;
        if (slot == 0)
            return TELLS_NOTHING;
        if (slot >> 8 == tag)
            return (uint8_t)slot;
    }
}

/* Letters on their own are no word: "p in"; two and two may be one: "KV-Nr". */
static uint8_t run_of(const struct parts *x, size_t from, size_t to)
{
    bool is_pair = to - from == 2 && x->at[from + 1] - x->at[from] == 2 &&
                   x->at[to] - x->at[from] == 4;
    if (to - from > 1 && x->at[to] - x->at[from] < MIN_RUN_BYTES && !is_pair)
        return TELLS_NOTHING;
    return look_up(x->s + x->at[from], (size_t)(x->at[to] - x->at[from]));
}

/* Letters with marks between: "d.o.b.", "r. \xC4\x8D." */
static bool is_initials(const struct parts *x, struct str name)
{
    bool has_dots = memchr(name.p, '.', name.n) != NULL;
    for (size_t i = 0; i < x->n; i++) {
        size_t n = (size_t)(x->at[i + 1] - x->at[i]);
        if (n != (x->s[x->at[i]] < 0 ? 2u : 1u))
            return false;
    }
    return x->n > 1 && (!x->has_blanks || has_dots);
}

static bool ends_nocase(struct str s, struct str end)
{
    return s.n >= end.n && to_lower(s.p[s.n - 1]) == to_lower(end.p[end.n - 1]) &&
           str_eq_nocase(str_sub(s, s.n - end.n, s.n), end);
}

/* ASCII letters and digits, maybe with a dot behind them. */
static bool is_plain_word(struct str s)
{
    size_t i = 0;
    s.n -= s.n && s.p[s.n - 1] == '.';
    while (i < s.n && is_alnum(s.p[i]))
        i++;
    return i == s.n;
}

/* Abbreviations that are ones only with their marks; "no" or "n." may stand behind. */
static uint8_t abbreviated(struct str name)
{
    static const struct {
        struct str text;
        uint8_t what;
    } rows[] = {{STR_INIT("a/c"), TELLS_ACCOUNT},
                {STR_INIT("s/c"), TELLS_ROUTING},
                {STR_INIT("p/w"), TELLS_PASSWORD},
                {STR_INIT("u/n"), TELLS_USER},
                {STR_INIT("a#"), TELLS_NATIONAL},
                {STR_INIT("a #"), TELLS_NATIONAL},
                {STR_INIT("ss#"), TELLS_NATIONAL},
                {STR_INIT("ss #"), TELLS_NATIONAL},
                {STR_INIT("r.\xC4\x8D"), TELLS_NATIONAL},
                {STR_INIT("\xD0\x94\xD0\xA0"), TELLS_DOB},
                {STR_INIT("c/c"), TELLS_ACCOUNT},
                {STR_INIT("b-day"), TELLS_DOB},
                {STR_INIT("i-94"), TELLS_NATIONAL},
                {STR_INIT("c.i"), TELLS_NATIONAL},
                {STR_INIT("c.i.p"), TELLS_NATIONAL},
                {STR_INIT("ee no"), TELLS_EMPLOYEE}};
    static const struct str behind[] = {STR_INIT(" no"),        STR_INIT(" n"),
                                        STR_INIT(" nr"),        STR_INIT(" number"),
                                        STR_INIT(" n\xC2\xBA"), STR_INIT(" n\xC2\xB0")};
    if (is_plain_word(name))
        return TELLS_NOTHING; /* each has a mark, a blank or other letters */
    for (size_t k = 0; k < ARRAY_LEN(behind) + 1; k++) {
        struct str s = name;
        s.n -= s.n && s.p[s.n - 1] == '.';
        if (k > 0 && !ends_nocase(s, behind[k - 1]))
            continue;
        s.n -= k > 0 ? behind[k - 1].n : 0;
        s.n -= k > 0 && s.n && s.p[s.n - 1] == '.';
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            struct str want = rows[i].text;
            if (ends_nocase(s, want) && (s.n == want.n || s.p[s.n - want.n - 1] == ' '))
                return rows[i].what;
        }
    }
    return TELLS_NOTHING;
}

/* -- cutting ----------------------------------------------------------------------- */

static uint32_t lower_of(uint32_t cp)
{
    if (cp >= 0x410 && cp <= 0x42F)
        return cp + 0x20;
    if (cp >= 0x400 && cp <= 0x40F)
        return cp + 0x50;
    if (cp >= 0x391 && cp <= 0x3A9)
        return cp + 0x20;
    if (cp == 0x386)
        return 0x3AC;
    if (cp >= 0x388 && cp <= 0x38A)
        return cp + 37;
    if (cp == 0x38C || cp == 0x38E || cp == 0x38F)
        return cp == 0x38C ? 0x3CC : cp + 63;
    return (cp >= 0x460 && cp <= 0x481) || (cp >= 0x490 && cp <= 0x4BF) ||
                   (cp >= 0x4D0 && cp <= 0x52F)
               ? cp | 1
               : cp;
}

/* Writes what is left of one character; returns its bytes, 0 for a mark. */
static size_t fold_char(uint32_t cp, const char *raw, size_t k, char *out)
{
    char base = latin_base(cp);
    if (cp == 0xDF) {
        out[0] = out[1] = 's';
        return 2;
    }
    if (base) {
        *out = base;
        return 1;
    }
    if (cp <= 0x17F || (cp >= 0x2000 && cp <= 0x206F) || (cp >= 0x3000 && cp <= 0x303F) ||
        cp >= 0xFF00)
        return 0;
    if (cp >= 0x370 && cp <= 0x52F) {
        cp = lower_of(cp);
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 63));
        return 2;
    }
    memcpy(out, raw, k);
    return k;
}

struct cutter {
    struct parts *x;
    size_t n; /* bytes in x->s */
    bool is_open, was_lower, was_upper;
};

static void end_part(struct cutter *c)
{
    if (c->is_open)
        c->x->at[++c->x->n] = (uint8_t)c->n;
    c->is_open = c->was_lower = c->was_upper = false;
}

/* Begins a part where the case says so: userName, DBPassword. */
static void note_case(struct cutter *c, char now, char next)
{
    bool upper = is_upper(now);
    if (c->is_open && upper && (c->was_lower || (c->was_upper && is_lower(next))))
        end_part(c);
    c->was_lower = is_lower(now);
    c->was_upper = upper;
}

/* True when the name had room; of a longer one the caller gives the end. */
static bool cut(struct str name, struct parts *x)
{
    struct cutter c = {.x = x};
    x->n = 0;
    x->at[0] = 0;
    x->has_blanks = false;
    for (size_t i = 0; i < name.n;) {
        uint32_t cp;
        size_t k = utf8_read(name.p + i, name.p + name.n, &cp), put = 0;
        if (x->n == MAX_PARTS || c.n + 8 > MAX_FOLDED)
            return false;
        if (is_alpha(name.p[i])) {
            note_case(&c, name.p[i], i + 1 < name.n ? name.p[i + 1] : ' ');
            x->s[c.n] = to_lower(name.p[i]);
            put = 1;
        } else if (name.p[i] < 0) {
            bool is_script = cp >= 0x370 && c.is_open && is_alpha(x->s[c.n - 1]);
            if (is_script) /* "wifi密码" */
                end_part(&c);
            put = fold_char(cp, name.p + i, k, x->s + c.n);
            c.was_lower = put > 0;
        }
        c.is_open |= put > 0;
        c.n += put;
        if (!put) {
            x->has_blanks |= name.p[i] == ' ' && x->n > 0;
            bool apostrophe = name.p[i] == '\'' || cp == 0x2019;
            if (!apostrophe)
                end_part(&c);
        }
        i += k;
    }
    end_part(&c);
    return x->n > 0;
}

/* -- judging ----------------------------------------------------------------------- */

static bool is_among(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eqz(s, words[i]))
            return true;
    return false;
}

static struct str part_of(const struct parts *x, size_t part)
{
    return (struct str){x->s + x->at[part], (size_t)(x->at[part + 1] - x->at[part])};
}

static bool ends_in(const struct parts *x, size_t part, struct str word)
{
    struct str s = part_of(x, part);
    return s.n > word.n && str_ends(s, word);
}

/* With a particle behind or an article before it, glued on as some languages do. */
static uint8_t unglued(const struct parts *x, size_t part)
{
    static const struct str behind[] = {
        STR_INIT("\xE3\x81\xAF"), STR_INIT("\xE3\x81\x8C"), STR_INIT("\xE3\x82\x92"),
        STR_INIT("\xEC\x9D\x80"), STR_INIT("\xEB\x8A\x94"), STR_INIT("\xEC\x9D\xB4"),
        STR_INIT("\xEA\xB0\x80"), STR_INIT("\xEB\xA5\xBC"), STR_INIT("\xE6\x98\xAF")};
    static const struct str before[] = {STR_INIT("\xD7\x94"),
                                        STR_INIT("\xD8\xA7\xD9\x84"),
                                        STR_INIT("\xD7\x95"), STR_INIT("\xD9\x88")};
    static const struct {
        struct str end;
        uint8_t what;
    } ends[] = {
        {STR_INIT("密码"), TELLS_PASSWORD}, {STR_INIT("密碼"), TELLS_PASSWORD},
        {STR_INIT("口令"), TELLS_PASSWORD}, {STR_INIT("パスワード"), TELLS_PASSWORD},
        {STR_INIT("暗証番号"), TELLS_PIN},  {STR_INIT("비밀번호"), TELLS_PASSWORD},
        {STR_INIT("비번"), TELLS_PASSWORD}, {STR_INIT("验证码"), TELLS_PIN},
        {STR_INIT("驗證碼"), TELLS_PIN},    {STR_INIT("認証コード"), TELLS_PIN},
        {STR_INIT("인증번호"), TELLS_PIN},  {STR_INIT("รหัสผ่าน"), TELLS_PASSWORD}};
    struct str s = {x->s + x->at[part], (size_t)(x->at[part + 1] - x->at[part])};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (ends_in(x, part, ends[i].end))
            return ends[i].what;
    for (size_t i = 0; i < ARRAY_LEN(behind); i++)
        if (s.n > 6 && str_ends(s, behind[i]))
            return look_up(s.p, s.n - behind[i].n);
    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        if (s.n > 6 && str_starts(s, before[i]))
            return look_up(s.p + before[i].n, s.n - before[i].n);
    return TELLS_NOTHING;
}

/* The longest run of parts that ends with part `end` and means something: where it
 * begins. */
static uint8_t head_of(const struct parts *x, size_t end, size_t *ret_from)
{
    size_t from = end > MAX_RUN ? end - MAX_RUN : 0;
    for (; from < end; from++) {
        uint8_t what = run_of(x, from, end);
        if (what) {
            *ret_from = from;
            return what;
        }
    }
    *ret_from = end - 1;
    bool is_weak = false;
    uint8_t what = x->s[x->at[end - 1]] < 0
                       ? unglued(x, end - 1)
                       : telling_of_glued(part_of(x, end - 1), &is_weak);
    return is_weak ? TELLS_NOTHING : what;
}

static bool has_neuter(const struct parts *x, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (run_of(x, i, i + 1) == TELLS_NEUTER)
            return true;
    return false;
}

static bool has_fake(const struct parts *x, size_t to)
{
    for (size_t i = 0; i < to; i++)
        if (run_of(x, i, i + 1) == TELLS_FAKE)
            return true;
    return false;
}

/* Whose or what for: "password for bob", "Passwort von Anna". */
static bool is_for(const struct parts *x, size_t part)
{
    static const char *const words[] = {"for",  "of",  "pour", "fuer", "fur", "von",
                                        "para", "per", "voor", "for",  "do",  "dla",
                                        "от",   "для", "pro",  "till", "til"};
    struct str s = {x->s + x->at[part], (size_t)(x->at[part + 1] - x->at[part])};
    return is_among(s, words, ARRAY_LEN(words));
}

/* The last word of what stands before "for" somebody: "reset pw for bob" */
static bool stands_before_for(const struct parts *x, size_t to)
{
    return x->has_blanks && to < x->n && is_for(x, to);
}

/* Not the head: "Passwort (WLAN)", DB_PASSWORD_REPLICA.  What stands behind it must not
 * make it the property of something. */
static struct told inner_of(const struct parts *x)
{
    for (size_t from = 0; from < x->n; from++)
        for (size_t to = x->n < from + MAX_RUN ? x->n : from + MAX_RUN; to > from; to--) {
            uint8_t what = run_of(x, from, to);
            if (what <= TELLS_FAKE || what >= TELLS_NAME || what == TELLS_KEY ||
                what == TELLS_HASH || what == TELLS_CITY)
                continue;
            bool is_for_some = stands_before_for(x, to);
            if (!is_for_some && has_neuter(x, to, x->n))
                return (struct told){0};
            bool is_front = x->has_blanks && (from == 0 || is_for_some);
            return (struct told){what, !is_front, is_front, false};
        }
    return (struct told){0};
}

/* "ID number", "identity no" of a person, and not of what stands before: "order". */
static bool is_id_of_thing(const struct parts *x, size_t from, size_t end, uint8_t before)
{
    static const char *const ids[] = {
        "idnumber", "idno", "idnr", "idnum", "identificationnumber", "identificationno"};
    static const char *const things[] = {
        "transaction", "tracking", "shipment", "device", "sensor",  "vehicle",  "case",
        "asset",       "sample",   "batch",    "serial", "part",    "room",     "seat",
        "lot",         "job",      "request",  "player", "team",    "unit",     "station",
        "campaign",    "student",  "badge",    "store",  "account", "employer", "member"};
    struct str run = {x->s + x->at[from], (size_t)(x->at[end] - x->at[from])};
    if (!is_among(run, ids, ARRAY_LEN(ids)) || from == 0)
        return false;
    struct str word = {x->s + x->at[from - 1], (size_t)(x->at[from] - x->at[from - 1])};
    return (before != TELLS_NOTHING && before != TELLS_FILLER &&
            before != TELLS_PERSON) ||
           is_among(word, things, ARRAY_LEN(things));
}

/* The last part is a word and "pass" or "pw", which may mean something else. */
static struct told weakly_glued(const struct parts *x, size_t part)
{
    bool is_weak = false;
    struct str s = part_of(x, part);
    uint8_t what = s.p[0] < 0 ? TELLS_NOTHING : telling_of_glued(s, &is_weak);
    return (struct told){.what = is_weak ? what : TELLS_NOTHING, .is_inner = is_weak};
}

static struct told judge_parts(const struct parts *x)
{
    size_t end = x->n, from = 0;
    uint8_t what = TELLS_FILLER;
    while (end > 0 && what == TELLS_FILLER) {
        what = head_of(x, end, &from);
        if (what == TELLS_FILLER)
            end = from;
    }
    if (end == 0 || what == TELLS_NEUTER || what == TELLS_FILLER)
        return (struct told){.is_neuter = what == TELLS_NEUTER};
    if (what == TELLS_NOTHING || what == TELLS_MAKER || what == TELLS_FAKE) {
        struct told inner = inner_of(x);
        return inner.what || what ? inner : weakly_glued(x, end - 1);
    }
    if (has_fake(x, from))
        return (struct told){0};
    uint8_t before = from > 0 ? run_of(x, from - 1, from) : TELLS_NOTHING;
    if (what == TELLS_KEY && (before == TELLS_MAKER || before == TELLS_TOKEN))
        what = TELLS_TOKEN;
    if (what == TELLS_NAME && before == TELLS_PARTY)
        what = TELLS_PERSON;
    if (what == TELLS_PARTY)
        what = TELLS_NOTHING;
    if ((before == TELLS_NEUTER && what == TELLS_USER) ||
        (what == TELLS_NATIONAL && is_id_of_thing(x, from, end, before)))
        what = TELLS_NOTHING;
    return (struct told){.what = what};
}

struct told telling_of(struct str name)
{
    struct parts x;
    if (is_source_file(name) || ends_in_code_point(name))
        return (struct told){0};
    while (name.n && !cut(name, &x)) {
        /* Too long: of a label the end counts. */
        size_t keep = name.n / 2;
        while (keep > 0 && ((unsigned char)name.p[name.n - keep] & 0xC0) == 0x80)
            keep--;
        name = str_sub(name, name.n - keep, name.n);
    }
    if (name.n == 0)
        return (struct told){0};
    struct told t = judge_parts(&x);
    if (t.what == TELLS_NOTHING || t.is_inner || t.is_front) {
        uint8_t what = is_initials(&x, name) ? look_up(x.s, x.at[x.n]) : TELLS_NOTHING;
        what = what > TELLS_FAKE ? what : abbreviated(name);
        if (what)
            return (struct told){.what = what};
    }
    return t;
}
