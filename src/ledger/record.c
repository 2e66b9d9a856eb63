/* record.c -- records to bytes and back.
 *
 * The encoder is on the worker's path: it reserves once and stores through a pointer.
 * The decoder trusts nothing: a checksum tells damage from health, not friend from
 * foe, so every field is bounded by the payload and every enum by its set. */
#include "ledger/record.h"

#include "core/hash.h"

enum {
    OPEN_FIXED = 27,
    ATTEMPT_FIXED = 13,
    SETTLE_FIXED = 88,
    MORE_FIXED = 26,
    SPENT_FIXED = 9,
    LENGTH_BYTES = 2,
    FLAG_ENGINE = 1,
    FLAG_USAGE = 2,
    FLAG_REPORTED = 4,
    FLAG_STREAM = 8,
    FLAG_AT_CLOUD = 16,
    FLAG_CLOUD_TOLD = 32 /* FLAG_AT_CLOUD means something: 0.1.0 did not write it */
};

struct put {
    unsigned char *p;
};

static inline void put_u8(struct put *w, unsigned v)
{
    *w->p++ = (unsigned char)v;
}

static inline void put_u16(struct put *w, unsigned v)
{
    w->p[0] = (unsigned char)v;
    w->p[1] = (unsigned char)(v >> 8);
    w->p += 2;
}

static inline void put_u32(struct put *w, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        w->p[i] = (unsigned char)(v >> (8 * i));
    w->p += 4;
}

static inline void put_u64(struct put *w, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        w->p[i] = (unsigned char)(v >> (8 * i));
    w->p += 8;
}

/* The longest front of s within the ceiling that does not split a character. */
static size_t cut_length(struct str s, size_t ceiling)
{
    size_t n = s.n;
    if (n <= ceiling)
        return n;
    for (n = ceiling; n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80;)
        n--;
    return n;
}

static void put_str(struct put *w, struct str s)
{
    size_t n = cut_length(s, RECORD_WORD_BYTES);
    put_u16(w, (unsigned)n);
    if (n == 0)
        return;
    unsigned char *at = memcpy(w->p, s.p, n);
    unsigned char *end = at + n;
    w->p = end;
    while ((at = memchr(at, RECORD_MAGIC_0, (size_t)(end - at))))
        *at = '?';
}

static size_t word_bytes(struct str s)
{
    return LENGTH_BYTES + (s.n < RECORD_WORD_BYTES ? s.n : RECORD_WORD_BYTES);
}

static unsigned label_code(const char *label)
{
    struct str word = str_of(label);
    for (unsigned i = 0; i < SENSITIVITY_COUNT; i++)
        if (str_eqz(word, sensitivity_name((enum sensitivity)i)))
            return i;
    return SENSITIVITY_COUNT;
}

static bool put_begin(struct buf *b, size_t payload_max, struct put *w)
{
    size_t need = RECORD_HEAD_BYTES + payload_max;
    if (need > b->max_bytes || buf_len(b) > b->max_bytes - need)
        return false;
    if (!buf_reserve(b, need)) {
        b->failed = false;
        return false;
    }
    w->p = (unsigned char *)b->p + b->n + RECORD_HEAD_BYTES;
    return true;
}

static void put_end(struct buf *b, const struct put *w, enum record_type type,
                    unsigned version)
{
    unsigned char *head = (unsigned char *)b->p + b->n;
    size_t size = (size_t)(w->p - head);
    struct put h = {head};
    put_u8(&h, RECORD_MAGIC_0);
    put_u8(&h, RECORD_MAGIC_1);
    put_u8(&h, type);
    put_u8(&h, version);
    put_u32(&h, (uint32_t)(size - RECORD_HEAD_BYTES));
    uint32_t crc = crc32c(0, (struct str){(const char *)head + 2, 6});
    crc = crc32c(crc, (struct str){(const char *)head + RECORD_HEAD_BYTES,
                                   size - RECORD_HEAD_BYTES});
    put_u32(&h, crc);
    b->n += size;
}

static size_t open_bytes(const struct ledger_open *o)
{
    return OPEN_FIXED + word_bytes(o->request_id) + word_bytes(o->key) +
           word_bytes(o->model_asked);
}

static void put_open(struct put *w, const struct ledger_open *o)
{
    put_u64(w, o->uid);
    put_u64(w, o->ts_ms);
    put_u64(w, o->session);
    put_u8(w, o->dialect);
    put_u8(w, o->surface);
    put_u8(w, label_code(o->label));
    put_str(w, o->request_id);
    put_str(w, o->key);
    put_str(w, o->model_asked);
}

bool record_put_open(struct buf *b, const struct ledger_open *o)
{
    struct put w;
    if (!put_begin(b, open_bytes(o), &w))
        return false;
    put_open(&w, o);
    put_end(b, &w, RECORD_OPEN, RECORD_VERSION);
    return true;
}

/* Reasons are JSON: cut JSON is no JSON, so what is too long is replaced. */
static void put_reasons(struct put *w, struct str reasons)
{
    if (reasons.n > RECORD_REASONS_BYTES)
        reasons = STR("[{\"rule\":\"reasons\",\"detail\":\"too long to keep\"}]");
    put_u16(w, (unsigned)reasons.n);
    if (reasons.n == 0)
        return;
    unsigned char *at = memcpy(w->p, reasons.p, reasons.n);
    unsigned char *end = at + reasons.n;
    w->p = end;
    while ((at = memchr(at, RECORD_MAGIC_0, (size_t)(end - at))))
        *at = '?';
}

static size_t reasons_bytes(struct str reasons)
{
    size_t n = reasons.n < 64 ? 64 : reasons.n; /* the note in its place fits too */
    return LENGTH_BYTES + (n < RECORD_REASONS_BYTES ? n : RECORD_REASONS_BYTES);
}

bool record_put_attempt(struct buf *b, const struct ledger_attempt *a)
{
    struct put w;
    if (!put_begin(b,
                   ATTEMPT_FIXED + word_bytes(a->engine) + word_bytes(a->model) +
                       word_bytes(a->policy) + word_bytes(a->role) +
                       reasons_bytes(a->reasons_json),
                   &w))
        return false;
    put_u64(&w, a->uid);
    put_u32(&w, a->number);
    put_u8(&w, a->side);
    put_str(&w, a->engine);
    put_str(&w, a->model);
    put_str(&w, a->policy);
    put_str(&w, a->role);
    put_reasons(&w, a->reasons_json);
    put_end(b, &w, RECORD_ATTEMPT, RECORD_VERSION_2);
    return true;
}

static unsigned settle_flags(const struct ledger_row *r)
{
    return (r->has_engine ? FLAG_ENGINE : 0U) | (r->usage.is_known ? FLAG_USAGE : 0U) |
           (r->usage_is_reported ? FLAG_REPORTED : 0U) |
           (r->is_stream ? FLAG_STREAM : 0U) | (r->was_at_cloud ? FLAG_AT_CLOUD : 0U) |
           (r->is_at_cloud_told ? FLAG_CLOUD_TOLD : 0U);
}

static void put_settle_numbers(struct put *w, const struct ledger_row *r)
{
    put_u8(w, settle_flags(r));
    put_u8(w, r->side);
    put_u8(w, r->outcome);
    put_u16(w, r->status < 0 ? 0 : (unsigned)r->status & 0xFFFF);
    put_u16(w, r->attempts > 0xFFFF ? 0xFFFF : r->attempts);
    put_u8(w, 0);
    put_u64(w, r->usage.input_tokens);
    put_u64(w, r->usage.cached_tokens);
    put_u64(w, r->usage.cache_write_tokens);
    put_u64(w, r->usage.output_tokens);
    put_u64(w, r->usage.reasoning_tokens);
    put_u64(w, (uint64_t)r->cost_nanousd);
    put_u64(w, (uint64_t)r->ttft_ms);
    put_u64(w, r->total_ms);
    put_u64(w, r->request_bytes);
    put_u64(w, r->answer_bytes);
}

/* What only version 2 can say. */
static bool has_more(const struct ledger_row *r)
{
    return r->nspent || r->usage.audio_input_tokens || r->usage.audio_output_tokens ||
           r->usage.tier;
}

static size_t more_bytes(const struct ledger_row *r)
{
    size_t n = MORE_FIXED;
    for (size_t i = 0; i < r->nspent; i++)
        n += SPENT_FIXED + word_bytes(r->spent[i].engine) + word_bytes(r->spent[i].model);
    return n;
}

static void put_more(struct put *w, const struct ledger_row *r)
{
    put_u64(w, r->usage.audio_input_tokens);
    put_u64(w, r->usage.audio_output_tokens);
    put_u8(w, r->usage.tier);
    put_u64(w, (uint64_t)ledger_own_cost(r));
    put_u8(w, (unsigned)r->nspent);
    for (size_t i = 0; i < r->nspent; i++) {
        put_u8(w, r->spent[i].side);
        put_u64(w, (uint64_t)r->spent[i].cost_nanousd);
        put_str(w, r->spent[i].engine);
        put_str(w, r->spent[i].model);
    }
}

static size_t settle_bytes(const struct ledger_row *r)
{
    return open_bytes(&r->open) + SETTLE_FIXED + word_bytes(r->session_name) +
           word_bytes(r->engine) + word_bytes(r->model_used) + word_bytes(r->policy) +
           word_bytes(r->role) + word_bytes(r->error_code) + word_bytes(r->price_date) +
           reasons_bytes(r->reasons_json) + (has_more(r) ? more_bytes(r) : 0);
}

bool record_put_settle(struct buf *b, const struct ledger_row *r)
{
    struct put w;
    if (!put_begin(b, settle_bytes(r), &w))
        return false;
    put_open(&w, &r->open);
    put_settle_numbers(&w, r);
    put_str(&w, r->session_name);
    put_str(&w, r->engine);
    put_str(&w, r->model_used);
    put_str(&w, r->policy);
    put_str(&w, r->role);
    put_str(&w, r->error_code);
    put_str(&w, r->price_date);
    put_reasons(&w, r->reasons_json);
    if (UNLIKELY(has_more(r)))
        put_more(&w, r);
    put_end(b, &w, RECORD_SETTLE, has_more(r) ? RECORD_VERSION_2 : RECORD_VERSION);
    return true;
}

/* -- decoding --------------------------------------------------------------- */

struct get {
    const unsigned char *p, *end;
    bool is_bad;
};

static bool get_has(struct get *g, size_t n)
{
    if ((size_t)(g->end - g->p) < n)
        g->is_bad = true;
    return !g->is_bad;
}

static uint64_t get_int(struct get *g, unsigned bytes)
{
    uint64_t v = 0;
    if (!get_has(g, bytes))
        return 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)g->p[i] << (8 * i);
    g->p += bytes;
    return v;
}

static unsigned get_below(struct get *g, unsigned count)
{
    unsigned v = (unsigned)get_int(g, 1);
    if (v >= count)
        g->is_bad = true;
    return g->is_bad ? 0 : v;
}

static struct str get_str(struct get *g)
{
    size_t n = (size_t)get_int(g, LENGTH_BYTES);
    if (!get_has(g, n))
        return STR("");
    struct str s = {(const char *)g->p, n};
    g->p += n;
    return s;
}

static struct get get_begin(const struct record *r, enum record_type type)
{
    const unsigned char *p = (const unsigned char *)r->payload.p;
    unsigned newest = type == RECORD_OPEN ? RECORD_VERSION : RECORD_VERSION_2;
    return (struct get){p, p + r->payload.n,
                        r->type != type || r->version < RECORD_VERSION ||
                            r->version > newest};
}

static bool get_end(const struct get *g)
{
    return !g->is_bad && g->p == g->end;
}

static uint32_t read_u32(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 |
           (uint32_t)u[3] << 24;
}

enum record_state record_parse(struct str bytes, struct record *ret)
{
    const unsigned char *u = (const unsigned char *)bytes.p;
    if (bytes.n > 0 && u[0] != RECORD_MAGIC_0)
        return RECORD_FOREIGN;
    if (bytes.n > 1 && u[1] != RECORD_MAGIC_1)
        return RECORD_FOREIGN;
    if (bytes.n < RECORD_HEAD_BYTES)
        return RECORD_CUT;
    uint32_t n = read_u32(bytes.p + 4);
    if (n > RECORD_PAYLOAD_BYTES)
        return RECORD_DAMAGED;
    if (bytes.n - RECORD_HEAD_BYTES < n)
        return RECORD_CUT;
    struct str payload = {bytes.p + RECORD_HEAD_BYTES, n};
    uint32_t crc = crc32c(crc32c(0, (struct str){bytes.p + 2, 6}), payload);
    if (crc != read_u32(bytes.p + 8))
        return RECORD_DAMAGED;
    *ret = (struct record){u[2], u[3], payload, RECORD_HEAD_BYTES + n};
    return RECORD_WHOLE;
}

const char *record_state_name(enum record_state s)
{
    static const char *const names[] = {
        [RECORD_WHOLE] = "whole",
        [RECORD_CUT] = "record cut short",
        [RECORD_FOREIGN] = "not a record",
        [RECORD_DAMAGED] = "bad checksum",
    };
    return names[s];
}

static void get_open(struct get *g, struct ledger_open *o)
{
    *o = (struct ledger_open){0};
    o->uid = get_int(g, 8);
    o->ts_ms = get_int(g, 8);
    o->session = get_int(g, 8);
    o->dialect = (enum dialect_id)get_below(g, DIALECT_COUNT);
    o->surface = (enum surface)get_below(g, SURFACE_COUNT);
    unsigned label = get_below(g, SENSITIVITY_COUNT + 1);
    o->label = label < SENSITIVITY_COUNT ? sensitivity_name((enum sensitivity)label) : "";
    o->request_id = get_str(g);
    o->key = get_str(g);
    o->model_asked = get_str(g);
}

bool record_get_open(const struct record *r, struct ledger_open *ret)
{
    struct get g = get_begin(r, RECORD_OPEN);
    get_open(&g, ret);
    return get_end(&g);
}

bool record_get_attempt(const struct record *r, struct ledger_attempt *ret)
{
    struct get g = get_begin(r, RECORD_ATTEMPT);
    ret->uid = get_int(&g, 8);
    ret->number = (uint32_t)get_int(&g, 4);
    ret->side = (enum side)get_below(&g, SIDE_COUNT);
    ret->engine = get_str(&g);
    ret->model = get_str(&g);
    ret->policy = ret->role = ret->reasons_json = STR("");
    if (r->version >= RECORD_VERSION_2) {
        ret->policy = get_str(&g);
        ret->role = get_str(&g);
        ret->reasons_json = get_str(&g);
    }
    return get_end(&g);
}

struct str record_bytes(const struct record *r)
{
    return (struct str){r->payload.p - RECORD_HEAD_BYTES, r->size};
}

static void get_settle_numbers(struct get *g, struct ledger_row *r)
{
    unsigned flags = (unsigned)get_int(g, 1);
    r->has_engine = flags & FLAG_ENGINE;
    r->usage.is_known = flags & FLAG_USAGE;
    r->usage_is_reported = flags & FLAG_REPORTED;
    r->is_stream = flags & FLAG_STREAM;
    r->was_at_cloud = flags & FLAG_AT_CLOUD;
    r->is_at_cloud_told = flags & FLAG_CLOUD_TOLD;
    r->side = (enum side)get_below(g, SIDE_COUNT);
    r->outcome = (enum outcome)get_below(g, OUTCOME_COUNT);
    r->status = (int)get_int(g, 2);
    r->attempts = (uint32_t)get_int(g, 2);
    (void)get_int(g, 1);
    r->usage.input_tokens = get_int(g, 8);
    r->usage.cached_tokens = get_int(g, 8);
    r->usage.cache_write_tokens = get_int(g, 8);
    r->usage.output_tokens = get_int(g, 8);
    r->usage.reasoning_tokens = get_int(g, 8);
    r->cost_nanousd = (int64_t)get_int(g, 8);
    r->ttft_ms = (int64_t)get_int(g, 8);
    r->total_ms = get_int(g, 8);
    r->request_bytes = get_int(g, 8);
    r->answer_bytes = get_int(g, 8);
}

/* A money of an older or newer weir's making: below "unknown" there is nothing. */
static int64_t get_cost(struct get *g)
{
    int64_t v = (int64_t)get_int(g, 8);
    g->is_bad |= v < COST_UNKNOWN;
    return v;
}

static void get_more(struct get *g, struct ledger_row *r)
{
    r->usage.audio_input_tokens = get_int(g, 8);
    r->usage.audio_output_tokens = get_int(g, 8);
    r->usage.tier = (enum service_tier)get_below(g, TIER_COUNT);
    r->own_nanousd = get_cost(g);
    r->nspent = get_below(g, LEDGER_MAX_SPENT + 1);
    for (size_t i = 0; i < r->nspent; i++) {
        r->spent[i].side = (enum side)get_below(g, SIDE_COUNT);
        r->spent[i].cost_nanousd = get_cost(g);
        r->spent[i].engine = get_str(g);
        r->spent[i].model = get_str(g);
    }
}

bool record_get_settle(const struct record *r, struct ledger_row *ret)
{
    struct get g = get_begin(r, RECORD_SETTLE);
    get_open(&g, &ret->open);
    get_settle_numbers(&g, ret);
    ret->session_name = get_str(&g);
    ret->engine = get_str(&g);
    ret->model_used = get_str(&g);
    ret->policy = get_str(&g);
    ret->role = get_str(&g);
    ret->error_code = get_str(&g);
    ret->price_date = get_str(&g);
    ret->reasons_json = get_str(&g);
    ret->usage.audio_input_tokens = ret->usage.audio_output_tokens = 0;
    ret->usage.tier = TIER_STANDARD;
    ret->usage.has_unpriced = false;
    ret->own_nanousd = ret->cost_nanousd;
    ret->nspent = 0;
    if (r->version >= RECORD_VERSION_2)
        get_more(&g, ret);
    if (!ret->is_at_cloud_told)
        ret->was_at_cloud = ret->has_engine && ret->side == SIDE_CLOUD && ret->attempts;
    return get_end(&g);
}
