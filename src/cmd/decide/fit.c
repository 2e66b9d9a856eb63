/* fit.c -- weir fit: what fits this machine, and how fast it would be. */
#include "cmd/decide/fit_choose.h"
#include "cmd/decide/fit_eval.h"
#include "cmd/decide/fit_list.h"
#include "cmd/decide/fit_show.h"
#include "cmd/decide/measured.h"
#include "cmd/lib/commands.h"
#include "cmd/lib/output.h"
#include "cmd/lib/values.h"
#include "core/buf.h"
#include "facts/facts.h"
#include "fit/gguf.h"

#include <sys/stat.h>

static const struct command_option fit_options[] = {
    {"--device", "NAME", "Reckon for this device, not this machine. May be repeated."},
    {"--memory", "GB", "Its memory, when it differs from the device list."},
    {"--ram", "GB", "Main memory for what spills; default this machine's, else 32."},
    {"--quant", "NAME", "Quantisation; default Q4_K_M, or the one it was published in."},
    {"--context", "TOKENS", "Of each slot; default 8192, or what fits, from 4096 on."},
    {"--parallel", "N", "Slots: so many requests at a time; default 1."},
    {"--kv", "TYPE", "Keys and values as f16, q8_0, q5_1 or q4_0; default f16."},
    {"--split", "HOW", "Over several devices: layers (default) or tensors."},
    {"--experts-in-ram", NULL, "A mixture of experts keeps its experts in main memory."},
    {"--draft", "MODEL", "A smaller model of the same vocabulary that proposes tokens."},
    {"--draft-accept", "PERCENT", "Of its proposals; default 65, between 53 and 80."},
    {"--measured", "TOK_S", "Calibrate by this speed, measured with MODEL and --quant."},
    {"--also", "MODEL", "With --measured: what to expect of this model then."},
    {"--gguf", "FILE",
     "Read shape and sizes from this model file (of several parts, one)."},
    {"--all", NULL, "Without MODEL: list all that fit, not only the first twenty."},
    {"--eval", "FILE", "Judge the speed model on measured rows (data/speeds.json)."},
    OUTPUT_OPTIONS,
};

static const char fit_details[] =
    "Weights, keys and values and buffers are computed from the model's shape, without "
    "a\n"
    "download. Speed is for one stream, with an empty and with a full context; four of\n"
    "five measurements of others lie in its interval. One local measurement "
    "(--measured)\n"
    "narrows it, for other models too (--also).\n\n"
    "Without MODEL it lists what fits, first what one would try first: newer and larger\n"
    "before older and smaller. That is a rule of thumb; weir has no figures on "
    "quality.\n\n"
    "A model that is larger than its devices puts layers into main memory, a mixture of\n"
    "experts first its experts (as llama-server --n-cpu-moe does).\n\n"
    "  weir fit                                  this machine: what to try first\n"
    "  weir fit qwen2.5-14b --device \"RTX 4060\"\n"
    "  weir fit llama-3.3-70b --device \"2x RTX 3090\"\n"
    "  weir fit qwen2.5-32b --device \"RTX 3090\" --device \"RTX 3060 12GB\"\n"
    "  weir fit gpt-oss-120b --device \"RTX 4090\" --ram 96 --experts-in-ram\n"
    "  weir fit llama-3.1-8b --quant Q8_0 --context 32768 --parallel 4\n"
    "  weir fit --gguf model.gguf --device \"M4 Pro\" --memory 24";

/* --- one model --- */

/* Calibrates every device of the machine by what one run of `load` gave. */
static int calibrate(struct fitting *x, const struct speed_load *load,
                     const struct run *run, struct err *err)
{
    double measured = 0;
    if (!options_has(x->o, "--measured"))
        return 0;
    if (value_double(x->o, "--measured", &measured, err) < 0)
        return -1;
    if (x->machine.n > 1 || run->memory.verdict != MEMORY_FITS)
        return err_set(err, ERR_CONFIG, "bad_value",
                       "--measured: needs one device that holds the whole model; here it "
                       "would not say which part of the machine is slow");
    struct run_device *d = &x->machine.devices[0];
    struct speed_coefficients list = d->speed;
    double gbs = d->device->bandwidth_gbs;
    if (speed_calibrate(&list, load, gbs, measured, &d->speed, err) < 0)
        return -1;
    return speed_calibrate_others(&list, load, gbs, measured, &x->others, err);
}

/* In the quantisation that was asked for, else in the usual one of this model. */
static struct run_ask ask_for(const struct fitting *x, const struct model *m)
{
    struct run_ask ask = x->ask;
    ask.model = m;
    if (!x->quant_is_given)
        ask.quant = quant_default(m);
    return ask;
}

static int run_of(const struct fitting *x, struct run_ask *ask, struct run *ret,
                  struct err *err)
{
    if (x->context_is_given)
        return run_estimate(&x->machine, ask, ret, err);
    return run_estimate_usual(&x->machine, *ask, ret, &ask->kv.context, err);
}

static int measure(struct fitting *x, const struct run_ask *ask, struct run *run,
                   struct err *err)
{
    struct speed_load load;
    if (!options_has(x->o, "--measured"))
        return 0;
    if (speed_load_of(ask->model, ask->quant, ask->depth_tokens, &load, err) < 0 ||
        calibrate(x, &load, run, err) < 0)
        return -1;
    return run_estimate(&x->machine, ask, run, err);
}

static int also_model(struct fitting *x, struct err *err)
{
    const char *name = options_get(x->o, "--also");
    struct model_answer a;
    struct run run;
    if (!name)
        return 0;
    if (models_choose(x->f->models, str_of(name), &a, err) < 0)
        return -1;
    struct run_ask ask = ask_for(x, a.choices[0]);
    x->machine.devices[0].speed = x->others;
    if (run_of(x, &ask, &run, err) < 0)
        return -1;
    fit_show_also(x, &ask, &run);
    return 0;
}

/* What `weir bench` measured here; of another device than this machine nothing is. */
static bool find_measured(const struct fitting *x, const struct run_ask *ask,
                          struct bench_kept_row *ret)
{
    return !options_has(x->o, "--device") && !options_has(x->o, "--memory") &&
           measured_find(x->f->models, ask->model, quant_name(ask->quant), NULL, ret);
}

static int one_model(struct fitting *x, const struct model *m, struct err *err)
{
    struct run run;
    struct bench_kept_row row;
    struct run_ask ask = ask_for(x, m);
    if (fit_choose_draft(x, x->o, m, err) < 0)
        return -1;
    ask.draft = x->draft.model ? &x->draft : NULL;
    if (run_of(x, &ask, &run, err) < 0 || measure(x, &ask, &run, err) < 0)
        return -1;
    bool is_measured = find_measured(x, &ask, &row);
    const char *name = report_fmt(x->r, "%.*s %s", STR_ARG(m->id), quant_name(ask.quant));
    fit_show_answer(x, name, &ask, &run, is_measured ? &row : NULL);
    fit_show_machine(x);
    fit_show_memory(x, &ask, &run);
    fit_show_speed(x, &ask, &run, is_measured ? &row : NULL);
    if (also_model(x, err) < 0)
        return -1;
    return run.memory.verdict == MEMORY_NEVER ? 1 : 0;
}

/* --- a model file --- */

static int read_head(const char *path, struct buf *head, uint64_t *ret_bytes,
                     struct err *err)
{
    struct stat st;
    FILE *f = facts_open(path);
    if (!f || fstat(fileno(f), &st) < 0 || !S_ISREG(st.st_mode)) {
        if (f)
            fclose(f);
        return err_set(err, ERR_CONFIG, "cannot_read", "--gguf: cannot read the file %s",
                       path);
    }
    size_t want = st.st_size < GGUF_HEAD_MAX ? (size_t)st.st_size : GGUF_HEAD_MAX;
    head->n = 0;
    if (want && buf_reserve(head, want))
        head->n = fread(head->p, 1, want, f);
    *ret_bytes = (uint64_t)st.st_size;
    fclose(f);
    return 0;
}

/* "NAME-00001-of-00003.gguf": the path of another part, or NULL for other names. */
static const char *part_path(struct fitting *x, const char *path, unsigned part,
                             unsigned parts)
{
    struct str p = str_of(path);
    struct str mine = str_of(report_fmt(x->r, "-of-%05u.gguf", parts));
    if (!str_ends(p, mine) || p.n < mine.n + 6)
        return NULL;
    return report_fmt(x->r, "%.*s-%05u%.*s", (int)(p.n - mine.n - 6), path, part,
                      STR_ARG(mine));
}

static int read_parts(struct fitting *x, const char *path, struct buf *head,
                      struct gguf *g, struct err *err)
{
    for (unsigned part = 1; part <= g->parts; part++) {
        uint64_t bytes = 0;
        const char *other = part_path(x, path, part, g->parts);
        if (part == g->part)
            continue;
        if (!other)
            return err_set(err, ERR_CONFIG, "cannot_read",
                           "--gguf: the file is one part of %u; name it as it was "
                           "published, such as model-00001-of-%05u.gguf, beside the "
                           "others",
                           g->parts, g->parts);
        if (read_head(other, head, &bytes, err) < 0 ||
            gguf_read_part(buf_view(head), bytes, g, err) < 0)
            return -1;
    }
    return 0;
}

static int read_gguf(struct fitting *x, const char *path, struct arena *a, struct gguf *g,
                     struct err *err)
{
    struct buf head;
    uint64_t bytes = 0;
    buf_init(&head, GGUF_HEAD_MAX);
    int rc = read_head(path, &head, &bytes, err);
    if (rc == 0)
        rc = gguf_read(buf_view(&head), bytes, a, g, err);
    if (rc == 0 && g->parts > 1 && g->part != 1) {
        const char *first = part_path(x, path, 1, g->parts);
        rc = err_set(err, ERR_CONFIG, "bad_gguf",
                     "--gguf: this is part %u of %u; give the first part, which has the "
                     "shape%s%s",
                     g->part, g->parts, first ? ": " : "", first ? first : "");
    }
    if (rc == 0)
        rc = read_parts(x, path, &head, g, err);
    buf_release(&head);
    return rc;
}

static int one_file(struct fitting *x, const char *path, struct err *err)
{
    struct arena a;
    struct gguf g = {0};
    struct run run;
    arena_init(&a, 1 << 20);
    if (read_gguf(x, path, &a, &g, err) < 0) {
        arena_reset(&a);
        return -1;
    }
    struct run_ask ask = x->ask;
    struct memory_need need;
    struct speed_load load;
    ask.model = &g.shape;
    gguf_sizes(&g, &ask.kv, &need, &load);
    run_estimate_sizes(&x->machine, &ask, &need, &load, &run);
    int rc = calibrate(x, &load, &run, err);
    if (rc == 0) {
        run_estimate_sizes(&x->machine, &ask, &need, &load, &run);
        fit_show_answer(
            x,
            report_fmt(x->r, "%.*s (%s, %llu tensors%s)", STR_ARG(g.shape.id),
                       g.main_type, (unsigned long long)g.tensors,
                       g.parts > 1 ? report_fmt(x->r, ", %u parts", g.parts) : ""),
            &ask, &run, NULL);
        fit_show_machine(x);
        fit_show_memory(x, &ask, &run);
        fit_show_speed(x, &ask, &run, NULL);
    }
    arena_reset(&a);
    return rc < 0 ? -1 : run.memory.verdict == MEMORY_NEVER;
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
    if (options_has(o, "--also") && !options_has(o, "--measured"))
        return options_fault(o->command,
                             "--also: needs --measured, the speed of the first model");
    if (options_has(o, "--draft") && !o->nwords)
        return options_fault(o->command, "--draft: name the model that it drafts for");
    x.r = report_create("fit", "What fits, and how fast");
    if (!x.r)
        return EXIT_NO;
    struct model_answer a = {.n = 0};
    if (o->nwords)
        rc = models_choose(f->models, str_of(o->words[0]), &a, &err);
    const struct model *m = a.n ? a.choices[0] : NULL;
    x.named_quant = a.quant;
    if (rc == 0)
        rc = fit_choose(&x, &err);
    if (rc == 0 && gguf)
        rc = one_file(&x, gguf, &err);
    if (rc == 0 && !gguf)
        fit_learn_from_bench(&x, NULL);
    if (rc == 0 && !gguf && m)
        rc = one_model(&x, m, &err);
    else if (rc == 0 && !gguf)
        fit_list(&x);
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
    .usage = "[MODEL] [--device NAME]... [--quant NAME] [--context TOKENS]",
    .details = fit_details,
    .options = fit_options,
    .noptions = ARRAY_LEN(fit_options),
    .run = run,
};
