/* advise.c -- rules from data, and the one piece of judgement that is not data. */
#include "plan/advise.h"

#include "core/mem.h"
#include "facts/table.h"

#include <stdio.h>

enum { ADVICE_ARENA = 2 << 20 };

const struct question_info questions[QUESTIONS] = {
    [Q_MAY_LEAVE] = {"may_leave", "May the data leave your machines?", "yes|no|some"},
    [Q_TOKENS_MONTH] = {"tokens_month", "Tokens a month, in and out?", NULL},
    [Q_TTFT_MS] = {"ttft_ms", "First token within how many ms?", NULL},
    [Q_FRONTIER] = {"frontier", "Is frontier-level reasoning needed?", "yes|no"},
    [Q_PARALLEL] = {"parallel", "Requests at once, at the peak?", NULL},
    [Q_TEAM] = {"team", "Does a team operate it?", "yes|no"},
    [Q_API_SPEND] = {"api_spend", "API bill a month, in USD?", NULL},
    [Q_ENGINEERS] = {"engineers", "Are there people to run local models?", "yes|no"},
    [Q_OFFLINE] = {"offline", "Must it work without a network?", "yes|no"},
    [Q_REALTIME] = {"realtime", "Do people wait for each answer?", "yes|no"},
    [Q_DEADLINE] = {"deadline", "Is it a batch with a deadline?", "yes|no"},
    [Q_MULTIMODAL] = {"multimodal", "Vision, language and audio together?", "yes|no"},
    [Q_CONTEXT] = {"context_tokens", "Longest context, in tokens?", NULL},
    [Q_REQUESTS_MONTH] = {"requests_month", "Requests a month?", NULL},
    [Q_PRIORITY] = {"priority", "What matters most?",
                    "privacy|cost|reasoning|speed-to-market|compliance|realtime"},
    [Q_COMPLIANCE] = {"compliance", "Which regime applies?",
                      "none|hipaa|pci-dss|legal|gdpr|soc2|eu-ai-act"},
    [Q_TASK] = {"task", "Which task?",
                "classification|rag|code-review|architecture|long-documents|proof"},
};

struct advice {
    struct arena arena;
    struct rule *rules;
    size_t n;
};

const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"-", "local", "API", "hybrid", "evaluate"};
    return names[v];
}

static bool has_word(const char *words, struct str text)
{
    struct str rest = str_of(words);
    struct str word;
    while (str_split(&rest, '|', &word))
        if (str_eq(word, text))
            return true;
    return false;
}

int answers_set(struct answers *a, enum question q, struct str text, struct err *err)
{
    const struct question_info *info = &questions[q];
    char option[32];
    snprintf(option, sizeof option, "--%s", info->key);
    for (char *p = option; *p; p++)
        *p = (char)(*p == '_' ? '-' : *p);
    text = str_trim(text);
    if (info->words && !has_word(info->words, text))
        return err_set(err, ERR_CONFIG, "bad_answer", "%s: \"%.*s\" is none of %s",
                       option, (int)(text.n > 40 ? 40 : text.n), text.p, info->words);
    double number = 0;
    if (!info->words && (!str_to_double(text, &number) || number < 0))
        return err_set(err, ERR_CONFIG, "bad_answer",
                       "%s: \"%.*s\" is not a number, 0 or more", option,
                       (int)(text.n > 40 ? 40 : text.n), text.p);
    a->v[q].known = true;
    a->v[q].number = number;
    snprintf(a->v[q].word, sizeof a->v[q].word, "%.*s", STR_ARG(text));
    return 0;
}

static int read_limits(const struct table *t, size_t row, struct rule *r, struct err *err)
{
    const struct {
        const char *field;
        bool *has;
        double *v;
    } limits[] = {{"at_least", &r->has_at_least, &r->at_least},
                  {"at_most", &r->has_at_most, &r->at_most},
                  {"above", &r->has_above, &r->above},
                  {"below", &r->has_below, &r->below}};
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        *limits[i].has =
            json_object_get(json_array_get(t->rows, row), limits[i].field) != NULL;
        if (table_number(t, row, limits[i].field, limits[i].v, err) < 0)
            return -1;
    }
    return 0;
}

static int read_question(const struct table *t, size_t row, struct rule *r,
                         struct err *err)
{
    struct str key = {0};
    if (table_str(t, row, "if", &key, err) < 0)
        return -1;
    r->has_question = key.n > 0;
    for (int q = 0; q < QUESTIONS; q++) {
        if (str_eqz(key, questions[q].key)) {
            r->question = (enum question)q;
            return 0;
        }
    }
    return r->has_question ? table_fault(t, row, "if", "is no known question", err) : 0;
}

static int read_verdict(const struct table *t, size_t row, struct rule *r,
                        struct err *err)
{
    static const char *const words[] = {"", "local", "api", "hybrid", "evaluate"};
    struct str then = STR("");
    if (table_str(t, row, "then", &then, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_eqz(then, words[i])) {
            r->then = (enum verdict)i;
            return 0;
        }
    }
    return table_fault(t, row, "then", "must be local, api, hybrid or evaluate", err);
}

static int read_rule(const struct table *t, size_t row, struct rule *r, struct err *err)
{
    if (table_str(t, row, "table", &r->table, err) < 0 ||
        table_str(t, row, "id", &r->id, err) < 0 ||
        table_str(t, row, "say", &r->say, err) < 0 ||
        table_str(t, row, "local", &r->local, err) < 0 ||
        table_str(t, row, "cloud", &r->cloud, err) < 0 ||
        table_str(t, row, "is", &r->is, err) < 0 || read_question(t, row, r, err) < 0 ||
        read_limits(t, row, r, err) < 0 || read_verdict(t, row, r, err) < 0 ||
        table_source(t, row, &r->source, &r->source_days, err) < 0)
        return -1;
    if (r->table.n == 0 || r->id.n == 0)
        return table_fault(t, row, "table, id", "both are needed", err);
    return 0;
}

int advice_load(struct str json, struct advice **ret, struct err *err)
{
    struct table t;
    struct advice *a = mem_new(struct advice);
    if (!a)
        return err_nomem(err);
    arena_init(&a->arena, ADVICE_ARENA);
    if (table_open(&t, "advise", json, &a->arena, err) < 0) {
        advice_free(a);
        return -1;
    }
    a->rules = arena_array(&a->arena, struct rule, t.n);
    int rc = a->rules ? 0 : err_nomem(err);
    for (size_t i = 0; rc == 0 && i < t.n; i++)
        rc = read_rule(&t, i, &a->rules[i], err);
    a->n = t.n;
    table_close(&t);
    if (rc < 0) {
        advice_free(a);
        return -1;
    }
    *ret = a;
    return 0;
}

void advice_free(struct advice *a)
{
    if (!a)
        return;
    arena_reset(&a->arena);
    mem_free(a);
}

size_t advice_count(const struct advice *a)
{
    return a->n;
}

const struct rule *advice_at(const struct advice *a, size_t i)
{
    return &a->rules[i];
}

enum rule_state rule_state(const struct rule *r, const struct answers *a)
{
    if (!r->has_question)
        return RULE_FIRES;
    if (!a->v[r->question].known)
        return RULE_OPEN;
    double v = a->v[r->question].number;
    bool fires = (!r->is.n || str_eqz(r->is, a->v[r->question].word)) &&
                 (!r->has_at_least || v >= r->at_least) &&
                 (!r->has_at_most || v <= r->at_most) &&
                 (!r->has_above || v > r->above) && (!r->has_below || v < r->below);
    return fires ? RULE_FIRES : RULE_QUIET;
}

void rule_condition(const struct rule *r, char out[64])
{
    out[0] = '\0';
    if (r->is.n)
        snprintf(out, 64, "is %.*s", STR_ARG(r->is));
    else if (r->has_at_least)
        snprintf(out, 64, "at least %.10g", r->at_least);
    else if (r->has_at_most)
        snprintf(out, 64, "at most %.10g", r->at_most);
    else if (r->has_above)
        snprintf(out, 64, "above %.10g", r->above);
    else if (r->has_below)
        snprintf(out, 64, "below %.10g", r->below);
}

const struct rule *advice_table(const struct advice *a, const char *table,
                                const struct answers *answers, bool *ret_open)
{
    *ret_open = false;
    for (size_t i = 0; i < a->n; i++) {
        const struct rule *r = &a->rules[i];
        if (!str_eqz(r->table, table))
            continue;
        enum rule_state s = rule_state(r, answers);
        if (s == RULE_FIRES)
            return r;
        *ret_open |= s == RULE_OPEN;
    }
    return NULL;
}

static bool says(const struct answers *a, enum question q, const char *word)
{
    return a->v[q].known && strcmp(a->v[q].word, word) == 0;
}

static bool passes(const struct answers *a, enum question q, double at_least)
{
    return a->v[q].known && a->v[q].number >= at_least;
}

static const char *api_reason(const struct answers *a)
{
    if (says(a, Q_FRONTIER, "yes"))
        return "capability: frontier reasoning";
    if (says(a, Q_MULTIMODAL, "yes"))
        return "capability: vision, language and audio together";
    if (passes(a, Q_CONTEXT, 200001))
        return "capability: context above 200K tokens";
    if (passes(a, Q_PARALLEL, 100))
        return "capacity: a hundred or more requests at once";
    if (says(a, Q_DEADLINE, "yes"))
        return "capacity: a batch with a deadline";
    if (a->money == SAYS_API)
        return "money: local first costs more than it saves";
    return NULL;
}

static const char *local_reason(const struct answers *a)
{
    if (a->v[Q_TTFT_MS].known && a->v[Q_TTFT_MS].number < 100)
        return "latency: first token under 100 ms";
    if (says(a, Q_REALTIME, "yes"))
        return "latency: people wait for each answer";
    if (a->money == SAYS_LOCAL)
        return "money: local first saves, as far as its answers are good enough";
    return NULL;
}

static void recommend_open(const struct answers *a, struct recommendation *r)
{
    const char *api = api_reason(a);
    const char *local = local_reason(a);
    r->cloud_allowed = true;
    if (api && local) {
        r->architecture = SAYS_HYBRID;
        r->binds = api;
    } else if (api) {
        r->architecture = SAYS_API;
        r->binds = api;
    } else if (local) {
        r->architecture = SAYS_LOCAL;
        r->binds = local;
    } else if (a->money == SAYS_HYBRID) {
        r->architecture = SAYS_HYBRID;
        r->binds = "money: undecided until the API's model and the share of good local "
                   "answers are known";
    } else if (says(a, Q_TEAM, "yes") || says(a, Q_ENGINEERS, "no")) {
        r->architecture = SAYS_API;
        r->binds = "operations: a team's hours, or nobody to run it";
    } else {
        r->architecture = SAYS_LOCAL;
        r->binds = "nothing: local by default, no network and no rate limit";
    }
}

int advice_recommend(const struct answers *a, struct recommendation *ret, struct err *err)
{
    struct recommendation r = {.architecture = SAYS_LOCAL};
    bool regulated = a->v[Q_COMPLIANCE].known && !says(a, Q_COMPLIANCE, "none");
    if (!a->v[Q_MAY_LEAVE].known)
        return err_set(
            err, ERR_CONFIG, "unanswered",
            "--may-leave: answer yes, no or some; without it nothing is advised");
    if (says(a, Q_MAY_LEAVE, "no")) {
        r.binds = "privacy: the data may not leave";
    } else if (regulated) {
        r.binds = "regulation: regulated data stays on hardware you control";
    } else if (says(a, Q_OFFLINE, "yes")) {
        r.binds = "network: it must work without one";
    } else if (says(a, Q_MAY_LEAVE, "some")) {
        r = (struct recommendation){
            SAYS_HYBRID, "privacy: part of the data may not leave", true, true};
    } else {
        recommend_open(a, &r);
    }
    *ret = r;
    return 0;
}

static struct str local_engine(const struct advice_models *m, struct arena *arena)
{
    return arena_printf(arena,
                        "  - name: here # ollama pull %s; chosen for %s: weir fit lists "
                        "what else fits\n"
                        "    kind: ollama\n    side: local\n"
                        "    url: http://127.0.0.1:11434\n"
                        "    models: [{name: \"%s\", context: %llu}]\n",
                        m->local_tag, m->device, m->local_tag,
                        (unsigned long long)m->local_context);
}

static struct str cloud_engine(const struct advice_models *m, struct arena *arena)
{
    char context[40] = "";
    if (m->cloud_context)
        snprintf(context, sizeof context, ", context: %llu",
                 (unsigned long long)m->cloud_context);
    return arena_printf(arena,
                        "  - name: cloud\n    kind: %s\n    side: cloud\n"
                        "    url: %s\n    api_key: ${%s}\n"
                        "    models: [{name: %s%s}]\n",
                        m->cloud_kind, m->cloud_url, m->cloud_key, m->cloud, context);
}

struct str advice_yaml(const struct recommendation *r, const struct advice_models *m,
                       struct arena *arena)
{
    bool cloud = r->cloud_allowed && r->architecture != SAYS_LOCAL;
    bool local = r->architecture != SAYS_API;
    const char *policy = !cloud ? "local-only" : local ? "local-first" : "cloud-only";
    struct str here = local ? local_engine(m, arena) : STR("");
    struct str there = cloud ? cloud_engine(m, arena) : STR("");
    return arena_printf(
        arena,
        "listen: 127.0.0.1:4141\npolicy: %s\ndefault_sensitivity: %s\nengines:\n"
        "%.*s%.*s",
        policy,
        !r->cloud_allowed ? "confidential"
        : r->is_mixed     ? "internal"
                          : "public",
        STR_ARG(here), STR_ARG(there));
}
