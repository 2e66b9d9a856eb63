/* route.c -- `weir route`: where would this prompt go, and why?  Nothing is sent.
 *
 * The same rooms as a real request: dialect, guard (with its scan), route.  Engines are
 * taken as well and idle, for this command does not look at a running weir (POST
 * /v1/decision asks one).  Without a file the engines are those that `weir up` would
 * find now. */
#include "cmd/decide/measured.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/options.h"
#include "cmd/lib/say.h"
#include "cmd/serve/serving.h"
#include "config/config.h"
#include "core/clock.h"
#include "dialect/dialect.h"
#include "discover/yaml.h"
#include "facts/prices.h"
#include "gateway/forecast.h"
#include "gateway/learning.h"
#include "gateway/setup.h"
#include "guard/screen.h"
#include "route/explain.h"
#include "sim/profile.h"
#include "json/write.h"

static const struct command_option options[] = {
    {"-c", "FILE", "Configuration; without it, what weir up would find on this machine."},
    {"--model", "M", "What the client asks for: auto (default), local, cloud, a name."},
    {"--policy", "P", "Instead of the configured one."},
    {"--sensitivity", "S", "public, internal or confidential."},
    {"--quality", "Q", "high: as a client that sends x-weir-quality: high."},
    {"--latency-ms", "N",
     "As x-weir-latency-ms; 0 is the strictest, not the lack of one. It is kept by what "
     "weir bench measured: of a stream to the first token, else to the last."},
    {"--stream", NULL, "As a client that asks for a stream."},
    {"--max-tokens", "N", "As a client whose answer may have N tokens (max_tokens)."},
    {"--deadline-s", "N", "Seconds, or none: as x-weir-deadline-s."},
    {"--tokens", "N", "Prompt tokens, instead of the estimate."},
    {"--escalate", "on|off", "As a client that sends x-weir-escalate."},
    {"--json", NULL, "One JSON object, as POST /v1/decision answers."},
};

static const char details[] =
    "Walks the rules for one prompt and says which engine would answer and why. The\n"
    "prompt is the words given, or standard input for '-'.\n"
    "\n"
    "Examples:\n"
    "  weir route What is RAG?\n"
    "  weir route --policy complexity 'Compare HNSW and IVF-PQ.'\n"
    "  weir route --sensitivity confidential --model cloud Hello\n"
    "\n"
    "Exit codes: 0 an engine would answer, 1 the request would be refused, 2 usage.";

/* Everything one decision needs, in one place so that it can be released in one. */
struct asking {
    struct config *config;
    struct prices *prices;
    struct guard_rules *rules;
    struct arena arena;
    struct chat chat;
    struct buf masked;
    struct screened screened;
    struct route_query query;
    struct route_learned learned;
    struct adapter adapter; /* what a running weir has learnt */
    struct route_choice choice;
    enum escalate_said escalate;
    struct explain_judging judging;
    struct engine_health health[CONFIG_MAX_ENGINES];
    struct route_measured *measured;
    struct err err;
    uint64_t max_tokens; /* 0: not said */
    bool is_simulated;   /* no file was given, and no engine was found */
};

static bool read_prompt(const struct options *o, struct buf *ret)
{
    char chunk[65536];
    size_t n;
    if (o->nwords == 1 && strcmp(o->words[0], "-") == 0) {
        while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0)
            buf_append(ret, (struct str){chunk, n});
        return !ret->failed;
    }
    for (size_t i = 0; i < o->nwords; i++) {
        if (i)
            buf_byte(ret, ' ');
        buf_append(ret, str_of(o->words[i]));
    }
    return !ret->failed;
}

/* The body a client would have sent. */
static struct str body_of(struct asking *q, const struct options *o, struct str prompt)
{
    const char *model = options_get(o, "--model");
    struct buf b;
    struct json_writer w;
    buf_init(&b, 64 << 20);
    json_writer_init(&w, &b);
    json_object_open(&w);
    json_key(&w, "model");
    json_str(&w, str_of(model ? model : "auto"));
    json_key(&w, "messages");
    json_array_open(&w);
    json_object_open(&w);
    json_key(&w, "role");
    json_str(&w, STR("user"));
    json_key(&w, "content");
    json_str(&w, prompt);
    json_object_close(&w);
    json_array_close(&w);
    if (options_has(o, "--stream")) {
        json_key(&w, "stream");
        json_bool(&w, true);
    }
    if (q->max_tokens) {
        json_key(&w, "max_tokens");
        json_u64(&w, q->max_tokens);
    }
    json_object_close(&w);
    struct str body = b.failed ? STR("") : arena_strdup(&q->arena, buf_view(&b));
    buf_release(&b);
    return body;
}

static int read_hints(const struct options *o, struct route_hints *h)
{
    const char *quality = options_get(o, "--quality");
    const char *latency = options_get(o, "--latency-ms");
    const char *deadline = options_get(o, "--deadline-s");
    const char *tokens = options_get(o, "--tokens");
    uint64_t n = 0;
    if (quality && strcmp(quality, "high") != 0 && strcmp(quality, "normal") != 0)
        return options_fault(&cmd_route, "--quality is high or normal, not '%s'",
                             quality);
    h->wants_quality = quality && strcmp(quality, "high") == 0;
    if (latency) {
        if (!str_to_u64(str_of(latency), &n) || n > UINT32_MAX)
            return options_fault(&cmd_route, "--latency-ms is a number, not '%s'",
                                 latency);
        h->has_latency = true;
        h->latency_ms = (uint32_t)n;
    }
    if (deadline && strcmp(deadline, "none") == 0) {
        h->deadline = DEADLINE_NONE;
    } else if (deadline) {
        if (!str_to_u64(str_of(deadline), &n) || n > UINT32_MAX)
            return options_fault(&cmd_route, "--deadline-s is seconds or none, not '%s'",
                                 deadline);
        h->deadline = DEADLINE_SECONDS;
        h->deadline_s = (uint32_t)n;
    }
    if (tokens) {
        if (!str_to_u64(str_of(tokens), &h->tokens))
            return options_fault(&cmd_route, "--tokens is a number, not '%s'", tokens);
        h->has_tokens = true;
    }
    return EXIT_YES;
}

static int read_asked(const struct options *o, struct asking *q)
{
    const char *said = options_get(o, "--escalate");
    const char *most = options_get(o, "--max-tokens");
    if (most && (!str_to_u64(str_of(most), &q->max_tokens) || q->max_tokens < 1 ||
                 q->max_tokens > INT32_MAX))
        return options_fault(&cmd_route, "--max-tokens is a number from 1 on, not '%s'",
                             most);
    bool is_on = said && strcmp(said, "on") == 0;
    if (said && !is_on && strcmp(said, "off") != 0)
        return options_fault(&cmd_route, "--escalate is on or off, not '%s'", said);
    if (is_on && !q->config->escalate.may_ask)
        return options_fault(&cmd_route, "--escalate on: " ESCALATE_IS_OFF);
    q->escalate = is_on ? ESCALATE_SAID_ON : said ? ESCALATE_SAID_OFF : ESCALATE_UNSAID;
    return EXIT_YES;
}

static int read_words(const struct options *o, struct asking *q, enum policy *ret_policy,
                      enum sensitivity *ret_declared)
{
    const char *policy = options_get(o, "--policy");
    const char *sensitivity = options_get(o, "--sensitivity");
    *ret_policy = q->config->policy;
    if (policy && !policy_parse(str_of(policy), ret_policy))
        return options_fault(&cmd_route,
                             "no policy is called '%s'; there are " POLICY_WORDS, policy);
    if (sensitivity && !sensitivity_parse(str_of(sensitivity), ret_declared))
        return options_fault(
            &cmd_route, "--sensitivity is public, internal or confidential, not '%s'",
            sensitivity);
    return EXIT_YES;
}

/* As a request would be, but for a session's memory.  Also where nothing could leave:
 * whoever asks wants to know. */
static void screen(struct asking *q, enum sensitivity declared, struct str body)
{
    const struct screen_input in = {
        .rules = q->rules,
        .declared = {.header = declared, .fallback = q->config->default_sensitivity},
        .body = body,
        .is_dry = true,
    };
    buf_init(&q->masked, 2 * body.n + 64 * 1024);
    guard_screen(&in, &q->arena, &q->masked, &q->screened);
}

/* What a running weir has last written of its traffic, if there is one. */
static int open_learned(struct asking *q)
{
    static struct calibration_file file;
    char dir[1024];
    const struct adapter *named, *adapter;
    struct router *r = router_configured(&q->config->learned, &q->arena, &q->err);
    if (!r || adapter_configured(&q->config->learned, r, &q->arena, &named, &q->err) < 0)
        return -1;
    snprintf(dir, sizeof dir, "%.*s", STR_ARG(q->config->state_dir));
    adapter = learning_saved(dir, q->config, r, named, &q->adapter) ? &q->adapter : named;
    calibration_open(&file, dir, scores_digest(r, named));
    q->learned = (struct route_learned){
        .router = r,
        .adapter = adapter,
        .calibration = &file.now,
        .goal = goal_configured(&q->config->learned),
        .cost_nanousd = -1,
        .wall_ms = clock_wall_ms(),
        .is_dry = true,
    };
    q->query.learned = &q->learned;
    return 0;
}

static int decide(struct asking *q, const struct options *o, struct str prompt)
{
    enum policy policy = POLICY_LOCAL_FIRST;
    enum sensitivity declared = SENSITIVITY_UNLABELLED;
    struct route_hints hints = {false};
    int rc = read_words(o, q, &policy, &declared);
    if (rc == EXIT_YES)
        rc = read_hints(o, &hints);
    if (rc == EXIT_YES)
        rc = read_asked(o, q);
    if (rc != EXIT_YES)
        return rc;
    struct str body = body_of(q, o, prompt);
    if (dialect_read(dialect_first(), SURFACE_CHAT, body, &q->arena, &q->chat, &q->err) <
        0)
        return options_fault(&cmd_route, "%s", q->err.msg);
    screen(q, declared, body);
    for (size_t i = 0; i < q->config->nengines; i++)
        q->health[i] =
            (struct engine_health){.is_up = true, .has_room = true, .is_idle = true};
    q->measured = arena_array(&q->arena, struct route_measured, q->config->nmodels);
    for (size_t i = 0; q->measured && i < q->config->nmodels; i++)
        q->measured[i] = (struct route_measured){0};
    q->query = (struct route_query){
        .config = q->config,
        .chat = &q->chat,
        .label = &q->screened.label,
        .policy = policy,
        .hints = hints,
        .has_clearance = q->screened.clearance != NULL,
        .masked = q->screened.masked.total
                      ? screened_masked_words(&q->screened, &q->arena)
                      : STR(""),
        .would = screened_would_words(&q->screened, &q->arena),
        .health = q->health,
        .measured = q->measured,
    };
    if (q->measured)
        measured_of_config(NULL, q->config, q->measured);
    if (policy == POLICY_LEARNED && open_learned(q) < 0)
        return options_fault(&cmd_route, "%s", q->err.msg);
    if (screened_check(&q->screened, &q->arena, &q->err) < 0)
        return EXIT_NO;
    rc = route_decide(&q->query, &q->arena, &q->choice, &q->err);
    return rc < 0 ? EXIT_NO : EXIT_YES;
}

static struct explanation explain(struct asking *q)
{
    const struct config_model *m = q->choice.model;
    struct explanation e = {.query = &q->query,
                            .choice = &q->choice,
                            .err = &q->err,
                            .est_output_tokens =
                                q->max_tokens ? q->max_tokens : EXPLAIN_OUTPUT_TOKENS};
    struct err ignored;
    const struct forecast_ask ask = {&q->query, &q->choice, dialect_first(), NULL,
                                     q->escalate};
    if (m) {
        forecast(&ask, &q->arena, &q->judging);
        e.judging = &q->judging;
    }
    e.est_input_tokens = q->query.hints.has_tokens ? q->query.hints.tokens
                                                   : chat_tokens_estimate(&q->chat);
    if (!m)
        return e;
    const struct price *p = setup_price(m, q->prices);
    const struct token_counts n = {.input = e.est_input_tokens,
                                   .output = e.est_output_tokens};
    e.has_cost =
        p ? prices_cost_nanousd(p, &n, &e.est_cost_nanousd, &ignored) == 0 : !m->is_cloud;
    const struct sim_profile *profile =
        m->engine->kind == ENGINE_SIM ? sim_profile_find(m->engine->sim_profile, &ignored)
                                      : NULL;
    e.has_ttft = profile != NULL;
    e.est_ttft_ms = profile ? profile->ttft_ms : 0;
    explain_by_measurement(&e);
    return e;
}

static void print_text(const struct asking *q, const struct explanation *e, bool is_sim)
{
    const struct config_model *m = q->choice.model;
    if (m) {
        say(stdout, "%s: %.*s on %.*s%s", m->is_cloud ? "cloud" : "local",
            STR_ARG(m->name), STR_ARG(m->engine->name), is_sim ? " (simulated)" : "");
    } else {
        say(stdout, "refused: %s", q->err.code);
        say(stdout, "  %s", q->err.msg);
    }
    for (size_t i = 0; i < q->choice.nreasons; i++)
        say(stdout, "  %-14s %.*s", q->choice.reasons[i].rule,
            STR_ARG(q->choice.reasons[i].detail));
    if (!m)
        return;
    if (e->has_cost)
        printf("  %-14s $%.6f for about %llu tokens in and %llu out (list price)\n",
               "cost", (double)e->est_cost_nanousd / 1e9,
               (unsigned long long)e->est_input_tokens,
               (unsigned long long)e->est_output_tokens);
    else
        printf("  %-14s unknown: no price is known for this model\n", "cost");
    if (e->has_ttft)
        printf("  %-14s about %u ms to the first token", "speed", e->est_ttft_ms);
    if (e->has_answer)
        printf(", %.1f s to the end of %llu", (double)e->est_answer_ms / 1000,
               (unsigned long long)e->est_output_tokens);
    if (e->has_ttft)
        printf("\n");
    struct arena a;
    arena_init(&a, 64 * 1024);
    say(stdout, "  %-14s %.*s", "escalate",
        STR_ARG(explain_judging_words(e->judging, &a)));
    arena_reset(&a);
}

static int run_with(struct asking *q, const struct options *o)
{
    struct buf prompt;
    buf_init(&prompt, 32 << 20);
    if (!read_prompt(o, &prompt)) {
        buf_release(&prompt);
        return options_fault(&cmd_route, "the prompt is larger than 32 MiB");
    }
    int rc = decide(q, o, buf_view(&prompt));
    buf_release(&prompt);
    if (rc == EXIT_USAGE)
        return rc;
    struct explanation e = explain(q);
    if (options_has(o, "--json")) {
        struct buf out;
        buf_init(&out, 1 << 20);
        explain_json(&e, &q->arena, &out);
        say_json(stdout, buf_view(&out));
        buf_release(&out);
    } else {
        print_text(q, &e, q->is_simulated);
        say(stdout,
            "  %-14s reckoned here as if all engines were up and idle; a weir that "
            "runs was not asked (POST /v1/decision asks it)",
            "note");
    }
    return rc;
}

/* The engines of this moment, as `weir up` would serve them. */
static struct config *look_around(struct asking *q)
{
    struct discover_options look = {.prices = q->prices};
    struct discovery *found = NULL;
    struct config *config = NULL;
    struct buf yaml;
    discover_default_ports(&look);
    buf_init(&yaml, 1 << 20);
    if (discover_run(&look, &found, &q->err) < 0) {
        fprintf(stderr, "weir route: %s\n", q->err.msg);
    } else {
        q->is_simulated = found->is_simulated;
        discover_yaml(found, STR(""), &yaml);
        config = serving_parse(buf_view(&yaml), "weir route");
    }
    discover_free(found);
    buf_release(&yaml);
    return config;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct asking q = {.config = NULL};
    int rc = EXIT_YES;
    if (!options_read(&o, &cmd_route, argc, argv, &rc))
        return rc;
    if (o.nwords == 0)
        return options_fault(&cmd_route, "give a prompt, or - for standard input");
    if (prices_load_embedded(&q.prices, &q.err) < 0) {
        say(stderr, "weir route: %s", q.err.msg);
        return EXIT_NO;
    }
    const char *file = options_get(&o, "-c");
    q.config = file ? serving_load(file) : look_around(&q);
    if (!q.config) {
        prices_free(q.prices);
        return EXIT_USAGE;
    }
    arena_init(&q.arena, 256 << 20);
    q.rules = guard_rules_create(q.config, &q.err);
    if (!q.rules) {
        say(stderr, "weir route: %s", q.err.msg);
        rc = EXIT_NO;
    } else {
        rc = run_with(&q, &o);
    }
    screened_release(&q.screened);
    buf_release(&q.masked);
    arena_reset(&q.arena);
    guard_rules_free(q.rules);
    prices_free(q.prices);
    config_unref(q.config);
    return rc;
}

const struct command cmd_route = {
    .name = "route",
    .summary = "where would this prompt go, and why",
    .usage = "[-c weir.yaml] [options] PROMPT...|-",
    .details = details,
    .options = options,
    .noptions = ARRAY_LEN(options),
    .run = run,
};
