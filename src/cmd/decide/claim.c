/* claim.c -- weir claim: can this speed be true? */
#include "fit/claim.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "facts/date.h"
#include "facts/facts.h"

#include <math.h>

static const struct command_option claim_options[] = {
    {"--file", "FILE", "Judge every speed in a text, its tables or a log; - is stdin."},
    OUTPUT_OPTIONS,
};

static const char claim_details[] =
    "The first word printed is the verdict:\n"
    "  impossible         faster than memory bandwidth allows\n"
    "  implausible        close to that ceiling, or far above what was measured\n"
    "  plausible          in line with measured machines\n"
    "  below-expectation  under half of it: look for spill or settings\n"
    "  unknown            model or device are not known, or it is no speed of writing\n\n"
    "It reads sentences with one claim or several, Markdown, tables with bars, tabs or\n"
    "commas, and what llama-bench (also its CSV and JSON), Ollama, llama.cpp and vLLM\n"
    "print. What is not said is assumed in the claim's favour: the fastest variant of "
    "the\n"
    "device, the smallest usual quantisation, an empty context. \"batch 64\" and\n"
    "\"speculative decoding\" lift the ceiling. Exit code 1 when something is impossible "
    "or\n"
    "implausible, 2 when nothing could be read.\n\n"
    "Examples:\n"
    "  weir claim \"14B Q4_K_M on M4: 44 tok/s\"\n"
    "  weir claim \"8B does 110 and 70B does 9 tok/s on a 3090\"\n"
    "  weir claim --file article.md\n"
    "  llama-bench -m model.gguf -o json | weir claim --file -";

enum { ROWS_SHOWN = 2000, REASONS_SHOWN = 12, KNOWN = 32 };

/* What was judged before: texts say many speeds of few machines. */
struct known {
    bool is_used;
    struct claim claim;
    struct claim_verdict verdict;
};

struct tally {
    const struct facts *f;
    struct report *r;
    size_t words[CLAIM_WORDS], n, shown;
    size_t nreasons;
    char reasons[REASONS_SHOWN][300];
    struct claim only; /* the first */
    char wrote[48];
    struct known known[KNOWN];
};

static void range_text(const struct claim *c, char out[48])
{
    if (c->low_tok_s < c->high_tok_s)
        snprintf(out, 48, "%.4g-%.4g", c->low_tok_s, c->high_tok_s);
    else
        snprintf(out, 48, "%.5g", c->high_tok_s);
}

static const char *reason(const struct claim *c, const struct claim_verdict *v)
{
    switch (v->word) {
    case CLAIM_IMPOSSIBLE:
        return v->lift > 1 ? "no machine reads those weights that often a second at this "
                             "bandwidth, not with so many tokens a step either"
                           : "no machine reads those weights that often a second at this "
                             "bandwidth";
    case CLAIM_IMPLAUSIBLE:
        return "physics allows it, but measured machines of this kind do not come near";
    case CLAIM_BELOW:
        return "such a machine should be at least twice as fast; look for a model that "
               "spills to main memory, or a setting";
    case CLAIM_UNKNOWN:
        return c->about == CLAIM_PROMPT  ? "a prompt is read many tokens at once, so "
                                           "bandwidth does not bound it"
               : c->about == CLAIM_MIXED ? "reading and writing in one figure"
                                         : "a sum over streams, and nobody says how many";
    default:
        return "in line with what such machines were measured to do";
    }
}

static enum report_tone tone_of(enum claim_word w)
{
    static const enum report_tone tones[CLAIM_WORDS] = {TONE_BAD, TONE_DOUBT, TONE_GOOD,
                                                        TONE_DOUBT, TONE_NONE};
    return tones[w];
}

/* What the speed is of, as a cell. */
static const char *about_text(struct report *r, const struct claim *c)
{
    const char *draft = c->is_drafted ? ", draft" : "";
    if (c->about != CLAIM_DECODE)
        return c->about == CLAIM_PROMPT ? "prompt" : "prompt and decode";
    if (c->streams == 0)
        return report_fmt(r, "several streams%s", draft);
    if (c->streams > 1)
        return report_fmt(r, "%u streams%s", c->streams, draft);
    return c->is_drafted ? "decode, draft" : "decode";
}

static const char *device_text(struct report *r, const struct claim *c)
{
    const char *text = "";
    for (size_t i = 0; i < c->ncards; i++) {
        const struct claim_card *card = &c->cards[i];
        const char *count = card->count > 1 ? report_fmt(r, "%ux ", card->count) : "";
        text = report_fmt(r, "%s%s%s%.*s", text, i ? " + " : "", count,
                          STR_ARG(card->device->name));
    }
    return c->ncards ? text : "unknown";
}

static const char *quant_text(struct report *r, const struct claim *c)
{
    if (c->quant.least == c->quant.most)
        return quant_name(c->quant.least);
    return report_fmt(r, "%s to %s", quant_name(c->quant.least),
                      quant_name(c->quant.most));
}

static const char *figure(struct report *r, double v)
{
    return report_fmt(r, v >= 100 ? "%.0f" : "%.3g", v);
}

/* --- all claims, as rows --- */

static void add_reason(struct tally *t, const struct claim *c,
                       const struct claim_verdict *v)
{
    char why[400];
    if (t->nreasons == REASONS_SHOWN)
        return;
    if (c->missing != CLAIM_WHOLE)
        claim_explain(t->f, c, why, sizeof why);
    else
        snprintf(why, sizeof why, "%s", reason(c, v));
    snprintf(t->reasons[t->nreasons++], sizeof t->reasons[0], "Line %zu, %.*s: %.230s.",
             c->line, (int)(c->wrote.n < 40 ? c->wrote.n : 40), c->wrote.p, why);
}

static void judge(struct tally *t, const struct claim *c, struct claim_verdict *ret)
{
    uintptr_t mix = (uintptr_t)c->model / 64 + (uintptr_t)c->cards[0].device / 64 * 7 +
                    c->quant.least + c->streams;
    struct known *k = &t->known[mix % KNOWN];
    struct err err;
    if (!k->is_used || !claim_same_subject(&k->claim, c)) {
        k->is_used = claim_judge(c, &k->verdict, &err) == 0;
        k->claim = *c;
    }
    *ret = k->is_used ? k->verdict : (struct claim_verdict){.word = CLAIM_UNKNOWN};
    if (k->is_used)
        claim_rejudge(c, ret);
}

static void judge_one(void *arg, const struct claim *c)
{
    struct tally *t = arg;
    struct claim_verdict v;
    char range[48];
    judge(t, c, &v);
    if (t->n++ == 0) {
        t->only = *c;
        snprintf(t->wrote, sizeof t->wrote, "%.*s",
                 (int)(c->wrote.n < 40 ? c->wrote.n : 40), c->wrote.p);
    }
    t->words[v.word]++;
    if (v.word == CLAIM_UNKNOWN)
        add_reason(t, c, &v);
    if (t->shown == ROWS_SHOWN)
        return;
    t->shown++;
    range_text(c, range);
    bool judged = v.speed.ceiling_tok_s > 0 && c->about == CLAIM_DECODE;
    const char *cells[] = {
        claim_word(v.word),
        report_fmt(t->r, "%zu", c->line),
        range,
        about_text(t->r, c),
        c->model ? report_fmt(t->r, "%.*s", STR_ARG(c->model->id)) : "unknown",
        quant_text(t->r, c),
        device_text(t->r, c),
        judged ? figure(t->r, v.speed.ceiling_tok_s) : "unknown",
        judged ? figure(t->r, v.speed.estimate_tok_s) : "unknown",
    };
    report_row(t->r, cells);
    report_row_tone(t->r, tone_of(v.word));
}

static int exit_of(const struct tally *t)
{
    return t->words[CLAIM_IMPOSSIBLE] + t->words[CLAIM_IMPLAUSIBLE] ? EXIT_NO : EXIT_YES;
}

static void answer_all(struct tally *t)
{
    size_t judged = t->n - t->words[CLAIM_UNKNOWN];
    report_answer(t->r,
                  "%s: of %zu speeds %zu impossible, %zu implausible, %zu plausible, %zu "
                  "below expectation; %zu more cannot be judged.",
                  t->words[CLAIM_IMPOSSIBLE]    ? "impossible"
                  : t->words[CLAIM_IMPLAUSIBLE] ? "implausible"
                  : t->words[CLAIM_BELOW]       ? "below-expectation"
                  : judged                      ? "plausible"
                                                : "unknown",
                  judged, t->words[CLAIM_IMPOSSIBLE], t->words[CLAIM_IMPLAUSIBLE],
                  t->words[CLAIM_PLAUSIBLE], t->words[CLAIM_BELOW],
                  t->words[CLAIM_UNKNOWN]);
    report_answer_tone(t->r, t->words[CLAIM_IMPOSSIBLE]    ? TONE_BAD
                             : t->words[CLAIM_IMPLAUSIBLE] ? TONE_DOUBT
                             : judged                      ? TONE_GOOD
                                                           : TONE_NONE);
    if (t->shown < t->n)
        report_text(t->r, "The first %zu speeds are listed; all %zu are counted.",
                    t->shown, t->n);
    if (t->nreasons == 0)
        return;
    report_section(t->r, "unknown", "Not judged, and why");
    for (size_t i = 0; i < t->nreasons; i++)
        report_text(t->r, "%s", t->reasons[i]);
    if (t->nreasons < t->words[CLAIM_UNKNOWN])
        report_text(t->r, "And %zu more.", t->words[CLAIM_UNKNOWN] - t->nreasons);
}

static void open_rows(struct report *r, const char *title)
{
    static const char *const columns[] = {"verdict", "line",    "claim",
                                          "of",      "model",   "quant",
                                          "device",  "ceiling", "estimate"};
    report_section(r, "rows", title);
    report_table(r, "claims", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 "bandwidth and bytes; tok/s", REPORT_NO_DATE);
}

/* --- one claim, in full --- */

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

static void add_cards(struct report *r, const struct claim *c)
{
    for (size_t i = 0; i < c->ncards; i++) {
        const struct claim_card *card = &c->cards[i];
        const struct device *d = card->device;
        bool varies = card->slowest_gbs < card->gbs;
        report_text(r, "Device: %s%.*s, %.4g GB/s%s%s%.*s%s.",
                    card->count > 1 ? report_fmt(r, "%u x ", card->count) : "",
                    STR_ARG(d->name), card->gbs,
                    varies ? report_fmt(r,
                                        " (the fastest of its variants; the slowest has "
                                        "%.4g)",
                                        card->slowest_gbs)
                           : "",
                    d->has_conflict ? " (another source says " : "", STR_ARG(d->conflict),
                    d->has_conflict ? ")" : "");
    }
    if (c->ncards > 1 || c->cards[0].count > 1)
        report_text(r, "Bandwidth of all cards is added up, in the claim's favour; a "
                       "layer split does not speed up one stream.");
}

static void add_subject(struct report *r, const struct tally *t)
{
    const struct claim *c = &t->only;
    char range[48];
    report_section(r, "read", "What was read");
    range_text(c, range);
    report_text(r, "Speed: \"%s\" as %s tok/s, %s.", t->wrote, range, about_text(r, c));
    report_text(
        r, "Model: %.*s%s, %s%s.", STR_ARG(c->model->id),
        c->is_class ? " (the one of its size that reads least, in the claim's favour)"
                    : "",
        quant_text(r, c),
        c->quant.is_assumed ? " (not said exactly: for the ceiling the first, for "
                              "what is too slow the last)"
                            : "");
    add_cards(r, c);
    if (c->depth_tokens)
        report_text(r, "Context: %llu tokens, whose keys and values are read too.",
                    (unsigned long long)c->depth_tokens);
    if (c->streams > 1)
        report_text(r,
                    "Streams: %u at once share one reading of the weights; the claim is "
                    "taken for their sum.",
                    c->streams);
    if (c->is_drafted)
        report_text(r,
                    "A draft is checked in one reading: up to %.1f tokens a step (8 "
                    "proposed, each taken in 9 of 10 cases).",
                    CLAIM_DRAFT_TOKENS);
}

static void add_estimate(struct report *r, const struct claim_verdict *v)
{
    const struct speed_coefficients *k = &speed_families[v->family];
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
                   .expires_days = date_today() + 365});
}

static void add_verdict(struct report *r, const struct claim *c,
                        const struct claim_verdict *v)
{
    const struct device *d = c->cards[0].device;
    report_section(r, "verdict", "Why");
    add_number(r, "claimed", "claimed", c->high_tok_s, "tok/s", TRUTH_GIVEN, "the claim",
               REPORT_NO_DATE, NULL);
    add_number(r, "ceiling", "ceiling (bandwidth / bytes read)", v->speed.ceiling_tok_s,
               "tok/s", TRUTH_COMPUTED, "bandwidth of the device, bytes of the model",
               REPORT_NO_DATE, NULL);
    add_estimate(r, v);
    add_number(r, "bandwidth", "memory bandwidth", v->bandwidth_gbs, "GB/s", TRUTH_LIST,
               report_fmt(r, "%.*s", STR_ARG(d->source)), d->source_days, NULL);
    add_number(r, "weights", "weights in the file", (double)v->weight_bytes / 1e9, "GB",
               TRUTH_COMPUTED, "quantiser's mix replayed on the model's shape",
               REPORT_NO_DATE, NULL);
    if (v->spills)
        report_text(
            r,
            "The weights do not fit the memory of the cards: part is read from main "
            "memory, taken as %.4g GB/s for the ceiling.",
            v->ram_gbs);
    else if (d->is_unified && c->cards[0].memory_given &&
             (double)v->weight_bytes > 0.75 * c->cards[0].memory_gb * GIB)
        report_text(r, "The weights alone do not fit what %.0f GB lends the GPU.",
                    c->cards[0].memory_gb);
    if (v->low_word != v->word)
        report_text(r, "The low end, %.4g tok/s, is %s.", c->low_tok_s,
                    claim_word(v->low_word));
}

/* The figures of one claim; only a claim that was judged has them. */
static void add_bars(struct report *r, const struct claim *c,
                     const struct claim_verdict *v)
{
    struct report_bar bars[] = {
        {.label = "claimed",
         .text = report_fmt(r, "%.4g", c->high_tok_s),
         .high = c->high_tok_s},
        {.label = "estimate",
         .text = report_fmt(r, "%.0f", v->speed.estimate_tok_s),
         .high = v->speed.estimate_tok_s},
        {.label = "ceiling",
         .text = report_fmt(r, "%.0f", v->speed.ceiling_tok_s),
         .high = v->speed.ceiling_tok_s},
    };
    report_bars(r, "speeds", "Claim, estimate and ceiling", "tok/s", 0, bars,
                ARRAY_LEN(bars));
    report_bar_tone(r, 0, tone_of(v->word));
    report_bars_mark(r, v->speed.ceiling_tok_s,
                     report_fmt(r, "ceiling: %.0f tok/s", v->speed.ceiling_tok_s));
}

static int show_one(const struct options *o, struct tally *t)
{
    const struct claim *c = &t->only;
    struct claim_verdict v;
    struct err err;
    char range[48];
    if (claim_judge(c, &v, &err) < 0) {
        report_free(t->r);
        return value_fault(o, &err);
    }
    struct tally one = {.f = t->f,
                        .r = report_create("claim", "Can this speed be true?")};
    report_free(t->r);
    t->r = one.r;
    if (!t->r)
        return EXIT_NO;
    range_text(c, range);
    if (c->about != CLAIM_DECODE)
        report_answer(t->r, "%s: %s tok/s: %s.", claim_word(v.word), range,
                      reason(c, &v));
    else
        report_answer(
            t->r, "%s: %s tok/s against a ceiling of %.0f and an estimate of %.0f: %s.",
            claim_word(v.word), range, v.speed.ceiling_tok_s, v.speed.estimate_tok_s,
            reason(c, &v));
    report_answer_tone(t->r, tone_of(v.word));
    add_subject(t->r, t);
    if (c->about == CLAIM_DECODE) {
        add_verdict(t->r, c, &v);
        add_bars(t->r, c, &v);
    }
    open_rows(t->r, "In one row");
    judge_one(&one, c);
    return output_report(o, t->r, exit_of(t));
}

/* --- the command --- */

static int no_speed(const struct options *o, struct tally *t, const char *file)
{
    report_free(t->r);
    if (file)
        return options_fault(
            o->command, "--file: %s: no speed found; a speed is a number with \"tok/s\"",
            file);
    return options_fault(o->command,
                         "speed: no \"N tok/s\" above 0 found; write for example "
                         "\"44 tok/s\"");
}

static int judge_text(const struct options *o, const struct facts *f, struct str text,
                      const char *file)
{
    struct err err;
    struct tally t = {.f = f,
                      .r = report_create("claim", file ? "Speeds in a text, judged"
                                                       : "Can this speed be true?")};
    if (!t.r)
        return EXIT_NO;
    open_rows(t.r, "");
    if (claim_scan(f, text, judge_one, &t, &err) < 0) {
        report_free(t.r);
        return value_fault(o, &err);
    }
    if (t.n == 0)
        return no_speed(o, &t, file);
    if (!file && t.n == 1 && t.only.missing == CLAIM_WHOLE)
        return show_one(o, &t);
    answer_all(&t);
    /* Of one claim that cannot be judged the words are at fault. */
    bool at_fault =
        !file && t.words[CLAIM_UNKNOWN] == t.n && t.only.missing != CLAIM_WHOLE;
    return output_report(o, t.r, at_fault ? EXIT_USAGE : exit_of(&t));
}

static int judge_file(const struct options *o, const struct facts *f, const char *path)
{
    struct buf text;
    struct err err;
    buf_init(&text, CLAIM_FILE_MAX);
    int rc = facts_read_file(path, &text, &err);
    rc = rc < 0 ? value_fault(o, &err) : judge_text(o, f, buf_view(&text), path);
    buf_release(&text);
    return rc;
}

static int run(int argc, char **argv)
{
    struct options o;
    struct facts f;
    struct err err;
    char text[4000] = "";
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
    rc = file ? judge_file(&o, &f, file) : judge_text(&o, &f, str_of(text), NULL);
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
