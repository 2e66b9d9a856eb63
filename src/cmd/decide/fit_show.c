/* fit_show.c -- the sections of weir fit's page. */
#include "cmd/decide/fit_show.h"

#include "cmd/decide/measured.h"
#include "facts/date.h"

const char *fit_gb(struct fitting *x, double bytes)
{
    return report_fmt(x->r, "%.2f", bytes / 1e9);
}

/* Slow machines deserve a decimal. */
static const char *pace(struct fitting *x, double tok_s)
{
    return tok_s < 10 ? report_fmt(x->r, "%.1f", tok_s) : report_fmt(x->r, "%.0f", tok_s);
}

const char *fit_range(struct fitting *x, const struct speed *s)
{
    return report_fmt(x->r, "%s-%s", pace(x, s->low_tok_s), pace(x, s->high_tok_s));
}

static void add_bytes(struct fitting *x, const char *key, const char *label, double bytes,
                      const char *source, const char *note)
{
    report_add(x->r, &(struct report_value){.key = key,
                                            .label = label,
                                            .text = fit_gb(x, bytes),
                                            .number = report_fmt(x->r, "%.0f", bytes),
                                            .unit = "GB",
                                            .truth = TRUTH_COMPUTED,
                                            .source = source,
                                            .date_days = REPORT_NO_DATE,
                                            .expires_days = REPORT_NO_DATE,
                                            .note = note});
}

/* Where the model lies when the devices do not hold all of it. */
static const char *placing(struct fitting *x, const struct run *run)
{
    const struct memory_plan *p = &run->memory;
    if (p->verdict != MEMORY_SPLITS)
        return "";
    if (p->experts_moved > 0 && p->device_share >= 1.0)
        return report_fmt(x->r, "; %s experts lie in main memory",
                          p->experts_moved >= 1.0 ? "all"
                                                  : report_fmt(x->r, "%.0f %% of the",
                                                               100 * p->experts_moved));
    return report_fmt(x->r, "; %.1f GB lie in main memory", (double)p->moved_bytes / 1e9);
}

static const char *beyond(struct fitting *x, const struct run_ask *ask,
                          const struct run *run)
{
    const struct model *m = ask->model;
    if (!m->context || run->full_tokens <= m->context)
        return "";
    return report_fmt(x->r, " The model was made for %llu tokens.",
                      (unsigned long long)m->context);
}

void fit_show_answer(struct fitting *x, const char *name, const struct run_ask *ask,
                     const struct run *run, const struct bench_kept_row *measured)
{
    static const char *const words[] = {"fits", "splits with main memory"};
    const struct memory_plan *p = &run->memory;
    double need = (double)(p->verdict == MEMORY_NEVER ? p->need.total : p->wanted) / 1e9;
    double usable = (double)p->usable / 1e9;
    if (p->verdict == MEMORY_NEVER)
        report_answer(
            x->r, "%s does not fit: it needs %.1f GB of %.1f usable on %s%s.", name, need,
            usable, x->device_name,
            x->machine.ram_gb > 0
                ? report_fmt(x->r, " and %.0f GB of main memory", 0.8 * x->machine.ram_gb)
                : "");
    else
        report_answer(
            x->r, "%s %s: %.1f GB of %.1f usable on %s%s, %s.%s", name, words[p->verdict],
            need, usable, x->device_name, placing(x, run),
            measured
                ? report_fmt(x->r, "measured %s tok/s", pace(x, measured->stream_tok_s))
                : report_fmt(x->r,
                             "about %s tok/s with %llu tokens in the context, %s at "
                             "its start",
                             pace(x, run->full_speed.estimate_tok_s),
                             (unsigned long long)run->full_tokens,
                             pace(x, run->speed.estimate_tok_s)),
            beyond(x, ask, run));
}

static void add_card(struct fitting *x, const struct run_device *card, size_t i)
{
    const struct device *d = card->device;
    const char *nth = i ? report_fmt(x->r, "_%zu", i + 1) : "";
    bool measured = d->kind == DEVICE_CPU && x->device_truth == TRUTH_MEASURED;
    report_add(x->r,
               &(struct report_value){
                   .key = report_fmt(x->r, "memory%s", nth),
                   .label = report_fmt(x->r, "memory of %.*s", STR_ARG(d->name)),
                   .text = report_fmt(x->r, "%.4g", card->memory_gb),
                   .number = report_fmt(x->r, "%.3f", card->memory_gb),
                   .unit = "GiB",
                   .truth = options_has(x->o, "--memory") ? TRUTH_GIVEN : x->device_truth,
                   .source = report_fmt(x->r, "%.*s", STR_ARG(d->source)),
                   .date_days = d->source_days,
                   .expires_days = REPORT_NO_DATE});
    report_add(x->r,
               &(struct report_value){
                   .key = report_fmt(x->r, "bandwidth%s", nth),
                   .label = "its bandwidth",
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

static void add_seen_by(struct fitting *x)
{
    report_add(x->r, &(struct report_value){.key = "found_by",
                                            .label = "found on this machine by",
                                            .text = x->seen_by,
                                            .unit = "",
                                            .truth = TRUTH_MEASURED,
                                            .source = "as its driver names it",
                                            .date_days = date_today(),
                                            .expires_days = REPORT_NO_DATE});
}

/* What does not lie on the cards lies here. */
static void add_ram(struct fitting *x)
{
    bool is_given = options_has(x->o, "--ram");
    bool is_here = !options_has(x->o, "--device");
    report_add(
        x->r, &(struct report_value){
                  .key = "ram",
                  .label = "main memory beside it",
                  .text = report_fmt(x->r, "%.4g", x->machine.ram_gb),
                  .number = report_fmt(x->r, "%.3f", x->machine.ram_gb),
                  .unit = "GiB",
                  .truth = is_given  ? TRUTH_GIVEN
                           : is_here ? TRUTH_MEASURED
                                     : TRUTH_RULE,
                  .source = is_given  ? "given by you"
                            : is_here ? "free on this machine at this moment"
                                      : "that of a usual machine; yours may have another",
                  .date_days = is_here ? date_today() : REPORT_NO_DATE,
                  .expires_days = REPORT_NO_DATE});
}

void fit_show_machine(struct fitting *x)
{
    report_section(x->r, "machine", "Machine");
    report_text(x->r, "%s", x->device_name);
    if (x->seen_by)
        add_seen_by(x);
    for (size_t i = 0; i < x->machine.n; i++)
        add_card(x, &x->machine.devices[i], i);
    if (x->machine.ram_gb > 0)
        add_ram(x);
    add_bytes(x, "usable", "usable for a model", (double)fit_usable(x),
              "memory less the usual margin of system and driver, whatever runs now",
              NULL);
    if (x->free_gb > 0)
        add_bytes(x, "free", "not in use at this moment", x->free_gb * GIB,
                  "of all its memory, as the driver or the kernel says",
                  "what fits is held against the usable memory, not against this");
    if (x->other_cards)
        report_text(x->r, "%u cards of this machine share main memory and are left out.",
                    x->other_cards);
}

static void add_context(struct fitting *x, const struct memory_plan *p)
{
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
}

static void add_kv(struct fitting *x, const struct run_ask *ask,
                   const struct memory_plan *p)
{
    unsigned slots = ask->kv.slots ? ask->kv.slots : 1;
    const char *label = report_fmt(
        x->r, "keys and values, %llu tokens%s", (unsigned long long)ask->kv.context,
        slots > 1 ? report_fmt(x->r, " in %u slots", slots) : "");
    const char *note = ask->model->state_bytes ? "with the state of recurrent layers"
                       : ask->model->window_layers
                           ? "layers with a window hold little more than the window"
                           : NULL;
    add_bytes(x, "kv", label, (double)p->need.kv, "cells x layers x bytes, as llama.cpp",
              note);
}

void fit_show_memory(struct fitting *x, const struct run_ask *ask, const struct run *run)
{
    const struct memory_plan *p = &run->memory;
    const struct model *m = ask->model;
    double need = (double)p->need.total;
    report_section(x->r, "memory", "Memory");
    add_bytes(x, "weights", "weights", (double)p->need.weights,
              p->need.is_published ? "size of a published file"
                                   : "quantiser's mix replayed on the shape",
              p->need.is_approximate ? "approximate: this shape cannot be replayed"
                                     : NULL);
    if (p->need.draft)
        add_bytes(x, "draft", "of it the draft model", (double)p->need.draft,
                  "its weights, keys and values and buffer", NULL);
    add_kv(x, ask, p);
    add_bytes(x, "compute", "compute buffer", (double)p->need.compute,
              "(vocab + hidden) x 512 x 4 bytes, as llama.cpp", NULL);
    add_bytes(x, "need", "together", need, "sum of the three", NULL);
    if (p->wanted < p->need.total)
        add_bytes(x, "wanted", "of it on the card", (double)p->wanted,
                  "the table of words stays in main memory", NULL);
    add_context(x, p);
    if (p->verdict == MEMORY_SPLITS)
        add_bytes(x, "moved", "of it in main memory", (double)p->moved_bytes,
                  "what the devices do not hold",
                  p->experts_moved > 0 && p->device_share >= 1.0
                      ? report_fmt(x->r, "experts of %llu layers (--n-cpu-moe %llu)",
                                   (unsigned long long)run->expert_layers_moved,
                                   (unsigned long long)run->expert_layers_moved)
                      : report_fmt(x->r, "%llu layers stay on the devices (-ngl %llu)",
                                   (unsigned long long)run->layers_on_devices,
                                   (unsigned long long)run->layers_on_devices));
    struct report_bar bars[] = {
        {"weights", fit_gb(x, (double)p->need.weights), 0, (double)p->need.weights / 1e9},
        {"keys and values", fit_gb(x, (double)p->need.kv), 0, (double)p->need.kv / 1e9},
        {"compute buffer", fit_gb(x, (double)p->need.compute), 0,
         (double)p->need.compute / 1e9},
        {"needed on it", fit_gb(x, (double)p->wanted), 0, (double)p->wanted / 1e9},
        {"usable", fit_gb(x, (double)p->usable), 0, (double)p->usable / 1e9},
    };
    report_bars(x->r, "memory", "Needed and usable memory", "GB", 0, bars,
                ARRAY_LEN(bars));
    double now = x->free_gb * GIB;
    if (now > 0 && (double)p->wanted > now && p->verdict == MEMORY_FITS)
        report_text(
            x->r,
            "Only %.1f GB are free now: end what uses the rest before you start it.",
            now / 1e9);
    if (m->context && run->longest_prompt && ask->kv.context > m->context)
        report_text(x->r, "The model was made for %llu tokens; more needs care.",
                    (unsigned long long)m->context);
}

static const char *speed_note(struct fitting *x, const struct run *run)
{
    double gbs = x->machine.ram_gbs > 0 ? x->machine.ram_gbs : RAM_GBS_USUAL;
    if (run->memory.verdict == MEMORY_SPLITS)
        return report_fmt(x->r, "part is read from main memory at %.0f GB/s, %s", gbs,
                          x->machine.ram_gbs > 0 ? "measured" : "a rule of thumb");
    if (x->machine.devices[0].speed.is_measured)
        return x->machine.devices[0].speed.source;
    if (x->machine.n > 1)
        return x->ask.split == SPLIT_TENSORS
                   ? "all devices at once; no measured rows of that are carried"
                   : "one device after the other: layers are split";
    return NULL;
}

static void add_prefill(struct fitting *x, const struct run *run)
{
    bool rule = run->prefill_is_rule;
    report_add(x->r,
               &(struct report_value){
                   .key = "prefill",
                   .label = "prompts are read at about",
                   .text = pace(x, run->prefill_tok_s),
                   .number = report_fmt(x->r, "%.3f", run->prefill_tok_s),
                   .unit = "tok/s",
                   .truth = rule ? TRUTH_RULE : TRUTH_COMPUTED,
                   .source = rule ? "decode speed x what the family reads prompts faster"
                                  : "measured prompt speeds on this device, to 2026-11",
                   .date_days = REPORT_NO_DATE,
                   .expires_days = date_today() + 365,
                   .note = "short prompts; long ones are slower"});
}

static void add_streams(struct fitting *x, const struct run_ask *ask,
                        const struct run *run)
{
    if (ask->kv.slots <= 1)
        return;
    report_add(x->r, &(struct report_value){
                         .key = "all_streams",
                         .label = report_fmt(x->r, "%u requests at a time, together",
                                             ask->kv.slots),
                         .text = pace(x, run->all_streams_tok_s),
                         .number = report_fmt(x->r, "%.3f", run->all_streams_tok_s),
                         .unit = "tok/s",
                         .truth = TRUTH_RULE,
                         .source = "vLLM on an A100: 6.6 times at 8 streams",
                         .date_days = REPORT_NO_DATE,
                         .expires_days = date_today() + 365,
                         .note = "engines differ; measure with weir bench"});
}

static void add_speed(struct fitting *x, const char *key, const char *label,
                      const struct run *run, const struct speed *s)
{
    const struct speed_coefficients *c = &x->machine.devices[0].speed;
    report_add(x->r,
               &(struct report_value){
                   .key = key,
                   .label = label,
                   .text = report_fmt(x->r, "%s (%s to %s)", pace(x, s->estimate_tok_s),
                                      pace(x, s->low_tok_s), pace(x, s->high_tok_s)),
                   .number = report_fmt(x->r, "%.3f", s->estimate_tok_s),
                   .unit = "tok/s",
                   .truth = c->is_validated ? TRUTH_COMPUTED : TRUTH_RULE,
                   .source = c->source,
                   .date_days = REPORT_NO_DATE,
                   .expires_days = date_today() + 365,
                   .note = speed_note(x, run)});
}

/* What the other engine of a Mac reads: formats of the same bits. */
static bool other_format(const struct run_ask *ask, enum quant *ret)
{
    static const enum quant pairs[][2] = {{QUANT_Q4_K_M, QUANT_MLX_4},
                                          {QUANT_Q5_K_M, QUANT_MLX_5},
                                          {QUANT_Q6_K, QUANT_MLX_6},
                                          {QUANT_Q8_0, QUANT_MLX_8}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        for (int side = 0; side < 2; side++) {
            if (ask->quant != pairs[i][side])
                continue;
            *ret = pairs[i][1 - side];
            return true;
        }
    }
    return false;
}

/* On a Mac two engines are usual, and their formats differ in size. */
static void add_other_engine(struct fitting *x, const struct run_ask *ask)
{
    struct run_ask other = *ask;
    struct run run;
    struct err ignored;
    bool is_mac = x->machine.devices[0].device->kind == DEVICE_APPLE;
    if (!is_mac && quant_is_mlx(ask->quant))
        report_text(x->r, "MLX is Apple's engine; of other hardware no rows of it are "
                          "carried.");
    if (!is_mac || ask->model->params == 0 || !other_format(ask, &other.quant) ||
        run_estimate(&x->machine, &other, &run, &ignored) < 0 ||
        run.memory.verdict != MEMORY_FITS)
        return;
    add_speed(x, "other_engine",
              report_fmt(x->r, "by %s, %s",
                         quant_is_mlx(other.quant) ? "MLX" : "llama.cpp",
                         quant_name(other.quant)),
              &run, &run.speed);
}

static void add_drafted(struct fitting *x, const struct run_ask *ask,
                        const struct run *run)
{
    const struct run_drafted *d = &run->drafted;
    const char *accepted = ask->draft->acceptance > 0 ? "as you say" : "53 to 80";
    double usual = ask->draft->acceptance > 0 ? ask->draft->acceptance : DRAFT_ACCEPTED;
    double gain = d->speed.estimate_tok_s / run->speed.estimate_tok_s;
    report_add(
        x->r,
        &(struct report_value){
            .key = "drafted",
            .label =
                report_fmt(x->r, "with %.*s as draft", STR_ARG(ask->draft->model->id)),
            .text = report_fmt(x->r, "%s (%s to %s)", pace(x, d->speed.estimate_tok_s),
                               pace(x, d->speed.low_tok_s), pace(x, d->speed.high_tok_s)),
            .number = report_fmt(x->r, "%.3f", d->speed.estimate_tok_s),
            .unit = "tok/s",
            .truth = TRUTH_RULE,
            .source = "Leviathan and others 2023, equation 1 and table 3",
            .date_days = REPORT_NO_DATE,
            .expires_days = date_today() + 365,
            .note = report_fmt(
                x->r,
                "%.2f times: %u token%s proposed a step at %s tok/s, %.0f %% accepted "
                "(%s)%s",
                gain, d->length, d->length == 1 ? "" : "s", pace(x, d->draft_tok_s),
                100 * usual, accepted,
                ask->model->experts ? "; checking several tokens reads more experts"
                                    : "")});
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

void fit_show_speed(struct fitting *x, const struct run_ask *ask, const struct run *run,
                    const struct bench_kept_row *measured)
{
    report_section(x->r, "speed", "Speed, one stream");
    if (measured)
        add_measured(x, measured);
    if (run->memory.verdict == MEMORY_NEVER) {
        report_text(x->r, "unknown: it does not fit");
        return;
    }
    add_speed(x, "speed", "at the start of the context", run, &run->speed);
    add_speed(
        x, "full_speed",
        report_fmt(x->r, "with %llu tokens in it", (unsigned long long)run->full_tokens),
        run, &run->full_speed);
    if (ask->draft && run->drafted.length)
        add_drafted(x, ask, run);
    add_other_engine(x, ask);
    report_add(x->r, &(struct report_value){
                         .key = "ceiling",
                         .label = "ceiling",
                         .text = pace(x, run->speed.ceiling_tok_s),
                         .number = report_fmt(x->r, "%.3f", run->speed.ceiling_tok_s),
                         .unit = "tok/s",
                         .truth = TRUTH_COMPUTED,
                         .source = "bandwidth / bytes read for a token",
                         .date_days = REPORT_NO_DATE,
                         .expires_days = REPORT_NO_DATE});
    add_prefill(x, run);
    add_streams(x, ask, run);
}

void fit_show_also(struct fitting *x, const struct run_ask *ask, const struct run *run)
{
    const struct model *m = ask->model;
    report_section(x->r, "also", "Another model, by the same measurement");
    if (run->memory.verdict == MEMORY_NEVER)
        report_text(x->r, "%.*s %s does not fit.", STR_ARG(m->id),
                    quant_name(ask->quant));
    else
        add_speed(x, "also_speed",
                  report_fmt(x->r, "%.*s %s", STR_ARG(m->id), quant_name(ask->quant)),
                  run, &run->speed);
}
