/* plan_local.c -- see plan_local.h. */
#include "cmd/decide/plan_local.h"

#include "cmd/decide/measured.h"
#include "cmd/lib/values.h"

enum { RAM_GB_USUAL = 32, MOST_STREAMS = 64, CONTEXT_USUAL = 4096 };

/* Below this nobody waits for an answer: people read four to five words a second. */
#define USABLE_MILLI_TOK_S 4000

static int choose_device(const struct options *o, const struct facts *f,
                         struct plan_local *l, struct err *err)
{
    const char *name = options_get(o, "--device");
    double memory = 0;
    struct device_answer a;
    l->ram_gb = RAM_GB_USUAL;
    if (value_double(o, "--memory", &memory, err) < 0 ||
        value_double(o, "--ram", &l->ram_gb, err) < 0)
        return -1;
    if (!name)
        return 0;
    if (devices_choose(f->devices, str_of(name), memory, &a, err) < 0)
        return -1;
    l->device = a.choices[0];
    l->cards = a.count;
    l->memory_gb = a.memory_gb;
    if (l->device->kind == DEVICE_CPU && l->memory_gb <= 0) {
        if (!options_has(o, "--ram"))
            return err_set(err, ERR_CONFIG, "unknown_memory",
                           "--ram: a processor computes in main memory; say how many GB "
                           "there are");
        l->memory_gb = l->ram_gb;
    }
    return 0;
}

int plan_local_choose(const struct options *o, const struct facts *f,
                      struct plan_local *l, struct err *err)
{
    const char *name = options_get(o, "--local-model");
    const char *quant = options_get(o, "--quant");
    struct model_answer a;
    l->quant = QUANT_Q4_K_M;
    if (quant && !quant_parse(str_of(quant), &l->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--quant: \"%s\" is unknown; for example Q4_K_M", quant);
    if (choose_device(o, f, l, err) < 0)
        return -1;
    if (!name)
        return 0;
    if (models_choose(f->models, str_of(name), &a, err) < 0)
        return -1;
    l->model = a.choices[0];
    if (!quant && a.quant[0] && !quant_parse(str_of(a.quant), &l->quant))
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--local-model: the quantisation \"%s\" of its name is unknown; "
                       "give one with --quant",
                       a.quant);
    /* A model that was published in a format of its own is run in it. */
    if (!quant && !a.quant[0] && l->model->native_quant.n)
        (void)quant_parse(l->model->native_quant, &l->quant);
    return 0;
}

static uint64_t usable_bytes(const struct plan_local *l)
{
    return memory_usable(l->device, l->memory_gb) * l->cards;
}

/* Tokens that the keys and values of so many requests at once take. */
static uint64_t context_of(const struct plan_input *in, uint64_t streams)
{
    uint64_t one = in->per_request.input + in->per_request.output;
    return (one > CONTEXT_USUAL ? one : CONTEXT_USUAL) * streams;
}

static int place(const struct plan_local *l, enum quant q, const struct plan_input *in,
                 uint64_t streams, struct memory_plan *ret, struct err *err)
{
    bool has_ram = !l->device->is_unified && l->device->kind != DEVICE_CPU;
    uint64_t ram = has_ram ? (uint64_t)(l->ram_gb * 0.8 * GIB) : 0;
    return memory_plan(l->model, q, context_of(in, streams), KV_F16_X2, usable_bytes(l),
                       ram, ret, err);
}

static int estimate(struct report *r, struct plan_local *l, struct plan_input *in,
                    struct plan_ranges *ranges, struct err *err)
{
    struct memory_plan p;
    struct speed_load load;
    uint64_t depth = in->per_request.input + in->per_request.output / 2;
    if (place(l, l->quant, in, 1, &p, err) < 0 ||
        speed_load_of(l->model, l->quant, depth, &load, err) < 0)
        return -1;
    const struct speed_coefficients *c = &speed_families[speed_family_of(l->device)];
    l->speed = p.verdict == MEMORY_SPLITS
                   ? speed_offload(c, &load, l->device->bandwidth_gbs, p.device_share, 50)
                   : speed_estimate(c, &load, l->device->bandwidth_gbs);
    l->need_bytes = p.need.total;
    l->usable_bytes = p.usable;
    l->is_split = p.verdict == MEMORY_SPLITS;
    if (p.verdict == MEMORY_NEVER)
        l->fault = PLAN_NO_MEMORY;
    in->decode_milli_tok_s = (uint64_t)(l->speed.estimate_tok_s * 1000.0);
    l->speed_truth = c->is_validated && !l->is_split ? TRUTH_COMPUTED : TRUTH_RULE;
    l->speed_source = report_fmt(r, "estimate of weir fit%s, for %llu tokens before it",
                                 l->is_split ? ", partly in main memory" : "",
                                 (unsigned long long)depth);
    double point = l->speed.estimate_tok_s;
    if (point > 0) {
        ranges->low_ppm[FACTOR_SPEED] = (uint64_t)(PPM * l->speed.low_tok_s / point);
        ranges->high_ppm[FACTOR_SPEED] = (uint64_t)(PPM * l->speed.high_tok_s / point);
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
    if (!l->model || l->device ||
        !measured_find(f->models, l->model, options_get(o, "--quant"),
                       options_get(o, "--state-dir"), &row))
        return;
    in->decode_milli_tok_s = (uint64_t)(row.stream_tok_s * 1000.0);
    l->speed_truth = TRUTH_MEASURED;
    l->speed_source = "weir bench, one stream on this machine";
    l->bench_day = measured_day(&row);
    sure_of_speed(ranges);
}

/* Prompt tokens a second over decode tokens a second: measured ratios.  NVIDIA: 32 to 54
 * on sixteen cards, Apple: 9 to 13 (the tables of XiongjieDai, GPU-Benchmarks-on-LLM-
 * Inference, 8B models); a Radeon 7900 XTX 30, Ryzen AI Max 12 (llama.cpp discussion
 * 15021 and 15396). */
static uint64_t prefill_ratio(const struct device *d, const char **ret_source)
{
    static const struct {
        uint64_t ratio;
        const char *source;
    } kinds[] = {
        [DEVICE_NVIDIA] = {40, "40 times decode: measured 32 to 54 on sixteen cards"},
        [DEVICE_AMD] = {30, "30 times decode: measured on one Radeon 7900 XTX"},
        [DEVICE_INTEL] = {10, "10 times decode, a cautious guess"},
        [DEVICE_APPLE] = {10, "10 times decode: measured 9 to 13 on Macs"},
        [DEVICE_CPU] = {4, "4 times decode, a guess"},
    };
    *ret_source = "10 times decode, a cautious guess";
    if (!d)
        return 10;
    if (d->kind == DEVICE_AMD && d->is_unified) {
        *ret_source = "12 times decode: measured on a Ryzen AI Max";
        return 12;
    }
    *ret_source = kinds[d->kind].source;
    return kinds[d->kind].ratio;
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
        l->prefill_truth = TRUTH_RULE;
        in->prefill_milli_tok_s =
            in->decode_milli_tok_s * prefill_ratio(l->device, &l->prefill_source);
    }
    return 0;
}

static void judge(struct plan_local *l, const struct plan_input *in)
{
    const struct token_counts *t = &in->per_request;
    bool waits = in->batch_share_ppm >= PPM || t->output == 0;
    if (l->fault != PLAN_RUNS)
        return;
    if (l->model && l->model->context && t->input + t->output > l->model->context)
        l->fault = PLAN_LONG_PROMPT;
    else if (!waits && in->decode_milli_tok_s < USABLE_MILLI_TOK_S)
        l->fault = PLAN_TOO_SLOW;
}

int plan_local_speed(const struct options *o, const struct facts *f, struct report *r,
                     struct plan_local *l, struct plan_input *in,
                     struct plan_ranges *ranges, struct err *err)
{
    int64_t given = 0;
    uint64_t seen = in->decode_milli_tok_s;
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

/* What n streams at once gain over one: the weights are read once for all of them, and
 * each further one costs 3 % of a step, so that eight gain 6.6 times (vLLM on an A100
 * 40GB, johnmusgrave.com, 2026).  Only servers on graphics cards do so. */
static double gain_of(double streams)
{
    return streams / (1.0 + 0.03 * (streams - 1.0));
}

static bool batches(const struct plan_local *l)
{
    return l->device && !l->is_split &&
           (l->device->kind == DEVICE_NVIDIA ||
            (l->device->kind == DEVICE_AMD && !l->device->is_unified));
}

static bool holds_streams(const struct plan_local *l, const struct plan_input *in,
                          uint64_t streams)
{
    struct memory_plan p;
    struct err ignored;
    double each =
        (double)in->decode_milli_tok_s * gain_of((double)streams) / (double)streams;
    return each >= USABLE_MILLI_TOK_S &&
           (!l->model || (place(l, l->quant, in, streams, &p, &ignored) == 0 &&
                          p.verdict == MEMORY_FITS));
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
            in->parallel_milli = (uint64_t)(gain_of((double)l->streams) * MILLI);
            if (plan_compute(in, &p, err) < 0)
                return -1;
        }
    }
    if (!are_machines_given && p.machines_at_peak > 1)
        *in = plan_with_machines(in, p.machines_at_peak);
    return 0;
}

const char *plan_local_remedy(const struct plan_local *l, const struct plan_input *in,
                              struct report *r)
{
    static const enum quant smaller[] = {QUANT_Q8_0, QUANT_Q6_K, QUANT_Q5_K_M,
                                         QUANT_Q4_K_M, QUANT_Q3_K_M};
    struct memory_plan p;
    struct err ignored;
    for (size_t i = 0; i < ARRAY_LEN(smaller); i++)
        if (place(l, smaller[i], in, 1, &p, &ignored) == 0 &&
            p.need.total < l->need_bytes && p.verdict == MEMORY_FITS)
            return report_fmt(r, "It fits as --quant %s.", quant_name(smaller[i]));
    uint64_t one = memory_usable(l->device, l->memory_gb);
    uint64_t cards = one ? (l->need_bytes + one - 1) / one : 0;
    bool alone = l->device->is_unified || l->device->kind == DEVICE_CPU;
    if (!alone && cards > l->cards && cards <= 8)
        return report_fmt(r, "It fits --device \"%llux %.*s\".",
                          (unsigned long long)cards, STR_ARG(l->device->name));
    return report_fmt(r,
                      "It needs a machine with %.0f GB for the model, or choose a "
                      "smaller one: weir fit --device \"%.*s\".",
                      (double)l->need_bytes / 1e9, STR_ARG(l->device->name));
}
