/* kept.c -- see kept.h.
 *
 * A row is numbers, seven bits a byte: most of them are small.  Words are numbers of a
 * table.  Moments are told by their distance from the row before. */
#include "whatif/kept.h"

#include "core/mem.h"

enum {
    BLOCK_BYTES = 1 << 20,
    NUMBER_BYTES = 10, /* of the largest */
    USAGE_NUMBERS = 9,
    ROW_NUMBERS = 17 + USAGE_NUMBERS,
    LEG_NUMBERS = 3 + USAGE_NUMBERS,
    ROW_BYTES = NUMBER_BYTES * (ROW_NUMBERS + (LEDGER_MAX_LEGS + 1) * LEG_NUMBERS),
    FIRST_SLOTS = 256,
    WORDS_MOST = 1 << 24
};

struct kept_block {
    struct kept_block *next;
    size_t n;
    unsigned char bytes[BLOCK_BYTES];
};

struct kept_word {
    struct str text;
    uint64_t hash;
};

void whatif_kept_init(struct whatif_kept *k, size_t most_bytes, bool has_legs)
{
    *k = (struct whatif_kept){.has_legs = has_legs, .most_bytes = most_bytes};
    arena_init(&k->texts, most_bytes);
}

void whatif_kept_release(struct whatif_kept *k)
{
    for (struct kept_block *b = k->first, *next; b; b = next) {
        next = b->next;
        mem_pages_free(b, sizeof *b);
    }
    mem_free(k->words);
    mem_free(k->slots);
    arena_reset(&k->texts);
    *k = (struct whatif_kept){.first = NULL};
}

/* -- words ----------------------------------------------------------------------------
 */

/* FNV-1a: who fills a ledger with words that collide slows down his own command. */
static uint64_t hash_of(struct str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h ^ h >> 32;
}

static void put_slot(uint32_t *slots, size_t n, uint64_t hash, size_t place)
{
    size_t at = hash & (n - 1);
    while (slots[at])
        at = (at + 1) & (n - 1);
    slots[at] = (uint32_t)place + 1;
}

/* At most half of the slots are taken. */
static bool grow_slots(struct whatif_kept *k)
{
    size_t n = k->nslots ? 2 * k->nslots : FIRST_SLOTS;
    if (2 * (k->nwords + 1) <= k->nslots)
        return true;
    uint32_t *slots = mem_zalloc(n * sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < k->nwords; i++)
        put_slot(slots, n, k->words[i].hash, i);
    mem_free(k->slots);
    k->slots = slots;
    k->nslots = n;
    return true;
}

static size_t held_bytes(const struct whatif_kept *k)
{
    return k->bytes + k->texts.used_bytes + k->words_cap * sizeof *k->words +
           k->nslots * sizeof *k->slots;
}

/* Its place; a word that has none gets one.  False: there is no room. */
static bool word_of(struct whatif_kept *k, struct str text, uint64_t *ret)
{
    uint64_t hash = hash_of(text);
    for (size_t at = k->nslots ? hash & (k->nslots - 1) : 0; k->nslots && k->slots[at];
         at = (at + 1) & (k->nslots - 1)) {
        const struct kept_word *w = &k->words[k->slots[at] - 1];
        if (w->hash == hash && str_eq(w->text, text)) {
            *ret = k->slots[at] - 1;
            return true;
        }
    }
    if (held_bytes(k) > k->most_bytes || !grow_slots(k) ||
        !mem_room(&k->words, sizeof *k->words, k->nwords, &k->words_cap, WORDS_MOST))
        return false;
    struct str copy = arena_strdup(&k->texts, text);
    if (!copy.p)
        return false;
    *ret = k->nwords;
    k->words[k->nwords] = (struct kept_word){copy, hash};
    put_slot(k->slots, k->nslots, hash, k->nwords++);
    return true;
}

/* -- numbers --------------------------------------------------------------------------
 */

static uint64_t fold_sign(int64_t v)
{
    return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static int64_t unfold_sign(uint64_t v)
{
    return (int64_t)(v >> 1 ^ -(v & 1));
}

static unsigned char *put(unsigned char *to, const uint64_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t v = numbers[i];
        for (; v >= 0x80; v >>= 7)
            *to++ = (unsigned char)(v | 0x80);
        *to++ = (unsigned char)v;
    }
    return to;
}

static const unsigned char *take(const unsigned char *from, uint64_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t v = *from & 0x7f;
        for (unsigned shift = 7; *from++ & 0x80; shift += 7)
            v |= (uint64_t)(*from & 0x7f) << shift;
        numbers[i] = v;
    }
    return from;
}

/* -- a row as numbers, and back -------------------------------------------------------
 */

static void usage_numbers(const struct usage *u, uint64_t n[USAGE_NUMBERS])
{
    n[0] = u->input_tokens;
    n[1] = u->cached_tokens;
    n[2] = u->cache_write_tokens;
    n[3] = u->output_tokens;
    n[4] = u->reasoning_tokens;
    n[5] = u->audio_input_tokens;
    n[6] = u->audio_output_tokens;
    n[7] = u->tier;
    n[8] = (uint64_t)u->is_known << 1 | u->has_unpriced;
}

static struct usage usage_of(const uint64_t n[USAGE_NUMBERS])
{
    return (struct usage){.input_tokens = n[0],
                          .cached_tokens = n[1],
                          .cache_write_tokens = n[2],
                          .output_tokens = n[3],
                          .reasoning_tokens = n[4],
                          .audio_input_tokens = n[5],
                          .audio_output_tokens = n[6],
                          .tier = (enum service_tier)n[7],
                          .is_known = n[8] >> 1 & 1,
                          .has_unpriced = n[8] & 1};
}

static bool row_numbers(struct whatif_kept *k, const struct ledger_row *r,
                        uint64_t n[ROW_NUMBERS])
{
    const struct ledger_knew *knew = &r->knew;
    n[0] = fold_sign((int64_t)(r->open.ts_ms - k->last_ts_ms));
    n[1] = (uint64_t)r->side << 4 | (uint64_t)knew->has_latency << 3 |
           (uint64_t)knew->wants_quality << 2 | (uint64_t)r->is_stream << 1 |
           r->has_engine;
    n[2] = r->open.surface;
    n[3] = fold_sign(r->cost_nanousd);
    n[4] = r->total_ms;
    n[5] = r->request_bytes;
    n[6] = knew->input_estimate;
    n[7] = knew->output_limit;
    n[8] = knew->needs;
    n[9] = knew->latency_ms;
    n[10] = knew->deadline;
    n[11] = knew->deadline_s;
    n[12] = k->has_legs ? r->nlegs : 0;
    usage_numbers(&r->usage, &n[17]);
    return word_of(k, r->engine, &n[13]) && word_of(k, r->model_used, &n[14]) &&
           word_of(k, r->open.model_asked, &n[15]) &&
           word_of(k, str_of(r->open.label ? r->open.label : ""), &n[16]);
}

static void row_of(const struct whatif_kept *k, const uint64_t n[ROW_NUMBERS],
                   struct ledger_row *r)
{
    *r = (struct ledger_row){
        .open = {.surface = (enum surface)n[2],
                 .model_asked = k->words[n[15]].text,
                 .label = k->words[n[16]].text.p},
        .side = (enum side)(n[1] >> 4),
        .has_engine = n[1] & 1,
        .is_stream = n[1] >> 1 & 1,
        .engine = k->words[n[13]].text,
        .model_used = k->words[n[14]].text,
        .cost_nanousd = unfold_sign(n[3]),
        .total_ms = n[4],
        .request_bytes = n[5],
        .usage = usage_of(&n[17]),
        .knew = {.input_estimate = n[6],
                 .output_limit = (uint32_t)n[7],
                 .needs = (unsigned)n[8],
                 .wants_quality = n[1] >> 2 & 1,
                 .has_latency = n[1] >> 3 & 1,
                 .latency_ms = (uint32_t)n[9],
                 .deadline = (uint8_t)n[10],
                 .deadline_s = (uint32_t)n[11]},
        .nlegs = n[12],
    };
}

static bool leg_numbers(struct whatif_kept *k, const struct ledger_leg *l,
                        uint64_t n[LEG_NUMBERS])
{
    n[0] = l->side;
    n[1] = fold_sign(l->cost_nanousd);
    usage_numbers(&l->usage, &n[3]);
    return word_of(k, l->model, &n[2]);
}

/* -- keeping --------------------------------------------------------------------------
 */

static struct kept_block *room_for_row(struct whatif_kept *k)
{
    if (k->last && k->last->n + ROW_BYTES <= BLOCK_BYTES)
        return k->last;
    if (held_bytes(k) + sizeof *k->last > k->most_bytes)
        return NULL;
    struct kept_block *b = mem_pages(sizeof *b);
    if (!b)
        return NULL;
    b->next = NULL;
    b->n = 0;
    *(k->last ? &k->last->next : &k->first) = b;
    k->bytes += sizeof *b;
    return k->last = b;
}

void whatif_keep(struct whatif_kept *k, const struct ledger_row *row)
{
    uint64_t n[ROW_NUMBERS];
    struct kept_block *b = k->is_full ? NULL : room_for_row(k);
    if (!b || row->nlegs > LEDGER_MAX_LEGS + 1 || !row_numbers(k, row, n)) {
        k->is_full = true;
        return;
    }
    unsigned char *to = put(b->bytes + b->n, n, ROW_NUMBERS);
    for (size_t i = 0; k->has_legs && i < row->nlegs; i++) {
        if (!leg_numbers(k, &row->legs[i], n)) {
            k->is_full = true; /* what was written of the row is behind b->n */
            return;
        }
        to = put(to, n, LEG_NUMBERS);
    }
    b->n = (size_t)(to - b->bytes);
    k->last_ts_ms = row->open.ts_ms;
}

static const unsigned char *take_legs(const struct whatif_kept *k,
                                      const unsigned char *from, struct ledger_row *row,
                                      struct ledger_legs *legs)
{
    uint64_t n[LEG_NUMBERS];
    for (size_t i = 0; i < row->nlegs; i++) {
        from = take(from, n, LEG_NUMBERS);
        legs->items[i] = (struct ledger_leg){.side = (enum side)n[0],
                                             .cost_nanousd = unfold_sign(n[1]),
                                             .model = k->words[n[2]].text,
                                             .usage = usage_of(&n[3])};
    }
    row->legs = legs->items;
    return from;
}

int whatif_kept_each(const struct whatif_kept *k, ledger_row_fn *fn, void *ctx)
{
    uint64_t ts_ms = 0;
    for (const struct kept_block *b = k->first; b; b = b->next) {
        const unsigned char *at = b->bytes, *end = b->bytes + b->n;
        while (at < end) {
            uint64_t n[ROW_NUMBERS];
            struct ledger_row row;
            struct ledger_legs legs;
            at = take(at, n, ROW_NUMBERS);
            row_of(k, n, &row);
            row.open.ts_ms = ts_ms += (uint64_t)unfold_sign(n[0]);
            at = take_legs(k, at, &row, &legs);
            int rc = fn(ctx, &row);
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}
