/* train_ledger.c -- rows of the ledger in, outcomes, an adapter out. */
#include "cmd/decide/train_ledger.h"

#include "cmd/lib/output.h"
#include "cmd/lib/say.h"
#include "cmd/lib/state_dir.h"
#include "core/mem.h"
#include "ledger/ledger.h"
#include "route/learned/adapter_file.h"
#include "route/learned/noted.h"
#include "route/train/adapt_own.h"
#include "json/write.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_OUTPUT_BYTES = 4096, TOLD = 5 };
static const float most_weight = 10, of_reask = 1.0f / 3;

/* Where an outcome comes from. */
enum lesson_source {
    SAID_GOOD,
    SAID_BAD,
    SAID_EDITED,
    SAID_REGENERATE,
    ASKED_AGAIN,
    JUDGED_KEPT,
    JUDGED_WEAK,
    SOURCES
};
static const char *const source_names[SOURCES] = {
    "good", "bad", "edited", "regenerate", "reask", "judged_kept", "judged_weak"};

struct lesson {
    struct adapt_own_row own;
    uint32_t weights, models;
    enum lesson_source source;
};

struct gathered {
    struct lesson *v;
    size_t n, cap;
    uint64_t scored;          /* rows that have what a score was made of */
    uint64_t of_others;       /* outcomes of other weights or local models */
    uint64_t by[SOURCES];     /* those that are left */
    uint32_t weights, models; /* of the newest scored row */
    bool has_failed;          /* no memory */
};

static enum lesson_source source_said(enum feedback said)
{
    static const enum lesson_source sources[FEEDBACK_KINDS] = {
        [FEEDBACK_GOOD] = SAID_GOOD,     [FEEDBACK_BAD] = SAID_BAD,
        [FEEDBACK_EDITED] = SAID_EDITED, [FEEDBACK_REGENERATE] = SAID_REGENERATE,
        [FEEDBACK_REASK] = ASKED_AGAIN,
    };
    return said > FEEDBACK_NONE && said < FEEDBACK_KINDS ? sources[said] : SOURCES;
}

/* What the row says of a local answer; SOURCES: nothing.  What somebody said of a local
 * answer counts before how it was judged. */
static enum lesson_source source_of(const struct ledger_row *r, const struct noted *n)
{
    enum lesson_source said = source_said(r->feedback);
    if (r->has_engine && r->side == SIDE_LOCAL && r->outcome == OUTCOME_OK &&
        said < SOURCES)
        return said;
    return !n->is_judged ? SOURCES : n->is_good ? JUDGED_KEPT : JUDGED_WEAK;
}

static struct lesson *one_more(struct gathered *g)
{
    return mem_room(&g->v, sizeof *g->v, g->n, &g->cap, SIZE_MAX) ? &g->v[g->n++] : NULL;
}

static int take(void *ctx, const struct ledger_row *r)
{
    struct gathered *g = ctx;
    struct noted n;
    if (!noted_get(r->noted, &n))
        return 0;
    enum lesson_source source = source_of(r, &n);
    g->scored++;
    g->weights = n.weights;
    g->models = n.models;
    if (source == SOURCES)
        return 0;
    struct lesson *o = one_more(g);
    g->has_failed = !o;
    if (!o)
        return 1;
    float by_chance = (float)NOTED_CHANCE / (float)n.chance;
    *o = (struct lesson){
        .own = {.row = {.in = n.in,
                        .weight = fminf(most_weight, by_chance) *
                                  (source == ASKED_AGAIN ? of_reask : 1),
                        .suffices = source == SAID_GOOD || source == JUDGED_KEPT},
                .conversation = r->open.session ? r->open.session : r->open.uid},
        .weights = n.weights,
        .models = n.models,
        .source = source};
    return 0;
}

/* Those of the weights and models that are in use, as rows to fit. */
static struct adapt_own_row *rows_of(struct gathered *g, size_t *ret_n)
{
    struct adapt_own_row *rows = mem_alloc((g->n + 1) * sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; rows && i < g->n; i++) {
        const struct lesson *o = &g->v[i];
        bool is_ours = o->weights == g->weights && o->models == g->models;
        g->of_others += !is_ours;
        if (!is_ours)
            continue;
        g->by[o->source]++;
        rows[n++] = o->own;
    }
    *ret_n = n;
    return rows;
}

/* -- showing --------------------------------------------------------------------------
 */

/* The weights that moved most, largest first. */
static void find_moved(const struct adapter *a, unsigned moved[TOLD])
{
    const struct adapter base = adapter_base();
    bool is_told[ADAPTER_SIZE] = {false};
    for (size_t i = 0; i < TOLD; i++) {
        unsigned best = ADAPTER_SIZE;
        for (unsigned k = 0; k < ADAPTER_SIZE; k++)
            if (!is_told[k] &&
                (best == ADAPTER_SIZE ||
                 fabsf(a->x[k] - base.x[k]) > fabsf(a->x[best] - base.x[best])))
                best = k;
        is_told[best] = true;
        moved[i] = best;
    }
}

static void say_changes(const struct adapter *a)
{
    const struct adapter base = adapter_base();
    unsigned moved[TOLD];
    find_moved(a, moved);
    printf("What changed most:\n");
    for (size_t i = 0; i < TOLD; i++) {
        double by = (double)(a->x[moved[i]] - base.x[moved[i]]);
        if (moved[i] == 0)
            printf("  local answers suffice %s often than the weights say (%+.2f)\n",
                   by > 0 ? "more" : "less", by);
        else if (moved[i] == 1)
            printf("  what the weights say counts %s (%+.2f)\n", by > 0 ? "more" : "less",
                   by);
        else
            printf("  more of \"%s\" speaks for the %s side (%+.2f)\n",
                   adapter_weight_name(moved[i]), by > 0 ? "local" : "cloud", by);
    }
}

static void say_used(const struct gathered *g, const struct adapt_own *r)
{
    printf("%zu outcomes of %llu scored requests, in %zu conversations:", r->n,
           (unsigned long long)g->scored, r->nconversations);
    for (size_t s = 0; s < SOURCES; s++)
        if (g->by[s])
            printf(" %llu %s", (unsigned long long)g->by[s], source_names[s]);
    printf("%s\n", r->n ? "" : " none");
    if (g->of_others)
        printf("%llu more are of other weights or other local models than those in use, "
               "and say nothing of these.\n",
               (unsigned long long)g->of_others);
    if (r->n)
        printf("log loss, held out: %.4f by the weights alone, %.4f with the adapter "
               "(standard error of the difference %.4f)\n",
               r->loss_before, r->loss_after, r->error);
}

static void say_why_not(const struct gathered *g, const struct adapt_own *r)
{
    if (g->scored == 0)
        printf("No row says what its score was made of: set policy: learned and learned: "
               "{learn: rows}, and come back when there are outcomes.\n");
    else if (r->n < ADAPT_OWN_LEAST)
        printf("Fewer than %d outcomes say less than their noise: nothing is written. "
               "Outcomes come from escalate: {when: always} and from POST "
               "/v1/feedback.\n",
               ADAPT_OWN_LEAST);
    else
        printf("That is no clear gain: nothing is written.\n");
}

static void write_number(struct json_writer *w, const char *key, double v)
{
    json_key(w, key);
    json_double(w, v);
}

static void write_count(struct json_writer *w, const char *key, uint64_t v)
{
    json_key(w, key);
    json_u64(w, v);
}

static void write_changes(struct json_writer *w, const struct adapter *a)
{
    const struct adapter base = adapter_base();
    json_key(w, "changes");
    json_array_open(w);
    for (unsigned k = 0; k < ADAPTER_SIZE; k++) {
        json_object_open(w);
        json_key(w, "weight");
        json_str(w, str_of(adapter_weight_name(k)));
        write_number(w, "by", (double)(a->x[k] - base.x[k]));
        json_object_close(w);
    }
    json_array_close(w);
}

static bool print_json(const struct gathered *g, const struct adapt_own *r,
                       const struct adapter *a, bool is_written)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, 64 * 1024);
    json_writer_init(&w, &out);
    json_object_open(&w);
    write_count(&w, "scored", g->scored);
    write_count(&w, "outcomes", r->n);
    write_count(&w, "conversations", r->nconversations);
    write_count(&w, "of_others", g->of_others);
    json_key(&w, "by");
    json_object_open(&w);
    for (size_t s = 0; s < SOURCES; s++)
        write_count(&w, source_names[s], g->by[s]);
    json_object_close(&w);
    write_number(&w, "loss_before", r->loss_before);
    write_number(&w, "loss_after", r->loss_after);
    write_number(&w, "error", r->n ? r->error : NAN);
    json_key(&w, "written");
    json_bool(&w, is_written);
    if (is_written)
        write_changes(&w, a);
    json_object_close(&w);
    bool ok = !out.failed;
    if (ok)
        say_json(stdout, buf_view(&out));
    buf_release(&out);
    return ok;
}

/* -- the command ----------------------------------------------------------------------
 */

static int finish(const struct options *o, const struct gathered *g,
                  const struct adapt_own *r, const struct adapter *a)
{
    const char *path = options_get(o, "--out");
    struct buf out;
    buf_init(&out, MAX_OUTPUT_BYTES);
    if (r->is_better)
        adapter_write(a, g->weights, &out);
    bool is_written = r->is_better && !out.failed && output_write(path, buf_view(&out));
    int why = out.failed ? ENOMEM : errno;
    buf_release(&out);
    if (options_has(o, "--json")) {
        if (!print_json(g, r, a, is_written))
            return EXIT_NO;
    } else {
        say_used(g, r);
        if (!r->is_better)
            say_why_not(g, r);
        else
            say_changes(a);
        if (is_written)
            say(stdout, "An adapter in %s: learned: {adapter: %s} uses it.", path, path);
    }
    if (r->is_better && !is_written)
        say(stderr, "weir train router: cannot write %s: %s", path, strerror(why));
    return is_written ? EXIT_YES : EXIT_NO;
}

static int tell(const struct err *err)
{
    say(stderr, "weir train router: %s", err->msg);
    return EXIT_NO;
}

static int fit(const struct options *o, struct gathered *g)
{
    const struct adapter base = adapter_base();
    struct adapter adapter;
    struct adapt_own report = {0};
    struct err err = {0};
    size_t n;
    struct adapt_own_row *rows = rows_of(g, &n);
    int rc = rows ? adapt_own(rows, n, &base, &adapter, &report, &err) : err_nomem(&err);
    mem_free(rows);
    return rc < 0 ? tell(&err) : finish(o, g, &report, &adapter);
}

int train_ledger(const struct options *o)
{
    char dir[STATE_DIR_BYTES];
    struct gathered g = {.n = 0};
    struct err err = {0};
    if (!state_dir_find(options_get(o, "--state-dir"), dir))
        return options_fault(o->command, STATE_DIR_FAULT);
    const struct ledger_query q = {.state_dir = str_of(dir), .wants_noted = true};
    int rc = ledger_read(&q, take, &g, &err);
    if (rc == 0 && g.has_failed)
        rc = err_nomem(&err);
    int code = rc < 0 ? tell(&err) : fit(o, &g);
    mem_free(g.v);
    return code;
}
