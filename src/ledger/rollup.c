/* rollup.c -- see rollup.h. */
#include "ledger/rollup.h"

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
    SPENT_AT = 20
};

static int64_t label_bits(const char *label)
{
    struct str word = str_of(label);
    for (unsigned i = 0; i < SENSITIVITY_COUNT; i++)
        if (str_eqz(word, sensitivity_name((enum sensitivity)i)))
            return i;
    return SENSITIVITY_COUNT;
}

int64_t bits_of(const struct ledger_row *r)
{
    return (int64_t)r->side << SIDE_AT | (int64_t)r->has_engine << ENGINE_AT |
           (int64_t)r->outcome << OUTCOME_AT | label_bits(r->open.label) << LABEL_AT |
           (int64_t)r->open.dialect << DIALECT_AT |
           (int64_t)r->open.surface << SURFACE_AT | (int64_t)r->is_stream << STREAM_AT |
           (int64_t)r->usage.is_known << KNOWN_AT |
           (int64_t)r->usage_is_reported << REPORTED_AT |
           (int64_t)r->was_at_cloud << AT_CLOUD_AT |
           (int64_t)r->is_at_cloud_told << CLOUD_TOLD_AT |
           (int64_t)(r->nlegs > 1) << SPENT_AT;
}

bool bits_have_spent(int64_t bits)
{
    return bits >> SPENT_AT & 1;
}

int64_t bits_of_spent(int64_t row_bits, const struct ledger_leg *x)
{
    int64_t side_bits = INT64_C(1) << SIDE_AT | INT64_C(1) << ENGINE_AT;
    return (row_bits & ROLLUP_BITS & ~side_bits) | (int64_t)x->side << SIDE_AT |
           INT64_C(1) << ENGINE_AT;
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
}

void rollup_sums_add_row(struct rollup_sums *s, const struct ledger_row *r)
{
    s->requests++;
    s->estimated += r->has_engine && !r->usage_is_reported;
    s->input += (int64_t)r->usage.input_tokens;
    s->cached += (int64_t)r->usage.cached_tokens;
    s->cache_write += (int64_t)r->usage.cache_write_tokens;
    s->output += (int64_t)r->usage.output_tokens;
    s->reasoning += (int64_t)r->usage.reasoning_tokens;
    int64_t own = ledger_own_cost(r);
    if (own >= 0)
        s->cost_nanousd += own;
    else
        s->cost_unknown += r->has_engine;
    s->request_bytes += (int64_t)r->request_bytes;
    s->answer_bytes += (int64_t)r->answer_bytes;
    if (r->ttft_ms >= 0) {
        s->ttft_ms += r->ttft_ms;
        s->ttft_count++;
    }
    s->total_ms += (int64_t)r->total_ms;
    s->local_after_cloud += ledger_is_local_after_cloud(r);
}

void rollup_sums_add_spent(struct rollup_sums *s, const struct ledger_leg *x)
{
    s->failed_attempts++;
    if (x->cost_nanousd >= 0)
        s->cost_nanousd += x->cost_nanousd;
    else
        s->cost_unknown++;
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
