/* fit.c -- weir fit: what fits this machine, and how fast it would be. */
#include "cmd/decide/fit_choose.h"
#include "cmd/decide/fit_eval.h"
#include "cmd/decide/measured.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "core/buf.h"
#include "estimate/memory.h"
#include "estimate/speed.h"
#include "facts/date.h"
#include "facts/facts.h"
#include "fit/gguf.h"

#include <math.h>
#include <sys/stat.h>

static const struct command_option fit_options[] = {
    {"--device", "NAME", "Reckon for this device instead of this machine."},
    {"--memory", "GB", "Its memory, when it differs from the device list."},
    {"--ram", "GB", "Main memory for what spills; default this machine's, else 32."},
    {"--quant", "NAME", "Quantisation; default Q4_K_M, of gpt-oss MXFP4."},
    {"--context", "TOKENS", "Context to hold; default 8192."},
    {"--kv", "TYPE", "Type of keys and values: f16, q8_0 or q4_0; default f16."},
    {"--measured", "TOK_S", "Calibrate by this speed, measured with MODEL and --quant."},
    {"--gguf", "FILE", "Read shape and sizes from this model file."},
    {"--eval", "FILE", "Judge the speed model on measured rows (data/speeds.json)."},
    OUTPUT_OPTIONS,
};

static const char fit_details[] =
    "Weights, keys and values and buffers are computed from the model's shape, without "
    "a\n"
    "download. Speed is for one stream with an empty context, as an interval; one local\n"
    "measurement (--measured) narrows it.\n\n"
    "  weir fit                                  this machine, by use case\n"
    "  weir fit qwen2.5-14b --device \"RTX 4060\"\n"
    "  weir fit llama-3.1-8b --quant Q8_0 --context 32768\n"
    "  weir fit --gguf model.gguf --device \"M4 Pro\" --memory 24";

/* Which model "When to Run Locally" recommends, and for what. */
static const struct {
    const char *use, *model, *said_gb;
} use_cases[] = {
    {"general chat", "Llama-3.1-8B", "4.7"},
    {"coding", "Qwen2.5-Coder-7B", "4.5"},
    {"questions on documents", "Mistral-7B-v0.3", "4.1"},
    {"summaries", "Phi-3-mini-4k-instruct", "2.3"},
    {"near frontier quality", "Llama-3.1-70B", "40"},
};

static const char *gb(struct fitting *x, double bytes)
{
    return report_fmt(x->r, "%.2f", bytes / 1e9);
}

/* Slow machines deserve a decimal. */
static const char *pace(struct fitting *x, double tok_s)
{
    return tok_s < 10 ? report_fmt(x->r, "%.1f", tok_s) : report_fmt(x->r, "%.0f", tok_s);
}

static void add_bytes(struct fitting *x, const char *key, const char *label, double bytes,
                      const char *source, const char *note)
{
    report_add(x->r, &(struct report_value){.key = key,
                                            .label = label,
                                            .text = gb(x, bytes),
                                            .number = report_fmt(x->r, "%.0f", bytes),
                                            .unit = "GB",
                                            .truth = TRUTH_COMPUTED,
                                            .source = source,
                                            .date_days = REPORT_NO_DATE,
                                            .expires_days = REPORT_NO_DATE,
                                            .note = note});
}

/* Of all cards together: layers are spread over them. */
static uint64_t usable(const struct fitting *x)
{
    return memory_usable(&x->device, x->memory_gb) * x->cards;
}

static void add_device(struct fitting *x)
{
    report_section(x->r, "machine", "Machine");
    const struct device *d = &x->device;
    report_text(x->r, "%s", x->device_name);
    report_add(x->r,
               &(struct report_value){
                   .key = "memory",
                   .label = "memory",
                   .text = report_fmt(x->r, "%.4g", x->memory_gb),
                   .number = report_fmt(x->r, "%.3f", x->memory_gb),
                   .unit = "GiB",
                   .truth = options_has(x->o, "--memory") ? TRUTH_GIVEN : x->device_truth,
                   .source = report_fmt(x->r, "%.*s", STR_ARG(d->source)),
                   .date_days = d->source_days,
                   .expires_days = REPORT_NO_DATE});
    add_bytes(x, "usable", "of it usable for a model", (double)usable(x),
              "memory less the usual margin", NULL);
    if (x->free_gb > 0)
        add_bytes(x, "free", "of it free now", x->free_gb * x->cards * GIB,
                  "as the driver or the kernel says", NULL);
    if (x->other_cards)
        report_text(x->r,
                    "%u more cards of this machine are of another kind and left out.",
                    x->other_cards);
    bool measured = d->kind == DEVICE_CPU && x->device_truth == TRUTH_MEASURED;
    report_add(x->r,
               &(struct report_value){
                   .key = "bandwidth",
                   .label = "memory bandwidth",
                   .text = report_fmt(x->r, "%.1f", d->bandwidth_gbs),
                   .number = report_fmt(x->r, "%.2f", d->bandwidth_gbs),
                   .unit = "GB/s",
                   .truth = measured                        ? TRUTH_MEASURED
                            : x->device_truth == TRUTH_RULE ? TRUTH_RULE
                                                            : TRUTH_LIST,
                   .source = report_fmt(x->r, "%.*s", STR_ARG(d->source)),
                   .date_days = d->source_days,
                   .expires_days = REPORT_NO_DATE,
                   .note = d->has_conflict ? report_fmt(x->r, "another source says %.*s",
                                                        STR_ARG(d->conflict))
                                           : NULL});
}

static const char *verdict_text(enum memory_verdict v)
{
    static const char *const words[] = {"fits", "splits with main memory",
                                        "does not fit"};
    return words[v];
}

static struct speed speed_for(const struct fitting *x, const struct speed_load *load,
                              const struct memory_plan *p)
{
    if (p->verdict == MEMORY_SPLITS)
        return speed_offload(&x->speed, load, x->device.bandwidth_gbs, p->device_share,
                             71.4);
    return speed_estimate(&x->speed, load, x->device.bandwidth_gbs);
}

static void add_speed(struct fitting *x, const struct speed *s, bool splits)
{
    report_add(x->r,
               &(struct report_value){
                   .key = "speed",
                   .label = "expected speed",
                   .text = report_fmt(x->r, "%.0f (%.0f to %.0f)", s->estimate_tok_s,
                                      s->low_tok_s, s->high_tok_s),
                   .number = report_fmt(x->r, "%.3f", s->estimate_tok_s),
                   .unit = "tok/s",
                   .truth = x->speed.is_validated ? TRUTH_COMPUTED : TRUTH_RULE,
                   .source = x->speed.source,
                   .date_days = REPORT_NO_DATE,
                   .expires_days = date_today() + 365,
                   .note = splits ? "part is read from main memory at 60 GB/s, a "
                                    "rule of thumb"
                                  : NULL});
    report_add(
        x->r, &(struct report_value){.key = "ceiling",
                                     .label = "ceiling",
                                     .text = pace(x, s->ceiling_tok_s),
                                     .number = report_fmt(x->r, "%.3f", s->ceiling_tok_s),
                                     .unit = "tok/s",
                                     .truth = TRUTH_COMPUTED,
                                     .source = "bandwidth / bytes read for a token",
                                     .date_days = REPORT_NO_DATE,
                                     .expires_days = REPORT_NO_DATE});
}

static void add_memory(struct fitting *x, const struct memory_plan *p)
{
    double need = (double)p->need.total;
    report_section(x->r, "memory", "Memory");
    add_bytes(x, "weights", "weights", (double)p->need.weights,
              "quantiser's mix replayed on the shape",
              p->need.is_approximate ? "approximate: this shape cannot be replayed"
                                     : NULL);
    add_bytes(
        x, "kv",
        report_fmt(x->r, "keys and values, %llu tokens", (unsigned long long)x->context),
        (double)p->need.kv, "layers x heads x dimension x bytes", NULL);
    add_bytes(x, "compute", "compute buffer", (double)p->need.compute,
              "(vocab + hidden) x 512 x 4 bytes, as llama.cpp", NULL);
    add_bytes(x, "need", "together", need, "sum of the three", NULL);
    report_add(
        x->r,
        &(struct report_value){
            .key = "largest_context",
            .label = "largest context that fits",
            .text = p->largest_context
                        ? report_fmt(x->r, "%llu", (unsigned long long)p->largest_context)
                        : "none",
            .number = report_fmt(x->r, "%llu", (unsigned long long)p->largest_context),
            .unit = p->largest_context ? "tokens" : "",
            .truth = TRUTH_COMPUTED,
            .source = "usable memory less weights and buffer",
            .date_days = REPORT_NO_DATE,
            .expires_days = REPORT_NO_DATE});
    struct report_bar bars[] = {
        {"weights", gb(x, (double)p->need.weights), 0, (double)p->need.weights / 1e9},
        {"keys and values", gb(x, (double)p->need.kv), 0, (double)p->need.kv / 1e9},
        {"compute buffer", gb(x, (double)p->need.compute), 0,
         (double)p->need.compute / 1e9},
        {"needed", gb(x, need), 0, need / 1e9},
        {"usable", gb(x, (double)p->usable), 0, (double)p->usable / 1e9},
    };
    report_bars(x->r, "memory", "Needed and usable memory", "GB", 0, bars,
                ARRAY_LEN(bars));
}

static int calibrate(struct fitting *x, const struct speed_load *load, struct err *err)
{
    double measured = 0;
    if (!options_has(x->o, "--measured"))
        return 0;
    if (value_double(x->o, "--measured", &measured, err) < 0)
        return -1;
    return speed_calibrate(&x->speed, load, x->device.bandwidth_gbs, measured, &x->speed,
                           err);
}

static int plan_of(struct fitting *x, const struct model *m, enum quant q,
                   struct memory_plan *p, struct err *err)
{
    uint64_t ram = x->device.is_unified ? 0 : (uint64_t)(x->ram_gb * 0.8 * GIB);
    return memory_plan(m, q, x->context, x->kv_x2, usable(x), ram, p, err);
}

/* What `weir bench` measured here; of another device than this machine nothing is. */
static bool find_measured(const struct fitting *x, const struct model *m,
                          struct bench_kept_row *ret)
{
    return !options_has(x->o, "--device") && !options_has(x->o, "--memory") &&
           measured_find(x->f->models, m, quant_name(x->quant), NULL, ret);
}

static void add_measured(struct fitting *x, const struct bench_kept_row *row)
{
    report_add(x->r, &(struct report_value){
                         .key = "measured",
                         .label = "measured here",
                         .text = pace(x, row->stream_tok_s),
                         .number = report_fmt(x->r, "%.3f", row->stream_tok_s),
                         .unit = "tok/s",
                         .truth = TRUTH_MEASURED,
                         .source = report_fmt(x->r, "weir bench, run %llu, %s on %s",
                                              (unsigned long long)row->id, row->model,
                                              row->engine),
                         .date_days = measured_day(row),
                         .expires_days = REPORT_NO_DATE,
                         .note = "it stands before the estimate"});
}

static int one_model(struct fitting *x, const struct model *m, struct err *err)
{
    struct memory_plan p;
    struct bench_kept_row row;
    struct speed_load load;
    if (plan_of(x, m, x->quant, &p, err) < 0 ||
        speed_load_of(m, x->quant, 0, &load, err) < 0 || calibrate(x, &load, err) < 0)
        return -1;
    struct speed s = speed_for(x, &load, &p);
    bool is_measured = find_measured(x, m, &row);
    const char *name = report_fmt(x->r, "%.*s %s", STR_ARG(m->id), quant_name(x->quant));
    if (p.verdict == MEMORY_NEVER)
        report_answer(x->r, "%s does not fit: it needs %.1f GB of %.1f usable on %s.",
                      name, (double)p.need.total / 1e9, (double)p.usable / 1e9,
                      x->device_name);
    else
        report_answer(x->r, "%s %s: %.1f GB of %.1f usable on %s, %s %s tok/s.", name,
                      verdict_text(p.verdict), (double)p.need.total / 1e9,
                      (double)p.usable / 1e9, x->device_name,
                      is_measured ? "measured" : "about",
                      pace(x, is_measured ? row.stream_tok_s : s.estimate_tok_s));
    add_device(x);
    add_memory(x, &p);
    double now = x->free_gb * x->cards * GIB;
    if (now > 0 && (double)p.need.total > now && p.verdict == MEMORY_FITS)
        report_text(
            x->r,
            "Only %.1f GB are free now: end what uses the rest before you start it.",
            now / 1e9);
    if (m->context && x->context > m->context)
        report_text(x->r, "The model was made for %llu tokens; more needs care.",
                    (unsigned long long)m->context);
    report_section(x->r, "speed", "Speed, one stream");
    if (is_measured)
        add_measured(x, &row);
    if (p.verdict == MEMORY_NEVER)
        report_text(x->r, "unknown: it does not fit");
    else
        add_speed(x, &s, p.verdict == MEMORY_SPLITS);
    return p.verdict == MEMORY_NEVER ? 1 : 0;
}

static void use_case_row(struct fitting *x, size_t i)
{
    struct memory_plan p;
    struct speed_load load;
    struct err err;
    const struct model *m = models_find(x->f->models, str_of(use_cases[i].model));
    if (!m || plan_of(x, m, x->quant, &p, &err) < 0 ||
        speed_load_of(m, x->quant, 0, &load, &err) < 0)
        return;
    struct speed s = speed_for(x, &load, &p);
    bool runs = p.verdict != MEMORY_NEVER;
    const char *cells[] = {
        use_cases[i].use,
        report_fmt(x->r, "%.*s", STR_ARG(m->id)),
        report_fmt(x->r, "%s (said %s)", gb(x, (double)p.need.weights),
                   use_cases[i].said_gb),
        p.verdict == MEMORY_FITS     ? "yes"
        : p.verdict == MEMORY_SPLITS ? "split"
                                     : "no",
        runs ? report_fmt(x->r, "%s-%s", pace(x, s.low_tok_s), pace(x, s.high_tok_s))
             : "-",
        report_fmt(x->r, "%llu", (unsigned long long)p.largest_context),
    };
    report_row(x->r, cells);
}

/* Every named dense or expert model, in the largest quantisation that fits. */
static void larger_row(struct fitting *x, const struct model *m)
{
    enum quant own = quant_default(m); /* another one than Q4_K_M: nothing is better */
    enum quant tried[] = {QUANT_Q8_0, QUANT_Q6_K, QUANT_Q5_K_M, QUANT_Q4_K_M};
    if (own != QUANT_Q4_K_M)
        tried[0] = own;
    if (m->is_embedding)
        return;
    for (size_t i = 0; i < ARRAY_LEN(tried) && (i == 0 || own == QUANT_Q4_K_M); i++) {
        struct memory_plan p;
        struct speed_load load;
        struct err err;
        if (plan_of(x, m, tried[i], &p, &err) < 0 || p.verdict != MEMORY_FITS ||
            speed_load_of(m, tried[i], 0, &load, &err) < 0)
            continue;
        struct speed s = speed_for(x, &load, &p);
        const char *cells[] = {
            report_fmt(x->r, "%.*s", STR_ARG(m->id)), quant_name(tried[i]),
            gb(x, (double)p.need.total),
            report_fmt(x->r, "%s-%s", pace(x, s.low_tok_s), pace(x, s.high_tok_s)),
            report_fmt(x->r, "%llu", (unsigned long long)p.largest_context)};
        report_row(x->r, cells);
        return;
    }
}

static void all_models(struct fitting *x)
{
    static const char *const cases[] = {"use",  "recommended", "GB",
                                        "fits", "tok/s",       "context"};
    static const char *const largest[] = {"model", "quant", "GB", "tok/s", "context"};
    report_answer(x->r, "%s: %.1f GB usable for a model at %.0f GB/s.", x->device_name,
                  (double)usable(x) / 1e9, x->device.bandwidth_gbs);
    add_device(x);
    report_section(x->r, "uses", "By use: what an article recommends, checked here");
    report_table(
        x->r, "uses", cases, ARRAY_LEN(cases), TRUTH_COMPUTED,
        "sizes and speeds of weir; recommendations of \"When to Run Locally\", 2026",
        REPORT_NO_DATE);
    for (size_t i = 0; i < ARRAY_LEN(use_cases); i++)
        use_case_row(x, i);
    report_section(x->r, "largest", "What fits wholly, in its best quantisation");
    report_table(x->r, "largest", largest, ARRAY_LEN(largest), TRUTH_COMPUTED,
                 x->speed.source, REPORT_NO_DATE);
    for (size_t i = 0; i < models_count(x->f->models); i++)
        larger_row(x, models_at(x->f->models, i));
}

/* --- a model file --- */

static int read_gguf(struct fitting *x, const char *path, struct arena *a, struct gguf *g,
                     struct err *err)
{
    struct stat st;
    struct buf head;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) < 0 || !S_ISREG(st.st_mode)) {
        if (f)
            fclose(f);
        return err_set(err, ERR_CONFIG, "cannot_read", "--gguf: cannot read the file %s",
                       path);
    }
    buf_init(&head, GGUF_HEAD_MAX);
    size_t want = st.st_size < GGUF_HEAD_MAX ? (size_t)st.st_size : GGUF_HEAD_MAX;
    if (want && buf_reserve(&head, want))
        head.n = fread(head.p, 1, want, f);
    fclose(f);
    int rc = gguf_read(buf_view(&head), (uint64_t)st.st_size, a, g, err);
    buf_release(&head);
    (void)x;
    return rc;
}

static int one_file(struct fitting *x, const char *path, struct err *err)
{
    struct arena a;
    struct gguf g = {0};
    arena_init(&a, 1 << 20);
    if (read_gguf(x, path, &a, &g, err) < 0) {
        arena_reset(&a);
        return -1;
    }
    struct memory_plan p = {.usable = usable(x)};
    p.need.weights = g.tensor_bytes;
    p.need.kv = model_kv_bytes(&g.shape, x->context, x->kv_x2);
    p.need.compute = (g.shape.vocab + g.shape.hidden) * 2048;
    p.need.total = p.need.weights + p.need.kv + p.need.compute;
    p.verdict = p.need.total <= p.usable ? MEMORY_FITS : MEMORY_SPLITS;
    p.device_share = p.verdict == MEMORY_FITS
                         ? 1.0
                         : fmin(1.0, (double)p.usable / (double)p.need.total);
    struct speed_load load = {(double)g.read_bytes, 0, (double)g.shape.layers,
                              (double)g.shape.hidden};
    int rc = calibrate(x, &load, err);
    struct speed s = speed_for(x, &load, &p);
    report_answer(x->r,
                  "%.*s (%s, %llu tensors) %s: %.2f GB of %.2f usable on %s, about "
                  "%s tok/s.",
                  STR_ARG(g.shape.id), g.main_type, (unsigned long long)g.tensors,
                  verdict_text(p.verdict), (double)p.need.total / 1e9,
                  (double)p.usable / 1e9, x->device_name, pace(x, s.estimate_tok_s));
    add_device(x);
    add_memory(x, &p);
    report_section(x->r, "speed", "Speed, one stream");
    add_speed(x, &s, p.verdict == MEMORY_SPLITS);
    arena_reset(&a);
    return rc;
}

static int fit_with(struct options *o, const struct facts *f)
{
    struct err err;
    struct fitting x = {.o = o, .f = f};
    const char *gguf = options_get(o, "--gguf");
    int rc = 0;
    if (o->nwords > 1 || (o->nwords && gguf))
        return options_fault(o->command,
                             "give one model, in quotes if its name has blanks");
    if (options_has(o, "--measured") && !o->nwords && !gguf)
        return options_fault(o->command,
                             "--measured: name the model it was measured with");
    x.r = report_create("fit", "What fits, and how fast");
    if (!x.r)
        return EXIT_NO;
    struct model_answer a = {.n = 0};
    if (o->nwords)
        rc = models_choose(f->models, str_of(o->words[0]), &a, &err);
    const struct model *m = a.n ? a.choices[0] : NULL;
    x.named_quant = a.quant;
    x.model = m;
    if (rc == 0)
        rc = fit_choose(&x, &err);
    if (rc == 0 && gguf)
        rc = one_file(&x, gguf, &err);
    else if (rc == 0 && m)
        rc = one_model(&x, m, &err);
    else if (rc == 0)
        all_models(&x);
    if (rc < 0) {
        report_free(x.r);
        return value_fault(o, &err);
    }
    return output_report(o, x.r, rc ? EXIT_NO : EXIT_YES);
}

static int run(int argc, char **argv)
{
    struct options o;
    struct facts f;
    struct err err;
    int rc;
    if (!options_read(&o, &cmd_fit, argc, argv, &rc))
        return rc;
    if (facts_load(&f, options_get(&o, "--facts"), &err) < 0)
        return value_fault(&o, &err);
    rc = options_has(&o, "--eval") ? fit_evaluate(&o, &f, options_get(&o, "--eval"))
                                   : fit_with(&o, &f);
    facts_release(&f);
    return rc;
}

const struct command cmd_fit = {
    .name = "fit",
    .summary = "which model, quantisation and context fit this machine, and how fast",
    .usage = "[MODEL] [--device NAME] [--quant NAME] [--context TOKENS]",
    .details = fit_details,
    .options = fit_options,
    .noptions = ARRAY_LEN(fit_options),
    .run = run,
};
