/* bench_runs.c -- see bench_runs.h. */
#include "cmd/decide/bench_runs.h"

#include "core/mem.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { BAR_COLUMNS = 24, TRACE_BYTES = 8 << 20, IDLE_MS = 1000 };

static volatile sig_atomic_t was_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    was_interrupted = 1;
}

/* One run, as it is watched. */
struct watching {
    struct benching *b;
    struct bench_row *row;
    struct buf lines; /* of --trace */
    char load[BENCH_LOAD_BYTES];
    bool is_tty, is_metered;
};

static void write_lines(struct watching *w)
{
    struct str all = buf_view(&w->lines);
    if (w->b->traces)
        fwrite(all.p, 1, all.n, w->b->traces);
    buf_clear(&w->lines);
}

static int on_ended(void *ctx, const struct bench_trace *t, struct err *err)
{
    struct watching *w = ctx;
    if (w->b->traces) {
        bench_trace_write(t, str_of(w->row->target), str_of(w->row->workload),
                          str_of(w->load), &w->lines);
        if (buf_len(&w->lines) > TRACE_BYTES)
            write_lines(w);
    }
    return bench_summary_add(&w->row->summary, t, err);
}

static void on_begun(void *ctx)
{
    const struct watching *w = ctx;
    if (w->is_metered)
        bench_power_begin(w->b->power);
}

static bool on_progress(void *ctx, uint32_t done, uint32_t of, uint64_t elapsed_us)
{
    const struct watching *w = ctx;
    if (w->is_metered && elapsed_us)
        bench_power_look(w->b->power);
    if (w->is_tty) {
        char bar[BAR_COLUMNS + 1], left[32] = "";
        uint32_t full = of ? (uint32_t)((uint64_t)done * BAR_COLUMNS / of) : 0;
        for (uint32_t i = 0; i < BAR_COLUMNS; i++)
            bar[i] = i < full ? '#' : '.';
        bar[BAR_COLUMNS] = '\0';
        if (done && done < of)
            snprintf(left, sizeof left, ", %.0f s left",
                     (double)elapsed_us / 1e6 * (of - done) / done);
        fprintf(stderr, "\r%-32.32s %-8.8s [%s] %u/%u%s\033[K", w->row->target,
                w->row->workload, bar, done, of, left);
    }
    return was_interrupted != 0;
}

/* Only what works on this machine draws its power here; says in the row why not. */
static bool is_metered(struct benching *b, const struct bench_target *t,
                       struct bench_energy *ret)
{
    bool is_here = bench_target_is_here(t);
    *ret = (struct bench_energy){.joules = NAN, .seconds = NAN, .idle_watts = NAN};
    snprintf(ret->words, sizeof ret->words, "%s",
             is_here ? "no memory for it" : "it does not work on this machine");
    return is_here && b->power;
}

static int run_one(struct benching *b, struct bench_target *t, size_t workload,
                   const struct bench_load *load, struct err *err)
{
    struct bench_row *row = &b->sheet.rows[b->sheet.n];
    const char *name = b->workload_names[workload], *slash = strrchr(name, '/');
    struct watching w = {.b = b, .row = row, .is_tty = isatty(STDERR_FILENO)};

    const struct bench_ears ears = {.begun = on_begun, .ended = on_ended, .ctx = &w};
    *row = (struct bench_row){.target = t->title,
                              .workload = slash ? slash + 1 : name,
                              .engine = t->model->engine->name,
                              .model = t->model->name,
                              .load = *load,
                              .is_simulated = t->model->engine->kind == ENGINE_SIM,
                              .is_paid = bench_target_is_paid(t),
                              .is_relayed = t->relay != NULL,
                              .is_price_known = t->likely_nanousd >= 0};
    const struct bench_ask ask = {
        .endpoint = t->endpoint,
        .speaks = t->speaks,
        .is_relayed = t->relay != NULL,
        .prompts = t->prompts,
        .nprompts = t->nprompts,
        .load = *load,
        .warmups = (uint32_t)b->warmups,
        .max_nanousd = b->max_nanousd < 0 ? -1 : b->max_nanousd - b->spent_nanousd,
        .cost = bench_target_cost,
        .cost_ctx = t,
        .ears = &ears,
        .progress = on_progress,
        .ctx = &w};
    w.is_metered = is_metered(b, t, &row->energy);
    b->sheet.n++;
    bench_load_words(load, w.load);
    buf_init(&w.lines, 2 * TRACE_BYTES);
    bench_summary_begin(&row->summary, load, b->sheet.as, &b->sheet.slo);
    int rc = bench_run(&ask, &row->result, err);
    bench_summary_end(&row->summary, &row->result);
    if (w.is_metered)
        bench_power_end(b->power, &row->energy);
    write_lines(&w);
    buf_release(&w.lines);
    if (w.is_tty)
        fprintf(stderr, "\r\033[K");
    b->spent_nanousd += row->result.cost_nanousd;
    b->is_stopped |= row->result.is_stopped;
    return rc;
}

/* A sweep ends one step behind its knee. */
static bool is_past_knee(const struct benching *b, size_t first)
{
    struct bench_knee knee;
    return b->is_sweep && (bench_sweep(&b->sheet, first, &knee), knee.is_reached);
}

/* Where there is a meter, a second of nothing comes first. */
static void open_power(struct benching *b)
{
    const char *root = NULL;
    bool is_any = false;
#ifdef WEIR_TEST_HOOKS
    root = getenv("WEIR_POWERCAP");
#endif
    for (size_t i = 0; i < b->ntargets; i++)
        is_any |= bench_target_is_here(&b->targets[i]);
    b->power = is_any ? bench_power_open(root, NULL) : NULL;
    if (b->power)
        bench_power_idle(b->power, IDLE_MS);
}

/* Cloud engines of the configuration are asked through a weir, which is found or
 * started. */
static int open_gateway(struct benching *b, struct err *err)
{
    sigset_t interrupt;
    for (size_t i = 0; i < b->ntargets; i++) {
        struct bench_target *t = &b->targets[i];
        if (!bench_target_wants_relay(t))
            continue;
        const char *key = getenv("WEIR_API_KEY");
        bool is_first = !b->has_gateway;
        b->has_gateway = true;
        if (is_first && asked_gateway_open(&b->gateway, b->house.config_path,
                                           key && *key ? key : NULL, err) < 0)
            return -1;
        bench_target_relay(t, &b->gateway);
    }
    /* Its threads leave both to this one. */
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigaddset(&interrupt, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
    return 0;
}

int bench_runs(struct benching *b, struct err *err)
{
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    if (open_gateway(b, err) < 0)
        return -1;
    open_power(b);
    size_t room = b->ntargets * b->nworkloads * b->nloads;
    b->sheet.rows = mem_zalloc(room * sizeof *b->sheet.rows);
    if (!b->sheet.rows)
        return err_nomem(err);
    for (size_t w = 0; w < b->nworkloads; w++)
        for (size_t i = 0; i < b->ntargets; i++) {
            struct bench_target *t = &b->targets[i];
            size_t first = b->sheet.n;
            if (bench_target_load(t, &b->workloads[w], b->sheet.has_mark, err) < 0)
                return -1;
            for (size_t l = 0; l < b->nloads && !b->is_stopped; l++) {
                if (run_one(b, t, w, &b->loads[l], err) < 0)
                    return -1;
                if (is_past_knee(b, first))
                    break;
            }
        }
    return 0;
}

void bench_runs_release(struct benching *b)
{
    bench_power_close(b->power);
    b->power = NULL;
    if (b->has_gateway)
        asked_gateway_close(&b->gateway);
    b->has_gateway = false;
    for (size_t i = 0; i < b->sheet.n; i++)
        bench_summary_release(&b->sheet.rows[i].summary);
    mem_free(b->sheet.rows);
    b->sheet.rows = NULL;
    b->sheet.n = 0;
}
