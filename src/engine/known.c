/* known.c -- see known.h. */
#include "engine/known.h"

#include "engine/string_at.h"

enum { MAX_KNOWN_BYTES = 16 * 1024, MAX_MADE_BYTES = 32 * 1024 * 1024 };

void known_init(struct known *k)
{
    *k = (struct known){.nholes = 0};
    buf_init(&k->bytes, MAX_KNOWN_BYTES);
    buf_init(&k->made, MAX_MADE_BYTES);
}

void known_release(struct known *k)
{
    buf_release(&k->bytes);
    buf_release(&k->made);
}

void known_forget(struct known *k)
{
    known_release(k);
    known_begin(k);
}

/* -- while an event is read ------------------------------------------------------------
 */

void known_begin(struct known *k)
{
    k->is_known = false;
    k->nholes = k->ntexts = 0;
    k->first_count = k->last_count = 0;
    k->counts = (struct str){NULL, 0};
}

/* They may be named in any order, and stand in that of the bytes. */
static void add(struct known *k, struct str at, enum hole_kind kind)
{
    uint32_t i = k->nholes++;
    if (i >= KNOWN_HOLES)
        return; /* known_learn() sees it */
    for (; i > 0 && k->holes[i - 1].at.p > at.p; i--)
        k->holes[i] = k->holes[i - 1];
    k->holes[i] = (struct hole){at, kind};
}

void known_text(struct known *k, enum sole_kind kind, uint32_t choice, struct str raw,
                size_t made_at)
{
    k->ntexts++;
    k->kind = kind;
    k->choice = choice;
    k->made_at = made_at;
    add(k, str_sub(raw, 1, raw.n - 1), HOLE_TEXT);
}

void known_word(struct known *k, struct str inside)
{
    if (inside.p)
        add(k, inside, HOLE_WORD);
}

static inline size_t digits_at(struct str s)
{
    size_t n = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* Eight together: the first that is none has its highest bit set in `others`, for no
     * digit before it carries or borrows. */
    if (LIKELY(s.n >= sizeof(uint64_t))) {
        uint64_t v;
        memcpy(&v, s.p, sizeof v);
        uint64_t others =
            ((v + 0x4646464646464646) | (v - 0x3030303030303030)) & 0x8080808080808080;
        if (others)
            return (size_t)__builtin_ctzll(others) / 8;
        n = sizeof v;
    }
#endif
    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return n;
}

void known_digits(struct known *k, struct str digits)
{
    if (digits.n && digits_at(digits) == digits.n)
        add(k, digits, HOLE_DIGITS);
}

void known_counts(struct known *k, struct str object)
{
    k->counts = object;
    for (size_t i = 0; i < object.n;) {
        size_t n = digits_at(str_sub(object, i, object.n));
        if (n)
            add(k, str_sub(object, i, i + n), HOLE_DIGITS);
        i += n ? n : 1;
    }
}

/* Which holes are the first and the last of the counts: all in the object are its own. */
static void find_counts(struct known *k)
{
    const char *end = k->counts.p + k->counts.n;
    for (uint32_t i = 0; k->counts.p && i < k->nholes; i++) {
        struct str at = k->holes[i].at;
        if (at.p < k->counts.p || at.p >= end)
            continue;
        if (!k->first_count) {
            k->first_count = i + 1;
            k->count_lead = (uint32_t)(at.p - k->counts.p);
        }
        k->last_count = i + 1;
        k->count_trail = (uint32_t)(end - (at.p + at.n));
    }
}

/* Each behind the one before, all of them in the event. */
static bool are_in(const struct known *k, struct str raw)
{
    const char *p = raw.p, *end = raw.p + raw.n;
    for (uint32_t i = 0; i < k->nholes; i++) {
        struct str at = k->holes[i].at;
        if (at.p < p || at.p > end || at.n > (size_t)(end - at.p))
            return false;
        p = at.p + at.n;
    }
    return true;
}

static void keep(struct known *k, struct str raw, struct str end, struct str made)
{
    const char *p = raw.p;
    buf_clear(&k->bytes);
    buf_clear(&k->made);
    for (uint32_t i = 0; i < k->nholes; i++) {
        struct str at = k->holes[i].at;
        k->lengths[i] = (uint32_t)(at.p - p);
        buf_append(&k->bytes, (struct str){p, (size_t)(at.p - p)});
        p = at.p + at.n;
    }
    size_t rest = (size_t)(raw.p + raw.n - p);
    k->lengths[k->nholes] = (uint32_t)(rest + end.n);
    buf_append(&k->bytes, (struct str){p, rest});
    buf_append(&k->bytes, end);
    buf_append(&k->made, made);
    k->is_known = !k->bytes.failed && !k->made.failed;
}

void known_learn(struct known *k, struct str raw, struct str end, struct str made,
                 size_t from)
{
    struct str text = {NULL, 0};
    if (k->ntexts != 1 || k->nholes > KNOWN_HOLES || k->made_at < from || !are_in(k, raw))
        return;
    find_counts(k);
    k->made_at -= from;
    made = str_sub(made, from, made.n);
    for (uint32_t i = 0; i < k->nholes; i++)
        if (k->holes[i].kind == HOLE_TEXT)
            text = k->holes[i].at;
    /* One event, with the text as it came.  An event's line holds no other line end. */
    bool is_one = str_find(made, STR("\n\n")) == (ptrdiff_t)made.n - 2;
    k->made_text = text.n;
    if (is_one && made.n <= MAX_KNOWN_BYTES &&
        str_eq(str_sub(made, k->made_at, k->made_at + text.n), text))
        keep(k, raw, end, made);
}

/* -- instead of that -------------------------------------------------------------------
 */

/* Bytes of what fills it; 0: nothing that may. */
static inline size_t fill_of(enum hole_kind kind, struct str in, bool *ret_is_plain)
{
    if (kind == HOLE_DIGITS) {
        size_t n = digits_at(in);
        return n > 1 && in.p[0] == '0' ? 0 : n; /* no number begins so */
    }
    struct str inside = string_at(in, ret_is_plain);
    return kind == HOLE_TEXT || *ret_is_plain ? inside.n : 0;
}

/* Steps over a piece that is in all such events; NULL: it is not there. */
static inline const char *step_over(const char *p, const char *end, const char *piece,
                                    size_t n)
{
    return (size_t)(end - p) >= n && memcmp(p, piece, n) == 0 ? p + n : NULL;
}

size_t known_match(const struct known *k, struct str in, struct known_said *ret)
{
    const char *p = in.p, *end = p + in.n, *piece = k->bytes.p;
    const char *from[KNOWN_HOLES], *to[KNOWN_HOLES];
    uint32_t i = 0;
    if (!k->is_known)
        return 0;
    for (; i < k->nholes; i++) {
        bool is_plain = false;
        p = step_over(p, end, piece, k->lengths[i]);
        if (!p)
            return 0;
        piece += k->lengths[i];
        size_t n =
            fill_of(k->holes[i].kind, (struct str){p, (size_t)(end - p)}, &is_plain);
        if (n == 0)
            return 0;
        if (k->holes[i].kind == HOLE_TEXT)
            *ret = (struct known_said){{p, n}, is_plain, {NULL, 0}};
        from[i] = p;
        to[i] = p += n;
    }
    p = step_over(p, end, piece, k->lengths[i]);
    if (p && k->first_count) {
        const char *counts = from[k->first_count - 1] - k->count_lead;
        const char *behind = to[k->last_count - 1] + k->count_trail;
        ret->counts = (struct str){counts, (size_t)(behind - counts)};
    }
    return p ? (size_t)(p - in.p) : 0;
}

/* Makes room for a text of so many bytes in the place of the one before. */
static bool fit(struct known *k, size_t n)
{
    struct buf *b = &k->made;
    size_t old = k->made_at + k->made_text, rest = b->n - old;
    if (n > k->made_text && !buf_reserve(b, n - k->made_text))
        return false;
    memmove(b->p + k->made_at + n, b->p + old, rest);
    b->n = k->made_at + n + rest;
    k->made_text = n;
    return true;
}

struct str known_make(struct known *k, struct str text)
{
    if (text.n != k->made_text && !fit(k, text.n))
        return (struct str){NULL, 0};
    memcpy(k->made.p + k->made_at, text.p, text.n);
    return buf_view(&k->made);
}

bool known_makes(const struct known *k, struct str before, struct str behind)
{
    struct str made = buf_view(&k->made);
    return k->made_at == before.n && made.n - before.n - k->made_text == behind.n &&
           str_starts(made, before) && str_ends(made, behind);
}
