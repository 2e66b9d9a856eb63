/* rollup.c -- see rollup.h. */
#include "ledger/index/rollup.h"

#define GROUP_PLAIN INT64_C(0xFF) /* side, has_engine, outcome, label */

enum {
    SIDE_AT = 0,
    ENGINE_AT = 1,
    OUTCOME_AT = 2,
    LABEL_AT = 5,
    DIALECT_AT = 8,
    SURFACE_AT = 12,
    STREAM_AT = 15,
    KNOWN_AT = 16,
    REPORTED_AT = 17,
    AT_CLOUD_AT = 18,
    CLOUD_TOLD_AT = 19,
    LEGS_AT = 20,
    TOLD_AT = 21,
    PROMISED_AT = 22,
    LEFT_AT = 23,
    PURPOSE_AT = 24,
    QUALITY_AT = 27,
    LATENCY_AT = 28,
    PURPOSE_MASK = 7,
    GROUP_PURPOSE_AT = 8
};

/* Of a leg. */
enum {
    LEG_PROMISED_AT = 1,
    LEG_OUTCOME_AT = 2,
    LEG_LEFT_AT = 5,
    LEG_KNOWN_AT = 6,
    LEG_REPORTED_AT = 7,
    LEG_PURPOSE_AT = 8,
    LEG_OWN_AT = 11,
    LEG_BARE_AT = 12
};

static int64_t label_bits(const char *label)
{
    struct str word = str_of(label);
    for (unsigned i = 0; i < SENSITIVITY_COUNT; i++)
        if (str_eqz(word, sensitivity_name((enum sensitivity)i)))
            return i;
    return SENSITIVITY_COUNT;
}

static bool is_same_usage(const struct usage *a, const struct usage *b)
{
    return a->input_tokens == b->input_tokens && a->cached_tokens == b->cached_tokens &&
           a->cache_write_tokens == b->cache_write_tokens &&
           a->output_tokens == b->output_tokens &&
           a->reasoning_tokens == b->reasoning_tokens &&
           a->audio_input_tokens == b->audio_input_tokens &&
           a->audio_output_tokens == b->audio_output_tokens && a->tier == b->tier &&
           a->is_known == b->is_known;
}

bool row_tells_its_leg(const struct ledger_row *r)
{
    if (r->nlegs != 1)
        return r->nlegs == 0;
    const struct ledger_leg *l = r->legs;
    int64_t started = (int64_t)l->started_ms;
    return !l->is_bare && l->side == r->side && l->status == r->status &&
           l->outcome == r->outcome && l->cost_nanousd == r->cost_nanousd &&
           l->number == (r->attempts ? r->attempts : 1) &&
           l->total_ms + l->started_ms == r->total_ms &&
           (r->ttft_ms < 0 ? l->ttft_ms < 0
                           : l->ttft_ms >= 0 && l->ttft_ms + started == r->ttft_ms) &&
           l->usage_is_reported == r->usage_is_reported &&
           is_same_usage(&l->usage, &r->usage) && str_eq(l->engine, r->engine) &&
           str_eq(l->model, r->model_used) && str_eq(l->error_code, r->error_code) &&
           str_eq(l->price_date, r->price_date) && r->has_engine;
}

int64_t bits_of(const struct ledger_row *r)
{
    const struct ledger_leg *own = ledger_own_leg(r);
    int64_t bits =
        (int64_t)r->side << SIDE_AT | (int64_t)r->has_engine << ENGINE_AT |
        (int64_t)r->outcome << OUTCOME_AT | label_bits(r->open.label) << LABEL_AT |
        (int64_t)r->open.dialect << DIALECT_AT | (int64_t)r->open.surface << SURFACE_AT |
        (int64_t)r->is_stream << STREAM_AT | (int64_t)r->usage.is_known << KNOWN_AT |
        (int64_t)r->usage_is_reported << REPORTED_AT |
        (int64_t)r->was_at_cloud << AT_CLOUD_AT |
        (int64_t)r->is_at_cloud_told << CLOUD_TOLD_AT |
        (int64_t)r->knew.wants_quality << QUALITY_AT |
        (int64_t)r->knew.has_latency << LATENCY_AT |
        (int64_t)!row_tells_its_leg(r) << LEGS_AT;
    if (own)
        bits |= INT64_C(1) << TOLD_AT | (int64_t)own->is_promised << PROMISED_AT |
                (int64_t)own->has_left << LEFT_AT | (int64_t)own->purpose << PURPOSE_AT;
    return bits;
}

bool bits_have_legs(int64_t bits)
{
    return bits >> LEGS_AT & 1;
}

bool bits_tell_leg(int64_t bits)
{
    return bits >> TOLD_AT & 1;
}

static enum leg_purpose purpose_at(int64_t bits, int at)
{
    int64_t v = bits >> at & PURPOSE_MASK;
    return v < LEG_PURPOSES ? (enum leg_purpose)v : LEG_PURPOSES;
}

void bits_to_leg(int64_t bits, struct ledger_leg *l)
{
    if (!bits_tell_leg(bits))
        return;
    l->is_promised = bits >> PROMISED_AT & 1;
    l->has_left = bits >> LEFT_AT & 1;
    l->purpose = purpose_at(bits, PURPOSE_AT);
}

int64_t leg_bits_of(const struct ledger_leg *l, bool is_own)
{
    return (int64_t)l->side << SIDE_AT | (int64_t)l->is_promised << LEG_PROMISED_AT |
           (int64_t)l->outcome << LEG_OUTCOME_AT | (int64_t)l->has_left << LEG_LEFT_AT |
           (int64_t)l->usage.is_known << LEG_KNOWN_AT |
           (int64_t)l->usage_is_reported << LEG_REPORTED_AT |
           (int64_t)l->purpose << LEG_PURPOSE_AT | (int64_t)is_own << LEG_OWN_AT |
           (int64_t)l->is_bare << LEG_BARE_AT;
}

int64_t group_bits(int64_t row_bits)
{
    return (row_bits & GROUP_PLAIN) | (row_bits >> PURPOSE_AT & PURPOSE_MASK)
                                          << GROUP_PURPOSE_AT;
}

struct rollup_group group_of_leg(const struct rollup_group *of_row,
                                 const struct ledger_leg *l, int64_t engine,
                                 int64_t model)
{
    int64_t side_bits = INT64_C(1) << SIDE_AT | INT64_C(1) << ENGINE_AT;
    struct rollup_group g = *of_row;
    g.engine = engine;
    g.model = model;
    g.bits = (g.bits & GROUP_PLAIN & ~side_bits) | (int64_t)l->side << SIDE_AT |
             INT64_C(1) << ENGINE_AT | (int64_t)l->purpose << GROUP_PURPOSE_AT;
    return g;
}

static unsigned take(int64_t bits, int at, unsigned mask, unsigned count)
{
    unsigned v = (unsigned)(bits >> at) & mask;
    return v < count ? v : 0;
}

void bits_to(int64_t bits, struct ledger_row *r)
{
    unsigned label = take(bits, LABEL_AT, 7, SENSITIVITY_COUNT + 1);
    r->side = (enum side)take(bits, SIDE_AT, 1, SIDE_COUNT);
    r->has_engine = bits >> ENGINE_AT & 1;
    r->outcome = (enum outcome)take(bits, OUTCOME_AT, 7, OUTCOME_COUNT);
    r->open.label =
        label < SENSITIVITY_COUNT ? sensitivity_name((enum sensitivity)label) : "";
    r->open.dialect = (enum dialect_id)take(bits, DIALECT_AT, 15, DIALECT_COUNT);
    r->open.surface = (enum surface)take(bits, SURFACE_AT, 7, SURFACE_COUNT);
    r->is_stream = bits >> STREAM_AT & 1;
    r->usage.is_known = bits >> KNOWN_AT & 1;
    r->usage_is_reported = bits >> REPORTED_AT & 1;
    r->was_at_cloud = bits >> AT_CLOUD_AT & 1;
    r->is_at_cloud_told = bits >> CLOUD_TOLD_AT & 1;
    r->knew.wants_quality = bits >> QUALITY_AT & 1;
    r->knew.has_latency = bits >> LATENCY_AT & 1;
}

void leg_bits_to(int64_t bits, struct ledger_leg *l)
{
    l->side = (enum side)take(bits, SIDE_AT, 1, SIDE_COUNT);
    l->is_promised = bits >> LEG_PROMISED_AT & 1;
    l->outcome = (enum outcome)take(bits, LEG_OUTCOME_AT, 7, OUTCOME_COUNT);
    l->has_left = bits >> LEG_LEFT_AT & 1;
    l->usage.is_known = bits >> LEG_KNOWN_AT & 1;
    l->usage_is_reported = bits >> LEG_REPORTED_AT & 1;
    l->purpose = purpose_at(bits, LEG_PURPOSE_AT);
    l->is_bare = bits >> LEG_BARE_AT & 1;
}

static void add_usage(struct rollup_sums *s, const struct usage *u)
{
    s->input += (int64_t)u->input_tokens;
    s->cached += (int64_t)u->cached_tokens;
    s->cache_write += (int64_t)u->cache_write_tokens;
    s->output += (int64_t)u->output_tokens;
    s->reasoning += (int64_t)u->reasoning_tokens;
}

static void add_cost(struct rollup_sums *s, int64_t nanousd)
{
    if (nanousd >= 0)
        s->cost_nanousd += nanousd;
    else
        s->cost_unknown++;
}

void rollup_sums_add_row(struct rollup_sums *s, const struct ledger_row *r)
{
    s->requests++;
    s->estimated += r->has_engine && !r->usage_is_reported;
    s->request_bytes += (int64_t)r->request_bytes;
    s->answer_bytes += (int64_t)r->answer_bytes;
    if (ledger_first_token_ms(r) >= 0) {
        s->ttft_ms += ledger_first_token_ms(r);
        s->ttft_count++;
    }
    s->total_ms += (int64_t)r->total_ms;
    s->local_after_cloud += ledger_is_local_after_cloud(r);
    if (r->nlegs)
        return;
    add_usage(s, &r->usage);
    if (r->has_engine || r->cost_nanousd >= 0)
        add_cost(s, r->cost_nanousd);
}

void rollup_sums_add_leg(struct rollup_sums *s, const struct ledger_row *r,
                         const struct ledger_leg *l)
{
    s->failed_attempts += ledger_leg_failed_beside(r, l);
    add_usage(s, &l->usage);
    add_cost(s, l->cost_nanousd);
}

/* All members of the sums are int64_t. */
void rollup_negate(struct rollup *r)
{
    for (size_t i = 0; r->n && i < ROLLUP_SLOTS; i++) {
        int64_t v[sizeof r->slots[i].sums / sizeof(int64_t)];
        memcpy(v, &r->slots[i].sums, sizeof v);
        for (size_t k = 0; k < ARRAY_LEN(v); k++)
            v[k] = -v[k];
        memcpy(&r->slots[i].sums, v, sizeof v);
    }
}

void rollup_clear(struct rollup *r)
{
    if (r->n)
        memset(r, 0, sizeof *r);
}

static size_t home(const struct rollup_group *g)
{
    uint64_t h = (uint64_t)g->hour;
    const int64_t parts[] = {g->key, g->engine, g->model, g->policy, g->bits};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        h = (h ^ (uint64_t)parts[i]) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h >> 40) % ROLLUP_SLOTS;
}

static bool is_group(const struct rollup_entry *e, const struct rollup_group *g)
{
    return e->is_used && memcmp(&e->group, g, sizeof *g) == 0;
}

struct rollup_sums *rollup_of(struct rollup *r, const struct rollup_group *g)
{
    size_t i = r->last;
    if (!is_group(&r->slots[i], g)) {
        for (i = home(g); r->slots[i].is_used && !is_group(&r->slots[i], g);)
            i = (i + 1) % ROLLUP_SLOTS;
        if (!r->slots[i].is_used) {
            if (r->n >= ROLLUP_SLOTS / 4 * 3)
                return NULL;
            r->slots[i] = (struct rollup_entry){.is_used = true, .group = *g};
            r->n++;
        }
        r->last = i;
    }
    return &r->slots[i].sums;
}

static int write_entry(const struct rollup_entry *e, sqlite3_stmt *upsert)
{
    const struct rollup_group *g = &e->group;
    const struct rollup_sums *s = &e->sums;
    const int64_t values[] = {g->hour,
                              g->key,
                              g->engine,
                              g->model,
                              g->policy,
                              g->bits,
                              s->requests,
                              s->estimated,
                              s->input,
                              s->cached,
                              s->cache_write,
                              s->output,
                              s->reasoning,
                              s->cost_nanousd,
                              s->cost_unknown,
                              s->request_bytes,
                              s->answer_bytes,
                              s->ttft_ms,
                              s->ttft_count,
                              s->total_ms,
                              s->failed_attempts,
                              s->local_after_cloud};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        sqlite3_bind_int64(upsert, (int)i + 1, values[i]);
    int rc = sqlite3_step(upsert);
    sqlite3_reset(upsert);
    return rc == SQLITE_DONE ? 0 : -1;
}

int rollup_write(const struct rollup *r, sqlite3_stmt *upsert)
{
    for (size_t i = 0; r->n && i < ROLLUP_SLOTS; i++)
        if (r->slots[i].is_used && write_entry(&r->slots[i], upsert) < 0)
            return -1;
    return 0;
}
