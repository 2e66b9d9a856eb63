/* plan_local.c -- see plan_local.h. */
#include "cmd/decide/plan_local.h"

#include "cmd/decide/measured.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/values.h"

enum { MOST_STREAMS = 64, FIT_WORDS = 40, GUESSED_PREFILL = 10 }; /* times decode */

/* What weir fit would be asked about the machine. */
static int fit_options_of(const struct options *o, struct options *ret, struct err *err)
{
    static const char *const same[] = {"--memory", "--ram"};
    char *argv[FIT_WORDS] = {(char *)(uintptr_t) "fit"};
    const char *value;
    int argc = 1;
    int rc;
    for (size_t i = 0; (value = options_nth(o, "--device", i)) && argc + 6 < FIT_WORDS;
         i++) {
        argv[argc++] = (char *)(uintptr_t) "--device";
        argv[argc++] = (char *)(uintptr_t)value;
    }
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        if (!options_has(o, same[i]))
            continue;
        argv[argc++] = (char *)(uintptr_t)same[i];
        argv[argc++] = (char *)(uintptr_t)options_get(o, same[i]);
    }
    if (!options_read(ret, &cmd_fit, argc, argv, &rc))
        return err_set(err, ERR_INTERNAL, "bad_value", "weir fit does not know these");
    return 0;
}

static int choose_machine(const struct options *o, const struct facts *f,
                          struct report *r, struct plan_local *l, struct err *err)
{
    l->is_here = !options_has(o, "--device");
    if (l->is_here && (!options_has(o, "--local-model") || options_has(o, "--speed")))
        return 0;
    l->fitting = (struct fitting){.o = &l->fit_options, .f = f, .r = r};
    if (fit_options_of(o, &l->fit_options, err) < 0 || fit_choose(&l->fitting, err) < 0)
        return -1;
    const struct run_machine *m = &l->fitting.machine;
    l->device = m->devices[0].device;
    l->memory_gb = m->devices[0].memory_gb;
    l->cards = (unsigned)m->n;
    return 0;
}

int plan_local_choose(const struct options *o, const struct facts *f, struct report *r,
                      struct plan_local *l, struct err *err)
{
    const char *name = options_get(o, "--local-model");
    const char *quant = options_get(o, "--quant");
    struct model_answer a;
    l->quant = QUANT_Q4_K_M;
    if (quant && !quant_parse(str_of(quant), &l->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--quant: \"%s\" is unknown; for example Q4_K_M", quant);
    if (choose_machine(o, f, r, l, err) < 0)
        return -1;
    if (!name)
        return 0;
    if (models_choose(f->models, str_of(name), &a, err) < 0)
        return -1;
    l->model = a.choices[0];
    if (!quant)
        l->quant = quant_default(l->model);
    if (!quant && a.quant[0] && !quant_parse(str_of(a.quant), &l->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--local-model: the quantisation \"%s\" of its name is unknown; "
                       "give one with --quant",
                       a.quant);
    if (options_has(o, "--draft") && (!l->device || options_has(o, "--speed")))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--draft: its gain is computed for a device; leave out --speed, "
                       "or --draft where your speed has it in it");
    return l->device ? fit_choose_draft(&l->fitting, o, l->model, err) : 0;
}

/* With `streams` requests at once, in a context that holds them. */
static int run_of(const struct plan_local *l, const struct run_machine *machine,
                  enum quant q, const struct plan_input *in, uint64_t streams,
                  struct run *ret, struct err *err)
{
    const struct token_counts *t = &in->per_request;
    uint64_t one = t->input + t->output;
    uint64_t context = one > RUN_LEAST_CONTEXT ? one : RUN_LEAST_CONTEXT;
    struct run_ask ask = {
        .model = l->model,
        .quant = q,
        .kv = {.context = context * streams,
               .slots = (unsigned)streams,
               .is_partitioned = streams > 1,
               .bits_x2 = KV_F16_X2},
        .depth_tokens = t->input + t->output / 2,
        .split = SPLIT_LAYERS,
        .draft = l->fitting.draft.model && streams == 1 ? &l->fitting.draft : NULL,
    };
    return run_estimate(machine, &ask, ret, err);
}

static int estimate(struct report *r, struct plan_local *l, struct plan_input *in,
                    struct plan_ranges *ranges, struct err *err)
{
    if (run_of(l, &l->fitting.machine, l->quant, in, 1, &l->run, err) < 0)
        return -1;
    bool is_drafted = l->run.drafted.length > 0;
    const struct speed *s = is_drafted ? &l->run.drafted.speed : &l->run.speed;
    bool splits = l->run.memory.verdict == MEMORY_SPLITS;
    bool validated = l->fitting.machine.devices[0].speed.is_validated;
    in->decode_milli_tok_s = (uint64_t)(s->estimate_tok_s * 1000.0);
    l->speed_truth = validated && !splits && !is_drafted ? TRUTH_COMPUTED : TRUTH_RULE;
    l->speed_source = report_fmt(
        r, "estimate of weir fit%s%s%s%s, with %llu tokens before it",
        is_drafted ? report_fmt(r, ", %.2f times by the draft of %.*s",
                                s->estimate_tok_s / l->run.speed.estimate_tok_s,
                                STR_ARG(l->fitting.draft.model->id))
                   : "",
        splits ? ", partly in main memory" : "", l->corrected ? ", " : "",
        l->corrected ? l->corrected : "",
        (unsigned long long)(in->per_request.input + in->per_request.output / 2));
    if (s->estimate_tok_s > 0) {
        ranges->low_ppm[FACTOR_SPEED] =
            (uint64_t)(PPM * s->low_tok_s / s->estimate_tok_s);
        ranges->high_ppm[FACTOR_SPEED] =
            (uint64_t)(PPM * s->high_tok_s / s->estimate_tok_s);
    }
    return 0;
}

static void sure_of_speed(struct plan_ranges *ranges)
{
    ranges->low_ppm[FACTOR_SPEED] = 900000;
    ranges->high_ppm[FACTOR_SPEED] = 1100000;
}

/* What `weir bench` measured of the model here; of a named device nothing is. */
static void use_measured(const struct options *o, const struct facts *f,
                         struct plan_local *l, struct plan_input *in,
                         struct plan_ranges *ranges)
{
    struct bench_kept_row row;
    if (!l->model || !l->is_here ||
        !measured_find(f->models, l->model, options_get(o, "--quant"),
                       options_get(o, "--state-dir"), &row))
        return;
    in->decode_milli_tok_s = (uint64_t)(row.stream_tok_s * 1000.0);
    l->speed_truth = TRUTH_MEASURED;
    l->speed_source = "weir bench, one stream on this machine";
    l->bench_day = measured_day(&row);
    sure_of_speed(ranges);
}

/* As weir fit estimates it, for prompts as long as these; of an unknown machine or model
 * a guess. */
static void expect_prefill(struct plan_local *l, struct plan_input *in)
{
    const struct run *run = &l->run;
    bool is_known = run->prefill_tok_s > 0;
    bool is_rule = !is_known || run->prefill_is_rule;
    l->prefill_truth = is_rule ? TRUTH_RULE : TRUTH_COMPUTED;
    l->prefill_source =
        !is_known ? "10 times decode, a cautious guess for an unknown machine or model"
        : is_rule ? "estimate of weir fit: a multiple of decode, by the kind of machine"
                  : "estimate of weir fit, from prompts measured on such a device";
    in->prefill_milli_tok_s = is_known ? (uint64_t)(run->prefill_tok_s * 1000.0)
                                       : in->decode_milli_tok_s * GUESSED_PREFILL;
}

static int read_prefill(const struct options *o, struct plan_local *l,
                        struct plan_input *in, struct err *err)
{
    int64_t given = 0;
    if (value_fixed(o, "--prefill-speed", 3, &given, err) < 0)
        return -1;
    if (options_has(o, "--prefill-speed")) {
        l->prefill_truth = TRUTH_GIVEN;
        in->prefill_milli_tok_s = (uint64_t)given;
    } else if (in->prefill_milli_tok_s) {
        l->prefill_truth = TRUTH_MEASURED;
        l->prefill_source = "weir's ledger";
    } else {
        expect_prefill(l, in);
    }
    return 0;
}

/* The speed that the plan goes by, whoever said it, is judged. */
static void judge(struct plan_local *l, const struct plan_input *in)
{
    const struct token_counts *t = &in->per_request;
    bool waits = in->batch_share_ppm >= PPM || t->output == 0;
    struct run run = l->run;
    if (!l->device || !l->model) {
        run.memory.verdict = MEMORY_FITS;
        run.longest_prompt =
            l->model && l->model->context ? l->model->context : UINT64_MAX;
    }
    run.speed.estimate_tok_s = (double)in->decode_milli_tok_s / 1000.0;
    l->fault = run_judge(&run, t->input, t->output);
    if (l->fault == RUN_TOO_SLOW && waits)
        l->fault = RUN_GOOD;
}

bool plan_local_runs(const struct plan_local *l)
{
    return l->fault == RUN_GOOD || l->fault == RUN_SPILLS;
}

int plan_local_speed(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_local *l, struct plan_input *in,
                     struct plan_ranges *ranges, struct err *err)
{
    int64_t given = 0;
    uint64_t seen = in->decode_milli_tok_s;
    if (l->model && l->device && l->is_here &&
        fit_learn_from_bench(&l->fitting, options_get(o, "--state-dir")))
        l->corrected = l->fitting.machine.devices[0].speed.source;
    if ((l->model && l->device && estimate(r, l, in, ranges, err) < 0) ||
        value_fixed(o, "--speed", 3, &given, err) < 0)
        return -1;
    use_measured(o, f, l, in, ranges);
    if (seen) { /* of people's own requests, on the machine that answered them */
        in->decode_milli_tok_s = seen;
        l->speed_truth = TRUTH_MEASURED;
        l->speed_source = "weir's ledger: output over whole time, prompt included";
        l->bench_day = 0;
        sure_of_speed(ranges);
    }
    if (options_has(o, "--speed")) {
        in->decode_milli_tok_s = (uint64_t)given;
        l->speed_truth = TRUTH_GIVEN;
        l->bench_day = 0;
        sure_of_speed(ranges);
    }
    if (l->device && l->model && l->run.memory.verdict == MEMORY_NEVER) {
        /* It has no speed; what follows says so before any money. */
        l->fault = RUN_NO_MEMORY;
        in->decode_milli_tok_s = in->decode_milli_tok_s ? in->decode_milli_tok_s : 1;
    }
    bool needs_decode = in->per_request.output > 0 || !options_has(o, "--prefill-speed");
    if (needs_decode && in->decode_milli_tok_s == 0)
        return err_set(err, ERR_CONFIG, "unknown_speed",
                       "--speed: the local speed is unknown; give it, or --device and "
                       "--local-model to estimate it");
    if (read_prefill(o, l, in, err) < 0)
        return -1;
    judge(l, in);
    return 0;
}

/* --- how many at once, how many machines --- */

static bool batches(const struct plan_local *l)
{
    return l->device && l->fault == RUN_GOOD && !l->fitting.draft.model &&
           (l->device->kind == DEVICE_NVIDIA ||
            (l->device->kind == DEVICE_AMD && !l->device->is_unified));
}

static bool holds_streams(const struct plan_local *l, const struct plan_input *in,
                          uint64_t streams)
{
    struct run run;
    struct err ignored;
    double each = (double)in->decode_milli_tok_s / 1000.0 *
                  speed_batch_gain((double)streams) / (double)streams;
    return each >= RUN_USABLE_TOK_S &&
           (!l->model ||
            (run_of(l, &l->fitting.machine, l->quant, in, streams, &run, &ignored) == 0 &&
             run.memory.verdict == MEMORY_FITS));
}

int plan_local_scale(const struct options *o, struct plan_local *l, struct plan_input *in,
                     bool are_machines_given, struct err *err)
{
    int64_t parallel = MILLI;
    struct plan p;
    if (value_fixed(o, "--parallel", 3, &parallel, err) < 0)
        return -1;
    in->parallel_milli = (uint64_t)parallel;
    l->parallel_truth = options_has(o, "--parallel") ? TRUTH_GIVEN : TRUTH_RULE;
    l->parallel_source = "one request after the other: nothing says that it gains here";
    l->streams = 1;
    if (plan_compute(in, &p, err) < 0)
        return -1;
    if (!options_has(o, "--parallel") && batches(l)) {
        uint64_t machines = are_machines_given ? in->machines : 1;
        l->parallel_source = "a server that batches; n streams gain n / (1 + 3 % x (n - "
                             "1)) (vLLM on an A100, 2026)";
        while (p.machines_at_peak > machines && l->streams < MOST_STREAMS &&
               holds_streams(l, in, l->streams + 1)) {
            l->streams++;
            in->parallel_milli = (uint64_t)(speed_batch_gain((double)l->streams) * MILLI);
            if (plan_compute(in, &p, err) < 0)
                return -1;
        }
    }
    if (!are_machines_given && p.machines_at_peak > 1)
        *in = plan_with_machines(in, p.machines_at_peak);
    return 0;
}

static bool fits(const struct plan_local *l, const struct run_machine *machine,
                 enum quant q, const struct plan_input *in)
{
    struct run run;
    struct err ignored;
    return run_of(l, machine, q, in, 1, &run, &ignored) == 0 &&
           run.memory.verdict == MEMORY_FITS;
}

const char *plan_local_remedy(const struct plan_local *l, const struct plan_input *in,
                              struct report *r)
{
    static const enum quant smaller[] = {QUANT_Q8_0, QUANT_Q6_K, QUANT_Q5_K_M,
                                         QUANT_Q4_K_M, QUANT_Q3_K_M};
    struct run_machine more = l->fitting.machine;
    struct err ignored;
    for (size_t i = 0; i < ARRAY_LEN(smaller); i++)
        if (fits(l, &l->fitting.machine, smaller[i], in))
            return report_fmt(r, "It fits as --quant %s.", quant_name(smaller[i]));
    for (unsigned cards = l->cards + 1; cards <= MEMORY_DEVICES; cards++)
        if (run_machine_add(&more, l->device, 1, l->memory_gb, &ignored) < 0)
            break;
        else if (fits(l, &more, l->quant, in))
            return report_fmt(r, "It fits --device \"%ux %.*s\".", cards,
                              STR_ARG(l->device->name));
    return report_fmt(r,
                      "It needs a machine with %.0f GB for the model, or choose a "
                      "smaller one: weir fit --device \"%.*s\".",
                      (double)l->run.memory.need.total / 1e9, STR_ARG(l->device->name));
}
