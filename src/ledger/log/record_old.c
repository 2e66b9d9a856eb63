/* record_old.c -- see record_old.h.
 *
 * Fields stand one behind the other, numbers in a fixed width, strings behind two bytes
 * of length. */
#include "ledger/log/record_old.h"

enum {
    LENGTH_BYTES = 2,
    MOST_SPENT = 4,
    FLAG_ENGINE = 1,
    FLAG_USAGE = 2,
    FLAG_REPORTED = 4,
    FLAG_STREAM = 8,
    FLAG_AT_CLOUD = 16,
    FLAG_CLOUD_TOLD = 32 /* FLAG_AT_CLOUD means something: 0.1.0 did not write it */
};

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

/* What the store can hold. */
static uint64_t get_number(struct get *g)
{
    uint64_t v = get_int(g, 8);
    g->is_bad |= v > INT64_MAX;
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
    unsigned newest = type == RECORD_OPEN ? RECORD_VERSION_1 : RECORD_VERSION_2;
    return (struct get){p, p + r->payload.n,
                        r->type != type || r->version < RECORD_VERSION_1 ||
                            r->version > newest};
}

static bool get_end(const struct get *g)
{
    return !g->is_bad && g->p == g->end;
}

static void get_open(struct get *g, struct ledger_open *o)
{
    *o = (struct ledger_open){0};
    o->uid = get_int(g, 8);
    o->ts_ms = get_number(g);
    o->session = get_int(g, 8);
    o->dialect = (enum dialect_id)get_below(g, DIALECT_COUNT);
    o->surface = (enum surface)get_below(g, SURFACE_COUNT);
    unsigned label = get_below(g, SENSITIVITY_COUNT + 1);
    o->label = label < SENSITIVITY_COUNT ? sensitivity_name((enum sensitivity)label) : "";
    o->request_id = get_str(g);
    o->key = get_str(g);
    o->model_asked = get_str(g);
}

bool record_get_old_open(const struct record *r, struct ledger_open *ret)
{
    struct get g = get_begin(r, RECORD_OPEN);
    get_open(&g, ret);
    return get_end(&g);
}

bool record_get_old_attempt(const struct record *r, struct ledger_attempt *ret)
{
    struct get g = get_begin(r, RECORD_ATTEMPT);
    *ret = (struct ledger_attempt){0};
    ret->uid = get_int(&g, 8);
    ret->number = (uint32_t)get_int(&g, 4);
    ret->purpose = ret->number > 1 ? LEG_RETRY : LEG_ANSWER;
    ret->side = (enum side)get_below(&g, SIDE_COUNT);
    ret->engine = get_str(&g);
    ret->model = get_str(&g);
    if (r->version >= RECORD_VERSION_2) {
        ret->policy = get_str(&g);
        ret->role = get_str(&g);
        ret->reasons_json = get_str(&g);
    }
    return get_end(&g);
}

/* Money, or a time: -1 is "unknown" or "none", and below that there is nothing. */
static int64_t get_or_none(struct get *g)
{
    int64_t v = (int64_t)get_int(g, 8);
    g->is_bad |= v < -1;
    return v;
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
    r->usage.input_tokens = get_number(g);
    r->usage.cached_tokens = get_number(g);
    r->usage.cache_write_tokens = get_number(g);
    r->usage.output_tokens = get_number(g);
    r->usage.reasoning_tokens = get_number(g);
    r->cost_nanousd = get_or_none(g);
    r->ttft_ms = get_or_none(g);
    r->total_ms = get_number(g);
    r->request_bytes = get_number(g);
    r->answer_bytes = get_number(g);
}

static int64_t get_more(struct get *g, struct ledger_row *r, struct ledger_legs *legs)
{
    r->usage.audio_input_tokens = get_number(g);
    r->usage.audio_output_tokens = get_number(g);
    r->usage.tier = (enum service_tier)get_below(g, TIER_COUNT);
    int64_t own_nanousd = get_or_none(g);
    legs->n = get_below(g, MOST_SPENT + 1);
    for (size_t i = 0; i < legs->n; i++) {
        enum side side = (enum side)get_below(g, SIDE_COUNT);
        int64_t cost = get_or_none(g);
        legs->items[i] =
            (struct ledger_leg){.side = side, .cost_nanousd = cost, .engine = get_str(g)};
        legs->items[i].model = get_str(g);
    }
    return own_nanousd;
}

void record_complete_old_legs(struct ledger_row *row, struct ledger_legs *legs,
                              int64_t own_nanousd)
{
    size_t nspent = legs->n;
    for (size_t i = 0; i < nspent; i++) {
        struct ledger_leg *l = &legs->items[i];
        l->uid = row->open.uid;
        l->number = (uint32_t)i + 1;
        l->purpose = i ? LEG_RETRY : LEG_ANSWER;
        l->outcome = OUTCOME_ERROR;
        l->has_left = true;
        l->is_bare = true;
        l->ttft_ms = -1;
    }
    /* One that waited for a slot to its end made no attempt. */
    if (row->has_engine && (row->attempts > nspent || own_nanousd != 0)) {
        struct ledger_leg *own = &legs->items[legs->n++];
        *own = ledger_leg_of_row(row);
        own->cost_nanousd = own_nanousd;
        own->purpose = nspent ? LEG_RETRY : LEG_ANSWER;
        if (own->number <= nspent)
            own->number = (uint32_t)nspent + 1;
    }
    row->legs = legs->items;
    row->nlegs = legs->n;
    row->nlegs_told = (uint32_t)legs->n;
}

bool record_get_old_settle(const struct record *r, struct ledger_row *ret,
                           struct ledger_legs *legs)
{
    struct get g = get_begin(r, RECORD_SETTLE);
    *ret = (struct ledger_row){0};
    legs->n = 0;
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
    int64_t own_nanousd = ret->cost_nanousd;
    if (r->version >= RECORD_VERSION_2)
        own_nanousd = get_more(&g, ret, legs);
    if (!ret->is_at_cloud_told)
        ret->was_at_cloud = ret->has_engine && ret->side == SIDE_CLOUD && ret->attempts;
    record_complete_old_legs(ret, legs, own_nanousd);
    return get_end(&g);
}
