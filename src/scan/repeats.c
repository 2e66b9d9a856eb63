/* repeats.c -- see repeats.h. */
#include "scan/repeats.h"

#include "core/mem.h"
#include "scan/detect.h"
#include "scan/text/facts.h"
#include "scan/text/lexicon.h"

#include <stdlib.h>

enum {
    LEAST = 5,         /* letters and digits of a value */
    LEAST_NUMBER = 6,  /* ... that is a number */
    LEAST_LETTERS = 7, /* ... of letters alone, in no list */
    MOST = REPEAT_BYTES,
    GAP_MOST = 3
};

bool repeats_may_have(const struct span *s)
{
    switch (guard_type_group((enum guard_type)s->type)) {
    case GROUP_DEVICE:
    case GROUP_WORK:
    case GROUP_CRYPTO:
    case GROUP_SECRET:
    case GROUP_HEALTH_ID:
    case GROUP_CREDIT_CARD:
    case GROUP_IBAN:
    case GROUP_BANK:
    case GROUP_NATIONAL_ID:
    case GROUP_GOV_DOC:
        return s->evidence != SAW_RULE && s->end - s->start <= MOST;
    default:
        return s->type == TYPE_PHONE && s->end - s->start <= MOST;
    }
}

/* -- letters and digits -------------------------------------------------------------- */

/* Of `most` letters and digits from text[at] on: how many there are before a longer gap,
 * their hash, and where they end. */
static size_t fold(struct str text, size_t at, size_t most, uint64_t *ret_hash,
                   size_t *ret_end)
{
    uint64_t h = WORD_HASH_SEED;
    size_t n = 0, gap = 0;
    *ret_end = at;
    for (size_t i = at; i < text.n && n < most && gap <= GAP_MOST; i++) {
        if (!is_alnum(text.p[i])) {
            gap += text.p[i] >= 0 ? 1 : GAP_MOST + 1;
            continue;
        }
        h = word_hash_step(h, to_lower(text.p[i]));
        gap = 0;
        n++;
        *ret_end = i + 1;
    }
    *ret_hash = word_hash_end(h);
    return n;
}

/* No word of a list and no short number. */
static bool is_odd(struct str v, bool is_account)
{
    size_t digits = 0, upper = 0, lower = 0, marks = 0;
    char low[MOST];
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < 0)
            return false;
        digits += is_digit(v.p[i]);
        upper += is_upper(v.p[i]);
        lower += is_lower(v.p[i]);
        marks += strchr("._-", v.p[i]) != NULL;
        low[i] = to_lower(v.p[i]);
    }
    size_t letters = upper + lower;
    if (letters == 0)
        return digits >= LEAST_NUMBER;
    if (digits)
        return digits >= 2 || letters >= 3;
    if (marks && is_account)
        return true;
    uint64_t hash = word_hash(low, v.n);
    return letters == v.n && v.n >= LEAST_LETTERS && facts_find(hash) == 0 &&
           lexicon_find(hash) == 0;
}

static uint32_t prefix_of(struct str text, size_t at, size_t *ret_n)
{
    uint64_t h;
    size_t end;
    *ret_n = fold(text, at, REPEAT_PREFIX, &h, &end);
    return (uint32_t)(h >> 32);
}

static bool may_begin(const struct repeats *r, uint32_t prefix)
{
    return r->bits[prefix >> 6 & 15] >> (prefix & 63) & 1;
}

/* Where this value is in the table, or where it would go. */
static size_t slot_of(const struct repeats *r, uint64_t hash, size_t n)
{
    size_t i = hash % REPEAT_SLOTS;
    while (r->slot[i] &&
           (r->v[r->slot[i] - 1].hash != hash || r->v[r->slot[i] - 1].n != n))
        i = (i + 1) % REPEAT_SLOTS;
    return i;
}

static void add(struct repeats *r, struct str text, const struct span *s)
{
    struct str v = str_sub(text, s->start, s->end);
    struct repeat x = {.like = *s};
    size_t end, n;
    bool is_account = guard_type_group((enum guard_type)s->type) == GROUP_WORK;
    if (r->n == REPEATS_MOST || !is_odd(v, is_account) || str_find(v, STR("://")) >= 0)
        return;
    x.n = (uint32_t)fold(v, 0, MOST, &x.hash, &end);
    uint32_t prefix = prefix_of(v, 0, &n);
    if (x.n < LEAST || n < REPEAT_PREFIX || !is_alnum(v.p[0]))
        return;
    size_t slot = slot_of(r, x.hash, x.n);
    if (r->slot[slot])
        return;
    r->v[r->n++] = x;
    r->slot[slot] = (uint16_t)r->n;
    r->has_size[x.n] = true;
    r->bits[prefix >> 6 & 15] |= UINT64_C(1) << (prefix & 63);
}

void repeats_add(struct repeats *r, struct str text, const struct span *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (repeats_may_have(&v[i]) && v[i].end <= text.n)
            add(r, text, &v[i]);
}

/* -- mentions ------------------------------------------------------------------------ */

/* The value that stands at text[at] whole; NULL: none.  The text is read once, however
 * many values begin alike. */
static const struct repeat *value_at(const struct repeats *r, struct str text, size_t at,
                                     size_t *ret_end)
{
    uint64_t h = WORD_HASH_SEED;
    size_t n;
    if (!may_begin(r, prefix_of(text, at, &n)) || n < REPEAT_PREFIX)
        return NULL;
    n = 0;
    for (size_t i = at, gap = 0; i < text.n && n < MOST && gap <= GAP_MOST; i++) {
        if (!is_alnum(text.p[i])) {
            gap += text.p[i] >= 0 ? 1 : GAP_MOST + 1;
            continue;
        }
        h = word_hash_step(h, to_lower(text.p[i]));
        gap = 0;
        n++;
        bool ends = i + 1 == text.n || !is_alnum(text.p[i + 1]);
        unsigned slot =
            ends && r->has_size[n] ? r->slot[slot_of(r, word_hash_end(h), n)] : 0;
        if (slot) {
            *ret_end = i + 1;
            return &r->v[slot - 1];
        }
    }
    return NULL;
}

static int by_place(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

bool repeats_find(const struct repeats *r, struct str text, struct span_list *l,
                  size_t from)
{
    size_t end, next = from, had = l->n;
    for (size_t i = 0; r->n && i < text.n; i++) {
        if (!is_alnum(text.p[i]) || (i > 0 && is_alnum(text.p[i - 1])))
            continue;
        while (next < had && l->v[next].end <= i)
            next++;
        if (next < had && l->v[next].start <= i) {
            i = l->v[next].end - 1;
            continue;
        }
        const struct repeat *x = value_at(r, text, i, &end);
        if (!x || (next < had && l->v[next].start < end))
            continue;
        struct span s = x->like;
        s.start = (uint32_t)i;
        s.end = (uint32_t)end;
        if (!span_list_add(l, s))
            return false;
        i = end - 1;
    }
    if (l->n > had)
        qsort(l->v + from, l->n - from, sizeof *l->v, by_place);
    return true;
}
