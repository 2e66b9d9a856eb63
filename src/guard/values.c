/* values.c -- see values.h: rows by id and by owner, under one lock; a search works on
 * its own copy of what it compares. */
#include "guard/values.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/mutex.h"
#include "guard/sessions.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BUCKETS = 4096,
    BLOOM_BITS = 4096,
    SWEEP_EVERY_MS = 10 * 1000,
    GAP_MAX = 3 /* marks and blanks in a row inside of a value */
};

/* What a value is known by. */
struct mark {
    uint64_t prefix; /* of its first VALUE_MIN_CHARS */
    uint64_t a, b;   /* of all of it, and of its client */
    uint32_t n;      /* letters and digits */
    bool is_number;  /* digits alone: in a longer number it is another one */
};

struct row {
    struct row *next_id, *next_of_owner;
    struct value_owner *owner;
    struct mark mark;
    struct value_row r;
};

struct value_owner {
    struct value_owner *next;
    struct row *rows;
    uint32_t n, n_allowed;
    char name[64];
};

struct values {
    struct mutex lock;
    struct siphash_key keys[3];
    struct row *buckets[BUCKETS];
    struct value_owner *owners;
    uint64_t swept_ms;        /* when all that was over was dropped */
    _Atomic size_t n;         /* rows; read without the lock, as the next */
    _Atomic size_t n_allowed; /* never fewer: nobody forgets what was let go */
};

struct compared {
    struct mark mark;
    uint64_t id;
    uint16_t type;
    bool has_check;
};

struct value_search {
    const struct values *v;
    struct str owner;
    uint64_t bloom[BLOOM_BITS / 64];
    size_t n;
    struct compared c[]; /* by prefix, and then by length */
};

/* -- letters and digits -------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Copies the letters and digits from text[at] on, at most max of them; how many, and
 * where they end. */
static size_t fold(struct str text, size_t at, size_t max, bool is_strict, char *out,
                   size_t *ret_end)
{
    size_t n = 0, gap = 0, i = at;
    for (*ret_end = at; i < text.n && n < max; i++) {
        if (is_char(text.p[i])) {
            out[n++] = lower(text.p[i]);
            gap = 0;
            *ret_end = i + 1;
        } else if (is_strict && ++gap > GAP_MAX) {
            break;
        }
    }
    return n;
}

unsigned value_bits(struct str text)
{
    bool digit = false, small = false, large = false, other = false;
    bool is_hex = true;
    double n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!is_char(c))
            continue;
        n++;
        digit |= c >= '0' && c <= '9';
        small |= c >= 'a' && c <= 'z';
        large |= c >= 'A' && c <= 'Z';
        other |= (unsigned char)c >= 0x80;
        is_hex &= (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
    }
    if (!digit && !(small && large)) /* a word or words: few of all spellings */
        return (unsigned)(n * 2);
    double kinds = is_hex && (small || large)
                       ? 16
                       : digit * 10 + small * 26 + large * 26 + other * 26;
    return (unsigned)(n * log2(kinds > 1 ? kinds : 2));
}

bool value_can_hold(struct str text, bool has_check)
{
    char folded[VALUE_MAX_CHARS];
    size_t end, n = fold(text, 0, sizeof folded, false, folded, &end);
    return n >= VALUE_MIN_CHARS && (has_check || value_bits(text) >= HOLD_BITS);
}

bool value_sha256(struct str text, unsigned char ret[32])
{
    char folded[VALUE_MAX_CHARS];
    unsigned bytes = 32;
    size_t end, n = fold(text, 0, sizeof folded, false, folded, &end);
    bool ok = n > 0 && EVP_Digest(folded, n, ret, &bytes, EVP_sha256(), NULL);
    mem_wipe(folded, sizeof folded);
    return ok;
}

/* -- digests ------------------------------------------------------------------------- */

/* The first letters and digits, the first of all in the lowest byte. */
static uint64_t first_of(const char *folded)
{
    uint64_t w = 0;
    for (size_t i = VALUE_MIN_CHARS; i-- > 0;)
        w = w << 8 | (unsigned char)folded[i];
    return w;
}

static uint64_t prefix_of(const struct values *v, uint64_t w)
{
    w = (w ^ v->keys[2].k0) * (v->keys[2].k1 | 1);
    return w ^ w >> 29;
}

/* What goes before the letters and digits of an owner's value. */
static void digest_begin(struct siphash *h, struct siphash_key key, struct str owner)
{
    uint64_t n = owner.n;
    siphash_init(h, key);
    siphash_update(h, (struct str){(const char *)&n, sizeof n});
    siphash_update(h, owner);
}

static uint64_t digest(struct siphash_key key, struct str owner, struct str folded)
{
    struct siphash h;
    digest_begin(&h, key, owner);
    siphash_update(&h, folded);
    return siphash_final(&h);
}

static struct mark mark_of(const struct values *v, struct str owner, struct str text)
{
    char folded[VALUE_MAX_CHARS] = {0};
    size_t end, n = fold(text, 0, sizeof folded, false, folded, &end);
    struct str all = {folded, n};
    struct mark m = {.prefix = prefix_of(v, first_of(folded)),
                     .a = digest(v->keys[0], owner, all),
                     .b = digest(v->keys[1], owner, all),
                     .n = (uint32_t)n,
                     .is_number = n > 0};
    for (size_t i = 0; i < n; i++)
        m.is_number &= is_digit(folded[i]);
    mem_wipe(folded, sizeof folded);
    return m;
}

static uint64_t id_of(const struct mark *m)
{
    return m->a ? m->a : 1;
}

uint64_t value_id(const struct values *v, struct str owner, struct str text)
{
    const struct mark m = mark_of(v, owner, text);
    return id_of(&m);
}

void value_format(uint64_t id, char ret[VALUE_TEXT_BYTES])
{
    snprintf(ret, VALUE_TEXT_BYTES, "v-%016llx", (unsigned long long)id);
}

bool value_parse(struct str text, uint64_t *ret)
{
    char as_session[SESSION_TEXT_BYTES] = "s-";
    if (text.n != VALUE_TEXT_BYTES - 1 || !str_starts(text, STR("v-")))
        return false;
    memcpy(as_session + 2, text.p + 2, text.n - 2);
    return session_parse(str_of(as_session), ret);
}

/* -- life ---------------------------------------------------------------------------- */

struct values *values_create(struct err *err)
{
    struct values *v = mem_new(struct values);
    if (!v) {
        err_nomem(err);
        return NULL;
    }
    if (!random_bytes(v->keys, sizeof v->keys)) {
        mem_free(v);
        err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
        return NULL;
    }
    mutex_init(&v->lock);
    return v;
}

static struct row **bucket_of(struct values *v, uint64_t id)
{
    return &v->buckets[id % BUCKETS];
}

/* Takes the row *at out of its owner's list, and frees it. */
static void drop_row(struct values *v, struct row **at)
{
    struct row *r = *at, **b = bucket_of(v, r->r.id);
    while (*b != r)
        b = &(*b)->next_id;
    *b = r->next_id;
    *at = r->next_of_owner;
    r->owner->n--;
    atomic_fetch_sub(&v->n, 1);
    mem_wipe(r, sizeof *r);
    mem_free(r);
}

void values_free(struct values *v)
{
    if (!v)
        return;
    for (struct value_owner *o = v->owners, *next; o; o = next) {
        next = o->next;
        while (o->rows)
            drop_row(v, &o->rows);
        mem_free(o);
    }
    mutex_release(&v->lock);
    mem_wipe(v->keys, sizeof v->keys);
    mem_free(v);
}

static bool is_over(const struct row *r, uint64_t now_ms)
{
    return !r->r.is_allowed && r->r.last_ms + SESSION_IDLE_MS <= now_ms;
}

static struct row *find_row(struct values *v, const struct mark *m)
{
    for (struct row *r = *bucket_of(v, id_of(m)); r; r = r->next_id)
        if (r->mark.a == m->a && r->mark.b == m->b)
            return r;
    return NULL;
}

static struct value_owner *find_owner(struct values *v, struct str name)
{
    for (struct value_owner *o = v->owners; o; o = o->next)
        if (str_eqz(name, o->name))
            return o;
    return NULL;
}

static void drop_over(struct values *v, struct value_owner *o, uint64_t now_ms)
{
    for (struct row **at = &o->rows; *at;) {
        if (is_over(*at, now_ms))
            drop_row(v, at);
        else
            at = &(*at)->next_of_owner;
    }
}

static void drop_oldest_note(struct values *v, struct value_owner *o)
{
    struct row **oldest = NULL;
    for (struct row **at = &o->rows; *at; at = &(*at)->next_of_owner) {
        bool is_note = !(*at)->r.holds && !(*at)->r.is_allowed;
        if (is_note && (!oldest || (*at)->r.last_ms < (*oldest)->r.last_ms))
            oldest = at;
    }
    if (oldest)
        drop_row(v, oldest);
}

static bool has_room(const struct values *v, const struct value_owner *o)
{
    return o->n < VALUES_OF_OWNER && v->n < VALUES_MAX;
}

/* All of them, and so not each time that there is no room. */
static void sweep(struct values *v, uint64_t now_ms)
{
    if (now_ms < v->swept_ms + SWEEP_EVERY_MS)
        return;
    v->swept_ms = now_ms;
    for (struct value_owner *o = v->owners; o; o = o->next)
        drop_over(v, o, now_ms);
}

/* What is over, of others too when all together are many; then what is only noted. */
static void make_room(struct values *v, struct value_owner *o, uint64_t now_ms)
{
    drop_over(v, o, now_ms);
    if (v->n >= VALUES_MAX)
        sweep(v, now_ms);
    if (!has_room(v, o))
        drop_oldest_note(v, o);
}

static struct value_owner *owner_for(struct values *v, struct str name)
{
    struct value_owner *o = find_owner(v, name);
    if (o || name.n >= sizeof o->name)
        return o;
    o = mem_new(struct value_owner);
    if (!o)
        return NULL;
    memcpy(o->name, name.p ? name.p : "", name.n);
    o->next = v->owners;
    v->owners = o;
    return o;
}

/* A row for the value, an old one or new; NULL: there is no room. */
static struct row *row_for(struct values *v, struct str owner,
                           const struct value_seen *seen, uint64_t now_ms)
{
    const struct mark m = mark_of(v, owner, seen->text);
    struct row *r = find_row(v, &m);
    struct value_owner *o = r ? r->owner : owner_for(v, owner);
    if (r || !o)
        return r;
    if (!has_room(v, o))
        make_room(v, o, now_ms);
    if (!has_room(v, o))
        return NULL;
    r = mem_new(struct row);
    if (!r)
        return NULL;
    *r = (struct row){.owner = o, .mark = m, .next_of_owner = o->rows};
    r->r = (struct value_row){.id = id_of(&m), .first_ms = now_ms, .type = seen->type};
    memcpy(r->r.owner, o->name, sizeof r->r.owner);
    o->rows = r;
    o->n++;
    r->next_id = *bucket_of(v, r->r.id);
    *bucket_of(v, r->r.id) = r;
    atomic_fetch_add(&v->n, 1);
    return r;
}

static bool put(struct values *v, struct str owner, const struct value_seen *seen,
                bool holds, uint64_t now_ms)
{
    mutex_lock(&v->lock);
    struct row *r = row_for(v, owner, seen, now_ms);
    if (r) {
        r->r.last_ms = now_ms;
        r->r.times++;
        r->r.request = seen->request;
        r->r.session = seen->session;
        r->r.has_check |= seen->has_check;
        r->r.holds |= holds;
    }
    mutex_unlock(&v->lock);
    return r != NULL;
}

bool values_hold(struct values *v, struct str owner, const struct value_seen *seen,
                 uint64_t now_ms)
{
    return value_can_hold(seen->text, seen->has_check) &&
           put(v, owner, seen, true, now_ms);
}

void values_note(struct values *v, struct str owner, const struct value_seen *seen,
                 uint64_t now_ms)
{
    (void)put(v, owner, seen, false, now_ms);
}

void values_note_place(struct values *v, uint64_t id, struct str member, uint32_t line,
                       uint32_t column)
{
    mutex_lock(&v->lock);
    for (struct row *r = *bucket_of(v, id); r; r = r->next_id)
        if (r->r.id == id) {
            snprintf(r->r.member, sizeof r->r.member, "%.*s", STR_ARG(member));
            r->r.line = line;
            r->r.column = column;
        }
    mutex_unlock(&v->lock);
}

size_t values_count(struct values *v)
{
    return atomic_load(&v->n);
}

/* -- what was let go ----------------------------------------------------------------- */

bool values_has_allowed(struct values *v, struct str owner)
{
    if (LIKELY(atomic_load_explicit(&v->n_allowed, memory_order_relaxed) == 0))
        return false;
    mutex_lock(&v->lock);
    const struct value_owner *o = find_owner(v, owner);
    bool ret = o && o->n_allowed > 0;
    mutex_unlock(&v->lock);
    return ret;
}

bool values_is_allowed(struct values *v, struct str owner, struct str text)
{
    const struct mark m = mark_of(v, owner, text);
    mutex_lock(&v->lock);
    const struct row *r = find_row(v, &m);
    bool ret = r && r->r.is_allowed;
    mutex_unlock(&v->lock);
    return ret;
}

static struct row *find_id(struct values *v, uint64_t id, uint64_t now_ms)
{
    for (struct row *r = *bucket_of(v, id); r; r = r->next_id)
        if (r->r.id == id && !is_over(r, now_ms))
            return r;
    return NULL;
}

int values_check_allow(struct values *v, uint64_t id, uint64_t now_ms, struct err *err)
{
    mutex_lock(&v->lock);
    const struct row *r = find_id(v, id, now_ms);
    bool has_check = r && r->r.has_check;
    mutex_unlock(&v->lock);
    if (!r)
        return err_set(err, ERR_NOT_FOUND, "unknown_value",
                       "no value of this name was held; weir label lists those of today");
    if (has_check)
        return err_set(err, ERR_BAD_REQUEST, "value_checked",
                       "its check digits are right, so it is no false alarm; let its "
                       "session leave masked instead: weir label lower");
    return 0;
}

void values_allow(struct values *v, uint64_t id, uint64_t now_ms)
{
    mutex_lock(&v->lock);
    struct row *r = find_id(v, id, now_ms);
    if (r && !r->r.has_check) {
        if (!r->r.is_allowed) {
            r->owner->n_allowed++;
            atomic_fetch_add(&v->n_allowed, 1);
        }
        r->r.is_allowed = true;
        r->r.holds = false;
    }
    mutex_unlock(&v->lock);
}

/* -- searching ----------------------------------------------------------------------- */

static void compare_with(struct value_search *s, const struct row *r)
{
    uint64_t bit = r->mark.prefix >> 52;
    s->c[s->n++] = (struct compared){r->mark, r->r.id, r->r.type, r->r.has_check};
    s->bloom[bit / 64] |= UINT64_C(1) << bit % 64;
}

static int by_prefix(const void *a, const void *b)
{
    const struct mark *x = &((const struct compared *)a)->mark;
    const struct mark *y = &((const struct compared *)b)->mark;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return x->n < y->n ? -1 : x->n > y->n;
}

struct value_search *value_search_begin(struct values *v, struct str owner,
                                        uint64_t now_ms)
{
    struct value_search *s = NULL;
    if (LIKELY(atomic_load_explicit(&v->n, memory_order_relaxed) == 0))
        return NULL;
    mutex_lock(&v->lock);
    const struct value_owner *o = find_owner(v, owner);
    if (o && o->n)
        s = mem_alloc(sizeof *s + o->n * sizeof s->c[0]);
    if (s) {
        memset(s, 0, sizeof *s);
        s->v = v;
        s->owner = owner;
        for (const struct row *r = o->rows; r; r = r->next_of_owner)
            if (r->r.holds && !is_over(r, now_ms))
                compare_with(s, r);
    }
    mutex_unlock(&v->lock);
    if (s && s->n == 0) {
        mem_free(s);
        s = NULL;
    }
    if (s)
        qsort(s->c, s->n, sizeof s->c[0], by_prefix);
    return s;
}

/* The first with this prefix, of those the shortest. */
static const struct compared *first_with(const struct value_search *s, uint64_t prefix)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->c[mid].mark.prefix < prefix)
            low = mid + 1;
        else
            high = mid;
    }
    return &s->c[low];
}

/* The letters and digits from some place of a text on, and the digests of the first of
 * them. */
struct reading_on {
    char folded[VALUE_MAX_CHARS];
    size_t n, ndigested;
    struct siphash a, b;
};

/* One of those from c to `end` that have as many letters as were read. */
static const struct compared *match(struct reading_on *o, const struct compared *c,
                                    const struct compared *end)
{
    struct str more = {o->folded + o->ndigested, o->n - o->ndigested};
    siphash_update(&o->a, more);
    siphash_update(&o->b, more);
    o->ndigested = o->n;
    struct siphash a = o->a, b = o->b;
    uint64_t is_a = siphash_final(&a), is_b = siphash_final(&b);
    for (; c < end && c->mark.n == o->n; c++)
        if (c->mark.a == is_a && c->mark.b == is_b)
            return c;
    return NULL;
}

static const struct compared *end_of(const struct value_search *s,
                                     const struct compared *c)
{
    const struct compared *end = c;
    while (end < s->c + s->n && end->mark.prefix == c->mark.prefix)
        end++;
    return end;
}

static bool is_in_number(struct str text, size_t at, size_t end)
{
    return (at > 0 && is_digit(text.p[at - 1])) ||
           (end < text.n && is_digit(text.p[end]));
}

/* The longest value that begins at text[at].  The text is read once for all of
 * the same prefix: a provider's keys, a log's tokens. */
static const struct compared *find_at(const struct value_search *s, uint64_t prefix,
                                      struct str text, size_t at, size_t *ret_end)
{
    const struct compared *c = first_with(s, prefix), *found = NULL;
    if (c == s->c + s->n || c->mark.prefix != prefix)
        return NULL;
    const struct compared *end = end_of(s, c);
    struct reading_on o = {.n = 0};
    digest_begin(&o.a, s->v->keys[0], s->owner);
    digest_begin(&o.b, s->v->keys[1], s->owner);
    for (size_t i = at, gap = 0; c < end && i < text.n && gap <= GAP_MAX; i++) {
        if (!is_char(text.p[i])) {
            gap++;
            continue;
        }
        gap = 0;
        o.folded[o.n++] = lower(text.p[i]);
        const struct compared *m = c->mark.n == o.n ? match(&o, c, end) : NULL;
        if (m && !(m->mark.is_number && is_in_number(text, at, i + 1))) {
            found = m;
            *ret_end = i + 1;
        }
        while (c < end && c->mark.n == o.n)
            c++;
    }
    return found;
}

/* The letters and digits read last, as VALUE_MIN_CHARS bytes, and where each stood. */
struct window {
    uint64_t last;
    size_t at[VALUE_MIN_CHARS];
    size_t n, gap;
};

/* True: so many were read without a longer gap that a value may begin with them. */
static bool window_take(struct window *w, struct str text, size_t i)
{
    if (!is_char(text.p[i])) {
        if (++w->gap > GAP_MAX)
            w->n = 0;
        return false;
    }
    w->gap = 0;
    w->last = w->last >> 8 | (uint64_t)(unsigned char)lower(text.p[i]) << 56;
    w->at[w->n++ % VALUE_MIN_CHARS] = i;
    return w->n >= VALUE_MIN_CHARS;
}

bool value_search_in(const struct value_search *s, struct str text, struct value_hit *ret)
{
    struct window w = {.n = 0};
    for (size_t i = 0; i < text.n; i++) {
        if (!window_take(&w, text, i))
            continue;
        uint64_t prefix = prefix_of(s->v, w.last);
        if (LIKELY(!(s->bloom[(prefix >> 52) / 64] >> (prefix >> 52) % 64 & 1)))
            continue;
        size_t at = w.at[w.n % VALUE_MIN_CHARS], end;
        const struct compared *c = find_at(s, prefix, text, at, &end);
        if (c) {
            *ret = (struct value_hit){.type = c->type,
                                      .has_check = c->has_check,
                                      .id = c->id,
                                      .start = at,
                                      .end = end};
            return true;
        }
    }
    return false;
}

void value_search_end(struct values *v, struct value_search *s, uint64_t hit_id,
                      uint64_t now_ms)
{
    if (hit_id) {
        mutex_lock(&v->lock);
        struct row *r = find_id(v, hit_id, now_ms);
        if (r) {
            r->r.last_ms = now_ms;
            r->r.times++;
        }
        mutex_unlock(&v->lock);
    }
    mem_free(s);
}

/* -- the review ---------------------------------------------------------------------- */

static void sort_in(struct value_row *v, size_t *n, size_t max, const struct value_row *r)
{
    size_t i = *n < max ? (*n)++ : max;
    if (i == max && (max == 0 || v[max - 1].last_ms >= r->last_ms))
        return;
    i = i == max ? max - 1 : i;
    for (; i > 0 && v[i - 1].last_ms < r->last_ms; i--)
        v[i] = v[i - 1];
    v[i] = *r;
}

size_t values_list(struct values *v, uint64_t since_ms, uint64_t now_ms,
                   struct value_row *ret, size_t max)
{
    size_t n = 0;
    mutex_lock(&v->lock);
    for (const struct value_owner *o = v->owners; o; o = o->next)
        for (const struct row *r = o->rows; r; r = r->next_of_owner)
            if (!is_over(r, now_ms) && r->r.last_ms >= since_ms)
                sort_in(ret, &n, max, &r->r);
    mutex_unlock(&v->lock);
    return n;
}
