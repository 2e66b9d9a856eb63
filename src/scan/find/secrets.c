/* secrets.c -- keys and tokens that announce themselves by a prefix or a structure.
 *
 * The prefix is looked for only where a word begins, and there only when some format
 * begins with the two characters that stand there (anchors.c).  What follows must have
 * the length and the alphabet of its service and must not look like the placeholder of
 * some documentation. */
#include "scan/detect.h"
#include "scan/find/plausible.h"
#include "scan/scanner.h"

enum { LONG_RUN = 32, PART_LEAST = 8 };

static bool in_set(char c, enum secret_set set)
{
    switch (set) {
    case SET_ALNUM:
        return is_alnum(c);
    case SET_WORD:
        return is_alnum(c) || c == '_' || c == '-';
    case SET_HEX:
        return is_hex(c);
    case SET_UPPER:
        return is_upper(c) || is_digit(c);
    case SET_BASE64:
        return is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-';
    case SET_DOTTED:
        return is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '=';
    case SET_ANY:
        return is_alnum(c) || c == '_' || c == '-' || c == '=';
    }
    return false;
}

/* What makers put into their keys besides the prefix: the parts of Sourcegraph's have
 * their lengths (formats of gitleaks 8), and those of Amazon's Bedrock begin with its
 * name in base64. */
static bool has_makers_mark(const struct secret_format *f, struct str value)
{
    if (str_eqz(str_of(f->prefix), "sgp_"))
        return value.n == 40 || value.n == 57 || str_starts(value, STR("local_"));
    if (str_eqz(str_of(f->prefix), "bedrock-api-key-")) /* "bedrock.amazonaws.com" */
        return str_starts(value, STR("YmVkcm9jay5hbWF6b25hd3MuY29t"));
    return true;
}

/* A line's end in the middle of a token: too little before it, and more behind. */
static bool goes_on(const struct window *w, const struct secret_format *f,
                    struct str so_far)
{
    const char *next = so_far.p + so_far.n + 1;
    return so_far.n >= PART_LEAST && (so_far.n < f->min || !has_makers_mark(f, so_far)) &&
           next[-1] == '\n' && next < w->p + w->n &&
           in_set(*next, (enum secret_set)f->set);
}

/* What follows the prefix, over one line's end if need be; of what is longer than the
 * format's most, one byte more than that. */
static struct str read_body(const struct window *w, const struct secret_format *f,
                            size_t at, size_t *ret_breaks)
{
    struct str s = {w->p + at, 0};
    *ret_breaks = 0;
    while (at + s.n < w->n && s.n - *ret_breaks <= f->max) {
        if (!in_set(s.p[s.n], (enum secret_set)f->set)) {
            if (*ret_breaks || !goes_on(w, f, s))
                break;
            ++*ret_breaks;
        }
        s.n++;
    }
    if (at + s.n < w->n && in_set(s.p[s.n], (enum secret_set)f->set))
        return s; /* longer than any such token */
    while (s.n > f->min && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == '-'))
        s.n--;
    return s;
}

static void try_format(struct window *w, const struct secret_format *f, size_t start)
{
    size_t k = strlen(f->prefix), breaks;
    if (start + k + f->min > w->n || memcmp(w->p + start, f->prefix, k) != 0)
        return;
    struct str value = read_body(w, f, start + k, &breaks);
    size_t end = start + k + value.n, n = value.n - breaks;
    if (n < f->min || n > f->max || (end < w->n && is_alnum(w->p[end])))
        return; /* first: many a prefix stands in front of something else */
    bool typed = is_typed(value) || str_find(value, STR("abc123")) >= 0 ||
                 is_elided((struct str){w->p, w->n}, end);
    if (typed || is_placeholder(value) || !has_makers_mark(f, value) ||
        entropy_of(value) < (f->set == SET_HEX ? 2.2 : 2.6))
        return;
    bool marked = strchr("_-.", f->prefix[k - 1]) != NULL;
    if (k < 4 && !marked && count_digits(value) < 3)
        return;
    propose(w, start, end, TYPE_API_KEY, k >= 3 ? 97 : 85, SAW_SHAPE);
}

static unsigned six_bits(char c)
{
    return is_upper(c)   ? (unsigned)(c - 'A')
           : is_lower(c) ? (unsigned)(c - 'a') + 26
           : is_digit(c) ? (unsigned)(c - '0') + 52
           : c == '-'    ? 62
                         : 63;
}

/* The first part is a whole JSON object: it ends in a brace. */
static bool has_json_head(struct str token)
{
    ptrdiff_t dot = str_index(token, '.');
    struct str head = str_sub(token, 0, dot < 0 ? token.n : (size_t)dot);
    while (head.n && head.p[head.n - 1] == '=')
        head.n--;
    uint32_t bits = 0;
    for (size_t i = head.n < 4 ? 0 : head.n - 4; i < head.n; i++)
        bits = bits << 6 | six_bits(head.p[i]);
    /* The last byte ends 0, 2 or 4 bits before the last character does. */
    unsigned spare = head.n % 4 == 0 ? 0 : head.n % 4 == 3 ? 2 : 4;
    return head.n % 4 != 1 && (bits >> spare & 255) == '}';
}

/* Three parts of base64url, the first two of which begin like JSON objects. */
static void try_jwt(struct window *w, size_t start)
{
    size_t i = start, dots = 0, part = start;
    if (start + 20 > w->n || memcmp(w->p + start, "ey", 2) != 0 ||
        (w->p[start + 2] != 'J' && w->p[start + 2] != 'A' && w->p[start + 2] != 'C'))
        return;
    while (i < w->n && w->p[i] &&
           (is_alnum(w->p[i]) || strchr("_-.=", w->p[i]) ||
            (w->p[i] == '\n' && dots < 2 && i - start > 20 && is_alnum(w->p[i + 1])))) {
        if (w->p[i] == '.') {
            if (++dots > 4)
                break;
            part = i + 1;
        }
        i++;
    }
    while (i > start && (w->p[i - 1] == '.' || w->p[i - 1] == '-'))
        i--;
    struct str value = {w->p + start, i - start};
    if (dots < 1 || i - start < 40 || is_placeholder(value) || !has_json_head(value))
        return;
    if (dots >= 2 || i - part > 20)
        propose(w, start, i, TYPE_JWT, dots >= 2 ? 98 : 80, SAW_SHAPE);
}

/* Marks inside a token and not before it; looked for in w->p[from, to). */
static void try_inner_mark(struct window *w, size_t from, size_t to, const char *mark)
{
    for (size_t at = from; at < to;) {
        ptrdiff_t found = str_find((struct str){w->p + at, to - at}, str_of(mark));
        if (found < 0)
            break;
        size_t start = at + (size_t)found, end = start + strlen(mark);
        at = end;
        while (start > 0 && in_set(w->p[start - 1], SET_WORD))
            start--;
        while (end < w->n && in_set(w->p[end], SET_WORD))
            end++;
        struct str value = {w->p + start, end - start};
        if (value.n >= LONG_RUN && !is_placeholder(value) && !is_typed(value) &&
            entropy_of(value) > 3)
            propose(w, start, end, TYPE_API_KEY, 95, SAW_SHAPE);
    }
}

static bool is_marked(char c)
{
    return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

/* Only runs of 32 and more are long enough: text has few, and steps over words. */
static void try_inner_marks(struct window *w)
{
    static const char *const marks[] = {"T3BlbkFJ", ".atlasv1.", "_mmk", "NRAL"};
    for (size_t i = 0; i + LONG_RUN <= w->n;) {
        size_t k = i + LONG_RUN;
        while (k > i && is_marked(w->p[k - 1]))
            k--;
        if (k > i) {
            i = k; /* no long run begins before the byte that is none */
            continue;
        }
        size_t end = i + LONG_RUN;
        while (end < w->n && is_marked(w->p[end]))
            end++;
        for (size_t m = 0; m < ARRAY_LEN(marks); m++)
            try_inner_mark(w, i, end, marks[m]);
        i = end;
    }
}

static size_t run_of(const struct window *w, size_t i, enum secret_set set)
{
    size_t n = 0;
    while (i + n < w->n && in_set(w->p[i + n], set))
        n++;
    return n;
}

/* Tokens without a prefix, known by the lengths of their parts: a bot's id and "AA"
 * with 33 more; 24 to 28, 6 and 27 to 38 with dots; 32 hex and a data centre; 32 hex,
 * 8 and 8. */
static void try_parts(struct window *w, size_t i)
{
    size_t a = run_of(w, i, SET_ALNUM), at = i + a, b, c;
    if (a < 8 || a > 32 || at + 4 > w->n)
        return; /* of Discord's first part 24 are the least */
    if (w->p[at] == ':' && w->p[at + 1] == 'A' && w->p[at + 2] == 'A' && a <= 10 &&
        run_of(w, at + 1, SET_WORD) == 35) {
        propose(w, i, at + 36, TYPE_API_KEY, 92, SAW_SHAPE);
    } else if (w->p[at] == '.' && a >= 24 && a <= 28 &&
               run_of(w, at + 1, SET_WORD) == 6 && at + 8 < w->n && w->p[at + 7] == '.' &&
               (c = run_of(w, at + 8, SET_WORD)) >= 27 && c <= 38) {
        propose(w, i, at + 8 + c, TYPE_API_KEY, 92, SAW_SHAPE);
    } else if (w->p[at] == '-' && a == 32 && run_of(w, i, SET_HEX) == 32) {
        b = run_of(w, at + 1, SET_HEX);
        if (w->p[at + 1] == 'u' && w->p[at + 2] == 's' && is_digit(w->p[at + 3]))
            propose(w, i, at + 4 + is_digit(w->p[at + 4]), TYPE_API_KEY, 92, SAW_SHAPE);
        else if (b == 8 && at + 10 < w->n && w->p[at + 9] == '-' &&
                 run_of(w, at + 10, SET_HEX) == 8)
            propose(w, i, at + 18, TYPE_API_KEY, 92, SAW_SHAPE);
    }
}

static void try_azure_secret(struct window *w, size_t at)
{
    /* Azure: three characters, a digit, Q, a tilde, 31 to 34 more. */
    if (at < 5 || w->p[at - 1] != 'Q' || !is_digit(w->p[at - 2]) || at + 31 > w->n)
        return;
    size_t end = at + 1;
    while (end < w->n && (is_alnum(w->p[end]) || strchr("_.~-", w->p[end])) && w->p[end])
        end++;
    while (end - at > 32 && w->p[end - 1] == '.')
        end--; /* the sentence's */
    if (end - at >= 32 && end - at <= 36 &&
        !is_placeholder((struct str){w->p + at, end - at}))
        propose(w, at - 5, end, TYPE_API_KEY, 95, SAW_SHAPE);
}

void secret_index_init(struct secret_index *x)
{
    *x = (struct secret_index){.head = {0}};
    for (size_t f = 0; f < secret_nformats && f < SECRET_MAX_FORMATS; f++) {
        unsigned char first = (unsigned char)secret_formats[f].prefix[0] & 127;
        x->next[f + 1] = x->head[first];
        x->head[first] = (uint8_t)(f + 1);
        x->second[first & 63] |= UINT64_C(1) << (secret_formats[f].prefix[1] & 63);
    }
}

static void try_formats(struct window *w, size_t i)
{
    const struct secret_index *x = &w->sc->secrets;
    char c = w->p[i], second = w->p[i + 1];
    if (!(x->second[c & 63] >> (second & 63) & 1))
        return;
    for (size_t f = x->head[(unsigned char)c & 127]; f; f = x->next[f])
        if (secret_formats[f - 1].prefix[1] == second)
            try_format(w, &secret_formats[f - 1], i);
}

void find_secrets(struct window *w)
{
    for (size_t k = next_anchor(w, 0, AT_SECRET); k < w->ntok;
         k = next_anchor(w, k + 1, AT_SECRET)) {
        size_t i = w->tok[k].start;
        if (i + 1 >= w->n)
            break;
        if (w->p[i] == '~') {
            try_azure_secret(w, i);
            continue;
        }
        try_formats(w, i);
        if (is_alnum(w->p[i]))
            try_parts(w, i);
        if (w->p[i] == 'e')
            try_jwt(w, i);
    }
    try_inner_marks(w);
}
