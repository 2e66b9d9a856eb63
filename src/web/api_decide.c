/* api_decide.c -- what weir's own commands say, for the page:
 *
 *   GET /weir/api/decide/VERB?OPTION=VALUE&...   {"code", "said", "report"}: docs/page.md
 *   POST the same, {"OPTION": "VALUE", ...}       for what is too long for an address
 *   GET /weir/report/VERB?OPTION=VALUE&...       the page of --html, to be shown in a
 * frame
 *
 * The command runs as a program of its own, this one, once for each question: what it
 * takes of memory and time is bounded, and nothing that it does to itself is done to
 * weir.  It is told the options of the tables below, each with a value of its kind, and
 * no others; no shell reads them, and none can be mistaken for an option, as none begins
 * with "-". */
#include "gateway/paths.h"
#include "supervise/errand.h"
#include "web/later.h"
#include "json/plain.h"
#include "json/scan.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    MOST_WORDS = 64,
    MOST_MS = 10 * 1000,
    SAID_BYTES = 16 * 1024,
    NUMBER_BYTES = 24,
    NAME_BYTES = 160,
    TEXT_BYTES = ERRAND_INPUT_BYTES
};
#define MOST_MEMORY_BYTES (UINT64_C(1) << 30)

enum kind {
    NUMBER, /* 0.5, 80e6 */
    NAME,   /* of a model, a device, a country; a word */
    SWITCH, /* =1: it is said */
    ALONE,  /* a name without an option before it */
    TEXT    /* of many lines: it comes by stdin, after what is said for it */
};

struct decide_option {
    const char *name; /* "model": --model; of TEXT: the words that stand for it */
    enum kind kind;
};

struct decide_verb {
    const char *name, *words[3]; /* of the command line; NULL ends them */
    const struct decide_option *options;
    size_t noptions;
    bool has_state_dir; /* it is told where this weir keeps its state */
};

static const struct decide_option plan_options[] = {
    {"model", NAME},
    {"provider", NAME},
    {"date", NAME},
    {"device", NAME},
    {"local-model", NAME},
    {"draft", NAME},
    {"quant", NAME},
    {"rent", NAME},
    {"country", NAME},
    {"currency", NAME},
    {"requests-per-day", NUMBER},
    {"requests-per-month", NUMBER},
    {"input-tokens", NUMBER},
    {"cached-tokens", NUMBER},
    {"cache-write-tokens", NUMBER},
    {"output-tokens", NUMBER},
    {"reasoning-tokens", NUMBER},
    {"days", NUMBER},
    {"peak", NUMBER},
    {"batch-share", NUMBER},
    {"subscription", NUMBER},
    {"memory", NUMBER},
    {"ram", NUMBER},
    {"machines", NUMBER},
    {"speed", NUMBER},
    {"prefill-speed", NUMBER},
    {"parallel", NUMBER},
    {"busy-limit", NUMBER},
    {"capex", NUMBER},
    {"pc", NUMBER},
    {"resale", NUMBER},
    {"amortise", NUMBER},
    {"load-watts", NUMBER},
    {"idle-watts", NUMBER},
    {"tariff", NUMBER},
    {"pue", NUMBER},
    {"ops-hours", NUMBER},
    {"wage", NUMBER},
    {"other", NUMBER},
    {"acceptance", NUMBER},
    {"method", NAME},
    {"from-ledger", SWITCH},
    {"short-sample", SWITCH},
};
static const struct decide_option advise_options[] = {
    {"may-leave", NAME},        {"frontier", NAME},     {"team", NAME},
    {"engineers", NAME},        {"offline", NAME},      {"realtime", NAME},
    {"deadline", NAME},         {"multimodal", NAME},   {"priority", NAME},
    {"compliance", NAME},       {"task", NAME},         {"model", NAME},
    {"device", NAME},           {"local-model", NAME},  {"tokens-month", NUMBER},
    {"ttft-ms", NUMBER},        {"parallel", NUMBER},   {"api-spend", NUMBER},
    {"context-tokens", NUMBER}, {"acceptance", NUMBER}, {"requests-month", NUMBER},
    {"capex", NUMBER},
};
static const struct decide_option fit_options[] = {
    {"name", ALONE},      {"device", NAME},     {"quant", NAME},
    {"kv", NAME},         {"split", NAME},      {"also", NAME},
    {"memory", NUMBER},   {"ram", NUMBER},      {"context", NUMBER},
    {"parallel", NUMBER}, {"measured", NUMBER}, {"experts-in-ram", SWITCH},
};
static const struct decide_option claim_options[] = {{"claim", ALONE}, {"text", TEXT}};
static const struct decide_option bench_options[] = {{"list", SWITCH}, {"show", NUMBER}};

static const struct decide_verb verbs[] = {
    {"plan", {"plan"}, plan_options, ARRAY_LEN(plan_options), true},
    {"advise", {"advise"}, advise_options, ARRAY_LEN(advise_options), false},
    {"fit", {"fit"}, fit_options, ARRAY_LEN(fit_options), false},
    {"claim", {"claim"}, claim_options, ARRAY_LEN(claim_options), false},
    {"pilot", {"pilot", "report"}, NULL, 0, true},
    {"bench", {"bench"}, bench_options, ARRAY_LEN(bench_options), true},
    {"security", {"advise", "security"}, NULL, 0, false},
    /* What fields of the forms suggest. */
    {"devices", {"facts", "devices"}, NULL, 0, false},
    {"models", {"facts", "models"}, NULL, 0, false},
    {"prices", {"facts", "prices"}, NULL, 0, false},
    {"costs", {"facts", "costs"}, NULL, 0, false},
};

/* -- from a query to words --------------------------------------------------------------
 */

struct words {
    const char *items[MOST_WORDS + 1];
    size_t n;
    struct str input;
    struct arena *arena;
};

static int add(struct words *w, const char *text, struct err *err)
{
    if (!text)
        return err_nomem(err);
    if (w->n == MOST_WORDS)
        return err_set(err, ERR_BAD_REQUEST, "too_many_options", "at most %d words",
                       MOST_WORDS);
    w->items[w->n++] = text;
    return 0;
}

static bool is_number(struct str s)
{
    bool has_digit = false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_digit = c >= '0' && c <= '9';
        has_digit |= is_digit;
        if (!is_digit && c != '.' && !(has_digit && (c == 'e' || c == 'E')))
            return false;
    }
    return has_digit && s.n <= NUMBER_BYTES;
}

static bool is_utf8(struct str s)
{
    const char *p = s.p, *end = s.p + s.n;
    for (unsigned n = 1; p < end && n; p += n)
        n = (unsigned char)*p < 0x80 ? 1 : json_utf8_len(p, end);
    return p == end;
}

/* Printable, and nothing that a command line would take for an option. */
static bool is_plain(struct str s, size_t most, bool may_have_lines)
{
    if (s.n == 0 || s.n > most || !is_utf8(s) || (s.p[0] == '-' && !may_have_lines))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && !(may_have_lines && (c == '\n' || c == '\t'))) || c == 0x7f)
            return false;
    }
    return true;
}

static int bad_value(const struct decide_option *o, const char *want, struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "invalid_value", "%s: %s", o->name, want);
}

/* In the words of the command line (cmd/lib/values.c). */
static int bad_number(const struct decide_option *o, struct str value, struct err *err)
{
    char digits[NUMBER_BYTES + 1], want[160];
    struct str of = {digits, 0};
    bool is_shown = value.n > 0 && value.n <= NUMBER_BYTES;
    for (size_t i = 0; is_shown && i < value.n; i++) {
        is_shown = value.p[i] >= ' ' && value.p[i] < 0x7f;
        if (value.p[i] != ',')
            digits[of.n++] = value.p[i];
    }
    if (!is_shown)
        return bad_value(o, "write digits and a point, such as 1500 or 0.5", err);
    if (of.n < value.n && is_number(of))
        snprintf(want, sizeof want, "\"%.*s\" has a comma; write %.*s", STR_ARG(value),
                 STR_ARG(of));
    else if (value.p[0] == '-')
        snprintf(want, sizeof want, "\"%.*s\" is negative; write 0 or more",
                 STR_ARG(value));
    else
        snprintf(
            want, sizeof want,
            "\"%.*s\" is not a plain number; write digits and a point, no unit, such "
            "as 1500 or 0.5",
            STR_ARG(value));
    return bad_value(o, want, err);
}

static int add_text(struct words *w, struct str value, struct err *err)
{
    w->input = value;
    return add(w, "--file", err) < 0 || add(w, "-", err) < 0 ? -1 : 0;
}

static int add_option(struct words *w, const struct decide_option *o, struct str value,
                      struct err *err)
{
    if (o->kind == NUMBER && !is_number(value))
        return bad_number(o, value, err);
    if (o->kind == SWITCH && !str_eqz(value, "1"))
        return bad_value(o, "1, or leave it out", err);
    if (o->kind == TEXT && !is_plain(value, TEXT_BYTES, true))
        return bad_value(o, "text of at most 32 KB without control characters", err);
    if ((o->kind == NAME || o->kind == ALONE) && !is_plain(value, NAME_BYTES, false))
        return bad_value(
            o, "at most 160 bytes, no control characters, and no \"-\" in front", err);
    if (o->kind == TEXT)
        return add_text(w, value, err);
    if (o->kind != ALONE && add(w, arena_printf(w->arena, "--%s", o->name).p, err) < 0)
        return -1;
    return o->kind == SWITCH
               ? 0
               : add(w, arena_printf(w->arena, "%.*s", STR_ARG(value)).p, err);
}

static const struct decide_option *option_of(const struct decide_verb *v, struct str name)
{
    for (size_t i = 0; i < v->noptions; i++)
        if (str_eqz(name, v->options[i].name))
            return &v->options[i];
    return NULL;
}

static int add_named(struct words *w, const struct decide_verb *v, struct str name,
                     struct str value, struct err *err)
{
    const struct decide_option *o = option_of(v, name);
    if (!o)
        return err_set(err, ERR_BAD_REQUEST, "unknown_option",
                       "%s has no option '%.*s' here", v->name,
                       (int)(name.n > 40 ? 40 : name.n), name.p);
    return add_option(w, o, value, err);
}

static int add_query(struct words *w, const struct decide_verb *v, struct str query,
                     struct err *err)
{
    struct str one, name;
    while (str_split(&query, '&', &one)) {
        struct str value = one;
        if (!one.n)
            continue;
        str_split(&value, '=', &name);
        if (str_eqz(name, "pass")) /* of the door (gateway/door.h) */
            continue;
        if (add_named(w, v, name, path_unescape(value, w->arena), err) < 0)
            return -1;
    }
    return 0;
}

static int add_body(struct words *w, const struct decide_verb *v, struct str body,
                    struct err *err)
{
    struct json_cur c;
    struct json_string name, value;
    json_begin(&c, body);
    bool ok = json_enter_object(&c);
    while (ok && json_next_member(&c, &name)) {
        ok = json_read_string(&c, &value);
        if (ok && add_named(w, v, name.raw, json_unescape(w->arena, value), err) < 0)
            return -1;
    }
    return ok ? json_finish(&c, err)
              : err_set(err, ERR_BAD_REQUEST, "invalid_json",
                        "send an object of texts: {\"OPTION\":\"VALUE\"}");
}

static int read_words(struct later *l, bool is_page, struct words *w, struct err *err)
{
    const struct decide_verb *v = NULL;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eqz(l->name, verbs[i].name))
            v = &verbs[i];
    if (!v)
        return err_set(err, ERR_NOT_FOUND, "unknown_verb",
                       "there are plan, advise, security, fit, claim, pilot, bench, "
                       "devices, models, prices and costs");
    int rc = add(w, "weir", err);
    for (size_t i = 0; i < ARRAY_LEN(v->words) && v->words[i] && rc == 0; i++)
        rc = add(w, v->words[i], err);
    if (rc == 0)
        rc = add_query(w, v, l->query, err);
    if (rc == 0 && l->body.n)
        rc = add_body(w, v, l->body, err);
    if (rc == 0 && v->has_state_dir && add(w, "--state-dir", err) == 0)
        rc = add(w, l->server->state_dir, err);
    if (rc == 0)
        rc = add(w, is_page ? "--html" : "--json", err);
    return rc == 0 && is_page ? add(w, "/dev/fd/3", err) : rc;
}

/* -- running it -------------------------------------------------------------------------
 */

/* Whoever asks may have left; and what is quickly done is done in between. */
static bool is_wanted(void *ctx)
{
    struct later *l = ctx;
    struct web *web = l->server->pages_ctx;
    pool_step_aside(web->pool, &l->work);
    return !atomic_load(&l->is_left);
}

/* What a command needs of weir's own environment: no key of a provider.  The last lines
 * are settings of other programs, which the checklist judges. */
static bool find_environment(struct arena *a, const char *ret[], size_t room)
{
    static const char *const names[] = {"HOME",
                                        "PATH",
                                        "TZ",
                                        "LANG",
                                        "XDG_STATE_HOME",
                                        "XDG_DATA_HOME",
                                        "ASAN_OPTIONS",
                                        "UBSAN_OPTIONS",
                                        "OLLAMA_HOST",
                                        "OLLAMA_ORIGINS",
                                        "OLLAMA_MODELS",
                                        "HF_HUB_DISABLE_TELEMETRY",
                                        "VLLM_NO_USAGE_STATS",
                                        "DO_NOT_TRACK",
                                        "OTEL_EXPORTER_OTLP_ENDPOINT"};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(names) && n + 1 < room; i++) {
        const char *value = getenv(names[i]);
        if (value && !(ret[n++] = arena_printf(a, "%s=%s", names[i], value).p))
            return false;
    }
    ret[n] = NULL;
    return true;
}

static uint32_t most_ms(void)
{
#ifdef WEIR_TEST_HOOKS
    const char *said = getenv("WEIR_TEST_DECIDE_MS");
    if (said)
        return (uint32_t)strtoul(said, NULL, 10);
#endif
    return MOST_MS;
}

static int run(struct later *l, bool is_page, struct buf *out, struct buf *said,
               int *ret_code, struct err *err)
{
    struct words w = {.arena = &l->arena};
    const char *env[24];
    if (!errand_self())
        return err_set(err, ERR_INTERNAL, "not_here",
                       "on this system the page cannot run weir's commands: run them in "
                       "a terminal");
    if (read_words(l, is_page, &w, err) < 0)
        return -1;
    if (!find_environment(&l->arena, env, ARRAY_LEN(env)))
        return err_nomem(err);
    const struct errand e = {.program = errand_self(),
                             .argv = w.items,
                             .env = env,
                             .input = w.input,
                             .out_fd = is_page ? 3 : 1,
                             .most_ms = most_ms(),
                             .most_memory_bytes = MOST_MEMORY_BYTES,
                             .is_wanted = is_wanted,
                             .ctx = l};
    return errand_run(&e, out, said, ret_code, err);
}

static bool is_json(struct str text)
{
    struct json_cur c;
    struct err ignored;
    json_begin(&c, text);
    return json_peek(&c) == JSON_OBJECT && json_skip(&c, NULL) &&
           json_finish(&c, &ignored) == 0;
}

static int make_json(struct later *l, struct err *err)
{
    struct buf out, said;
    struct json_writer w;
    int code = -1;
    buf_init(&out, l->out.max_bytes / 2);
    buf_init(&said, SAID_BYTES);
    int rc = run(l, false, &out, &said, &code, err);
    if (rc == 0) {
        bool has_report = is_json(buf_view(&out));
        json_writer_init(&w, &l->out);
        json_object_open(&w);
        web_key_i64(&w, "code", code);
        web_key_str(&w, "said", buf_view(&said));
        json_key(&w, "report");
        json_raw(&w, has_report ? str_trim(buf_view(&out)) : STR("null"));
        json_object_close(&w);
    }
    buf_release(&out);
    buf_release(&said);
    return rc;
}

static int make_page(struct later *l, struct err *err)
{
    struct buf said;
    int code = -1;
    buf_init(&said, SAID_BYTES);
    l->is_report = true;
    int rc = run(l, true, &l->out, &said, &code, err);
    if (rc == 0 && buf_len(&l->out) == 0)
        rc = err_set(err, ERR_BAD_REQUEST, "no_report", "%.*s",
                     STR_ARG(str_sub(buf_view(&said), 0, 300)));
    buf_release(&said);
    return rc;
}

void web_decide(struct request *r)
{
    later_answer_slowly(r, make_json);
}

void web_report(struct request *r)
{
    later_answer_slowly(r, make_page);
}
