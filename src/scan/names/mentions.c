/* mentions.c -- see mentions.h.
 *
 * The words are compared by the hashes that the tokens have: once around the text, and
 * only when it has a private name at all. */
#include "scan/names/mentions.h"

#include "core/mem.h"
#include "scan/detect.h"
#include "scan/repeats.h"
#include "scan/strings.h"
#include "scan/text/lexicon.h"

enum { NAME_SLOTS = 1024, NAMES_MOST = 700, WORD_LEAST = 3, FOLD_BYTES = 40 };
enum { FOUND_SCORE = 60, SURE_SCORE = 55 };

/* Private names by the hashes of their last words. */
struct privates {
    uint32_t slot[NAME_SLOTS]; /* 0: empty */
    uint64_t bits[4];          /* which hashes there may be */
    size_t n;
    bool is_full; /* more than can be kept: every name is private */
};

static size_t slot_of(const struct privates *p, uint32_t who)
{
    size_t i = who % NAME_SLOTS;
    while (p->slot[i] && p->slot[i] != who)
        i = (i + 1) % NAME_SLOTS;
    return i;
}

static bool has(const struct privates *p, uint32_t who)
{
    if (p->is_full)
        return true;
    return (p->bits[who >> 6 & 3] >> (who & 63) & 1) && p->slot[slot_of(p, who)] == who;
}

static void add(struct privates *p, uint32_t who)
{
    size_t i = slot_of(p, who);
    if (!who || p->is_full || p->slot[i] == who)
        return;
    if (p->n == NAMES_MOST) {
        p->is_full = true;
        return;
    }
    p->slot[i] = who;
    p->bits[who >> 6 & 3] |= UINT64_C(1) << (who & 63);
    p->n++;
}

/* An unsure name makes others of the same word private, but is not looked for where
 * nobody saw a name: one needless mask would become many. */
static void add_spans(struct privates *all, struct privates *sure, const struct span *v,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (v[i].type != TYPE_PERSON || v[i].is_alone)
            continue;
        add(all, v[i].who);
        if (v[i].score >= SURE_SCORE)
            add(sure, v[i].who);
    }
}

static void join(const struct privates *p, struct span *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (v[i].is_alone && has(p, v[i].who))
            v[i].is_alone = false;
}

/* -- words --------------------------------------------------------------------------- */

struct word {
    size_t start, end;
    uint32_t hash;
    bool is_short;
};

/* "\nRoe" in a JSON in a string: the letter belongs to the escape. */
static size_t skip_escape(struct str text, size_t i)
{
    bool is_escaped = i > 0 && text.p[i - 1] == '\\' && strchr("nrtbf", text.p[i]);
    return is_escaped ? i + 1 : i;
}

/* A letter that is not ASCII goes into the hash as its Latin base, or byte by byte. */
static size_t step_over_wide(struct str text, size_t i, uint64_t *h, size_t *n)
{
    uint32_t cp;
    size_t k = utf8_read(text.p + i, text.p + text.n, &cp);
    char c = latin_base(cp);
    for (size_t j = 0; j < (c ? 1 : k) && *n < FOLD_BYTES; j++, ++*n)
        *h = word_hash_step(*h, c ? c : text.p[i + j]);
    return k;
}

static bool is_capital_at(struct str text, size_t i)
{
    uint32_t cp;
    if (text.p[i] >= 0)
        return is_upper(text.p[i]);
    utf8_read(text.p + i, text.p + text.n, &cp);
    return latin_is_upper(cp);
}

/* The next word from `at` on; false: there is none. */
static bool next_word(struct str text, size_t at, struct word *w)
{
    uint64_t h = WORD_HASH_SEED;
    size_t i = at, n = 0;
    while (i < text.n && !is_alpha(text.p[i]) && text.p[i] >= 0)
        i++;
    if (i < text.n)
        i = skip_escape(text, i);
    if (i >= text.n)
        return false;
    *w = (struct word){.start = i, .end = i + 1};
    while (i < text.n && n < FOLD_BYTES) {
        if (LIKELY(is_alpha(text.p[i]))) {
            h = word_hash_step(h, (char)(text.p[i++] | 32));
            n++;
        } else if (text.p[i] < 0) {
            i += step_over_wide(text, i, &h, &n);
        } else {
            break;
        }
    }
    w->end = i > w->start ? i : w->start + 1;
    w->hash = (uint32_t)(word_hash_end(h) >> 32);
    w->is_short = n < WORD_LEAST;
    return true;
}

/* Part of an identifier, a path or a host. */
static bool is_in_identifier(struct str text, const struct word *w)
{
    const char *marks = "_-./\\@#$0123456789";
    bool before = w->start > 0 && strchr(marks, text.p[w->start - 1]);
    bool behind = w->end + 1 < text.n && strchr(marks, text.p[w->end]) &&
                  (is_alnum(text.p[w->end + 1]) || text.p[w->end + 1] == '_');
    return before || behind;
}

/* A word in lower case may be an ordinary one. */
static bool may_be_name(struct str text, const struct word *w)
{
    char folded[FOLD_BYTES];
    size_t n = w->end - w->start;
    if (w->is_short || is_in_identifier(text, w))
        return false;
    if (is_capital_at(text, w->start) || n > FOLD_BYTES)
        return true;
    for (size_t i = 0; i < n; i++)
        folded[i] = to_lower(text.p[w->start + i]);
    return !(lexicon_find(word_hash(folded, n)) & (NAME_COMMON | NAME_FREQUENT));
}

/* -- spans --------------------------------------------------------------------------- */

/* The n spans of a text, and those of the private names and of the values that nobody saw
 * there, sorted. */
static bool merge(const struct privates *p, const struct repeats *values, struct str text,
                  const struct span *v, size_t n, struct span_list *out)
{
    struct word w = {0};
    size_t next = 0, first = out->n;
    while (p->n && next_word(text, w.end, &w)) {
        while (next < n && v[next].end <= w.start)
            if (!span_list_add(out, v[next++]))
                return false;
        bool is_taken = next < n && v[next].start < w.end;
        if (is_taken || p->is_full || !has(p, w.hash) || !may_be_name(text, &w))
            continue;
        struct span s = {.start = (uint32_t)w.start,
                         .end = (uint32_t)w.end,
                         .type = TYPE_PERSON,
                         .score = FOUND_SCORE,
                         .evidence = SAW_LEXICON,
                         .who = w.hash};
        if (!span_list_add(out, s))
            return false;
    }
    while (next < n)
        if (!span_list_add(out, v[next++]))
            return false;
    return repeats_find(values, text, out, first);
}

bool mentions_in_text(struct span_list *l, struct str text)
{
    struct privates p = {.n = 0}, sure = {.n = 0};
    struct repeats values = {.n = 0};
    struct span_list all = {0};
    add_spans(&p, &sure, l->v, l->n);
    join(&p, l->v, l->n);
    repeats_add(&values, text, l->v, l->n);
    if (!sure.n && !values.n)
        return true;
    bool ok = merge(&sure, &values, text, l->v, l->n, &all);
    mem_free(ok ? l->v : all.v);
    if (!ok)
        return false;
    l->v = all.v;
    l->n = all.n;
    l->cap = all.cap;
    return true;
}

/* -- a body -------------------------------------------------------------------------- */

struct reread {
    const struct privates *names;
    struct repeats values;
    const struct body_scan *b;
    struct str body;
    struct span_list spans;
    struct located *at;       /* owned */
    size_t nat, cap_at, next; /* next: of b->at */
    bool failed;
};

static void put_at(struct reread *r, struct located at)
{
    if (r->nat == r->cap_at) {
        size_t cap = r->cap_at ? 2 * r->cap_at : 32;
        struct located *v = mem_realloc(r->at, cap * sizeof *v);
        if (!v) {
            r->failed = true;
            return;
        }
        r->at = v;
        r->cap_at = cap;
    }
    r->at[r->nat++] = at;
}

/* What was found in names and numbers before this place stays as it is. */
static void copy_until(struct reread *r, size_t raw_start)
{
    for (; !r->failed && r->next < r->b->nat && r->b->at[r->next].raw_start < raw_start;
         r->next++) {
        struct located at = r->b->at[r->next];
        const struct span *v = r->b->spans.v + at.first;
        at.first = (uint32_t)r->spans.n;
        for (uint32_t i = 0; i < at.n; i++)
            r->failed |= !span_list_add(&r->spans, v[i]);
        put_at(r, at);
    }
}

/* The first time: which values the strings have. */
static bool take_values(void *ctx, enum string_kind kind, struct str raw, struct str text)
{
    struct reread *r = ctx;
    uint32_t start = (uint32_t)(raw.p - r->body.p);
    (void)kind;
    while (r->next < r->b->nat && r->b->at[r->next].raw_start < start)
        r->next++;
    if (r->next < r->b->nat && r->b->at[r->next].raw_start == start)
        repeats_add(&r->values, text, r->b->spans.v + r->b->at[r->next].first,
                    r->b->at[r->next].n);
    return true;
}

static bool has_values(const struct span_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (repeats_may_have(&l->v[i]))
            return true;
    return false;
}

static bool reread_string(void *ctx, enum string_kind kind, struct str raw,
                          struct str text)
{
    struct reread *r = ctx;
    struct located at = {.raw_start = (uint32_t)(raw.p - r->body.p),
                         .raw_end = (uint32_t)(raw.p + raw.n - r->body.p)};
    const struct located *had = NULL;
    if (kind != STRING_VALUE)
        return true;
    copy_until(r, at.raw_start);
    at.first = (uint32_t)r->spans.n;
    if (r->next < r->b->nat && r->b->at[r->next].raw_start == at.raw_start)
        had = &r->b->at[r->next++];
    r->failed |=
        !merge(r->names, &r->values, text, had ? r->b->spans.v + had->first : NULL,
               had ? had->n : 0, &r->spans);
    at.n = (uint32_t)(r->spans.n - at.first);
    if (at.n)
        put_at(r, at);
    return !r->failed;
}

bool mentions_in_body(struct body_scan *b, struct str body)
{
    struct privates p = {.is_full = b->is_every_name}, sure = {.n = 0};
    for (size_t i = 0; i < b->nnames; i++) {
        add(&p, b->names[i]);
        add(&sure, b->names[i]);
    }
    add_spans(&p, &sure, b->spans.v, b->spans.n);
    join(&p, b->spans.v, b->spans.n);
    struct reread r = {.names = &sure, .b = b, .body = body};
    if (has_values(&b->spans))
        (void)strings_each(body, take_values, &r);
    if (!sure.n && !r.values.n)
        return true;
    r.next = 0;
    r.failed = !strings_each(body, reread_string, &r);
    copy_until(&r, body.n + 1);
    mem_free(r.failed ? r.spans.v : b->spans.v);
    mem_free(r.failed ? r.at : b->at);
    if (r.failed)
        return false;
    b->spans.v = r.spans.v;
    b->spans.n = r.spans.n;
    b->spans.cap = r.spans.cap;
    b->at = r.at;
    b->nat = r.nat;
    b->cap_at = r.cap_at;
    return true;
}
