/* vault.c -- see vault.h.
 *
 * Entries, each with its value behind it, lie in chunks of sealed pages that are never
 * moved.  Four hash tables lead to them: by value, by folded tag, by the front that the
 * tags of one value's spellings share, and by the last four bytes of the value, for the
 * alarm.  An entry is written whole before the head of a list points at it (release),
 * and a reader follows heads (acquire): it sees an entry whole or not at all. */
#include "mask/vault.h"

#include "core/hash.h"
#include "core/mem.h"
#include "core/mutex.h"
#include "mask/sealed.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdatomic.h>

enum {
    FIRST_CHUNK = 8 * 1024,
    LAST_CHUNK = 128 * 1024, /* they double until then */
    CHUNKS_MAX = 128,
    LISTS = 256, /* of each table; a power of two */
    SHAPES_MAX = 64,
    TRIES = 64,
    CLEAR_BITS = 8192
};

struct entry {
    const struct tag_kind *kind;
    uint64_t stem_hash; /* of the folded value */
    struct entry *next_value, *next_tag, *next_stem, *next_clear;
    uint32_t n; /* the value's bytes, which follow */
    uint8_t form;
    uint8_t asked_form; /* what the value looks like; its tag may have fallen back */
    struct tag tag, folded;
};

typedef _Atomic(struct entry *) list_head;

/* Sealed: the heads say which values there are. */
struct tables {
    unsigned char key[VAULT_KEY_BYTES];
    struct siphash_key hash_key;
    list_head by_value[LISTS], by_tag[LISTS], by_stem[LISTS], by_clear[LISTS];
    atomic_uchar clear_bits[CLEAR_BITS / 8];
    atomic_uint names[VAULT_NAMES]; /* the first that is 0 ends them */
    atomic_bool has_more_names;
};

struct vault {
    atomic_uint refs;
    struct allowance *allowance;
    struct sealed tables;
    atomic_ullong begins[256];           /* bit i: shape i may begin with this byte */
    struct tag_shape shapes[SHAPES_MAX]; /* each set before its bits in `begins` */

    struct mutex lock; /* over what follows, and over linking in */
    struct vault_limits limits;
    uint32_t nentries, nshapes, nchunks;
    size_t nvalues;    /* bytes */
    size_t chunk_used; /* of the last chunk */
    size_t pages;      /* bytes of the tables and the chunks */
    struct sealed chunks[CHUNKS_MAX];
};

const struct vault_limits vault_default_limits = {4096, 512 * 1024};

static struct tables *tables_of(const struct vault *v)
{
    return v->tables.p;
}

static struct str value_of(const struct entry *e)
{
    return (struct str){(const char *)(e + 1), e->n};
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

/* Pages out of the allowance; *ret is empty when there are none. */
static bool take_pages(struct allowance *allowance, size_t bytes, struct sealed *ret)
{
    *ret = (struct sealed){0};
    if (!allowance_take(allowance, sealed_bytes(bytes)))
        return false;
    if (sealed_create(ret, bytes))
        return true;
    allowance_give_back(allowance, sealed_bytes(bytes));
    return false;
}

static void give_pages(struct allowance *allowance, struct sealed *s)
{
    allowance_give_back(allowance, s->n);
    sealed_release(s);
}

struct vault *vault_create(const unsigned char key[VAULT_KEY_BYTES],
                           const struct vault_limits *limits, struct allowance *allowance)
{
    if (!allowance_take(allowance, sizeof(struct vault)))
        return NULL;
    struct vault *v = mem_new(struct vault);
    if (!v) {
        allowance_give_back(allowance, sizeof(struct vault));
        return NULL;
    }
    if (!take_pages(allowance, sizeof(struct tables), &v->tables) ||
        !random_bytes(&tables_of(v)->hash_key, sizeof tables_of(v)->hash_key)) {
        give_pages(allowance, &v->tables);
        allowance_give_back(allowance, sizeof *v);
        mem_free(v);
        return NULL;
    }
    memcpy(tables_of(v)->key, key, VAULT_KEY_BYTES);
    v->limits = limits ? *limits : vault_default_limits;
    v->allowance = allowance ? allowance_retain(allowance) : NULL;
    v->pages = v->tables.n;
    mutex_init(&v->lock);
    atomic_init(&v->refs, 1);
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
    for (uint32_t i = 0; i < v->nchunks; i++)
        give_pages(v->allowance, &v->chunks[i]);
    give_pages(v->allowance, &v->tables);
    allowance_give_back(v->allowance, sizeof *v);
    allowance_release(v->allowance);
    mutex_release(&v->lock);
    mem_free(v);
}

struct vault_stats vault_stats(struct vault *v)
{
    mutex_lock(&v->lock);
    const struct vault_stats s = {v->nentries, v->nvalues, sizeof *v + v->pages};
    mutex_unlock(&v->lock);
    return s;
}

/* -- names -------------------------------------------------------------------- */

void vault_remember_name(struct vault *v, uint32_t who)
{
    struct tables *x = tables_of(v);
    for (size_t i = 0; who && i < VAULT_NAMES; i++) {
        unsigned free = 0;
        if (atomic_compare_exchange_strong(&x->names[i], &free, who) || free == who)
            return;
    }
    if (who)
        atomic_store(&x->has_more_names, true);
}

bool vault_names(const struct vault *v, uint32_t ret[VAULT_NAMES], size_t *ret_n)
{
    const struct tables *x = tables_of(v);
    size_t n = 0;
    while (n < VAULT_NAMES && (ret[n] = atomic_load(&x->names[n])) != 0)
        n++;
    *ret_n = n;
    return atomic_load(&x->has_more_names);
}

/* -- hashes ------------------------------------------------------------------ */

static list_head *list_of(list_head *heads, uint64_t hash)
{
    return &heads[hash & (LISTS - 1)];
}

static struct entry *first_of(list_head *heads, uint64_t hash)
{
    return atomic_load_explicit(list_of(heads, hash), memory_order_acquire);
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
    siphash_init(&h, tables_of(v)->hash_key);
    siphash_update(&h, (struct str){&head, 1});
    siphash_update(&h, str_of(k->word));
    siphash_update(&h, value);
    return siphash_final(&h);
}

static uint64_t hash_text(const struct vault *v, const char *p, size_t n)
{
    return siphash_once(tables_of(v)->hash_key, (struct str){p, n});
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

/* -- finding: by anybody, without the lock ------------------------------------- */

/* A value that has no tag yet, and what its tag could be. */
struct candidate {
    const struct tag_kind *kind;
    enum tag_form asked_form, form;
    struct str value, folded;
    uint64_t hash, stem_hash; /* of value and kind; of folded */
    unsigned char spelling;   /* a digest's byte */
    struct tag_shape shape;
    struct tag tag, folded_tag;
};

static struct entry *find_value(const struct vault *v, const struct candidate *c)
{
    struct entry *e = first_of(tables_of(v)->by_value, c->hash);
    for (; e; e = e->next_value)
        if (e->asked_form == c->asked_form && strcmp(e->kind->word, c->kind->word) == 0 &&
            e->kind->is_secret == c->kind->is_secret && str_eq(value_of(e), c->value))
            return e;
    return NULL;
}

/* An e-mail tag is filed under its name, by which alone it may be asked for. */
static uint64_t hash_tag(const struct vault *v, const struct tag *folded)
{
    struct str text = {folded->text, folded->n};
    ptrdiff_t at = str_index(text, '@');
    return siphash_once(tables_of(v)->hash_key,
                        at > 0 ? str_sub(text, 0, (size_t)at) : text);
}

/* is_name: of an e-mail tag the name alone is given. */
static struct entry *find_tag(const struct vault *v, const struct tag *folded,
                              bool is_name)
{
    struct entry *e = first_of(tables_of(v)->by_tag, hash_tag(v, folded));
    for (; e; e = e->next_tag) {
        const struct tag *t = &e->folded;
        bool is_long_enough =
            is_name ? t->n > folded->n && t->text[folded->n] == '@' : t->n == folded->n;
        if (is_long_enough && memcmp(t->text, folded->text, folded->n) == 0)
            return e;
    }
    return NULL;
}

/* Another value's tag with the same stem would tell the model that they are one. */
static bool is_stem_taken(const struct vault *v, const struct candidate *c)
{
    size_t stem = tag_stem(&c->shape);
    if (!stem)
        return false;
    struct entry *e = first_of(tables_of(v)->by_stem, hash_text(v, c->tag.text, stem));
    for (; e; e = e->next_stem)
        if (e->stem_hash != c->stem_hash && e->tag.n == c->tag.n &&
            memcmp(e->tag.text, c->tag.text, stem) == 0)
            return true;
    return false;
}

static bool is_tag_free(const struct vault *v, const struct candidate *c)
{
    return !find_tag(v, &c->folded_tag, false) && !is_stem_taken(v, c);
}

/* -- adding ------------------------------------------------------------------ */

static bool has_shape(const struct vault *v, const struct tag_shape *s)
{
    for (uint32_t i = 0; i < v->nshapes; i++)
        if (v->shapes[i].n == s->n && memcmp(v->shapes[i].text, s->text, s->n) == 0)
            return true;
    return false;
}

static void may_begin_with(struct vault *v, unsigned char c)
{
    atomic_fetch_or_explicit(&v->begins[c], UINT64_C(1) << v->nshapes,
                             memory_order_release);
}

static bool know_one(struct vault *v, const struct tag_shape *s)
{
    /* And two more: all of it may be written as escapes. */
    unsigned char first[5] = {'%', '&', '\\'};
    if (has_shape(v, s))
        return true;
    if (v->nshapes == SHAPES_MAX)
        return false;
    tag_shape_first(s, first + 3);
    v->shapes[v->nshapes] = *s;
    for (size_t i = 0; i < ARRAY_LEN(first); i++)
        may_begin_with(v, first[i]);
    for (unsigned char c = '2'; s->text[0] == TAG_DIGIT && c <= '9'; c++)
        may_begin_with(v, c);
    v->nshapes++;
    return true;
}

/* With the lock held: readers may now look for tags of this shape. */
static bool know_shape(struct vault *v, const struct tag_shape *s)
{
    struct tag_shape others[TAG_WRITINGS];
    size_t n = tag_shape_writings(s, others);
    bool ok = know_one(v, s);
    for (size_t i = 0; ok && i < n; i++)
        ok = know_one(v, &others[i]);
    return ok;
}

static void push(list_head *heads, uint64_t hash, struct entry **next, struct entry *e)
{
    *next = first_of(heads, hash);
    atomic_store_explicit(list_of(heads, hash), e, memory_order_release);
}

/* Under its value last: whoever finds it there may use its tag at once. */
static void link_entry(struct vault *v, struct entry *e, const struct candidate *c)
{
    struct tables *x = tables_of(v);
    size_t stem = tag_stem(&c->shape);
    if (e->n >= VAULT_ALARM_MIN) {
        uint32_t bit = clear_hash(last4_of(value_of(e)));
        push(x->by_clear, bit, &e->next_clear, e);
        atomic_fetch_or_explicit(&x->clear_bits[bit / 8], (unsigned char)(1u << bit % 8),
                                 memory_order_release);
    }
    push(x->by_tag, hash_tag(v, &e->folded), &e->next_tag, e);
    if (stem)
        push(x->by_stem, hash_text(v, e->tag.text, stem), &e->next_stem, e);
    push(x->by_value, c->hash, &e->next_value, e);
}

static size_t entry_bytes(const struct candidate *c)
{
    return (sizeof(struct entry) + c->value.n + 15) / 16 * 16;
}

static size_t chunk_room(const struct vault *v)
{
    return v->nchunks ? v->chunks[v->nchunks - 1].n - v->chunk_used : 0;
}

static struct entry *place(struct vault *v, const struct candidate *c)
{
    struct entry *e = (void *)((char *)v->chunks[v->nchunks - 1].p + v->chunk_used);
    v->chunk_used += entry_bytes(c);
    *e = (struct entry){.kind = c->kind,
                        .stem_hash = c->stem_hash,
                        .n = (uint32_t)c->value.n,
                        .form = (uint8_t)c->form,
                        .asked_form = (uint8_t)c->asked_form,
                        .tag = c->tag,
                        .folded = c->folded_tag};
    memcpy(e + 1, c->value.p, c->value.n);
    v->nentries++;
    v->nvalues += c->value.n;
    return e;
}

enum put { PUT_DONE, PUT_TAKEN, PUT_NO_ROOM, PUT_NO_PAGES };

/* The only lines under the lock.  Others may have added since the candidate was chosen,
 * so all that was looked up is looked up again. */
static enum put put_locked(struct vault *v, const struct candidate *c,
                           struct sealed *spare, struct entry **ret)
{
    if ((*ret = find_value(v, c)) != NULL)
        return PUT_DONE;
    if (!is_tag_free(v, c))
        return PUT_TAKEN;
    if (v->nentries >= v->limits.max_entries ||
        v->nvalues + c->value.n > v->limits.max_bytes || !know_shape(v, &c->shape))
        return PUT_NO_ROOM;
    if (chunk_room(v) < entry_bytes(c)) {
        if (v->nchunks == CHUNKS_MAX)
            return PUT_NO_ROOM;
        if (!spare->p || spare->n < entry_bytes(c))
            return PUT_NO_PAGES;
        v->chunks[v->nchunks++] = *spare;
        v->pages += spare->n;
        v->chunk_used = 0;
        *spare = (struct sealed){0};
    }
    *ret = place(v, c);
    link_entry(v, *ret, c);
    return PUT_DONE;
}

static size_t next_chunk_bytes(uint32_t nchunks, const struct candidate *c)
{
    size_t n = FIRST_CHUNK;
    while (nchunks-- > 0 && n < LAST_CHUNK)
        n *= 2;
    return n > entry_bytes(c) ? n : entry_bytes(c);
}

/* Pages for one more chunk are made here, where nobody waits. */
static enum put put(struct vault *v, const struct candidate *c, struct entry **ret)
{
    struct sealed spare = {0};
    enum put done;
    bool has_pages = true;
    do {
        mutex_lock(&v->lock);
        done = put_locked(v, c, &spare, ret);
        uint32_t nchunks = v->nchunks;
        mutex_unlock(&v->lock);
        if (done == PUT_NO_PAGES)
            has_pages = take_pages(v->allowance, next_chunk_bytes(nchunks, c), &spare);
    } while (done == PUT_NO_PAGES && has_pages);
    if (spare.n)
        give_pages(v->allowance, &spare);
    return done;
}

/* The n-th tag this value could have. */
static bool make_tag(const struct vault *v, struct candidate *c, unsigned attempt)
{
    unsigned char digest[TAG_DIGEST_BYTES];
    struct buf b;
    buf_init(&b, c->folded.n + 128);
    buf_printf(&b, "weir tag 1:%s:%d:%u:", c->kind->word, (int)c->form, attempt);
    buf_append(&b, c->folded);
    bool is_done = !b.failed && hmac(tables_of(v)->key, buf_view(&b), digest);
    if (is_done) {
        tag_make(&c->shape, digest, (unsigned char)(c->spelling + attempt), &c->tag);
        tag_fold(&c->shape, (struct str){c->tag.text, c->tag.n}, &c->folded_tag);
    }
    if (b.p)
        mem_wipe(b.p, b.cap);
    buf_release(&b);
    return is_done;
}

static int add_as(struct vault *v, struct candidate *c, enum tag_form form,
                  vault_is_taken *is_taken, void *ctx, struct entry **ret)
{
    c->form = form;
    tag_shape_of(c->kind, form, c->value.n, &c->shape);
    for (unsigned attempt = 0; attempt < TRIES; attempt++) {
        if (!make_tag(v, c, attempt))
            return -1;
        if (!is_tag_free(v, c) ||
            (is_taken && is_taken(ctx, (struct str){c->tag.text, c->tag.n})))
            continue;
        enum put done = put(v, c, ret);
        if (done != PUT_TAKEN)
            return done == PUT_DONE ? 0 : -1;
    }
    return -1;
}

/* Where the formats in nobody's range run out, the value gets a word. */
static int add_value(struct vault *v, struct candidate *c, vault_is_taken *is_taken,
                     void *ctx, struct entry **ret)
{
    unsigned char digest[TAG_DIGEST_BYTES];
    char *folded = mem_alloc(c->value.n + 1);
    int failed = -1;
    if (!folded)
        return -1;
    c->folded = (struct str){folded, fold_value(c->value, folded)};
    c->stem_hash = hash_text(v, folded, c->folded.n);
    if (hmac(tables_of(v)->key, c->value, digest)) {
        c->spelling = digest[0];
        failed = add_as(v, c, c->asked_form, is_taken, ctx, ret);
        if (failed && c->form != TAG_WORD && c->form != TAG_NUMBER)
            failed = add_as(v, c, TAG_WORD, is_taken, ctx, ret);
    }
    mem_wipe(folded, c->value.n + 1);
    mem_free(folded);
    return failed;
}

int vault_tag(struct vault *v, const char *type, struct str value, bool is_number,
              vault_is_taken *is_taken, void *ctx, struct tag *ret, struct err *err)
{
    struct candidate c = {.kind = tag_kind_of(type), .value = value};
    if (value.n == 0 || value.n > VAULT_VALUE_BYTES)
        return err_set(err, ERR_OVERLOAD, "vault_full",
                       "a %s of %zu bytes cannot be masked", type, value.n);
    c.asked_form = tag_form_of(c.kind, value, is_number);
    c.hash = hash_exact(v, c.kind, c.asked_form, value);
    struct entry *e = find_value(v, &c);
    if (!e && add_value(v, &c, is_taken, ctx, &e) < 0)
        return err_set(err, ERR_OVERLOAD, "vault_full",
                       "this session has no room for another masked value (%u held)",
                       vault_stats(v).entries);
    *ret = e->tag;
    return 0;
}

/* -- looking at answers ------------------------------------------------------- */

/* The shapes that may begin with this byte, each of them set whole. */
static uint64_t begun_by(const struct vault *v, unsigned char c)
{
    return atomic_load_explicit(&v->begins[c], memory_order_acquire);
}

bool vault_may_begin(const struct vault *v, unsigned char c)
{
    return begun_by(v, c) != 0;
}

/* What the tag stands for: its name alone for the name of the address. */
static struct str meant_by(const struct entry *e, const struct tag_seen *seen)
{
    struct str value = value_of(e);
    bool is_part = seen->is_name && !seen->is_spelt && !seen->plus.n;
    for (size_t i = value.n; is_part && i > 0; i--)
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
    const struct entry *e =
        seen.is_altered ? NULL : find_tag(v, &seen.folded, seen.is_name);
    bool is_better = e ? !ret->is_known || seen.bytes > ret->bytes : !ret->is_known;
    if (!is_better)
        return;
    if (ret->match == TAG_NO)
        ret->match = TAG_FULL;
    ret->bytes = seen.bytes;
    ret->is_known = e != NULL;
    ret->is_email = s->form == TAG_EMAIL;
    ret->is_word = s->form == TAG_WORD || ret->is_email;
    if (e) {
        struct str as_written = str_sub(text, at, at + seen.bytes);
        ret->found = (struct vault_found){
            .value = meant_by(e, &seen),
            .escape = seen.escape,
            .is_secret = e->kind->is_secret,
            .is_number = e->form == TAG_NUMBER,
            .plus = seen.plus,
            .mark = seen.mark,
            .is_mark_after = seen.is_mark_after,
            .is_digits = seen.is_digits,
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
    return bytes > 0 && code < 0x80 ? begun_by(v, (unsigned char)code) : 0;
}

NOINLINE void vault_look_at(const struct vault *v, struct str text, size_t at,
                            char before, bool is_end, struct vault_look *ret)
{
    char c = text.p[at];
    *ret = (struct vault_look){.match = TAG_NO};
    uint64_t left = begun_by(v, (unsigned char)c);
    if (c == '%' || c == '&' || c == '\\')
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
    uint32_t n = 0;
    for (struct entry *e = first_of(tables_of(v)->by_clear, bit); e; e = e->next_clear)
        n += ends_in(text, end, value_of(e));
    return n;
}

uint32_t vault_count_clear(const struct vault *v, struct str text, size_t from)
{
    struct tables *x = tables_of(v);
    uint32_t n = 0, w = 0;
    size_t i = from > 3 ? from - 3 : 0;
    for (; i < text.n; i++) {
        w = w << 8 | (unsigned char)lower(text.p[i]);
        uint32_t bit = clear_hash(w);
        unsigned bits =
            atomic_load_explicit(&x->clear_bits[bit / 8], memory_order_relaxed);
        if (UNLIKELY(bits >> bit % 8 & 1) && i >= from && i >= 3)
            n += count_ending(v, text, i + 1, bit);
    }
    return n;
}
