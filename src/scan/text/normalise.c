/* normalise.c -- the text as a reader sees it, with a map back to its bytes.
 *
 * Values are hidden, on purpose or by software, in look-alikes: full-width digits,
 * zero-width characters, non-breaking hyphens, Cyrillic letters in Latin words, and in
 * escapes that the next program undoes: \u0041, %40, &#64;, \".  The detectors read a
 * copy with all of that undone; every byte of the copy knows which source bytes it
 * came from.  Text that needs none of it is not copied.  Base64 is found later, by
 * encoded.c: it has to be recognised before it can be undone. */
#include "scan/detect.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* clang-format off */
const uint8_t guard_chars[256] = {
    ['0'] = 9, ['1'] = 9, ['2'] = 9, ['3'] = 9, ['4'] = 9,
    ['5'] = 9, ['6'] = 9, ['7'] = 9, ['8'] = 9, ['9'] = 9,
    ['a'] = 10, ['b'] = 10, ['c'] = 10, ['d'] = 10, ['e'] = 10, ['f'] = 10, ['g'] = 2,
    ['h'] = 2, ['i'] = 2, ['j'] = 2, ['k'] = 2, ['l'] = 2, ['m'] = 2, ['n'] = 2,
    ['o'] = 2, ['p'] = 2, ['q'] = 2, ['r'] = 2, ['s'] = 2, ['t'] = 2, ['u'] = 2,
    ['v'] = 2, ['w'] = 2, ['x'] = 2, ['y'] = 2, ['z'] = 2,
    ['A'] = 12, ['B'] = 12, ['C'] = 12, ['D'] = 12, ['E'] = 12, ['F'] = 12, ['G'] = 4,
    ['H'] = 4, ['I'] = 4, ['J'] = 4, ['K'] = 4, ['L'] = 4, ['M'] = 4, ['N'] = 4,
    ['O'] = 4, ['P'] = 4, ['Q'] = 4, ['R'] = 4, ['S'] = 4, ['T'] = 4, ['U'] = 4,
    ['V'] = 4, ['W'] = 4, ['X'] = 4, ['Y'] = 4, ['Z'] = 4,
    ['"'] = 16, ['\''] = 16, ['<'] = 16, ['`'] = 16,
};
/* clang-format on */

/* Base letters of U+00C0..U+017F; '0' where there is none. */
static const char latin[] =
    "AAAAAAACEEEEIIIIDNOOOOO0OUUUUYTsaaaaaaaceeeeiiiidnooooo0ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
    "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

char latin_base(uint32_t cp)
{
    if (cp < 0xC0 || cp > 0x17F)
        return 0;
    char c = to_lower(latin[cp - 0xC0]);
    return is_lower(c) ? c : 0;
}

bool latin_is_upper(uint32_t cp)
{
    if (cp >= 0x410 && cp <= 0x42F)
        return true; /* Cyrillic capitals */
    if (cp >= 0x391 && cp <= 0x3A9)
        return true; /* Greek capitals */
    return cp >= 0xC0 && cp <= 0x17F && is_upper(latin[cp - 0xC0]);
}

size_t utf8_read_wide(const char *p, const char *end, uint32_t *ret)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    *ret = 0xFFFD;
    if (n == 0 || (size_t)(end - p) < n)
        return 1;
    uint32_t cp = n == 2 ? c & 0x1Fu : n == 3 ? c & 0xFu : c & 7u;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return 1;
        cp = cp << 6 | ((unsigned char)p[i] & 0x3Fu);
    }
    *ret = cp;
    return n;
}

struct copy {
    struct window *w;
    char *out;
    size_t n;
    const char *base, *end;
    const char *plain_to; /* backslashes up to here are the start of no escape */
};

static void add_step(struct copy *c, const char *source, bool is_unit)
{
    struct window *w = c->w;
    if (w->nsteps == w->cap_steps) {
        size_t cap = w->cap_steps ? 2 * w->cap_steps : 64;
        struct source_step *v = arena_raw(w->a, cap * sizeof *v);
        if (!v) {
            w->failed = true;
            return;
        }
        if (w->nsteps)
            memcpy(v, w->step, w->nsteps * sizeof *v);
        w->step = v;
        w->cap_steps = cap;
    }
    w->step[w->nsteps++] = (struct source_step){
        (uint32_t)c->n, (uint32_t)(source - c->base) & INT32_MAX, is_unit};
}

static size_t step_of(const struct window *w, uint32_t pos)
{
    size_t lo = 0, hi = w->nsteps; /* the last that begins at or before pos */
    while (lo + 1 < hi) {
        size_t mid = (lo + hi) / 2;
        if (w->step[mid].at <= pos)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

uint32_t source_start(const struct window *w, uint32_t pos)
{
    if (w->nsteps == 0)
        return pos;
    const struct source_step *s = &w->step[step_of(w, pos)];
    return s->source + (s->is_unit ? 0 : pos - s->at);
}

uint32_t source_end(const struct window *w, uint32_t pos)
{
    if (w->nsteps == 0)
        return pos + 1;
    const struct source_step *s = &w->step[step_of(w, pos)];
    return s->is_unit ? s[1].source : s->source + (pos - s->at) + 1;
}

/* One byte for source bytes that mean something else as they stand. */
static void put(struct copy *c, char byte, const char *from, const char *to)
{
    add_step(c, from, true);
    c->out[c->n++] = byte;
    add_step(c, to, false);
}

/* The Latin letter a Cyrillic or Greek one looks like, or 0. */
static char look_alike(uint32_t cp)
{
    static const struct {
        uint16_t cp;
        char c;
    } rows[] = {
        {0x430, 'a'}, {0x435, 'e'}, {0x43E, 'o'}, {0x440, 'p'}, {0x441, 'c'},
        {0x443, 'y'}, {0x445, 'x'}, {0x456, 'i'}, {0x455, 's'}, {0x458, 'j'},
        {0x4BB, 'h'}, {0x501, 'd'}, {0x4CF, 'l'}, {0x410, 'A'}, {0x412, 'B'},
        {0x415, 'E'}, {0x41A, 'K'}, {0x41C, 'M'}, {0x41D, 'H'}, {0x41E, 'O'},
        {0x420, 'P'}, {0x421, 'C'}, {0x422, 'T'}, {0x425, 'X'}, {0x406, 'I'},
        {0x405, 'S'}, {0x408, 'J'}, {0x3BF, 'o'}, {0x3B1, 'a'}, {0x39F, 'O'},
        {0x391, 'A'}, {0x395, 'E'}, {0x399, 'I'}, {0x3A1, 'P'}, {0x3A4, 'T'},
    };
    if (cp < 0x391 || cp > 0x501)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].cp == cp)
            return rows[i].c;
    return 0;
}

/* A look-alike counts only inside a word that has Latin letters too. */
static bool in_latin_word(const struct copy *c, const char *next)
{
    for (size_t i = c->n; i > 0 && c->n - i < 24; i--) {
        char b = c->out[i - 1];
        if (is_alpha(b))
            return true;
        if (!(b & 0x80) && b != '.' && b != '-')
            break;
    }
    for (int i = 0; next < c->end && i < 16; i++) {
        uint32_t cp;
        size_t k = utf8_read(next, c->end, &cp);
        if (cp < 0x80)
            return is_alpha((char)cp);
        if (!look_alike(cp))
            return false;
        next += k;
    }
    return false;
}

/* Of no width, or only about how its neighbours are shown. */
static bool is_invisible(uint32_t cp)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x80, 0x84},       {0x86, 0x9F},      {0xAD, 0xAD},       {0x332, 0x338},
        {0x34F, 0x34F},     {0x61C, 0x61C},    {0x115F, 0x1160},   {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},  {0x202A, 0x202E},   {0x2060, 0x206F},
        {0x20D0, 0x20F0},   {0x3164, 0x3164},  {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
        {0xFFA0, 0xFFA0},   {0xFFF9, 0xFFFB},  {0x1D173, 0x1D17A}, {0xE0001, 0xE0001},
        {0xE007F, 0xE007F}, {0xE0100, 0xE01EF}};
    for (size_t i = 0; i < ARRAY_LEN(ranges) && cp >= ranges[i].first; i++)
        if (cp <= ranges[i].last)
            return true;
    return false;
}

/* The decimal digits of other scripts, or -1. */
static int digit_of(uint32_t cp)
{
    static const uint16_t zeros[] = {
        0x660,  0x6F0,  0x7C0,  0x966,  0x9E6,  0xA66,  0xAE6,  0xB66,  0xBE6,
        0xC66,  0xCE6,  0xD66,  0xDE6,  0xE50,  0xED0,  0xF20,  0x1040, 0x1090,
        0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
        0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0};
    static const uint32_t far_zeros[] = {
        0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0,
        0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50,
        0x16A60, 0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0};
    if (cp < 0x660 || (cp > 0x1C59 && cp < 0xA620) || (cp > 0xABF9 && cp < 0x104A0))
        return -1; /* also most Chinese, quickly */
    for (size_t i = 0; i < ARRAY_LEN(zeros) && zeros[i] <= cp; i++)
        if (cp < zeros[i] + 10u)
            return (int)(cp - zeros[i]);
    for (size_t i = 0; i < ARRAY_LEN(far_zeros) && far_zeros[i] <= cp; i++)
        if (cp < far_zeros[i] + 10u)
            return (int)(cp - far_zeros[i]);
    return -1;
}

/* A digit that is raised, lowered, in a circle, or has a mark of its own; or -1. */
static int dressed_digit_of(uint32_t cp)
{
    static const struct {
        uint32_t first, last;
        int digit; /* of the first */
    } runs[] = {{0xB2, 0xB3, 2},       {0xB9, 0xB9, 1},       {0x2070, 0x2070, 0},
                {0x2074, 0x2079, 4},   {0x2080, 0x2089, 0},   {0x2460, 0x2468, 1},
                {0x2474, 0x247C, 1},   {0x2488, 0x2490, 1},   {0x24EA, 0x24EA, 0},
                {0x24F5, 0x24FD, 1},   {0x24FF, 0x24FF, 0},   {0x2776, 0x277E, 1},
                {0x2780, 0x2788, 1},   {0x278A, 0x2792, 1},   {0x1F100, 0x1F100, 0},
                {0x1F101, 0x1F10A, 0}, {0x1F10B, 0x1F10B, 0}, {0x1F10C, 0x1F10C, 0}};
    if (cp > 0x2792 && cp < 0x1F100)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(runs) && cp >= runs[i].first; i++)
        if (cp <= runs[i].last)
            return runs[i].digit + (int)(cp - runs[i].first);
    return -1;
}

/* ASCII that stands for this code point; 0: none, -1: it stands for nothing. */
static int plain_of(uint32_t cp)
{
    if (is_invisible(cp))
        return -1;
    if (cp >= 0xE0020 && cp <= 0xE007E)
        return (int)(cp - 0xE0000); /* tags: ASCII that is not shown, but read */
    if (cp == 0xA0 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F || cp == 0x205F ||
        cp == 0x3000)
        return ' ';
    if (cp == 0x2028 || cp == 0x2029 || cp == 0x85)
        return '\n';
    if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xFE58 || cp == 0xFE63)
        return '-';
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        return (int)(cp - 0xFEE0);
    if (cp >= 0x1D7CE && cp <= 0x1D7FF)
        return '0' + (int)((cp - 0x1D7CE) % 10);
    if (cp >= 0x1D400 && cp < 0x1D400 + 52 * 13)
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(cp - 0x1D400) %
                                                                      52];
    int digit = digit_of(cp), dressed = dressed_digit_of(cp);
    if (digit >= 0 || dressed >= 0)
        return '0' + (digit >= 0 ? digit : dressed);
    switch (cp) {
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0x2032:
    case 0x2BC:
        return '\'';
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0xAB:
    case 0xBB:
    case 0x300C:
    case 0x300D:
    case 0x2033:
    case 0x2039:
    case 0x203A:
        return '"';
    case 0x3001:
    case 0x3002:
    case 0xFF64:
        return ',';
    case 0x2026:
    case 0x2024:
        return '.';
    case 0x2022:
    case 0xB7:
    case 0x25CF:
    case 0x2192:
    case 0x2190:
    case 0x21D2:
        return '*';
    case 0xBF:
    case 0xA1:
        return '?';
    default:
        return 0;
    }
}

static size_t write_utf8(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3F));
    out[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | cp);
    return n;
}

static void put_cp(struct copy *c, uint32_t cp, const char *from, const char *to)
{
    char like = look_alike(cp), bytes[4];
    int plain = like && in_latin_word(c, to) ? like : plain_of(cp);
    size_t n = write_utf8(bytes, plain > 0 ? (uint32_t)plain : cp);
    if (plain < 0)
        n = 0;
    bool is_same = n == (size_t)(to - from) && memcmp(bytes, from, n) == 0;
    if (!is_same)
        add_step(c, from, true);
    memcpy(c->out + c->n, bytes, n);
    c->n += n;
    if (!is_same)
        add_step(c, to, false);
}

static int hex_value(char c)
{
    return is_digit(c) ? c - '0' : is_hex(c) ? to_lower(c) - 'a' + 10 : -1;
}

/* So many digits of this base, and not past `end`: their end, or NULL. */
static const char *read_digits(const char *p, const char *end, size_t n, unsigned base,
                               uint32_t *ret)
{
    *ret = 0;
    for (; n > 0; n--, p++) {
        int v = p < end ? hex_value(*p) : -1;
        if (v < 0 || (unsigned)v >= base || *ret > 0x10FFFF)
            return NULL;
        *ret = *ret * base + (uint32_t)v;
    }
    return p;
}

/* Behind the backslashes from p to q: u0041, u{41}, U00000041, x41, 101 as languages
 * have them; the end of that, or NULL.  The last two say little, and count only beside
 * another. */
static const char *read_code(const struct copy *c, const char *p, const char *q,
                             uint32_t *ret)
{
    const char *close, *done;
    if (c->end - q < 3)
        return NULL;
    if (*q == 'u' && q[1] == '{') {
        close = memchr(q, '}', (size_t)(c->end - q < 9 ? c->end - q : 9));
        done = close ? read_digits(q + 2, close, (size_t)(close - q - 2), 16, ret) : NULL;
        return done && close > q + 2 && *ret >= 0x20 && *ret <= 0x10FFFF ? done + 1
                                                                         : NULL;
    }
    if (*q == 'u')
        return read_digits(q + 1, c->end, 4, 16, ret);
    if (*q == 'U') {
        done = read_digits(q + 1, c->end, 8, 16, ret);
        return done && *ret >= 0x20 && *ret <= 0x10FFFF ? done : NULL;
    }
    done = *q == 'x' ? read_digits(q + 1, c->end, 2, 16, ret)
                     : read_digits(q, c->end, 3, 8, ret);
    bool has_next = done && done < c->end && *done == '\\';
    bool has_last = q - p == 1 && p - c->base >= 4 && p[-4] == '\\';
    return done && (has_next || has_last) && *ret >= 0x20 && *ret < 0x7F ? done : NULL;
}

/* Backslashes before a quote, a letter of JSON's escapes, or the number of a character:
 * twice as many for each JSON around it. */
static const char *take_backslash(struct copy *c, const char *p)
{
    const char *q = p;
    if (p < c->plain_to)
        return NULL;
    while (q < c->end && *q == '\\')
        q++;
    if (q < c->end && (*q == '"' || *q == '\'' || *q == '/')) {
        put(c, *q, p, q + 1);
        return q + 1;
    }
    if (q < c->end && (*q == 'n' || *q == 'r' || *q == 't')) {
        put(c, *q == 't' ? '\t' : '\n', p, q + 1);
        return q + 1;
    }
    uint32_t cp;
    const char *end = read_code(c, p, q, &cp);
    if (end)
        put_cp(c, cp >= 0xD800 && cp <= 0xDFFF ? 0xFFFD : cp, p, end);
    else
        c->plain_to = q;
    return end;
}

static bool is_hex_code(const char *p, const char *end, char mark)
{
    return end - p >= 3 && *p == mark && is_hex(p[1]) && is_hex(p[2]);
}

/* A character in one to four such codes, %C3%A4 or =C3=A4: its end, or NULL. */
static const char *read_hex_codes(const struct copy *c, const char *p, char mark,
                                  uint32_t *ret)
{
    char bytes[4];
    size_t n = 0, want = 1;
    while (n < want && is_hex_code(p, c->end, mark)) {
        bytes[n] = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
        if (n == 0) {
            unsigned char b = (unsigned char)bytes[0];
            want = b < 0xC0 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
        }
        n++;
        p += 3;
    }
    bool is_whole = n > 0 && n == want && utf8_read(bytes, bytes + n, ret) == n &&
                    *ret >= 0x20 && *ret != 0xFFFD;
    return is_whole ? p : NULL;
}

/* Letters and digits need no such code: alone, "%20d" is something else. */
static const char *take_percent(struct copy *c, const char *p)
{
    uint32_t cp;
    const char *q = read_hex_codes(c, p, '%', &cp);
    if (!q)
        return NULL;
    bool has_last = p - c->base >= 3 && is_hex_code(p - 3, p, '%');
    if (cp < 0x80 && is_alnum((char)cp) && !has_last && !is_hex_code(q, c->end, '%'))
        return NULL;
    put_cp(c, cp, p, q);
    return q;
}

/* Of quoted-printable (RFC 2045, 6.7): =41, and = at a line's end, which joins it to the
 * next. */
static const char *take_equals(struct copy *c, const char *p)
{
    size_t rest = (size_t)(c->end - p);
    size_t n = rest > 1 && p[1] == '\n'                   ? 2
               : rest > 2 && p[1] == '\r' && p[2] == '\n' ? 3
                                                          : 0;
    if (n) {
        add_step(c, p, true);
        add_step(c, p + n, false);
        return p + n;
    }
    uint32_t cp;
    const char *q = read_hex_codes(c, p, '=', &cp);
    if (q)
        put_cp(c, cp, p, q);
    return q;
}

/* Whether the text says that it is quoted-printable, or has its soft line ends, which
 * stand 60 to 76 signs behind the line's begin, and its codes. */
static bool is_quoted_printable(struct str s)
{
    enum { SOFT_FROM = 60, SOFT_TO = 76, LEAST_CODES = 2 };
    size_t soft = 0, codes = 0, line = 0;
    if (!memchr(s.p, '=', s.n))
        return false;
    if (str_find(s, STR("uoted-printable")) >= 0 ||
        str_find(s, STR("UOTED-PRINTABLE")) >= 0)
        return true;
    for (size_t i = 0; i + 2 < s.n; i++) {
        if (s.p[i] == '\n')
            line = i + 1;
        if (s.p[i] != '=')
            continue;
        bool ends = s.p[i + 1] == '\n' || (s.p[i + 1] == '\r' && s.p[i + 2] == '\n');
        soft += ends && i - line >= SOFT_FROM && i - line <= SOFT_TO;
        codes += is_hex(s.p[i + 1]) && is_hex(s.p[i + 2]) && !is_lower(s.p[i + 1]) &&
                 !is_lower(s.p[i + 2]);
    }
    return soft > 0 && codes >= LEAST_CODES;
}

static const char *take_entity(struct copy *c, const char *p)
{
    static const struct {
        const char *name;
        char c;
    } named[] = {{"&amp;", '&'},   {"&quot;", '"'}, {"&lt;", '<'},    {"&gt;", '>'},
                 {"&apos;", '\''}, {"&nbsp;", ' '}, {"&commat;", '@'}};
    struct str rest = {p, (size_t)(c->end - p)};
    for (size_t i = 0; i < ARRAY_LEN(named); i++)
        if (str_starts(rest, str_of(named[i].name))) {
            const char *q = p + strlen(named[i].name);
            put(c, named[i].c, p, q);
            return q;
        }
    if (rest.n < 4 || p[1] != '#')
        return NULL;
    bool hex = to_lower(p[2]) == 'x';
    uint32_t cp = 0;
    const char *q = p + (hex ? 3 : 2);
    const char *digits = q;
    for (; q < c->end && cp <= 0x10FFFF && (hex ? is_hex(*q) : is_digit(*q)); q++)
        cp = cp * (hex ? 16 : 10) + (uint32_t)hex_value(*q);
    bool is_closed = q < c->end && *q == ';'; /* readers of HTML do not insist */
    if (q == digits || (q < c->end && is_alnum(*q)) || cp < 0x20 || cp > 0x10FFFF)
        return NULL;
    put_cp(c, cp, p, q + is_closed);
    return q + is_closed;
}

/* The first byte in [p, end) that may not mean itself, or end. */
static const char *plain_run(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i slash = _mm_set1_epi8('\\'), percent = _mm_set1_epi8('%');
    const __m128i amp = _mm_set1_epi8('&');
    for (; end - p >= 16; p += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i stop = _mm_or_si128(
            _mm_or_si128(v, _mm_cmpeq_epi8(v, amp)), /* past ASCII: the sign bit */
            _mm_or_si128(_mm_cmpeq_epi8(v, slash), _mm_cmpeq_epi8(v, percent)));
        unsigned mask = (unsigned)_mm_movemask_epi8(stop);
        if (mask)
            return p + __builtin_ctz(mask);
    }
#endif
    while (p < end && *p >= 0 && *p != '\\' && *p != '%' && *p != '&')
        p++;
    return p;
}

/* Every source byte gives at most one byte out, but for damaged UTF-8, where one becomes
 * the three of U+FFFD. */
static bool copy_open(struct copy *c, struct window *w, struct str s)
{
    *c = (struct copy){.w = w, .base = s.p, .end = s.p + s.n};
    c->out = arena_raw(w->a, 3 * s.n + 8);
    if (c->out)
        add_step(c, s.p, false);
    return c->out && !w->failed;
}

/* One variation selector behind another varies nothing: they carry the bytes of a text.
 */
static int carried_byte(const struct copy *c, const char *p, const char *next,
                        uint32_t cp)
{
    uint32_t other = 0;
    if (LIKELY(cp < 0xE0110 || cp > 0xE016E)) /* 0x20 to 0x7E */
        return -1;
    if (next < c->end)
        utf8_read(next, c->end, &other);
    bool has_next =
        (other >= 0xFE00 && other <= 0xFE0F) || (other >= 0xE0100 && other <= 0xE01EF);
    if (p - c->base >= 4)
        utf8_read(p - 4, p, &other);
    bool has_last = other >= 0xE0100 && other <= 0xE01EF;
    return has_next || has_last ? (int)(cp - 0xE0100 + 16) : -1;
}

static const char *take_special(struct copy *c, const char *p)
{
    uint32_t cp;
    const char *next = *p == '\\'  ? take_backslash(c, p)
                       : *p == '%' ? take_percent(c, p)
                       : *p == '&' ? take_entity(c, p)
                       : *p == '=' ? take_equals(c, p) /* of quoted-printable alone */
                                   : NULL;
    if (!next && *p >= 0) {
        c->out[c->n++] = *p;
        next = p + 1;
    } else if (!next) {
        next = p + utf8_read(p, c->end, &cp);
        int carried = carried_byte(c, p, next, cp);
        if (carried > 0)
            put(c, (char)carried, p, next);
        else
            put_cp(c, cp, p, next);
    }
    return next;
}

static bool copy_plain(struct window *w, struct str s)
{
    char *own = arena_raw(w->a, s.n + 1);
    if (!own)
        return false;
    if (s.n)
        memcpy(own, s.p, s.n);
    own[s.n] = '\0';
    w->p = own;
    w->n = s.n;
    return true;
}

bool window_normalise(struct window *w, struct str s)
{
    struct copy c;
    const char *p = s.n ? plain_run(s.p, s.p + s.n) : s.p;
    bool is_quoted = s.n && is_quoted_printable(s);
    if (p == s.p + s.n && !is_quoted)
        return copy_plain(w, s);
    if (!copy_open(&c, w, s))
        return false;
    const char *plain = s.p; /* the end of the plain run, found once for each */
    for (p = s.p; p < c.end;) {
        plain = p < plain ? plain : plain_run(p, c.end);
        const char *equals = is_quoted ? memchr(p, '=', (size_t)(plain - p)) : NULL;
        size_t n = (size_t)((equals ? equals : plain) - p);
        memcpy(c.out + c.n, p, n);
        c.n += n;
        p += n;
        if (p < c.end)
            p = take_special(&c, p);
    }
    c.out[c.n] = '\0';
    w->p = c.out;
    w->n = c.n;
    return !w->failed;
}
