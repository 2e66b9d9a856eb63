/* meter.c -- counting requests, tokens, money and time; writing them for Prometheus. */
#include "gateway/meter.h"

#include "core/mem.h"

#include <stdio.h>

/* Upper bounds in microseconds; those of the GenAI conventions' advice for durations,
 * from 10 ms to 81.92 s, doubling. */
static uint64_t bound_us(size_t i)
{
    return 10000ULL << i;
}

/* What judging does, by what a leg was for. */
struct judging_meter {
    atomic_ullong legs[OUTCOME_COUNT];
    atomic_ullong given_nanousd, thrown_nanousd; /* the client got its answer, or not */
    atomic_ullong uncosted, unread;
};

struct meters {
    _Atomic(struct meter *) first;
    atomic_ullong refused[OUTCOME_COUNT];
    atomic_ullong judged[JUDGED_COUNT];
    struct judging_meter judging[LEG_PURPOSES];
};

struct meters *meters_create(void)
{
    return mem_new(struct meters);
}

void meters_free(struct meters *m)
{
    struct meter *x = m ? atomic_load(&m->first) : NULL;
    while (x) {
        struct meter *next = x->next;
        mem_free(x);
        x = next;
    }
    mem_free(m);
}

struct meter *meters_for(struct meters *m, const struct config_model *model)
{
    struct str engine = str_sub(model->engine->name, 0, 127);
    struct str name = str_sub(model->name, 0, 255);
    for (struct meter *x = atomic_load(&m->first); x; x = x->next)
        if (str_eqz(engine, x->engine) && str_eqz(name, x->model))
            return x;
    struct meter *x = mem_new(struct meter);
    if (!x)
        return NULL;
    snprintf(x->engine, sizeof x->engine, "%.*s", STR_ARG(engine));
    snprintf(x->model, sizeof x->model, "%.*s", STR_ARG(name));
    x->side = model->is_cloud ? SIDE_CLOUD : SIDE_LOCAL;
    x->next = atomic_load(&m->first);
    atomic_store(&m->first, x);
    return x;
}

static void add(atomic_ullong *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static void observe(struct histogram *h, uint64_t us)
{
    size_t i = 0;
    while (i < METER_BUCKETS && us > bound_us(i))
        i++;
    add(&h->counts[i], 1);
    add(&h->sum_us, us);
}

static void note_ttft(struct meter *m, uint64_t ms)
{
    unsigned was = atomic_load_explicit(&m->ttft_ewma_ms, memory_order_relaxed);
    unsigned now = was ? (unsigned)((was * 7ULL + ms) / 8) : (unsigned)ms;
    atomic_store_explicit(&m->ttft_ewma_ms, now ? now : 1, memory_order_relaxed);
}

void meter_count_leg(struct meter *m, const struct ledger_leg *leg)
{
    if (!m)
        return;
    add(&m->input_tokens, leg->usage.input_tokens);
    add(&m->cached_tokens, leg->usage.cached_tokens);
    add(&m->output_tokens, leg->usage.output_tokens);
    if (leg->cost_nanousd == COST_UNKNOWN)
        add(&m->uncosted, 1);
    else
        add(&m->cost_nanousd, (uint64_t)leg->cost_nanousd);
}

void meter_count(struct meter *m, enum outcome outcome, int64_t ttft_ms,
                 uint64_t total_ms)
{
    add(&m->requests[outcome], 1);
    observe(&m->duration, total_ms * 1000);
    if (ttft_ms >= 0) {
        observe(&m->ttft, (uint64_t)ttft_ms * 1000);
        note_ttft(m, (uint64_t)ttft_ms);
    }
}

void meter_note_answer(struct meter *m, uint64_t wall_ms)
{
    atomic_store_explicit(&m->answered_s, wall_ms / 1000, memory_order_relaxed);
}

void meters_count_refused(struct meters *m, enum outcome outcome)
{
    add(&m->refused[outcome], 1);
}

void meters_count_judged(struct meters *m, enum judged result)
{
    add(&m->judged[result], 1);
}

void meters_count_judging(struct meters *m, const struct ledger_leg *leg)
{
    bool is_first = leg->purpose == LEG_ANSWER || leg->purpose == LEG_RETRY;
    bool is_thrown = is_first && !leg->is_promised && leg->outcome == OUTCOME_OK;
    if (leg->purpose >= LEG_PURPOSES || leg->purpose == LEG_MIRROR ||
        (is_first && !is_thrown))
        return;
    struct judging_meter *j = &m->judging[is_first ? LEG_ANSWER : leg->purpose];
    add(&j->legs[leg->outcome], 1);
    if (leg->cost_nanousd == COST_UNKNOWN)
        add(&j->uncosted, 1);
    else
        add(leg->is_promised ? &j->given_nanousd : &j->thrown_nanousd,
            (uint64_t)leg->cost_nanousd);
}

void meters_count_unread(struct meters *m, enum leg_purpose purpose)
{
    add(&m->judging[purpose].unread, 1);
}

/* -- writing ------------------------------------------------------------------------ */

static uint64_t get(atomic_ullong *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static void write_label_value(struct buf *b, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_byte(b, '\\');
        if (*s == '\n')
            buf_lit(b, "\\n");
        else
            buf_byte(b, *s);
    }
}

static void write_labels(struct buf *b, const struct meter *m)
{
    buf_lit(b, "gen_ai_provider_name=\"");
    write_label_value(b, m->engine);
    buf_lit(b, "\",gen_ai_request_model=\"");
    write_label_value(b, m->model);
    buf_printf(b, "\",side=\"%s\"", side_name(m->side));
}

static void write_head(struct buf *b, const char *name, const char *type,
                       const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_requests(struct meters *all, struct buf *b)
{
    write_head(b, "weir_requests_total", "counter", "Requests by model and outcome.");
    for (struct meter *m = atomic_load(&all->first); m; m = m->next)
        for (int o = 0; o < OUTCOME_COUNT; o++) {
            if (get(&m->requests[o]) == 0)
                continue;
            buf_lit(b, "weir_requests_total{");
            write_labels(b, m);
            buf_printf(b, ",outcome=\"%s\"} %llu\n", outcome_name((enum outcome)o),
                       (unsigned long long)get(&m->requests[o]));
        }
    for (int o = 0; o < OUTCOME_COUNT; o++)
        if (get(&all->refused[o]))
            buf_printf(b, "weir_requests_total{side=\"none\",outcome=\"%s\"} %llu\n",
                       outcome_name((enum outcome)o),
                       (unsigned long long)get(&all->refused[o]));
}

static void write_tokens(struct meters *all, struct buf *b)
{
    write_head(b, "gen_ai_client_token_usage_total", "counter",
               "Tokens by model and type; input includes cached.");
    for (struct meter *m = atomic_load(&all->first); m; m = m->next) {
        const struct {
            const char *type;
            atomic_ullong *n;
        } rows[] = {{"input", &m->input_tokens},
                    {"cached", &m->cached_tokens},
                    {"output", &m->output_tokens}};
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            buf_lit(b, "gen_ai_client_token_usage_total{");
            write_labels(b, m);
            buf_printf(b, ",gen_ai_token_type=\"%s\"} %llu\n", rows[i].type,
                       (unsigned long long)get(rows[i].n));
        }
    }
}

static void write_nanousd(struct buf *b, uint64_t nano)
{
    buf_printf(b, "} %llu.%09llu\n", (unsigned long long)(nano / 1000000000),
               (unsigned long long)(nano % 1000000000));
}

static void write_judged(struct meters *all, struct buf *b)
{
    write_head(b, "weir_judged_total", "counter",
               "Answers that were to be judged (escalate), by what became of them.");
    for (int i = JUDGED_NOT + 1; i < JUDGED_COUNT; i++)
        buf_printf(b, "weir_judged_total{result=\"%s\"} %llu\n",
                   judged_name((enum judged)i), (unsigned long long)get(&all->judged[i]));
}

static void write_purpose(struct buf *b, const char *name, enum leg_purpose purpose,
                          atomic_ullong *n)
{
    buf_printf(b, "%s{purpose=\"%s\"} %llu\n", name, leg_purpose_name(purpose),
               (unsigned long long)get(n));
}

/* "answer" is the local one that was too weak. */
static void write_judging_legs(struct meters *all, struct buf *b)
{
    static const enum leg_purpose purposes[] = {LEG_ANSWER, LEG_SECOND_OPINION, LEG_JUDGE,
                                                LEG_ESCALATED};
    write_head(b, "weir_judging_legs_total", "counter",
               "What judging asked beside or instead of the local answer, by how it "
               "ended; purpose answer: local answers that were thrown away.");
    for (size_t i = 0; i < ARRAY_LEN(purposes); i++)
        for (int o = 0; o < OUTCOME_COUNT; o++)
            if (get(&all->judging[purposes[i]].legs[o]) || o == OUTCOME_OK)
                buf_printf(
                    b, "weir_judging_legs_total{purpose=\"%s\",outcome=\"%s\"} %llu\n",
                    leg_purpose_name(purposes[i]), outcome_name((enum outcome)o),
                    (unsigned long long)get(&all->judging[purposes[i]].legs[o]));
    write_head(b, "weir_judging_cost_usd_total", "counter",
               "Their list-price cost; given=\"no\": for what no client got.");
    for (size_t i = 0; i < ARRAY_LEN(purposes); i++) {
        struct judging_meter *j = &all->judging[purposes[i]];
        const char *name = leg_purpose_name(purposes[i]);
        if (purposes[i] == LEG_ESCALATED) {
            buf_printf(b, "weir_judging_cost_usd_total{purpose=\"%s\",given=\"yes\"",
                       name);
            write_nanousd(b, get(&j->given_nanousd));
        }
        buf_printf(b, "weir_judging_cost_usd_total{purpose=\"%s\",given=\"no\"", name);
        write_nanousd(b, get(&j->thrown_nanousd));
    }
}

static void write_judging(struct meters *all, struct buf *b)
{
    write_judged(all, b);
    write_judging_legs(all, b);
    static const char uncosted[] = "weir_judging_uncosted_total";
    static const char unread[] = "weir_judging_unread_total";
    struct judging_meter *j = all->judging;
    write_head(b, uncosted, "counter", "Those of them whose price is unknown.");
    write_purpose(b, uncosted, LEG_JUDGE, &j[LEG_JUDGE].uncosted);
    write_purpose(b, uncosted, LEG_ESCALATED, &j[LEG_ESCALATED].uncosted);
    write_head(
        b, unread, "counter",
        "Replies of a judge without a verdict, and second opinions without a text.");
    write_purpose(b, unread, LEG_SECOND_OPINION, &j[LEG_SECOND_OPINION].unread);
    write_purpose(b, unread, LEG_JUDGE, &j[LEG_JUDGE].unread);
}

static void write_cost(struct meters *all, struct buf *b)
{
    write_head(b, "weir_cost_usd_total", "counter", "List-price cost of cloud requests.");
    for (struct meter *m = atomic_load(&all->first); m; m = m->next) {
        uint64_t nano = get(&m->cost_nanousd);
        buf_lit(b, "weir_cost_usd_total{");
        write_labels(b, m);
        write_nanousd(b, nano);
    }
    write_head(b, "weir_uncosted_requests_total", "counter",
               "Requests whose price is unknown.");
    for (struct meter *m = atomic_load(&all->first); m; m = m->next) {
        buf_lit(b, "weir_uncosted_requests_total{");
        write_labels(b, m);
        buf_printf(b, "} %llu\n", (unsigned long long)get(&m->uncosted));
    }
}

static void write_histogram(struct buf *b, const char *name, const struct meter *m,
                            struct histogram *h)
{
    uint64_t sum = 0;
    for (size_t i = 0; i <= METER_BUCKETS; i++) {
        sum += get(&h->counts[i]);
        buf_printf(b, "%s_bucket{", name);
        write_labels(b, m);
        if (i < METER_BUCKETS)
            buf_printf(b, ",le=\"%.2f\"} %llu\n", (double)bound_us(i) / 1e6,
                       (unsigned long long)sum);
        else
            buf_printf(b, ",le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    }
    buf_printf(b, "%s_sum{", name);
    write_labels(b, m);
    buf_printf(b, "} %.6f\n%s_count{", (double)get(&h->sum_us) / 1e6, name);
    write_labels(b, m);
    buf_printf(b, "} %llu\n", (unsigned long long)sum);
}

void meters_write(struct meters *all, struct buf *b)
{
    static const char duration[] = "gen_ai_client_operation_duration_seconds";
    static const char ttft[] = "gen_ai_server_time_to_first_token_seconds";
    write_requests(all, b);
    write_tokens(all, b);
    write_cost(all, b);
    write_judging(all, b);
    write_head(b, duration, "histogram", "From the request's first byte to its end.");
    for (struct meter *m = atomic_load(&all->first); m; m = m->next)
        write_histogram(b, duration, m, &m->duration);
    write_head(b, ttft, "histogram", "To the first content.");
    for (struct meter *m = atomic_load(&all->first); m; m = m->next)
        write_histogram(b, ttft, m, &m->ttft);
}
