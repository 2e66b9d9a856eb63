/* claim_text.c -- clean text, numbers by their form, units by their parts. */
#include "fit/claim_text.h"

#include <math.h>
#include <stdlib.h>

bool claim_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool claim_is_alnum(char c)
{
    return claim_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool claim_starts_word(struct str s, size_t at)
{
    return at == 0 || !(claim_is_alnum(s.p[at - 1]) || s.p[at - 1] == '_');
}

/* --- clean text --- */

/* The code point at `at` and its length; length 0 where the bytes are no UTF-8. */
static size_t decode(struct str s, size_t at, uint32_t *ret)
{
    unsigned char c = (unsigned char)s.p[at];
    size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 0;
    if (n == 0 || at + n > s.n || c > 0xF4)
        return 0;
    uint32_t v = n == 1 ? c : c & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s.p[at + i];
        if ((next & 0xC0) != 0x80)
            return 0;
        v = v << 6 | (next & 0x3F);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (v < least[n] || (v >= 0xD800 && v < 0xE000) || v > 0x10FFFF)
        return 0;
    *ret = v;
    return n;
}

/* "ESC [ 31 m", "ESC ] 0 ; title BEL": the length of what a terminal would obey. */
static size_t escape_at(struct str s, size_t at)
{
    size_t i = at + 1;
    if (i >= s.n)
        return 1;
    if (s.p[i] == '[') {
        for (i++; i < s.n && i < at + 32; i++)
            if (s.p[i] >= '@' && s.p[i] <= '~')
                return i + 1 - at;
        return 2;
    }
    if (s.p[i] == ']') {
        for (; i < s.n && i < at + 256 && s.p[i] != '\n'; i++)
            if (s.p[i] == '\a' || s.p[i] == '\\')
                return i + 1 - at;
        return 2;
    }
    return 1;
}

/* What a sign is read as; NULL: itself. */
static const char *reads_as(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        const char *text;
    } signs[] = {
        {0x0085, 0x0085, " "},  {0x00A0, 0x00A0, " "},   {0x00AD, 0x00AD, ""},
        {0x00B1, 0x00B1, "+-"}, {0x00D7, 0x00D7, " x "}, {0x2002, 0x200A, " "},
        {0x200B, 0x200F, ""},   {0x2010, 0x2015, "-"},   {0x2018, 0x201B, "'"},
        {0x201C, 0x201F, "\""}, {0x2022, 0x2022, " "},   {0x2028, 0x202E, " "},
        {0x202F, 0x202F, " "},  {0x2044, 0x2044, "/"},   {0x2066, 0x2069, ""},
        {0x2192, 0x2192, " "},  {0x2212, 0x2212, "-"},   {0x2215, 0x2215, "/"},
        {0x2248, 0x2248, "~"},  {0x223C, 0x223C, "~"},   {0x3000, 0x3000, " "},
        {0x3001, 0x3001, ", "}, {0x3002, 0x3002, ". "},  {0xFEFF, 0xFEFF, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (c >= signs[i].first && c <= signs[i].last)
            return signs[i].text;
    return NULL;
}

/* A thin or fixed blank between digits parts thousands, as "'" does. */
static bool parts_thousands(struct str s, size_t at, size_t n)
{
    size_t i = at + n;
    if (at == 0 || !claim_is_digit(s.p[at - 1]) || i + 3 > s.n)
        return false;
    for (size_t k = 0; k < 3; k++)
        if (!claim_is_digit(s.p[i + k]))
            return false;
    return i + 3 == s.n || !claim_is_digit(s.p[i + 3]);
}

static void clean_sign(struct str raw, size_t at, size_t n, uint32_t c, struct buf *out)
{
    bool is_thin = c == 0xA0 || c == 0x202F || c == 0x2009 || c == 0x2007;
    const char *text = reads_as(c);
    if (is_thin && parts_thousands(raw, at, n))
        buf_byte(out, '\'');
    else if (c >= 0xFF01 && c <= 0xFF5E)
        buf_byte(out, (char)(c - 0xFF01 + '!'));
    else if (text)
        buf_append(out, str_of(text));
    else if (c < 0xA0)
        buf_byte(out, ' '); /* C1 controls */
    else
        buf_append(out, str_sub(raw, at, at + n));
}

int claim_clean(struct str raw, struct buf *out)
{
    for (size_t at = 0; at < raw.n;) {
        size_t plain = at;
        while (plain < raw.n && raw.p[plain] >= ' ' && raw.p[plain] < 0x7F)
            plain++;
        buf_append(out, str_sub(raw, at, plain));
        at = plain;
        if (at == raw.n)
            break;
        uint32_t c;
        size_t n = decode(raw, at, &c);
        if (raw.p[at] == 0x1B) {
            at += escape_at(raw, at);
        } else if (n <= 1) {
            buf_byte(out, n == 0                                   ? '?'
                          : raw.p[at] == '\n' || raw.p[at] == '\t' ? raw.p[at]
                                                                   : ' ');
            at++;
        } else {
            clean_sign(raw, at, n, c, out);
            at += n;
        }
    }
    return out->failed ? -1 : 0;
}

/* --- numbers --- */

static size_t digits_at(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && claim_is_digit(s.p[at + n]))
        n++;
    return n;
}

/* Groups of three behind `mark`: how many bytes, 0 when the first is no group. */
static size_t groups_at(struct str s, size_t at, char mark)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] == mark && digits_at(s, at + n + 1) == 3)
        n += 4;
    return n;
}

size_t claim_number(struct str s, size_t at, double *ret)
{
    char text[40];
    size_t used = 0, head = digits_at(s, at), end = at + head;
    if (head == 0 || head > 15)
        return 0;
    static const char marks[] = {',', '\'', '.'};
    for (size_t i = 0; i < sizeof marks && head <= 3 && end == at + head; i++) {
        size_t n = groups_at(s, end, marks[i]);
        char after = end + n < s.n ? s.p[end + n] : ' ';
        bool more = end + n + 1 < s.n && claim_is_digit(s.p[end + n + 1]);
        bool is_fraction = marks[i] == '.' && n == 4 && !(after == ',' && more);
        if (n && n <= 12 && !is_fraction)
            end += n;
    }
    bool grouped = end > at + head;
    char group = grouped ? s.p[at + head] : 0;
    for (size_t i = at; i < end; i++)
        if (claim_is_digit(s.p[i]))
            text[used++] = s.p[i];
    char point = end < s.n ? s.p[end] : ' ';
    size_t part = point == '.' || point == ',' ? digits_at(s, end + 1) : 0;
    if (part && point != group) {
        text[used++] = '.';
        for (size_t i = 0; i < part && used < sizeof text - 1; i++)
            text[used++] = s.p[end + 1 + i];
        end += 1 + part;
    }
    text[used] = '\0';
    *ret = strtod(text, NULL);
    bool is_thousand = end < s.n && (s.p[end] == 'k' || s.p[end] == 'K') &&
                       (end + 1 == s.n || !claim_is_alnum(s.p[end + 1]));
    if (is_thousand)
        *ret *= 1000;
    return end + is_thousand - at;
}

/* --- units --- */

size_t claim_one_of(struct str s, size_t at, const char *const *words, size_t n,
                    size_t *ret)
{
    size_t best = 0;
    struct str rest = str_sub(s, at, s.n);
    char first = rest.n ? lower(rest.p[0]) : 0;
    for (size_t i = 0; i < n; i++) {
        if (lower(words[i][0]) != first)
            continue;
        struct str w = str_of(words[i]);
        bool ends = rest.n == w.n || !claim_is_alnum(rest.p[w.n < rest.n ? w.n : 0]) ||
                    !claim_is_alnum(w.p[w.n - 1]);
        if (w.n > best && w.n <= rest.n && ends && str_starts_nocase(rest, w)) {
            best = w.n;
            *ret = i;
        }
    }
    return best;
}

static size_t blanks(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && s.p[at + n] == ' ')
        n++;
    return n;
}

/* Words for a token.  The last ones are no word unless a stroke follows. */
static const char *const tokens[] = {
    "tokens",    "token",    "toks",  "tok",     "tkn",      "tk",    "token(s)",
    "tokens(s)", "jetons",   "jeton", "tokenów", "tokeny",   "token", "токенов",
    "токена",    "токены",   "токен", "ток",     "トークン", "토큰",  "個のトークン",
    "个token",   "个 token", "令牌",  "词元",    "t",        "т"};
enum { ONE_LETTER = 2 };
static const char *const seconds[] = {
    "s",       "sec",     "secs",    "second", "seconds", "sek",     "sek.",
    "sekunde", "seconde", "segundo", "seg",    "secondo", "sekundę", "с",
    "сек",     "секунду", "秒",      "초",     "second.", "s.",      "min",
    "minute",  "minuto",  "minut",   "minutę", "минуту",  "мин",     "分"};
enum { FIRST_MINUTE = 20 };
static const char *const per[] = {"/",    "per", "a",  "an",    "pro",       "par",
                                  "por",  "al",  "na", "в",     "per every", "every",
                                  "each", "je",  "每", "/ per", "pr",        "per-"};

/* "/", " / ", " per ": between a token and a second. */
static size_t per_at(struct str s, size_t at)
{
    size_t which, n = blanks(s, at);
    size_t word = claim_one_of(s, at + n, per, ARRAY_LEN(per), &which);
    if (word == 0)
        return 0;
    n += word;
    return n + blanks(s, at + n);
}

/* "tok/s" at `at`; *ret_seconds is 1, or 60 for a minute. */
static size_t rate_unit(struct str s, size_t at, double *ret_seconds)
{
    static const char *const whole[] = {
        "tps", "t.p.s.", "t/sec", "tokens-per-second", "tok-per-sec", "tpm"};
    size_t which, n = claim_one_of(s, at, whole, ARRAY_LEN(whole), &which);
    *ret_seconds = 1;
    if (n) {
        if (which == ARRAY_LEN(whole) - 1)
            *ret_seconds = 60;
        return n;
    }
    n = claim_one_of(s, at, tokens, ARRAY_LEN(tokens), &which);
    if (n == 0)
        return 0;
    size_t between = per_at(s, at + n);
    bool is_letter = which + ONE_LETTER >= ARRAY_LEN(tokens);
    if (between == 0 ||
        (is_letter && s.p[at + n] != '/' && !memchr(s.p + at + n, '/', between)))
        return 0;
    size_t last = claim_one_of(s, at + n + between, seconds, ARRAY_LEN(seconds), &which);
    if (last == 0)
        return 0;
    if (which >= FIRST_MINUTE)
        *ret_seconds = 60;
    return n + between + last;
}

/* "ms per token", "ms/tok", "s/token": *ret_ms is what one is in milliseconds. */
static size_t time_unit(struct str s, size_t at, double *ret_ms)
{
    static const char *const times[] = {
        "ms",      "msec",   "milliseconds", "millisecond", "Millisekunden",
        "мс",      "ミリ秒", "毫秒",         "s",           "sec",
        "seconds", "second", "Sekunden"};
    enum { FIRST_SECOND = 8 };
    size_t which, n = claim_one_of(s, at, times, ARRAY_LEN(times), &which);
    if (n == 0)
        return 0;
    *ret_ms = which < FIRST_SECOND ? 1 : 1000;
    size_t between = per_at(s, at + n);
    if (between == 0)
        return 0;
    size_t last = claim_one_of(s, at + n + between, tokens, ARRAY_LEN(tokens), &which);
    bool is_letter = which + ONE_LETTER >= ARRAY_LEN(tokens);
    if (last == 0 || (is_letter && !memchr(s.p + at + n, '/', between)))
        return 0;
    return n + between + last;
}

size_t claim_unit(struct str s, size_t at, struct claim_scale *ret)
{
    size_t n = rate_unit(s, at, &ret->factor);
    ret->is_time = n == 0;
    return n ? n : time_unit(s, at, &ret->factor);
}

bool claim_find_unit(struct str s, struct claim_scale *ret)
{
    struct claim_scale found;
    for (size_t i = 0; i < s.n; i++) {
        if (!claim_starts_word(s, i) || s.p[i] == ' ' || !claim_unit(s, i, &found))
            continue;
        *ret = found;
        return true;
    }
    return false;
}

bool claim_scaled(struct claim_rate *r, struct claim_scale in)
{
    double low = r->low, high = r->high;
    r->is_time = in.is_time;
    r->low = in.is_time ? 1000.0 / (high * in.factor) : low / in.factor;
    r->high = in.is_time ? 1000.0 / (low * in.factor) : high / in.factor;
    for (size_t i = 0; i < r->slashed; i++)
        r->other[i] =
            in.is_time ? 1000.0 / (r->other[i] * in.factor) : r->other[i] / in.factor;
    return low > 0 && r->low > 0 && isfinite(r->high);
}

/* --- a speed --- */

/* "-", "to", "bis": between the ends of a range; `and` only where "between" opened it. */
static size_t range_at(struct str s, size_t at, bool is_between)
{
    static const char *const words[] = {"to", "bis", "until", "~",
                                        "--", "-",   "...",   "and"};
    size_t which, n = blanks(s, at);
    size_t word = claim_one_of(s, at + n, words, ARRAY_LEN(words), &which);
    if (word == 0 || (which == ARRAY_LEN(words) - 1 && !is_between))
        return 0;
    n += word;
    n += blanks(s, at + n);
    if (at + n < s.n && s.p[at + n] == '~')
        n++;
    return at + n < s.n && claim_is_digit(s.p[at + n]) ? n : 0;
}

/* "+- 3", "+/- 3", "(+- 3)". */
static size_t error_at(struct str s, size_t at)
{
    static const char *const signs[] = {"+-", "+/-", "(+-", "(+/-"};
    size_t which, n = blanks(s, at);
    double ignore;
    size_t sign = claim_one_of(s, at + n, signs, ARRAY_LEN(signs), &which);
    if (sign == 0)
        return 0;
    n += sign;
    n += blanks(s, at + n);
    size_t number = claim_number(s, at + n, &ignore);
    if (number == 0)
        return 0;
    n += number;
    if (at + n < s.n && (s.p[at + n] == ')' || s.p[at + n] == '%'))
        n++;
    return n;
}

static bool between_before(struct str s, size_t at)
{
    static const char *const words[] = {"between ", "zwischen ", "from ", "von "};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (at >= n && str_eq_nocase(str_sub(s, at - n, at), str_of(words[i])))
            return true;
    }
    return false;
}

size_t claim_bare(struct str s, size_t at, struct claim_rate *ret)
{
    *ret = (struct claim_rate){.from = at};
    size_t n = claim_number(s, at, &ret->low);
    if (n == 0)
        return 0;
    ret->high = ret->low;
    size_t error = error_at(s, at + n);
    size_t gap = error ? 0 : range_at(s, at + n, between_before(s, at));
    double second;
    size_t more = gap ? claim_number(s, at + n + gap, &second) : 0;
    if (more && second >= ret->low) {
        ret->high = second;
        n += gap + more;
    }
    ret->to = at + n;
    return n + error;
}

/* "output", "prompt": a word between the number and its unit. */
static size_t adjective_at(struct str s, size_t at, char *ret)
{
    static const char *const words[] = {"prompt",    "input",      "prefill", "output",
                                        "generated", "generation", "decode",  "decoded",
                                        "new",       "completion"};
    size_t which;
    size_t n = claim_one_of(s, at, words, ARRAY_LEN(words), &which);
    if (n == 0)
        return 0;
    *ret = which < 3 ? 'p' : 'g';
    return n + blanks(s, at + n);
}

/* Marks of bold or code, "+", blanks: between a number and its unit. */
static size_t dressing(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && strchr(" *`_+\"'", s.p[at + n]))
        n++;
    return n;
}

/* "/9" and such behind a number: more numbers that share the unit. */
static size_t slashes_at(struct str s, size_t at, struct claim_rate *r)
{
    size_t n = 0;
    for (;;) {
        size_t gap = blanks(s, at + n);
        double v;
        if (at + n + gap >= s.n || s.p[at + n + gap] != '/')
            return n;
        gap += 1 + blanks(s, at + n + gap + 1);
        size_t more = claim_number(s, at + n + gap, &v);
        if (more == 0 || r->slashed == ARRAY_LEN(r->other))
            return n;
        r->other[r->slashed] = r->high;
        r->other_from[r->slashed] = r->from;
        r->other_to[r->slashed++] = r->to;
        r->low = r->high = v;
        r->from = at + n + gap;
        r->to = r->from + more;
        n += gap + more;
    }
}

/* "1 250 t/s": a blank parts thousands where nothing before could own the first digits.
 */
static size_t parted_number(struct str s, size_t at, struct claim_rate *r)
{
    size_t head = digits_at(s, at), before = at;
    double value = 0;
    if (head == 0 || head > 3 || at + head + 4 > s.n || s.p[at + head] != ' ' ||
        digits_at(s, at + head + 1) != 3)
        return 0;
    while (before && s.p[before - 1] == ' ')
        before--;
    if (before && !strchr(":~(=|", s.p[before - 1]))
        return 0;
    for (size_t i = at; i < at + head + 4; i++)
        if (i != at + head)
            value = value * 10 + (s.p[i] - '0');
    *r =
        (struct claim_rate){.low = value, .high = value, .from = at, .to = at + head + 4};
    return head + 4;
}

size_t claim_rate(struct str s, size_t at, struct claim_rate *ret)
{
    struct claim_rate r;
    struct claim_scale scale;
    size_t n = parted_number(s, at, &r);
    if (n == 0)
        n = claim_bare(s, at, &r);
    if (n == 0)
        return 0;
    n += slashes_at(s, at + n, &r);
    n += dressing(s, at + n);
    n += adjective_at(s, at + n, &r.adjective);
    size_t unit = claim_unit(s, at + n, &scale);
    if (unit == 0 || !claim_scaled(&r, scale))
        return 0;
    *ret = r;
    return n + unit;
}
