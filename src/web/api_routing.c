/* api_routing.c -- GET /weir/api/routing: which policy chooses, what it knows of the
 * traffic, where requests went under it, what judging local answers bought, and what was
 * said of answers. */
#include "ledger/escalation.h"
#include "web/days.h"

#include <math.h>
#include <stdio.h>

/* Escalations and feedback stand in rows: so many of the newest are read. */
enum { ROWS_MOST = 20000, POINTS = 11 };

/* -- what is configured -----------------------------------------------------------------
 */

static void write_keys(struct json_writer *w, const struct config *c)
{
    json_key(w, "keys");
    json_array_open(w);
    for (size_t i = 0; i < c->nkeys; i++) {
        if (!c->keys[i].has_policy)
            continue;
        json_object_open(w);
        web_key_str(w, "key", c->keys[i].name);
        web_key_str(w, "policy", str_of(policy_name(c->keys[i].policy)));
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_roles(struct json_writer *w, const struct config *c)
{
    json_key(w, "roles");
    json_array_open(w);
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        const struct config_model *m = c->roles[i];
        if (!m)
            continue;
        json_object_open(w);
        web_key_str(w, "role", str_of(role_name((enum role)i)));
        web_key_str(w, "engine", m->engine->name);
        web_key_str(w, "model", m->name);
        json_object_close(w);
    }
    json_array_close(w);
}

/* -- policy learned ---------------------------------------------------------------------
 */

static void write_double(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    if (isfinite(v))
        json_double(w, v);
    else
        json_str(w, (struct str){NULL, 0});
}

static void write_curve(struct json_writer *w, const struct setup *s)
{
    struct calibration_point points[POINTS];
    bool is_measured = calibration_curve(s->calibration, s->router, points, POINTS);
    web_key_bool(w, "is_measured", is_measured);
    json_key(w, "curve");
    json_array_open(w);
    for (size_t i = 0; i < POINTS; i++) {
        json_object_open(w);
        write_double(w, "share", points[i].share);
        write_double(w, "loss", points[i].loss);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_learned(struct json_writer *w, const struct setup *s, uint64_t now_ms)
{
    static const char *const goals[] = {
        [GOAL_SHARE] = "share", [GOAL_QUALITY] = "quality", [GOAL_PRICE] = "month"};
    json_key(w, "learned");
    if (!s->router || !s->calibration) {
        json_str(w, (struct str){NULL, 0});
        return;
    }
    const struct calibration_counts n = calibration_count(s->calibration);
    float at = calibration_threshold(s->calibration, s->router, &s->goal, now_ms);
    json_object_open(w);
    web_key_str(w, "goal", str_of(goals[s->goal.kind]));
    write_double(w, "value", s->goal.value);
    write_double(w, "threshold", at);
    web_key_bool(w, "all_stay", isinf(at) && at > 0);
    web_key_bool(w, "all_leave", isinf(at) && at < 0);
    web_key_u64(w, "scored", n.count);
    web_key_u64(w, "sent", n.sent);
    web_key_known(w, "since_ms", n.since_ms ? (int64_t)n.since_ms : -1);
    web_key_i64(w, "cost_nanousd", n.cost_nanousd);
    web_key_u64(w, "outcomes", n.npairs);
    web_key_u64(w, "outcomes_worse", n.worse);
    web_key_u64(w, "outcomes_needed", CALIBRATE_PAIRS);
    write_curve(w, s);
    json_object_close(w);
}

/* -- where requests went ----------------------------------------------------------------
 */

struct policies {
    struct json_writer *w;
    uint64_t requests; /* of all */
};

static int add_policy(void *ctx, const struct ledger_sums *s)
{
    struct policies *p = ctx;
    struct json_writer *w = p->w;
    p->requests += s->requests;
    json_object_open(w);
    web_key_str(w, "policy", s->words[0]);
    web_key_str(w, "side", s->words[1]);
    web_key_u64(w, "requests", s->requests);
    web_key_u64(w, "refused", s->outcomes[OUTCOME_REFUSED]);
    web_key_i64(w, "cost_nanousd", s->cost_nanousd);
    web_key_u64(w, "cost_unknown", s->cost_unknown);
    json_object_close(w);
    return 0;
}

static int write_policies(struct policies *p, const struct web_days *d,
                          const struct server *s, struct err *err)
{
    struct ledger_sums_query q = web_days_query(d, s);
    struct json_writer *w = p->w;
    q.by[0] = SUMS_BY_POLICY;
    q.by[1] = SUMS_BY_SIDE;
    q.nby = 2;
    json_key(w, "by_policy");
    json_array_open(w);
    if (ledger_sum(&q, add_policy, p, err) < 0)
        return -1;
    json_array_close(w);
    return 0;
}

/* -- rows -------------------------------------------------------------------------------
 */

enum { NO_SIDE = SIDE_COUNT, SIDES };

struct seen {
    struct escalation_sums escalation;
    uint64_t feedback[FEEDBACK_KINDS][SIDES];
    uint64_t rows, first_ms;
};

static int add_row(void *ctx, const struct ledger_row *row)
{
    struct seen *s = ctx;
    if (s->rows++ == 0)
        s->first_ms = row->open.ts_ms;
    escalation_sums_add(&s->escalation, row);
    if (row->feedback < FEEDBACK_KINDS)
        s->feedback[row->feedback][row->has_engine ? (int)row->side : NO_SIDE]++;
    return 0;
}

static void write_feedback(struct json_writer *w, const struct seen *s)
{
    json_key(w, "feedback");
    json_array_open(w);
    for (int i = FEEDBACK_NONE + 1; i < FEEDBACK_KINDS; i++) {
        json_object_open(w);
        web_key_str(w, "said", str_of(feedback_name((enum feedback)i)));
        web_key_u64(w, "local", s->feedback[i][SIDE_LOCAL]);
        web_key_u64(w, "cloud", s->feedback[i][SIDE_CLOUD]);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_escalation(struct json_writer *w, const struct setup *setup,
                             const struct escalation_sums *s, uint64_t now_ms)
{
    const struct config_escalate *e = &setup->config->escalate;
    json_key(w, "escalation");
    json_object_open(w);
    web_key_bool(w, "is_on", e->is_on);
    web_key_bool(w, "may_ask", e->may_ask);
    web_key_u64(w, "judged", escalation_sums_total(s));
    web_key_u64(w, "kept", s->kept);
    web_key_u64(w, "unsure", s->unsure);
    web_key_u64(w, "escalated", s->escalated);
    web_key_u64(w, "given_back", s->given_back);
    web_key_u64(w, "not_judged", s->not_judged);
    web_key_u64(w, "cancelled", s->cancelled);
    web_key_u64(w, "second_opinions", s->nopinions);
    web_key_u64(w, "judges", s->njudges);
    web_key_u64(w, "local_ms", s->local_ms);
    web_key_known(w, "stronger_nanousd", s->stronger_nanousd);
    web_key_known(w, "aside_nanousd", s->aside_nanousd);
    const struct price *price = web_write_versus_model(w, setup, now_ms);
    struct err ignored;
    int64_t kept = -1;
    if (price && escalation_kept_cost(s, price, &kept, &ignored) < 0)
        kept = -1;
    web_key_known(w, "kept_would_cost_nanousd", kept);
    json_object_close(w);
}

static int write_rows(const struct policies *p, const struct web_days *d, struct later *l,
                      struct err *err)
{
    struct json_writer *w = p->w;
    const struct ledger_query q = {.state_dir = str_of(l->server->state_dir),
                                   .since_ms = d->since_ms,
                                   .until_ms = d->until_ms,
                                   .limit = ROWS_MOST,
                                   .is_glance = true};
    struct seen s = {.rows = 0};
    if (ledger_read(&q, add_row, &s, err) < 0)
        return -1;
    web_write_reach(w, s.rows, p->requests, s.first_ms);
    write_feedback(w, &s);
    write_escalation(w, l->setup, &s.escalation, d->now_ms);
    return 0;
}

static int make(struct later *l, struct err *err)
{
    const struct config *c = l->setup->config;
    struct json_writer w;
    struct web_days d;
    if (web_days_read(l, &d, err) < 0)
        return -1;
    json_writer_init(&w, &l->out);
    json_object_open(&w);
    web_days_write(&d, &w);
    web_key_str(&w, "policy", str_of(policy_name(c->policy)));
    write_keys(&w, c);
    write_roles(&w, c);
    write_learned(&w, l->setup, d.now_ms);
    struct policies p = {&w, 0};
    if (write_policies(&p, &d, l->server, err) < 0 || write_rows(&p, &d, l, err) < 0)
        return -1;
    json_object_close(&w);
    return 0;
}

void web_routing(struct request *r)
{
    later_answer(r, make);
}
