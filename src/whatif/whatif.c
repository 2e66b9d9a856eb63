/* whatif.c -- see whatif.h. */
#include "whatif/whatif.h"

#include "core/mem.h"
#include "facts/date.h"
#include "whatif/lanes.h"

#include <math.h>

enum { WORDS_BYTES = 1 << 20, SCRATCH_BYTES = 1 << 20, MS_A_DAY = 86400000 };

bool whatif_can_play(enum policy p)
{
    return p == POLICY_LOCAL_ONLY || p == POLICY_CLOUD_ONLY || p == POLICY_LOCAL_FIRST ||
           p == POLICY_SEED_TABLE || p == POLICY_DEADLINE;
}

static const struct price *find_price(struct whatif *w, struct str model, uint64_t ts_ms)
{
    int64_t day = w->change.date_days ? w->change.date_days : (int64_t)(ts_ms / MS_A_DAY);
    for (size_t i = 0; i < w->nprices; i++)
        if (str_eq(w->prices[i].model, model))
            return price_on(&w->prices[i].series, day);
    if (w->nprices == WHATIF_MODELS)
        return prices_find(w->change.prices, STR(""), model, day);
    size_t i = w->nprices++;
    w->prices[i].model = arena_strdup(&w->words, model);
    w->prices[i].series = prices_series(w->change.prices, STR(""), model, &w->words);
    return price_on(&w->prices[i].series, day);
}

static int check_change(struct whatif *w, struct err *err)
{
    const struct whatif_change *c = &w->change;
    if (c->has_policy && !whatif_can_play(c->policy))
        return err_set(err, ERR_BAD_REQUEST, "whatif_policy",
                       "policy %s reads the text of a request, and no ledger has that; "
                       "local-first, local-only, cloud-only, seed-table and deadline can "
                       "be played",
                       policy_name(c->policy));
    for (size_t i = 0; i < c->nswaps; i++)
        if (!c->swaps[i].is_local && !prices_find(c->prices, STR(""), c->swaps[i].now, 0))
            return prices_explain_unknown(c->prices, c->swaps[i].now, err);
    return 0;
}

static uint32_t slots_of(const struct whatif_change *c, size_t engine)
{
    uint32_t n = c->slots;
    if (!n && c->config)
        n = c->config->engines[engine].max_inflight;
    return n ? n : 1;
}

static void init_sums(struct whatif_sums *s)
{
    sample_init(&s->total_ms);
    sample_init(&s->wait_ms);
}

int whatif_init(struct whatif *w, const struct whatif_change *change, struct err *err)
{
    *w = (struct whatif){.change = *change};
    arena_init(&w->words, WORDS_BYTES);
    arena_init(&w->scratch, SCRATCH_BYTES);
    init_sums(&w->was);
    init_sums(&w->now);
    if (check_change(w, err) < 0)
        return -1;
    w->nlanes = change->config ? change->config->nengines : 1;
    w->lanes = mem_zalloc((w->nlanes + 1) * sizeof *w->lanes);
    if (!w->lanes)
        return err_nomem(err);
    for (size_t i = 0; i < w->nlanes; i++)
        if (lanes_init(&w->lanes[i], slots_of(change, i), err) < 0)
            return -1;
    return 0;
}

void whatif_release(struct whatif *w)
{
    for (size_t i = 0; w->lanes && i < w->nlanes; i++)
        lanes_release(&w->lanes[i]);
    mem_free(w->lanes);
    sample_release(&w->was.total_ms);
    sample_release(&w->was.wait_ms);
    sample_release(&w->now.total_ms);
    sample_release(&w->now.wait_ms);
    arena_reset(&w->words);
    arena_reset(&w->scratch);
}

/* -- speeds -------------------------------------------------------------------------- */

/* Who answers; the words live as long as the row or the change. */
struct answerer {
    struct str engine, model, price;
    bool is_local, is_none, is_kept;
};

static struct whatif_speed *speed_of(struct whatif *w, struct str engine,
                                     struct str model)
{
    for (size_t i = 0; i < w->nspeeds; i++)
        if (str_eq(w->speeds[i].model, model) &&
            (engine.n == 0 || str_eq(w->speeds[i].engine, engine)))
            return &w->speeds[i];
    return NULL;
}

int whatif_measure(struct whatif *w, const struct ledger_row *row, struct err *err)
{
    for (size_t i = 0; i < row->nlegs; i++) {
        const struct ledger_leg *l = &row->legs[i];
        struct whatif_speed *s = speed_of(w, l->engine, l->model);
        if (l->is_bare || l->outcome != OUTCOME_OK || !l->usage_is_reported ||
            l->ttft_ms < 0 || !row->is_stream || (uint64_t)l->ttft_ms > l->total_ms)
            continue;
        if (!s && w->nspeeds == WHATIF_MODELS)
            continue;
        if (!s) {
            s = &w->speeds[w->nspeeds];
            *s = (struct whatif_speed){.engine = arena_strdup(&w->words, l->engine),
                                       .model = arena_strdup(&w->words, l->model),
                                       .side = l->side};
            if (!s->engine.p || !s->model.p)
                return err_nomem(err);
            w->nspeeds++;
        }
        s->first_ms += (double)l->ttft_ms;
        s->prompt_tokens += (double)(l->usage.input_tokens - l->usage.cached_tokens);
        s->made_ms += (double)(l->total_ms - (uint64_t)l->ttft_ms);
        s->output_tokens += (double)l->usage.output_tokens;
    }
    return 0;
}

static const struct whatif_speed *given_speed(const struct whatif_change *c,
                                              struct whatif_speed *room)
{
    *room = (struct whatif_speed){.first_ms = 1000 / c->prompt_per_s,
                                  .prompt_tokens = 1,
                                  .made_ms = 1000 / c->output_per_s,
                                  .output_tokens = 1};
    return room;
}

/* How long it would take; NAN: that was never measured, and nobody said.  What is said is
 * said of local models. */
static double takes_ms(struct whatif *w, const struct answerer *a, const struct usage *u)
{
    struct whatif_speed room;
    bool is_given = a->is_local && w->change.prompt_per_s > 0;
    const struct whatif_speed *s =
        is_given ? given_speed(&w->change, &room) : speed_of(w, a->engine, a->model);
    double prompt = s && s->prompt_tokens > 0 ? s->first_ms / s->prompt_tokens : NAN;
    double output = s && s->output_tokens > 0 ? s->made_ms / s->output_tokens : NAN;
    return prompt * (double)u->input_tokens + output * (double)u->output_tokens;
}

/* -- money ----------------------------------------------------------------------------
 */

static int64_t price_usage(const struct price *p, const struct usage *u, bool has_cache)
{
    struct err ignored;
    int64_t cost;
    const struct token_counts n = {.input = u->input_tokens,
                                   .cached = has_cache ? u->cached_tokens : 0,
                                   .cache_write = has_cache ? u->cache_write_tokens : 0,
                                   .output = u->output_tokens,
                                   .reasoning = u->reasoning_tokens,
                                   .audio_in = u->audio_input_tokens,
                                   .audio_out = u->audio_output_tokens};
    p = p ? price_of_tier(p, has_cache ? u->tier : TIER_STANDARD) : NULL;
    if (!p || u->has_unpriced || prices_cost_nanousd(p, &n, &cost, &ignored) < 0)
        return COST_UNKNOWN;
    return cost;
}

/* A leg as it was, at what its day (or the day of the change) asks. */
static int64_t reprice_leg(struct whatif *w, const struct ledger_row *row,
                           const struct ledger_leg *l)
{
    if (l->cost_nanousd == 0 || l->side == SIDE_LOCAL)
        return l->cost_nanousd; /* nothing was billed: local, refused, or never sent */
    return price_usage(find_price(w, l->model, row->open.ts_ms), &l->usage, true);
}

static int64_t cost_kept(struct whatif *w, const struct ledger_row *row)
{
    int64_t sum = 0;
    if (!w->change.date_days && !w->change.reprices)
        return row->cost_nanousd;
    for (size_t i = 0; i < row->nlegs; i++)
        sum = ledger_cost_sum(sum, reprice_leg(w, row, &row->legs[i]));
    return row->nlegs ? sum : row->cost_nanousd;
}

/* -- where it would have gone -----------------------------------------------------------
 */

static struct answerer kept(const struct ledger_row *row)
{
    return (struct answerer){.engine = row->engine,
                             .model = row->model_used,
                             .price = row->model_used,
                             .is_local = row->side == SIDE_LOCAL,
                             .is_none = !row->has_engine,
                             .is_kept = true};
}

static struct answerer swapped(const struct whatif *w, struct answerer a)
{
    for (size_t i = 0; i < w->change.nswaps; i++) {
        const struct whatif_swap *s = &w->change.swaps[i];
        if (!str_eq(s->was, a.model))
            continue;
        return (struct answerer){.engine = STR(""), /* whichever has that model */
                                 .model = s->now,
                                 .price = s->now,
                                 .is_local = s->is_local};
    }
    return a;
}

/* What of a request the ledger knows, as routing wants it. */
static void query_of(const struct whatif *w, const struct ledger_row *row,
                     struct route_query *q, struct chat *chat, struct label *label,
                     struct engine_health *health)
{
    const struct config *c = w->change.config;
    enum sensitivity s = SENSITIVITY_PUBLIC;
    double at = (double)w->clock_ms;
    if (!sensitivity_parse(str_of(row->open.label), &s))
        s = c->default_sensitivity;
    *chat =
        (struct chat){.surface = row->open.surface,
                      .model = row->open.model_asked,
                      .needs = row->knew.needs,
                      .nchoices = 1,
                      .max_output_tokens =
                          row->knew.output_limit ? (int64_t)row->knew.output_limit : -1,
                      .text_bytes = row->request_bytes,
                      .longest_bytes = row->request_bytes,
                      .is_stream = row->is_stream};
    *label = (struct label){.effective = s, .is_known = true, .source = "ledger"};
    for (size_t i = 0; i < c->nengines; i++) {
        bool is_idle =
            c->engines[i].side == SIDE_CLOUD || lanes_begin(&w->lanes[i], at) <= at;
        health[i] =
            (struct engine_health){.is_up = true, .has_room = true, .is_idle = is_idle};
    }
    *q = (struct route_query){.config = c,
                              .chat = chat,
                              .label = label,
                              .policy = w->change.policy,
                              .hints = {.wants_quality = row->knew.wants_quality,
                                        .has_latency = row->knew.has_latency,
                                        .latency_ms = row->knew.latency_ms,
                                        .deadline = (enum deadline)row->knew.deadline,
                                        .deadline_s = row->knew.deadline_s,
                                        .has_tokens = row->knew.input_estimate > 0,
                                        .tokens = row->knew.input_estimate},
                              .has_clearance = s <= SENSITIVITY_PUBLIC,
                              .measured = w->change.measured,
                              .health = health};
}

static struct answerer routed(struct whatif *w, const struct ledger_row *row)
{
    static struct engine_health health[CONFIG_MAX_ENGINES];
    struct route_query q;
    struct route_choice choice = {.model = NULL};
    struct chat chat;
    struct label label;
    struct err err;
    struct answerer was = kept(row);
    query_of(w, row, &q, &chat, &label, health);
    int rc = route_decide(&q, &w->scratch, &choice, &err);
    arena_rewind(&w->scratch);
    if (rc < 0)
        return (struct answerer){.is_none = true};
    const struct config_model *m = choice.model;
    if (str_eq(m->engine->name, was.engine) && str_eq(m->name, was.model))
        return was;
    return (struct answerer){.engine = m->engine->name,
                             .model = m->name,
                             .price = m->price.n ? m->price : m->upstream,
                             .is_local = !m->is_cloud};
}

static size_t lane_of(const struct whatif *w, const struct answerer *a)
{
    const struct config *c = w->change.config;
    size_t first_local = 0;
    for (size_t i = c ? c->nengines : 0; i-- > 0;) {
        if (str_eq(c->engines[i].name, a->engine))
            return i;
        if (c->engines[i].side == SIDE_LOCAL)
            first_local = i;
    }
    return first_local;
}

/* -- one row ----------------------------------------------------------------------------
 */

static void add_cost(struct whatif_sums *s, int64_t nanousd, int64_t uncached)
{
    s->unknown += nanousd == COST_UNKNOWN;
    s->nanousd += nanousd == COST_UNKNOWN ? 0 : nanousd;
    s->nanousd_uncached += uncached == COST_UNKNOWN ? 0 : uncached;
}

static void add_side(struct whatif_sums *s, const struct answerer *a)
{
    s->refused += a->is_none;
    s->local += !a->is_none && a->is_local;
    s->cloud += !a->is_none && !a->is_local;
}

/* At a local engine it waits for its place; what is kept takes the time that it took. */
static int add_time(struct whatif *w, const struct ledger_row *row,
                    const struct answerer *a, struct err *err)
{
    double took = (double)row->total_ms, wait = 0;
    if (a->is_none)
        return 0;
    if (!a->is_kept) {
        took = takes_ms(w, a, &row->usage);
        w->unmeasured += a->is_local && isnan(took);
    }
    if (a->is_local && !isnan(took))
        wait = lanes_enter(&w->lanes[lane_of(w, a)], (double)w->clock_ms, took);
    if (a->is_kept) /* the wait it had is in the time that it took */
        wait = 0;
    if (a->is_local && !a->is_kept && sample_add(&w->now.wait_ms, wait, err) < 0)
        return -1;
    return sample_add(&w->now.total_ms, took + wait, err);
}

/* A request that came while another was being read is a row some seconds late: it
 * arrives when that did.  A clock that was set back goes on from there. */
static void let_time_pass(struct whatif *w, uint64_t ts_ms)
{
    if (!w->requests || ledger_was_set_back(w->before_ms, ts_ms))
        w->before_ms = ts_ms;
    if (ts_ms > w->before_ms) {
        w->clock_ms += ts_ms - w->before_ms;
        w->before_ms = ts_ms;
    }
    ledger_period_take(&w->period, ts_ms);
}

int whatif_replay(struct whatif *w, const struct ledger_row *row, struct err *err)
{
    let_time_pass(w, row->open.ts_ms);
    struct answerer was = kept(row);
    /* What was refused stays so: the ledger cannot say what it would have used. */
    bool is_played = w->change.has_policy && !was.is_none;
    struct answerer now = swapped(w, is_played ? routed(w, row) : was);
    w->requests++;
    add_side(&w->was, &was);
    add_side(&w->now, &now);
    add_cost(&w->was, row->cost_nanousd, row->cost_nanousd);
    w->moved_home += !was.is_none && !was.is_local && !now.is_none && now.is_local;
    w->moved_out += !was.is_none && was.is_local && !now.is_none && !now.is_local;
    w->moved_model += !now.is_kept && !now.is_none;
    if (!was.is_none && sample_add(&w->was.total_ms, (double)row->total_ms, err) < 0)
        return -1;
    if (now.is_kept) {
        int64_t cost = cost_kept(w, row);
        add_cost(&w->now, cost, cost);
    } else if (now.is_none || now.is_local) {
        add_cost(&w->now, 0, 0);
    } else {
        const struct price *p = find_price(w, now.price, row->open.ts_ms);
        add_cost(&w->now, price_usage(p, &row->usage, true),
                 price_usage(p, &row->usage, false));
    }
    return add_time(w, row, &now, err);
}

double whatif_load(const struct whatif *w)
{
    double busy = 0, places = 0, period = (double)w->clock_ms;
    for (size_t i = 0; i < w->nlanes; i++) {
        if (w->lanes[i].busy_ms <= 0)
            continue;
        busy += w->lanes[i].busy_ms;
        places += w->lanes[i].n;
    }
    return places > 0 && period > 0 ? busy / (places * period) : NAN;
}
