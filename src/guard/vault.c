/* vault.c -- see vault.h.
 *
 * Three tables in sealed pages: entries, the bytes of their values, and an index with
 * three chains of hashes (by value, by folded tag, by the last four bytes of the
 * value, for the alarm).  All grow by doubling into new pages; the old are wiped. */
#include "guard/vault.h"

#include "core/hash.h"
#include "core/mem.h"
#include "guard/sealed.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sched.h>
#include <stdatomic.h>

enum {
    FIRST_ENTRIES = 32,
    FIRST_BYTES = 2048,
    CHAINS = 512, /* heads a chain; a power of two */
    SHAPES_MAX = 64,
    TRIES = 64,
    CLEAR_BITS = 8192,
    NONE = 0 /* chains hold the number of an entry plus one */
};

struct entry {
    const struct tag_kind *kind;
    uint64_t stem_hash; /* of the folded value */
    uint32_t at, n;     /* the value's bytes */
    uint32_t next_value, next_tag, next_clear;
    uint8_t form, shape;
    struct tag tag, folded;
};

/* Sealed: the heads say which values there are. */
struct index {
    unsigned char key[VAULT_KEY_BYTES];
    struct siphash_key hash_key;
    uint32_t by_value[CHAINS], by_tag[CHAINS], by_clear[CHAINS];
    unsigned char clear_bits[CLEAR_BITS / 8];
};

struct vault {
    atomic_uint refs;
    atomic_flag lock; /* held for microseconds, and seldom wanted by two */
    struct vault_limits limits;
    struct sealed entries, values, index;
    uint32_t nentries;
    size_t nvalues; /* bytes */
    struct tag_shape shapes[SHAPES_MAX];
    uint32_t nshapes;
    uint64_t begins[256]; /* bit i: shape i may begin with this byte */
};

const struct vault_limits vault_default_limits = {4096, 512 * 1024};

static struct entry *entries_of(const struct vault *v)
{
    return v->entries.p;
}

static struct index *index_of(const struct vault *v)
{
    return v->index.p;
}

static struct str value_of(const struct vault *v, const struct entry *e)
{
    return (struct str){(const char *)v->values.p + e->at, e->n};
}

static bool hmac(const unsigned char key[VAULT_KEY_BYTES], struct str text,
                 unsigned char ret[TAG_DIGEST_BYTES])
{
    unsigned n = TAG_DIGEST_BYTES;
    return HMAC(EVP_sha256(), key, VAULT_KEY_BYTES, (const unsigned char *)text.p, text.n,
                ret, &n) != NULL;
}

bool vault_key_derive(const unsigned char process_key[VAULT_KEY_BYTES], struct str tenant,
                      unsigned char ret[VAULT_KEY_BYTES])
{
    struct buf b;
    buf_init(&b, tenant.n + 64);
    buf_lit(&b, "weir tenant key 1:");
    buf_append(&b, tenant);
    bool is_done = !b.failed && hmac(process_key, buf_view(&b), ret);
    buf_release(&b);
    return is_done;
}

/* -- life -------------------------------------------------------------------- */

struct vault *vault_create(const unsigned char key[VAULT_KEY_BYTES],
                           const struct vault_limits *limits)
{
    struct vault *v = mem_new(struct vault);
    if (!v)
        return NULL;
    bool has_pages = sealed_create(&v->index, sizeof(struct index)) &&
                     sealed_create(&v->entries, FIRST_ENTRIES * sizeof(struct entry)) &&
                     sealed_create(&v->values, FIRST_BYTES);
    if (!has_pages ||
        !random_bytes(&index_of(v)->hash_key, sizeof index_of(v)->hash_key)) {
        sealed_release(&v->index);
        sealed_release(&v->entries);
        sealed_release(&v->values);
        mem_free(v);
        return NULL;
    }
    memcpy(index_of(v)->key, key, VAULT_KEY_BYTES);
    v->limits = limits ? *limits : vault_default_limits;
    atomic_init(&v->refs, 1);
    atomic_flag_clear(&v->lock);
    return v;
}

struct vault *vault_retain(struct vault *v)
{
    atomic_fetch_add_explicit(&v->refs, 1, memory_order_relaxed);
    return v;
}

void vault_release(struct vault *v)
{
    if (!v || atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel) != 1)
        return;
    sealed_release(&v->index);
    sealed_release(&v->entries);
    sealed_release(&v->values);
    mem_free(v);
}

void vault_lock(struct vault *v)
{
    while (atomic_flag_test_and_set_explicit(&v->lock, memory_order_acquire))
        sched_yield();
}

void vault_unlock(struct vault *v)
{
    atomic_flag_clear_explicit(&v->lock, memory_order_release);
}

struct vault_stats vault_stats(struct vault *v)
{
    vault_lock(v);
    struct vault_stats s = {v->nentries, v->nvalues,
                            sizeof *v + v->index.n + v->entries.n + v->values.n};
    vault_unlock(v);
    return s;
}

/* -- hashes ------------------------------------------------------------------ */

static uint32_t chain_of(uint64_t hash)
{
    return (uint32_t)(hash & (CHAINS - 1));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static uint64_t hash_exact(const struct vault *v, const struct tag_kind *k,
                           enum tag_form form, struct str value)
{
    char head = (char)form;
    struct siphash h;
    siphash_init(&h, index_of(v)->hash_key);
    siphash_update(&h, (struct str){&head, 1});
    siphash_update(&h, str_of(k->word));
    siphash_update(&h, value);
    return siphash_final(&h);
}

/* What all spellings of one value have in common; shorter than the value. */
static size_t fold_value(struct str value, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++)
        if (!value.p[i] || !strchr(" \t\r\n-.,()", value.p[i]))
            out[n++] = lower(value.p[i]);
    return n;
}

static uint32_t clear_hash(uint32_t last4)
{
    return (last4 * UINT32_C(0x9E3779B1)) >> 19; /* 13 bits */
}

static uint32_t last4_of(struct str s)
{
    uint32_t w = 0;
    for (size_t i = s.n - 4; i < s.n; i++)
        w = w << 8 | (unsigned char)lower(s.p[i]);
    return w;
}

/* -- finding ----------------------------------------------------------------- */

static struct entry *find_value(const struct vault *v, const struct tag_kind *k,
                                enum tag_form form, struct str value, uint64_t hash)
{
    struct entry *entries = entries_of(v);
    for (uint32_t i = index_of(v)->by_value[chain_of(hash)]; i != NONE;
         i = entries[i - 1].next_value) {
        struct entry *e = &entries[i - 1];
        if (e->form == form && strcmp(e->kind->word, k->word) == 0 &&
            e->kind->is_secret == k->is_secret && str_eq(value_of(v, e), value))
            return e;
    }
    return NULL;
}

/* An e-mail tag is filed under its name, by which alone it may be asked for. */
static uint64_t hash_tag(const struct vault *v, const struct tag *folded)
{
    struct str text = {folded->text, folded->n};
    ptrdiff_t at = str_index(text, '@');
    return siphash_once(index_of(v)->hash_key,
                        at > 0 ? str_sub(text, 0, (size_t)at) : text);
}

/* is_name: of an e-mail tag the name alone is given. */
static struct entry *find_tag(const struct vault *v, const struct tag *folded,
                              bool is_name)
{
    struct entry *entries = entries_of(v);
    uint64_t hash = hash_tag(v, folded);
    for (uint32_t i = index_of(v)->by_tag[chain_of(hash)]; i != NONE;
         i = entries[i - 1].next_tag) {
        const struct tag *t = &entries[i - 1].folded;
        bool is_long_enough =
            is_name ? t->n > folded->n && t->text[folded->n] == '@' : t->n == folded->n;
        if (is_long_enough && memcmp(t->text, folded->text, folded->n) == 0)
            return &entries[i - 1];
    }
    return NULL;
}

/* Another value's tag with the same stem would tell the model that they are one. */
static bool is_stem_taken(const struct vault *v, const struct tag_shape *shape,
                          const struct tag *tag, uint64_t stem_hash)
{
    size_t stem = tag_stem(shape);
    const struct entry *entries = entries_of(v);
    if (!stem)
        return false;
    for (uint32_t i = 0; i < v->nentries; i++)
        if (entries[i].stem_hash != stem_hash && entries[i].tag.n == tag->n &&
            memcmp(entries[i].tag.text, tag->text, stem) == 0)
            return true;
    return false;
}

/* -- adding ------------------------------------------------------------------ */

static int find_shape(struct vault *v, const struct tag_kind *k, enum tag_form form,
                      size_t digits, uint32_t *ret)
{
    struct tag_shape s;
    unsigned char first[2];
    tag_shape_of(k, form, digits, &s);
    for (*ret = 0; *ret < v->nshapes; ++*ret)
        if (v->shapes[*ret].n == s.n && memcmp(v->shapes[*ret].text, s.text, s.n) == 0)
            return 0;
    if (v->nshapes == SHAPES_MAX)
        return -1;
    tag_shape_first(&s, first);
    v->begins[first[0]] |= UINT64_C(1) << v->nshapes;
    v->begins[first[1]] |= UINT64_C(1) << v->nshapes;
    v->begins['%'] |= UINT64_C(1) << v->nshapes; /* all of it written as escapes */
    v->begins['&'] |= UINT64_C(1) << v->nshapes;
    v->shapes[v->nshapes++] = s;
    return 0;
}

static bool make_room(struct vault *v, size_t value_bytes)
{
    size_t want = ((size_t)v->nentries + 1) * sizeof(struct entry);
    if (v->nentries >= v->limits.max_entries ||
        v->nvalues + value_bytes > v->limits.max_bytes)
        return false;
    if (want > v->entries.n && !sealed_grow(&v->entries, v->entries.n * 2))
        return false;
    size_t more = v->values.n;
    while (more < v->nvalues + value_bytes)
        more *= 2;
    return sealed_grow(&v->values, more);
}

static void link_entry(struct vault *v, struct entry *e, uint32_t number, uint64_t hash)
{
    struct index *x = index_of(v);
    uint64_t tag_hash = hash_tag(v, &e->folded);
    uint32_t *head = &x->by_value[chain_of(hash)];
    e->next_value = *head;
    *head = number;
    head = &x->by_tag[chain_of(tag_hash)];
    e->next_tag = *head;
    *head = number;
    if (e->n < VAULT_ALARM_MIN)
        return;
    uint32_t bit = clear_hash(last4_of(value_of(v, e)));
    x->clear_bits[bit / 8] |= (unsigned char)(1u << bit % 8);
    head = &x->by_clear[bit & (CHAINS - 1)];
    e->next_clear = *head;
    *head = number;
}

struct candidate {
    const struct tag_kind *kind;
    enum tag_form form;
    uint32_t shape;
    struct str value;
    struct str folded;      /* value */
    unsigned char spelling; /* a digest's byte */
};

/* The n-th tag this value could have. */
static bool make_tag(const struct vault *v, const struct candidate *c, unsigned attempt,
                     struct tag *ret)
{
    unsigned char digest[TAG_DIGEST_BYTES];
    struct buf b;
    buf_init(&b, c->folded.n + 128);
    buf_printf(&b, "weir tag 1:%s:%d:%u:", c->kind->word, (int)c->form, attempt);
    buf_append(&b, c->folded);
    bool is_done = !b.failed && hmac(index_of(v)->key, buf_view(&b), digest);
    if (is_done)
        tag_make(&v->shapes[c->shape], digest, (unsigned char)(c->spelling + attempt),
                 ret);
    if (b.p)
        mem_wipe(b.p, b.cap);
    buf_release(&b);
    return is_done;
}

static int add(struct vault *v, const struct candidate *c, uint64_t hash,
               vault_is_taken *is_taken, void *ctx, struct entry **ret)
{
    uint64_t stem_hash = siphash_once(index_of(v)->hash_key, c->folded);
    for (unsigned attempt = 0; attempt < TRIES; attempt++) {
        struct tag tag, folded;
        if (!make_tag(v, c, attempt, &tag))
            return -1;
        struct str text = {tag.text, tag.n};
        tag_fold(&v->shapes[c->shape], text, &folded);
        if (find_tag(v, &folded, false) ||
            is_stem_taken(v, &v->shapes[c->shape], &tag, stem_hash) ||
            (is_taken && is_taken(ctx, text)))
            continue;
        struct entry *e = &entries_of(v)[v->nentries++];
        *e = (struct entry){.kind = c->kind,
                            .stem_hash = stem_hash,
                            .at = (uint32_t)v->nvalues,
                            .n = (uint32_t)c->value.n,
                            .form = (uint8_t)c->form,
                            .shape = (uint8_t)c->shape,
                            .tag = tag,
                            .folded = folded};
        memcpy((char *)v->values.p + e->at, c->value.p, c->value.n);
        v->nvalues += c->value.n;
        link_entry(v, e, v->nentries, hash);
        *ret = e;
        return 0;
    }
    return -1;
}

/* A form whose range is used up gives way to the word. */
static int add_value(struct vault *v, struct candidate *c, uint64_t hash,
                     vault_is_taken *is_taken, void *ctx, struct entry **ret)
{
    char *folded = mem_alloc(c->value.n + 1);
    unsigned char digest[TAG_DIGEST_BYTES];
    int failed = -1;
    if (!folded)
        return -1;
    c->folded = (struct str){folded, fold_value(c->value, folded)};
    if (make_room(v, c->value.n) && hmac(index_of(v)->key, c->value, digest)) {
        c->spelling = digest[0];
        if (find_shape(v, c->kind, c->form, c->value.n, &c->shape) == 0)
            failed = add(v, c, hash, is_taken, ctx, ret);
        if (failed && c->form != TAG_WORD && c->form != TAG_NUMBER &&
            find_shape(v, c->kind, TAG_WORD, 0, &c->shape) == 0)
            failed = add(v, c, hash, is_taken, ctx, ret);
    }
    mem_wipe(folded, c->value.n + 1);
    mem_free(folded);
    return failed;
}

int vault_tag(struct vault *v, const char *type, struct str value, bool is_number,
              vault_is_taken *is_taken, void *ctx, struct tag *ret, struct err *err)
{
    struct candidate c = {.kind = tag_kind_of(type), .value = value};
    struct entry *e;
    int failed = 0;
    if (value.n == 0 || value.n > VAULT_VALUE_BYTES)
        return err_set(err, ERR_OVERLOAD, "vault_full",
                       "a %s of %zu bytes cannot be masked", type, value.n);
    c.form = tag_form_of(c.kind, value, is_number);
    vault_lock(v);
    uint64_t hash = hash_exact(v, c.kind, c.form, value);
    e = find_value(v, c.kind, c.form, value, hash);
    if (!e)
        failed = add_value(v, &c, hash, is_taken, ctx, &e);
    if (!failed)
        *ret = e->tag;
    uint32_t n = v->nentries;
    vault_unlock(v);
    if (failed)
        return err_set(err, ERR_OVERLOAD, "vault_full",
                       "this session has no room for another masked value (%u held)", n);
    return 0;
}

/* -- looking at answers ------------------------------------------------------- */

bool vault_may_begin(const struct vault *v, unsigned char c)
{
    return v->begins[c] != 0;
}

/* What the tag stands for: its name alone for the name of the address. */
static struct str meant_by(const struct vault *v, const struct entry *e,
                           const struct tag_seen *seen)
{
    struct str value = value_of(v, e);
    for (size_t i = value.n; seen->is_name && !seen->is_spelt && i > 0; i--)
        if (value.p[i - 1] == '@')
            return str_sub(value, 0, i - 1);
    return value;
}

static void look_shape(const struct vault *v, const struct tag_shape *s, struct str text,
                       size_t at, char before, bool is_end, struct vault_look *ret)
{
    struct tag_seen seen;
    enum tag_match m = tag_match_at(s, text, at, before, is_end, &seen);
    if (m != TAG_FULL) {
        if (m == TAG_PART)
            ret->match = TAG_PART;
        return;
    }
    const struct entry *e = find_tag(v, &seen.folded, seen.is_name);
    bool is_better = e ? !ret->is_known || seen.bytes > ret->bytes : !ret->is_known;
    if (!is_better)
        return;
    if (ret->match == TAG_NO)
        ret->match = TAG_FULL;
    ret->bytes = seen.bytes;
    ret->is_known = e != NULL;
    ret->is_word = s->form == TAG_WORD || s->form == TAG_EMAIL;
    if (e) {
        struct str as_written = str_sub(text, at, at + seen.bytes);
        ret->found = (struct vault_found){
            .value = meant_by(v, e, &seen),
            .escape = seen.escape,
            .is_secret = e->kind->is_secret,
            .is_number = e->form == TAG_NUMBER,
            .is_exact = str_eq(as_written, (struct str){e->tag.text, e->tag.n})};
    }
}

/* The shapes whose first character is written as an escape here. */
static uint64_t begun_by_escape(const struct vault *v, struct str text, bool is_end,
                                struct vault_look *ret)
{
    struct escape e;
    uint32_t code;
    int bytes = escape_read(text, &e, &code);
    if (bytes < 0 && !is_end)
        ret->match = TAG_PART;
    return bytes > 0 && code < 0x80 ? v->begins[code] : 0;
}

NOINLINE void vault_look_at(const struct vault *v, struct str text, size_t at,
                            char before, bool is_end, struct vault_look *ret)
{
    char c = text.p[at];
    *ret = (struct vault_look){.match = TAG_NO};
    uint64_t left = v->begins[(unsigned char)c];
    if (c == '%' || c == '&')
        left = begun_by_escape(v, str_sub(text, at, text.n), is_end, ret);
    for (; left; left &= left - 1) {
        const struct tag_shape *s = &v->shapes[__builtin_ctzll(left)];
        look_shape(v, s, text, at, before, is_end, ret);
    }
}

static bool ends_in(struct str text, size_t end, struct str value)
{
    size_t n = value.n < VAULT_WINDOW ? value.n : VAULT_WINDOW;
    if (end < n)
        return false;
    return str_eq_nocase(str_sub(text, end - n, end),
                         str_sub(value, value.n - n, value.n));
}

static uint32_t count_ending(const struct vault *v, struct str text, size_t end,
                             uint32_t bit)
{
    const struct entry *entries = entries_of(v);
    uint32_t n = 0;
    for (uint32_t i = index_of(v)->by_clear[bit & (CHAINS - 1)]; i != NONE;
         i = entries[i - 1].next_clear)
        n += ends_in(text, end, value_of(v, &entries[i - 1]));
    return n;
}

uint32_t vault_count_clear(const struct vault *v, struct str text, size_t from)
{
    const struct index *x = index_of(v);
    uint32_t n = 0, w = 0;
    size_t i = from > 3 ? from - 3 : 0;
    for (; i < text.n; i++) {
        w = w << 8 | (unsigned char)lower(text.p[i]);
        uint32_t bit = clear_hash(w);
        if (UNLIKELY(x->clear_bits[bit / 8] >> bit % 8 & 1) && i >= from && i >= 3)
            n += count_ending(v, text, i + 1, bit);
    }
    return n;
}
