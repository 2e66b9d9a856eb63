/* advise.c -- weir advise: the published rules on your answers, privacy first. */
#include "plan/advise.h"

#include "cmd/decide/advise_models.h"
#include "cmd/decide/advise_money.h"
#include "cmd/decide/advise_security.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "core/buf.h"
#include "facts/date.h"
#include "facts/facts.h"

#include <unistd.h>

static const struct command_option advise_options[] = {
    {"--may-leave", "ANSWER", "May the data leave? yes, no, or some of it. Needed."},
    {"--tokens-month", "N", "Tokens a month, in and out."},
    {"--ttft-ms", "MS", "First token needed within; 0 counts as an answer."},
    {"--frontier", "YES|NO", "Frontier-level reasoning needed?"},
    {"--parallel", "N", "Requests at once, at the peak."},
    {"--team", "YES|NO", "Does a team operate it?"},
    {"--api-spend", "USD", "API bill a month."},
    {"--engineers", "YES|NO", "People to run local models?"},
    {"--offline", "YES|NO", "Must it work without a network?"},
    {"--realtime", "YES|NO", "Do people wait for each answer?"},
    {"--deadline", "YES|NO", "A batch with a deadline?"},
    {"--multimodal", "YES|NO", "Vision, language and audio together?"},
    {"--context-tokens", "N", "Longest context."},
    {"--requests-month", "N", "Requests a month."},
    {"--priority", "WORD",
     "privacy, cost, reasoning, speed-to-market, compliance or realtime."},
    {"--compliance", "WORD", "none, hipaa, pci-dss, legal, gdpr, soc2 or eu-ai-act."},
    {"--task", "WORD",
     "classification, rag, code-review, architecture, long-documents, proof."},
    {"--model", "NAME", "Cloud model whose price the money is computed with."},
    {"--device", "NAME", "Local machine it is computed with; default this one."},
    {"--local-model", "NAME", "Local model; default what weir fit tries first on it."},
    {"--acceptance", "PERCENT", "Local answers that are good enough, from a pilot."},
    {"--capex", "SUM", "What that machine costs; 0 if you have it."},
    {"--yaml", NULL, "Print only the weir.yaml of the recommendation."},
    OUTPUT_OPTIONS,
};

static const char advise_details[] =
    "Asks on a terminal what the flags leave open (an empty line skips a question); in\n"
    "scripts give flags. Every rule is shown with its threshold and your value, and\n"
    "where rules disagree. Money is computed as weir plan does, beside what the "
    "articles\n"
    "say. Data that may not leave never gets a cloud engine. Without --device it is\n"
    "this machine's card, where it has one that weir facts devices lists, or else an\n"
    "example, an " ADVISE_DEVICE "; the answer says which.\n\n"
    "  weir advise\n"
    "  weir advise --may-leave no --frontier yes\n"
    "  weir advise --may-leave yes --tokens-month 80e6 --team no --yaml > weir.yaml\n"
    "  weir advise security      this machine's checklist";

static const char *option_of(enum question q, char out[32])
{
    snprintf(out, 32, "--%s", questions[q].key);
    for (char *p = out; *p; p++)
        *p = (char)(*p == '_' ? '-' : *p);
    return out;
}

static int answers_from_flags(const struct options *o, struct answers *a, struct err *err)
{
    char name[32];
    for (int q = 0; q < QUESTIONS; q++) {
        const char *text = options_get(o, option_of((enum question)q, name));
        if (text && answers_set(a, (enum question)q, str_of(text), err) < 0)
            return -1;
    }
    return 0;
}

/* One question; asks again until the answer is understood or the input ends. */
static bool ask(struct answers *a, enum question q)
{
    char line[100];
    struct err err;
    for (;;) {
        fprintf(stderr, "%s %s%s%s", questions[q].asks, questions[q].words ? "[" : "",
                questions[q].words ? questions[q].words : "number",
                questions[q].words ? "] " : ": ");
        if (!fgets(line, sizeof line, stdin))
            return false;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' && q != Q_MAY_LEAVE)
            return true;
        if (answers_set(a, q, str_of(line), &err) == 0)
            return true;
        fprintf(stderr, "  %s\n", err.msg);
    }
}

static void ask_all(struct answers *a)
{
    for (int q = 0; q < QUESTIONS; q++)
        if (!a->v[q].known && !ask(a, (enum question)q))
            return;
}

static const char *value_of(struct report *r, const struct rule *rule,
                            const struct answers *a)
{
    if (!rule->has_question)
        return "";
    return a->v[rule->question].known ? report_fmt(r, "%s", a->v[rule->question].word)
                                      : "unknown";
}

static void add_table(struct report *r, const struct advice *rules, const char *table,
                      const char *title, const struct answers *a)
{
    static const char *const columns[] = {"", "rule", "threshold", "yours", "verdict"};
    static const char *const marks[] = {"", ">", "?"};
    bool begun = false;
    bool fired = false;
    bool open = false;
    for (size_t i = 0; i < advice_count(rules); i++) {
        const struct rule *rule = advice_at(rules, i);
        enum rule_state state = rule_state(rule, a);
        char condition[64];
        if (!str_eqz(rule->table, table))
            continue;
        if (!begun) {
            report_section(r, table, title);
            report_table(r, table, columns, ARRAY_LEN(columns), TRUTH_RULE,
                         report_fmt(r, "%.*s", STR_ARG(rule->source)), rule->source_days);
            begun = true;
        }
        rule_condition(rule, condition);
        /* A last resort speaks only when every rule before it was answered. */
        bool last_resort = !rule->has_question;
        const char *mark = !last_resort ? marks[state] : fired ? "" : open ? "?" : ">";
        const char *cells[] = {mark, report_fmt(r, "%.*s", STR_ARG(rule->say)), condition,
                               value_of(r, rule, a), verdict_name(rule->then)};
        report_row(r, cells);
        fired |= state == RULE_FIRES;
        open |= state == RULE_OPEN;
    }
}

static void add_pairs(struct report *r, const struct advice *rules, const char *table,
                      const char *title, const char *const *columns)
{
    bool begun = false;
    for (size_t i = 0; i < advice_count(rules); i++) {
        const struct rule *rule = advice_at(rules, i);
        if (!str_eqz(rule->table, table))
            continue;
        if (!begun) {
            report_section(r, table, title);
            report_table(r, table, columns, 3, TRUTH_RULE,
                         report_fmt(r, "%.*s", STR_ARG(rule->source)), rule->source_days);
            begun = true;
        }
        const char *cells[] = {report_fmt(r, "%.*s", STR_ARG(rule->say)),
                               report_fmt(r, "%.*s", STR_ARG(rule->local)),
                               report_fmt(r, "%.*s", STR_ARG(rule->cloud))};
        report_row(r, cells);
    }
}

static const struct {
    const char *name, *title;
} tables[] = {
    {"checklist", "Checklist, seven questions"},
    {"tree", "Decision tree"},
    {"axes", "Five axes"},
    {"constraint", "Which constraint bites?"},
    {"start", "Where to begin"},
    {"volume", "Requests a month"},
    {"priority", "By priority"},
    {"compliance", "Regulated data"},
    {"capability", "Task"},
};

/* The computed figure stands above what the articles say. */
static void add_computed(struct report *r, const struct answers *a)
{
    static const char *const words[] = {[SAYS_NOTHING] = "?",
                                        [SAYS_LOCAL] = "local",
                                        [SAYS_API] = "API",
                                        [SAYS_HYBRID] = "undecided",
                                        [SAYS_EVALUATE] = "?"};
    const char *cells[] = {"Money, computed here", words[a->money],
                           a->money == SAYS_NOTHING
                               ? "open: give --tokens-month or --api-spend"
                               : "the table above, as weir plan computes it"};
    report_row(r, cells);
}

static void add_disagreements(struct report *r, const struct advice *rules,
                              const struct answers *a)
{
    static const char *const columns[] = {"table", "says", "because"};
    bool seen[5] = {false};
    size_t kinds = 0;
    report_section(r, "verdicts", "What each table says");
    report_table(r, "verdicts", columns, ARRAY_LEN(columns), TRUTH_RULE,
                 "the first rule that fires in each table of an article", REPORT_NO_DATE);
    add_computed(r, a);
    const char *unasked = "";
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        bool open;
        const struct rule *rule = advice_table(rules, tables[i].name, a, &open);
        /* A last resort speaks only when every rule before it was answered. */
        bool speaks = rule && (rule->has_question || !open);
        if (!speaks && open) {
            unasked =
                report_fmt(r, "%s%s%s", unasked, unasked[0] ? "; " : "", tables[i].title);
            continue;
        }
        const char *cells[] = {
            tables[i].title,
            speaks ? report_fmt(r, "%s%s", verdict_name(rule->then), open ? "?" : "")
                   : "-",
            speaks ? report_fmt(r, "%.*s%s", STR_ARG(rule->say),
                                open ? " (earlier questions open)" : "")
                   : "no rule fires"};
        report_row(r, cells);
        if (rule && !open && !seen[rule->then]) {
            seen[rule->then] = true;
            kinds++;
        }
    }
    if (unasked[0])
        report_text(r, "Open, since their questions have no answer yet: %s.", unasked);
    if (kinds > 1)
        report_text(r, "The articles disagree: they are rules of thumb with different "
                       "thresholds. Where the money was computed, that decides.");
}

static void add_next_steps(struct report *r, const struct recommendation *rec,
                           const struct str yaml)
{
    report_section(r, "next", "What to do");
    if (!rec->cloud_allowed)
        report_text(r,
                    "Check that local quality meets the need before relying on it. If "
                    "it does not: mask the confidential parts and send the rest, by a "
                    "decision of yours; weir never falls back to the cloud by itself.");
    if (rec->is_mixed)
        report_text(
            r, "With default_sensitivity: internal everything stays here until you say "
               "what may leave: label that public, by the header x-weir-sensitivity: "
               "public or by a key with sensitivity: public in weir.yaml.");
    else if (rec->architecture == SAYS_HYBRID)
        report_text(r,
                    "Everything may go to the cloud but what is labelled: label what is "
                    "confidential by header or key, and weir keeps it here.");
    report_text(r,
                "Before moving traffic run both sides on a tenth of it for 30 days and "
                "compare; then decide.");
    report_text(r, "A weir.yaml that does it:");
    report_verbatim(r, yaml);
}

static const char *architecture_name(const struct recommendation *rec)
{
    return rec->architecture == SAYS_HYBRID  ? "Hybrid"
           : rec->architecture == SAYS_LOCAL ? "Local"
                                             : "API";
}

static int report_advice(const struct options *o, struct report *r,
                         const struct advice *rules, const struct answers *a,
                         const struct recommendation *rec, const char *money,
                         const char *device_says, struct str yaml)
{
    static const char *const factors[] = {"factor", "local", "cloud"};
    static const char *const tasks[] = {"task", "local 14B", "frontier API"};
    static const char *const wins[] = {"strength", "local", "API"};
    static const char *const opinions[] = {"prediction", "for", "kind"};
    static const char *const policy[] = {"provider", "tier",
                                         "data use: verify before use"};
    char day[DATE_TEXT];
    date_format(date_today() + 60, day);
    bool is_reckoned = money[0] || rec->architecture != SAYS_API;
    report_answer(r, "%s. What binds: %s. Decide again after %s.%s%s%s%s",
                  architecture_name(rec), rec->binds, day, money[0] ? "\n" : "", money,
                  is_reckoned && device_says[0] ? "\n" : "",
                  is_reckoned ? device_says : "");
    add_disagreements(r, rules, a);
    add_next_steps(r, rec, yaml);
    for (size_t i = 0; i + 1 < ARRAY_LEN(tables); i++)
        add_table(r, rules, tables[i].name, tables[i].title, a);
    add_pairs(r, rules, "capability", "Six tasks", tasks);
    add_pairs(r, rules, "factors", "Eight factors", factors);
    add_pairs(r, rules, "wins", "What each side is said to win", wins);
    add_pairs(r, rules, "predictions", "Predictions of an article: dated opinion",
              opinions);
    add_pairs(r, rules, "policy", "Providers' use of your data", policy);
    return output_report(o, r, EXIT_YES);
}

static int advise(const struct options *o, const struct facts *f,
                  const struct advice *rules)
{
    struct answers a = {0};
    struct recommendation rec;
    struct advice_models models;
    struct arena arena;
    struct err err;
    if (answers_from_flags(o, &a, &err) < 0)
        return value_fault(o, &err);
    if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !options_has(o, "--json"))
        ask_all(&a);
    const char *money = "";
    struct report *r = report_create("advise", "Local, API or both?");
    if (!r)
        return EXIT_NO;
    if (advise_models_choose(o, f, r, &models, &err) < 0 ||
        advise_money(o, f, r, &models, &a, &money, &err) < 0 ||
        advice_recommend(&a, &rec, &err) < 0) {
        report_free(r);
        return value_fault(o, &err);
    }
    arena_init(&arena, 1 << 16);
    struct str yaml = advice_yaml(&rec, &models, &arena);
    int rc = EXIT_YES;
    if (options_has(o, "--yaml")) {
        printf("%.*s", STR_ARG(yaml));
        report_free(r);
    } else {
        rc = report_advice(o, r, rules, &a, &rec, money, models.device_says, yaml);
    }
    arena_reset(&arena);
    return rc;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct advice *rules = NULL;
    struct facts f;
    struct buf text;
    struct err err;
    int rc;
    if (!options_read(&o, &cmd_advise, argc, argv, &rc))
        return rc;
    if (o.nwords == 1 && strcmp(o.words[0], "security") == 0)
        return advise_security(&o);
    if (o.nwords)
        return options_fault(&cmd_advise, "\"%s\": the only word known is security",
                             o.words[0]);
    buf_init(&text, FACTS_FILE_MAX);
    rc = facts_read("advise", options_get(&o, "--facts"), &text, &err);
    if (rc == 0)
        rc = advice_load(buf_view(&text), &rules, &err);
    bool has_facts = rc == 0 && facts_load(&f, options_get(&o, "--facts"), &err) == 0;
    rc = has_facts ? advise(&o, &f, rules) : value_fault(&o, &err);
    if (has_facts)
        facts_release(&f);
    advice_free(rules);
    buf_release(&text);
    return rc;
}

const struct command cmd_advise = {
    .name = "advise",
    .summary = "local, API or both: published rules on your answers; security checklist",
    .usage = "[--may-leave yes|no|some] [answers...] | security",
    .details = advise_details,
    .options = advise_options,
    .noptions = ARRAY_LEN(advise_options),
    .run = run,
};
