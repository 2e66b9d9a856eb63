/* claim.c -- weir claim: can this speed be true? */
#include "fit/claim.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/facts.h"

#include <math.h>

static const struct command_option claim_options[] = {
    {"--file", "FILE", "Judge every speed in a text or its Markdown tables; - is stdin."},
    OUTPUT_OPTIONS,
};

static const char claim_details[] =
    "The first word printed is the verdict:\n"
    "  impossible         faster than memory bandwidth allows\n"
    "  implausible        close to that ceiling, or far above what was measured\n"
    "  plausible          in line with measured machines\n"
    "  below-expectation  under half of it: look for spill or settings\n\n"
    "It holds for one stream without speculative decoding; batching produces more\n"
    "tokens a second in total. Exit code 1 when something is impossible or "
    "implausible.\n\n"
    "Examples:\n"
    "  weir claim \"14B Q4_K_M on M4: 44 tok/s\"\n"
    "  weir claim --file article.md";

struct tally {
    struct report *r;
    size_t words[CLAIM_WORDS], skipped;
    bool failed;
};

static void range_text(const struct claim *c, char out[48])
{
    if (c->low_tok_s < c->high_tok_s)
        snprintf(out, 48, "%.4g-%.4g", c->low_tok_s, c->high_tok_s);
    else
        snprintf(out, 48, "%.4g", c->high_tok_s);
}

static const char *reason(const struct claim_verdict *v)
{
    switch (v->word) {
    case CLAIM_IMPOSSIBLE:
        return "no machine reads those weights that often a second at this bandwidth";
    case CLAIM_IMPLAUSIBLE:
        return "physics allows it, but no measured machine of this kind comes near";
    case CLAIM_BELOW:
        return "such a machine should be at least twice as fast; look for a model that "
               "spills to main memory, or a setting";
    default:
        return "in line with what such machines were measured to do";
    }
}

static void add_number(struct report *r, const char *key, const char *label, double v,
                       const char *unit, enum truth truth, const char *source,
                       int64_t date, const char *note)
{
    report_add(r, &(struct report_value){.key = key,
                                         .label = label,
                                         .text = report_fmt(r, "%.1f", v),
                                         .number = report_fmt(r, "%.4f", v),
                                         .unit = unit,
                                         .truth = truth,
                                         .source = source,
                                         .date_days = date,
                                         .expires_days = REPORT_NO_DATE,
                                         .note = note});
}

static void add_subject(struct report *r, const struct claim *c)
{
    report_section(r, "read", "What was read");
    report_text(r, "Model: %.*s%s, %s%s.", STR_ARG(c->model->id),
                c->is_class ? " (the smallest of its size, in the claim's favour)" : "",
                quant_name(c->quant), c->quant_assumed ? " (assumed)" : "");
    report_text(r, "Device: %s%.*s, %.4g GB/s%s%.*s%s.",
                c->devices > 1 ? report_fmt(r, "%u x ", c->devices) : "",
                STR_ARG(c->device->name), c->device->bandwidth_gbs,
                c->device->has_conflict ? " (another source says " : "",
                STR_ARG(c->device->conflict), c->device->has_conflict ? ")" : "");
    if (c->devices > 1)
        report_text(r, "Bandwidth of all cards is added up, in the claim's favour; a "
                       "layer split does not speed up one stream.");
}

static void add_verdict(struct report *r, const struct claim *c,
                        const struct claim_verdict *v)
{
    const struct speed_coefficients *k = &speed_families[v->family];
    int64_t until = date_today() + 365;
    report_section(r, "verdict", "Why");
    add_number(r, "claimed", "claimed", c->high_tok_s, "tok/s", TRUTH_GIVEN, "the claim",
               REPORT_NO_DATE, NULL);
    add_number(r, "ceiling", "ceiling (bandwidth / bytes read)", v->speed.ceiling_tok_s,
               "tok/s", TRUTH_COMPUTED, "bandwidth of the device, bytes of the model",
               REPORT_NO_DATE, NULL);
    report_add(r,
               &(struct report_value){
                   .key = "estimate",
                   .label = "estimate",
                   .text = report_fmt(r, "%.0f (%.0f to %.0f)", v->speed.estimate_tok_s,
                                      v->speed.low_tok_s, v->speed.high_tok_s),
                   .number = report_fmt(r, "%.4f", v->speed.estimate_tok_s),
                   .unit = "tok/s",
                   .truth = k->is_validated ? TRUTH_COMPUTED : TRUTH_RULE,
                   .source = k->source,
                   .date_days = REPORT_NO_DATE,
                   .expires_days = until});
    add_number(r, "bandwidth", "memory bandwidth", v->bandwidth_gbs, "GB/s", TRUTH_LIST,
               report_fmt(r, "%.*s", STR_ARG(c->device->source)), c->device->source_days,
               NULL);
    add_number(r, "weights", "weights in the file", (double)v->weight_bytes / 1e9, "GB",
               TRUTH_COMPUTED, "quantiser's mix replayed on the model's shape",
               REPORT_NO_DATE, NULL);
    if (v->spills)
        report_text(r,
                    "The weights do not fit %.0f GB: part is read from main memory, "
                    "taken as 89.6 GB/s for the ceiling and 48 GB/s for the estimate.",
                    c->memory_gb * c->devices);
    else if (c->device->is_unified && c->memory_gb > 0 &&
             (double)v->weight_bytes > 0.75 * c->memory_gb * GIB)
        report_text(r, "The weights alone do not fit what %.0f GB lends the GPU.",
                    c->memory_gb);
    if (v->low_word != v->word)
        report_text(r, "The low end, %.4g tok/s, is %s.", c->low_tok_s,
                    claim_word(v->low_word));
}

static int judge_one(const struct options *o, const struct facts *f, const char *text)
{
    struct claim c;
    struct claim_verdict v;
    struct err err;
    char range[48];
    if (claim_parse(f, str_of(text), &c, &err) < 0 || claim_judge(&c, &v, &err) < 0)
        return value_fault(o, &err);
    struct report *r = report_create("claim", "Can this speed be true?");
    if (!r)
        return EXIT_NO;
    range_text(&c, range);
    report_answer(r,
                  "%s: %s tok/s against a ceiling of %.0f and an estimate of %.0f: %s.",
                  claim_word(v.word), range, v.speed.ceiling_tok_s,
                  v.speed.estimate_tok_s, reason(&v));
    add_subject(r, &c);
    add_verdict(r, &c, &v);
    struct report_bar bars[] = {
        {"claimed", report_fmt(r, "%.4g", c.high_tok_s), 0, c.high_tok_s},
        {"estimate", report_fmt(r, "%.0f", v.speed.estimate_tok_s), 0,
         v.speed.estimate_tok_s},
        {"ceiling", report_fmt(r, "%.0f", v.speed.ceiling_tok_s), 0,
         v.speed.ceiling_tok_s},
    };
    report_bars(r, "speeds", "Claim, estimate and ceiling", "tok/s", 0, bars,
                ARRAY_LEN(bars));
    return output_report(o, r, v.word <= CLAIM_IMPLAUSIBLE ? EXIT_NO : EXIT_YES);
}

static void judge_line(void *arg, size_t line, struct str text,
                       enum claim_missing missing, const struct claim *c)
{
    struct tally *t = arg;
    struct claim_verdict v;
    struct err err;
    char range[48];
    (void)text;
    if (missing != CLAIM_WHOLE || claim_judge(c, &v, &err) < 0) {
        t->skipped++;
        return;
    }
    t->words[v.word]++;
    range_text(c, range);
    const char *cells[] = {
        claim_word(v.word),
        report_fmt(t->r, "%zu", line),
        report_fmt(t->r, "%.*s %s", STR_ARG(c->model->id), quant_name(c->quant)),
        report_fmt(t->r, "%s%.*s",
                   c->devices > 1 ? report_fmt(t->r, "%ux ", c->devices) : "",
                   STR_ARG(c->device->name)),
        range,
        report_fmt(t->r, "%.0f", v.speed.ceiling_tok_s),
        report_fmt(t->r, "%.0f", v.speed.estimate_tok_s),
    };
    report_row(t->r, cells);
}

static int judge_file(const struct options *o, const struct facts *f, const char *path)
{
    static const char *const columns[] = {"verdict", "line",    "model",   "device",
                                          "claim",   "ceiling", "estimate"};
    struct buf text;
    struct err err;
    struct tally t = {.r = report_create("claim", "Speeds in a text, judged")};
    buf_init(&text, FACTS_FILE_MAX);
    if (!t.r || facts_read_file(path, &text, &err) < 0) {
        report_free(t.r);
        buf_release(&text);
        return t.r ? value_fault(o, &err) : EXIT_NO;
    }
    report_section(t.r, "rows", "");
    report_table(t.r, "claims", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "bandwidth and bytes; tok/s, one stream", REPORT_NO_DATE);
    claim_scan(f, buf_view(&text), judge_line, &t);
    buf_release(&text);
    size_t judged = 0;
    for (int w = 0; w < CLAIM_WORDS; w++)
        judged += t.words[w];
    size_t bad = t.words[CLAIM_IMPOSSIBLE] + t.words[CLAIM_IMPLAUSIBLE];
    if (judged == 0) {
        report_free(t.r);
        return options_fault(o->command,
                             "--file: %s: no claim with a model, a device and "
                             "a speed found",
                             path);
    }
    report_answer(t.r,
                  "%s: of %zu speeds %zu impossible, %zu implausible, %zu plausible, %zu "
                  "below expectation; %zu more name no known model or device.",
                  t.words[CLAIM_IMPOSSIBLE]    ? "impossible"
                  : t.words[CLAIM_IMPLAUSIBLE] ? "implausible"
                  : t.words[CLAIM_BELOW]       ? "below-expectation"
                                               : "plausible",
                  judged, t.words[CLAIM_IMPOSSIBLE], t.words[CLAIM_IMPLAUSIBLE],
                  t.words[CLAIM_PLAUSIBLE], t.words[CLAIM_BELOW], t.skipped);
    return output_report(o, t.r, bad ? EXIT_NO : EXIT_YES);
}

static int run(int argc, char **argv)
{
    struct options o;
    struct facts f;
    struct err err;
    char text[1000] = "";
    int rc;
    if (!options_read(&o, &cmd_claim, argc, argv, &rc))
        return rc;
    const char *file = options_get(&o, "--file");
    if ((file != NULL) == (o.nwords > 0))
        return options_fault(&cmd_claim, "give one claim in quotes, or --file FILE");
    for (size_t i = 0, n = 0; i < o.nwords && n < sizeof text; i++)
        n +=
            (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", o.words[i]);
    if (facts_load(&f, options_get(&o, "--facts"), &err) < 0)
        return value_fault(&o, &err);
    rc = file ? judge_file(&o, &f, file) : judge_one(&o, &f, text);
    facts_release(&f);
    return rc;
}

const struct command cmd_claim = {
    .name = "claim",
    .summary = "can this published speed be true? impossible, plausible, and why",
    .usage = "\"14B Q4_K_M on M4: 44 tok/s\" | --file FILE",
    .details = claim_details,
    .options = claim_options,
    .noptions = ARRAY_LEN(claim_options),
    .run = run,
};
