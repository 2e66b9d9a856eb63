/* pages.c -- /v1/models, /health, /ready and the CORS preflight. */
#include "gateway/pages.h"

#include "core/mem.h"
#include "http/write.h"
#include "json/scan.h"
#include "json/write.h"

enum { KEPT_S = 300 }; /* Ollama's keep_alive, where nobody says another */

/* Nothing that a browser is given may be framed, guessed at, kept, or run but what weir
 * itself serves. */
const char page_guard_fields[] =
    "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'\r\n"
    "x-content-type-options: nosniff\r\nx-frame-options: DENY\r\n"
    "referrer-policy: no-referrer\r\ncross-origin-opener-policy: same-origin\r\n"
    "cross-origin-resource-policy: same-origin\r\n";

/* ... but a report of weir's own, which has styles in it, no scripts, and stands in a
 * frame of the page; as if it came from nowhere. */
static const char report_guard_fields[] =
    "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; base-uri "
    "'none'; form-action 'none'; frame-ancestors 'self'; sandbox\r\n"
    "x-content-type-options: nosniff\r\nx-frame-options: SAMEORIGIN\r\n"
    "referrer-policy: no-referrer\r\ncross-origin-opener-policy: same-origin\r\n"
    "cross-origin-resource-policy: same-origin\r\ncache-control: no-store\r\n";

static bool read_text(struct request *r, struct json_cur *c, struct json_string name,
                      const struct page_text *texts, size_t n)
{
    struct json_string value;
    for (size_t i = 0; i < n; i++)
        if (json_string_is(name, texts[i].name)) {
            if (!json_read_string(c, &value))
                return false;
            *texts[i].ret = json_unescape(&r->draft->arena, value);
            return true;
        }
    return json_skip(c, NULL);
}

bool page_read_texts(struct request *r, const struct page_text *texts, size_t n)
{
    struct json_cur c;
    struct json_string name;
    struct err ignored;
    json_begin(&c, buf_view(&r->draft->body));
    bool ok = json_enter_object(&c);
    while (ok && json_next_member(&c, &name))
        ok = read_text(r, &c, name, texts, n);
    return ok && json_finish(&c, &ignored) == 0;
}

void page_answer(struct request *r, int status, struct str type, struct buf *body)
{
    page_answer_with(r, status, type, STR(""), body);
}

static void answer_guarded(struct request *r, int status, struct str type,
                           struct str more, const char *guard, struct buf *body)
{
    struct arena a;
    arena_init(&a, 16 * 1024);
    struct client *c = r->client;
    if (r->head)
        more = arena_printf(&a, "%s%.*s", guard, STR_ARG(more));
    struct str fields = request_answer_fields(r, more, &a);
    r->hold = NULL;
    request_discard(r);
    client_answer(c, status, body ? type : STR(""), fields,
                  body ? buf_view(body) : STR(""));
    arena_reset(&a);
}

void page_answer_with(struct request *r, int status, struct str type, struct str more,
                      struct buf *body)
{
    answer_guarded(r, status, type, more, page_guard_fields, body);
}

void page_tell(struct request *r, const struct err *err, struct buf *out)
{
    if (err->kind) {
        buf_clear(out);
        r->dialect->encode_error(err, out);
    }
    page_answer_with(r, err->kind ? dialect_error_status(r->dialect, err) : 200,
                     STR("application/json"), STR("cache-control: no-store\r\n"), out);
    buf_release(out);
}

void page_answer_report(struct request *r, struct buf *body)
{
    answer_guarded(r, 200, STR("text/html; charset=utf-8"), STR(""), report_guard_fields,
                   body);
}

static void answer(struct request *r, int status, struct buf *body)
{
    page_answer(r, status, STR("application/json"), body);
}

/* A name that several engines serve is one name to the client, who cannot choose. */
static bool is_named_before(const struct config *cfg, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(cfg->models[k]->name, cfg->models[i]->name))
            return true;
    return false;
}

static uint64_t context_of(const struct config_model *m)
{
    return m->context_tokens ? m->context_tokens : m->context_max;
}

static struct dialect_model of_model(const struct config_model *m)
{
    return (struct dialect_model){.id = m->name,
                                  .owner = m->engine->name,
                                  .is_local = !m->is_cloud,
                                  .max_context = context_of(m),
                                  .caps = m->caps,
                                  .caps_unsaid = m->caps_unknown};
}

/* A name behind which different models may answer: it can what any of them can. */
static struct dialect_model of_many(const struct config *cfg, struct str name)
{
    struct dialect_model ret = {.id = name, .owner = STR("weir")};
    for (size_t i = 0; i < cfg->nmodels; i++) {
        const struct config_model *m = cfg->models[i];
        if (str_eqz(name, "local") ? m->is_cloud : str_eqz(name, "cloud") && !m->is_cloud)
            continue;
        ret.caps |= m->caps;
        ret.caps_unsaid |= m->caps_unknown;
        ret.is_local |= !m->is_cloud;
        if (context_of(m) > ret.max_context)
            ret.max_context = context_of(m);
    }
    return ret;
}

/* Another name for a model, or for one of the words. */
static struct dialect_model of_alias(const struct config *cfg,
                                     const struct config_model *m, struct str name)
{
    struct dialect_model ret = m ? of_model(m) : of_many(cfg, name);
    ret.id = name;
    ret.owner = STR("weir");
    return ret;
}

static const struct config_model *model_of(const struct config *cfg, struct str name)
{
    for (size_t i = 0; i < cfg->nmodels; i++)
        if (str_eq(cfg->models[i]->name, name))
            return cfg->models[i];
    return NULL;
}

/* Roles and aliases are names to ask for as well; a role only where it is configured.
 * The number of entries. */
static size_t list_models(const struct config *cfg, struct dialect_model *ret)
{
    static const struct str words[] = {STR_INIT("auto"), STR_INIT("local"),
                                       STR_INIT("cloud")};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        ret[n++] = of_many(cfg, words[i]);
    for (size_t i = 0; i < cfg->nmodels; i++)
        if (!is_named_before(cfg, i))
            ret[n++] = of_model(cfg->models[i]);
    for (size_t i = 0; i < cfg->naliases; i++)
        ret[n++] = of_alias(cfg, model_of(cfg, cfg->aliases[i].to), cfg->aliases[i].from);
    for (int role = ROLE_NONE + 1; role < ROLE_COUNT; role++)
        if (cfg->roles[role])
            ret[n++] =
                of_alias(cfg, cfg->roles[role], str_of(role_name((enum role)role)));
    return n;
}

static size_t most_models(const struct config *cfg)
{
    return 3 + cfg->nmodels + cfg->naliases + ROLE_COUNT;
}

void page_models(struct request *r)
{
    const struct config *cfg = r->setup->config;
    struct buf body;
    struct dialect_model *all = mem_zalloc(most_models(cfg) * sizeof *all);
    buf_init(&body, 1 << 20);
    if (all)
        r->dialect->encode_models(all, list_models(cfg, all), &body);
    body.failed |= !all;
    answer(r, body.failed ? 500 : 200, &body);
    mem_free(all);
    buf_release(&body);
}

/* What is known of a name: of one in the list all, of another spelling only itself. */
static struct dialect_model model_called(const struct config *cfg, struct str name)
{
    struct dialect_model ret = {.id = name, .owner = STR("")};
    struct dialect_model *all = mem_zalloc(most_models(cfg) * sizeof *all);
    size_t n = all ? list_models(cfg, all) : 0;
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].id, name)) {
            ret = all[i];
            break;
        }
    mem_free(all);
    return ret;
}

/* One entry of the list, or any other name under which a request would be served. */
void page_model(struct request *r)
{
    struct dialect_model m = model_called(r->setup->config, r->model_asked);
    struct err err = {0};
    struct buf body;
    buf_init(&body, 8192);
    bool is_known = route_find_name(r->setup->config, m.id, &m.owner, &err) == 0;
    if (is_known)
        r->dialect->encode_model(&m, &body);
    else
        r->dialect->encode_error(&err, &body);
    answer(r, is_known ? 200 : dialect_error_status(r->dialect, &err), &body);
    buf_release(&body);
}

/* An engine on this machine keeps the model that answered last in memory for a while:
 * Ollama for five minutes, unless it is told otherwise, and others for good. */
static void mark_loaded(const struct setup *s, struct dialect_model *all, size_t n)
{
    for (size_t i = 0; i < s->config->nmodels; i++) {
        const struct config_model *m = s->config->models[i];
        uint64_t at = s->model_meters[i]
                          ? atomic_load_explicit(&s->model_meters[i]->answered_s,
                                                 memory_order_relaxed)
                          : 0;
        for (size_t k = 0; !m->is_cloud && at && k < n; k++)
            if (str_eq(all[k].id, m->name) && all[k].loaded_until_s < at + KEPT_S)
                all[k].loaded_until_s = at + KEPT_S;
    }
}

static int tell(struct request *r, struct buf *out, struct err *err)
{
    const struct config *cfg = r->setup->config;
    struct dialect_query q = {.path = r->path,
                              .name = r->model_asked,
                              .body = buf_view(&r->draft->body),
                              .arena = &r->draft->arena,
                              .now_s = r->started_wall_ms / 1000};
    struct dialect_model *all =
        arena_array(q.arena, struct dialect_model, most_models(cfg));
    if (!all)
        return err_nomem(err);
    q.models = all;
    q.nmodels = list_models(cfg, all);
    mark_loaded(r->setup, all, q.nmodels);
    return r->path->tell(&q, out, err) != 0 ? -1 : out->failed ? err_nomem(err) : 0;
}

void page_dialect(struct request *r)
{
    const char *type = r->path->type ? r->path->type : "application/json";
    struct err err = {0};
    struct buf body;
    buf_init(&body, 4 << 20);
    bool is_told = tell(r, &body, &err) == 0;
    if (!is_told) {
        buf_clear(&body);
        r->dialect->encode_error(&err, &body);
    }
    page_answer(r, is_told ? 200 : dialect_error_status(r->dialect, &err),
                is_told ? str_of(type) : STR("application/json"), &body);
    buf_release(&body);
}

void page_health(struct request *r)
{
    struct buf body;
    struct json_writer w;
    buf_init(&body, 4096);
    json_writer_init(&w, &body);
    json_object_open(&w);
    json_key(&w, "status");
    json_str(&w, STR("ok"));
    json_key(&w, "version");
    json_str(&w, STR(WEIR_VERSION));
    json_object_close(&w);
    answer(r, 200, &body);
    buf_release(&body);
}

static void write_engine(struct json_writer *w, const struct config_engine *e,
                         const struct gate_state *g, bool is_up)
{
    json_object_open(w);
    json_key(w, "name");
    json_str(w, e->name);
    json_key(w, "side");
    json_str(w, str_of(side_name(e->side)));
    json_key(w, "up");
    json_bool(w, is_up);
    json_key(w, "inflight");
    json_u64(w, g->inflight);
    json_key(w, "queued");
    json_u64(w, g->queued);
    json_object_close(w);
}

void page_ready(struct request *r)
{
    const struct config *cfg = r->setup->config;
    uint64_t now = loop_now_ms(r->worker->loop);
    struct buf body;
    struct json_writer w;
    struct server *s = r->worker->server;
    bool has_ledger = ledger_counts(s->ledger).is_writable;
    bool has_chain = audit_health(s->audit).is_writable;
    bool is_paused = cloud_is_paused(&s->cloud);
    size_t nusable = 0;
    buf_init(&body, 1 << 20);
    json_writer_init(&w, &body);
    json_object_open(&w);
    json_key(&w, "engines");
    json_array_open(&w);
    for (size_t i = 0; i < cfg->nengines; i++) {
        struct gate_state g = gate_look(r->setup->gates[i], 0, now);
        bool is_up = g.breaker != BREAKER_OPEN && !g.hold;
        /* Nothing goes to the cloud without its records. */
        bool is_cloud = cfg->engines[i].side == SIDE_CLOUD;
        nusable += is_up && (!is_cloud || (has_ledger && has_chain && !is_paused));
        write_engine(&w, &cfg->engines[i], &g, is_up);
    }
    json_array_close(&w);
    bool is_ready = nusable > 0 && !r->worker->is_draining;
    json_key(&w, "ready");
    json_bool(&w, is_ready);
    json_key(&w, "ledger_writable");
    json_bool(&w, has_ledger);
    json_key(&w, "audit_writable");
    json_bool(&w, has_chain);
    json_key(&w, "cloud_paused");
    json_bool(&w, is_paused);
    json_object_close(&w);
    answer(r, is_ready ? 200 : 503, &body);
    buf_release(&body);
}

void page_preflight(struct request *r)
{
    answer(r, 204, NULL);
}

static void write_gates(const struct request *r, struct buf *b)
{
    static const char *const states[] = {"closed", "half-open", "open"};
    const struct config *cfg = r->setup->config;
    uint64_t now = loop_now_ms(r->worker->loop);
    buf_lit(b, "# HELP weir_engine_inflight Requests under way at an engine.\n"
               "# TYPE weir_engine_inflight gauge\n"
               "# HELP weir_engine_queued Requests waiting for an engine.\n"
               "# TYPE weir_engine_queued gauge\n"
               "# HELP weir_engine_breaker State of an engine's breaker.\n"
               "# TYPE weir_engine_breaker gauge\n");
    for (size_t i = 0; i < cfg->nengines; i++) {
        struct gate_state g = gate_look(r->setup->gates[i], 0, now);
        struct str name = cfg->engines[i].name;
        buf_printf(b, "weir_engine_inflight{engine=\"%.*s\"} %u\n", STR_ARG(name),
                   g.inflight);
        buf_printf(b, "weir_engine_queued{engine=\"%.*s\"} %u\n", STR_ARG(name),
                   g.queued);
        for (int s = 0; s < 3; s++)
            buf_printf(b, "weir_engine_breaker{engine=\"%.*s\",state=\"%s\"} %d\n",
                       STR_ARG(name), states[s], (int)g.breaker == s);
    }
}

static void write_chain(const struct server *s, struct buf *b)
{
    struct audit_health h = audit_health(s->audit);
    buf_printf(b,
               "# HELP weir_audit_writable 0: nothing goes to the cloud.\n"
               "# TYPE weir_audit_writable gauge\nweir_audit_writable %d\n"
               "# TYPE weir_audit_lost_total counter\nweir_audit_lost_total %llu\n"
               "# HELP weir_audit_sync_failures_total Times the disk did not take what "
               "was written.\n"
               "# TYPE weir_audit_sync_failures_total counter\n"
               "weir_audit_sync_failures_total %llu\n"
               "# HELP weir_audit_gaps_total Times the chain's file was lost or changed "
               "under weir.\n"
               "# TYPE weir_audit_gaps_total counter\nweir_audit_gaps_total %llu\n",
               h.is_writable, (unsigned long long)h.lost,
               (unsigned long long)h.sync_failures, (unsigned long long)h.gaps);
}

static void write_loops(const struct server *s, struct buf *b)
{
    uint64_t longest = 0, most = 0;
    for (uint32_t i = 0; i < s->nworkers; i++) {
        const struct worker *w = s->workers[i];
        uint64_t us = loop_longest_turn_us(w->loop);
        uint64_t steps = atomic_load_explicit(&w->most_turn_steps, memory_order_relaxed);
        longest = us > longest ? us : longest;
        most = steps > most ? steps : most;
    }
    buf_printf(
        b,
        "# HELP weir_loop_stall_seconds_max The longest turn of a worker's loop so "
        "far: all its clients waited.\n"
        "# TYPE weir_loop_stall_seconds_max gauge\n"
        "weir_loop_stall_seconds_max %.6f\n"
        "# HELP weir_loop_turn_steps_max The most that one turn has scanned, read and "
        "restored, in steps of about 10 ns; what is past %d goes to other threads.\n"
        "# TYPE weir_loop_turn_steps_max gauge\n"
        "weir_loop_turn_steps_max %llu\n",
        (double)longest / 1e6, WORKER_TURN_STEPS, (unsigned long long)most);
}

void page_metrics(struct request *r)
{
    struct server *s = r->worker->server;
    struct ledger_counts l = ledger_counts(s->ledger);
    struct sessions_counts g = sessions_count(s->sessions);
    struct buf b;
    buf_init(&b, 16 << 20);
    meters_write(s->parts.meters, &b);
    write_gates(r, &b);
    learning_write_metrics(s->learning, &b);
    write_chain(s, &b);
    write_loops(s, &b);
    pilots_write_metrics(&s->pilots, &b);
    buf_printf(
        &b,
        "# HELP weir_cloud_paused 1: the operator lets nothing go to the cloud.\n"
        "# TYPE weir_cloud_paused gauge\nweir_cloud_paused %d\n"
        "# TYPE weir_active_requests gauge\nweir_active_requests %u\n"
        "# TYPE weir_connections_total counter\nweir_connections_total %llu\n"
        "# HELP weir_connections_closed_for_room_total Without a request under way, "
        "when descriptors ran out.\n"
        "# TYPE weir_connections_closed_for_room_total counter\n"
        "weir_connections_closed_for_room_total %llu\n"
        "# TYPE weir_refused_early_total counter\nweir_refused_early_total %llu\n"
        "# TYPE weir_buffered_bytes gauge\nweir_buffered_bytes %llu\n"
        "# TYPE weir_ledger_rows_total counter\nweir_ledger_rows_total %llu\n"
        "# TYPE weir_ledger_lost_total counter\nweir_ledger_lost_total %llu\n"
        "# HELP weir_ledger_sync_failures_total Times the disk did not take what was "
        "written.\n"
        "# TYPE weir_ledger_sync_failures_total counter\n"
        "weir_ledger_sync_failures_total %llu\n"
        "# HELP weir_ledger_files_lost_total Files lost or changed under weir.\n"
        "# TYPE weir_ledger_files_lost_total counter\n"
        "weir_ledger_files_lost_total %llu\n"
        "# HELP weir_ledger_writable 0: nothing goes to the cloud.\n"
        "# TYPE weir_ledger_writable gauge\nweir_ledger_writable %d\n"
        "# TYPE weir_guard_values_masked_total counter\n"
        "weir_guard_values_masked_total %llu\n"
        "# TYPE weir_guard_tags_restored_total counter\n"
        "weir_guard_tags_restored_total %llu\n"
        "# TYPE weir_guard_tags_damaged_total counter\n"
        "weir_guard_tags_damaged_total %llu\n"
        "# TYPE weir_guard_tags_unknown_total counter\n"
        "weir_guard_tags_unknown_total %llu\n"
        "# TYPE weir_guard_secrets_withheld_total counter\n"
        "weir_guard_secrets_withheld_total %llu\n"
        "# HELP weir_guard_clear_alarms_total Values in answers that the cloud was never "
        "told.\n"
        "# TYPE weir_guard_clear_alarms_total counter\n"
        "weir_guard_clear_alarms_total %llu\n"
        "# TYPE weir_guard_sessions gauge\nweir_guard_sessions %u\n"
        "# TYPE weir_guard_sessions_raised gauge\nweir_guard_sessions_raised %u\n"
        "# HELP weir_guard_sessions_forgotten_total Labels that made room for others.\n"
        "# TYPE weir_guard_sessions_forgotten_total counter\n"
        "weir_guard_sessions_forgotten_total %llu\n"
        "# HELP weir_guard_sessions_refused_total Sessions that found no room.\n"
        "# TYPE weir_guard_sessions_refused_total counter\n"
        "weir_guard_sessions_refused_total %llu\n"
        "# HELP weir_guard_vault_bytes Memory of the values behind tags.\n"
        "# TYPE weir_guard_vault_bytes gauge\nweir_guard_vault_bytes %zu\n",
        (int)cloud_is_paused(&s->cloud), atomic_load(&s->counters.active_requests),
        atomic_load(&s->counters.connections), atomic_load(&s->counters.closed_for_room),
        atomic_load(&s->counters.refused_early), atomic_load(&s->counters.buffered_bytes),
        (unsigned long long)l.rows_indexed, (unsigned long long)l.records_lost,
        (unsigned long long)l.sync_failures, (unsigned long long)l.files_lost,
        l.is_writable, atomic_load(&s->counters.values_masked),
        atomic_load(&s->counters.tags_restored), atomic_load(&s->counters.tags_damaged),
        atomic_load(&s->counters.tags_unknown), atomic_load(&s->counters.tags_withheld),
        atomic_load(&s->counters.clear_alarms), g.sessions, g.raised,
        (unsigned long long)g.forgotten, (unsigned long long)g.refused,
        sessions_vault_bytes(s->sessions));
    page_answer(r, 200, STR("text/plain; version=0.0.4; charset=utf-8"), &b);
    buf_release(&b);
}
