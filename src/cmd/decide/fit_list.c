/* fit_list.c -- see fit_list.h. */
#include "cmd/decide/fit_list.h"

#include "cmd/decide/fit_show.h"
#include "core/mem.h"
#include "facts/date.h"
#include "fit/pick.h"

enum { SHOWN = 20 };

static const char order_source[] = "a rule of thumb: newer and larger first, half a year "
                                   "of release as much as twice the "
                                   "size (after arXiv 2412.04315, 2024-12)";

static const char *released(struct fitting *x, const struct model *m)
{
    char day[DATE_TEXT];
    if (m->released_days == MODEL_UNRELEASED)
        return "unknown";
    date_format(m->released_days, day);
    return report_fmt(x->r, "%.7s", day);
}

static const char *size_of(struct fitting *x, const struct pick *p)
{
    return fit_gb(x, (double)p->run.memory.wanted);
}

static void use_row(struct fitting *x, enum pick_use use, const struct pick *p)
{
    const char *cells[] = {
        pick_use_name(use),
        p ? report_fmt(x->r, "%.*s", STR_ARG(p->model->id)) : "none fits",
        p ? quant_name(p->quant) : "-",
        p ? size_of(x, p) : "-",
        p ? fit_range(x, &p->run.full_speed) : "-",
        p ? report_fmt(x->r, "%llu", (unsigned long long)p->run.memory.largest_context)
          : "-",
    };
    report_row(x->r, cells);
}

static void answer(struct fitting *x, const struct pick *picks, size_t n)
{
    const struct pick *first = NULL;
    for (size_t i = 0; i < n && !first; i++)
        if (pick_suits(&picks[i], PICK_CHAT))
            first = &picks[i];
    const char *advice =
        first ? report_fmt(x->r, "Try %.*s %s first, about %.0f tok/s",
                           STR_ARG(first->model->id), quant_name(first->quant),
                           first->run.full_speed.estimate_tok_s)
              : "No model that is known lies wholly on it";
    report_answer(x->r, "%s: %.1f GB usable for a model at %.0f GB/s. %s.",
                  x->device_name, (double)fit_usable(x) / 1e9,
                  x->machine.devices[0].device->bandwidth_gbs, advice);
    fit_show_machine(x);
}

static void uses(struct fitting *x, const struct pick *picks, size_t n)
{
    static const char *const columns[] = {"for", "model", "quant",
                                          "GB",  "tok/s", "largest context"};
    report_section(x->r, "uses", "What to try first");
    report_table(x->r, "uses", columns, ARRAY_LEN(columns), TRUTH_RULE, order_source,
                 REPORT_NO_DATE);
    for (int use = 0; use < PICK_USES; use++) {
        const struct pick *best = NULL;
        for (size_t i = 0; i < n && !best; i++)
            if (pick_suits(&picks[i], (enum pick_use)use))
                best = &picks[i];
        use_row(x, (enum pick_use)use, best);
    }
}

static void list(struct fitting *x, const struct pick *picks, size_t n)
{
    static const char *const columns[] = {"model", "from",  "quant",
                                          "GB",    "tok/s", "largest context"};
    size_t left = 0, shown = 0;
    report_section(x->r, "largest",
                   "What fits wholly, in its best quantisation: the first to try first");
    report_table(x->r, "largest", columns, ARRAY_LEN(columns), TRUTH_COMPUTED,
                 x->machine.devices[0].speed.source, REPORT_NO_DATE);
    for (size_t i = 0; i < n; i++) {
        const struct pick *p = &picks[i];
        if (p->model->is_embedding)
            continue;
        if (shown == SHOWN && !options_has(x->o, "--all")) {
            left++;
            continue;
        }
        const char *cells[] = {
            report_fmt(x->r, "%.*s", STR_ARG(p->model->id)),
            released(x, p->model),
            quant_name(p->quant),
            size_of(x, p),
            fit_range(x, &p->run.full_speed),
            report_fmt(x->r, "%llu", (unsigned long long)p->run.memory.largest_context),
        };
        report_row(x->r, cells);
        shown++;
    }
    if (left)
        report_text(x->r, "%zu more fit: weir fit --all lists them.", left);
}

void fit_list(struct fitting *x)
{
    size_t most = models_count(x->f->models);
    struct pick *picks = mem_alloc((most + 1) * sizeof *picks);
    struct pick_ask ask = {.run = x->ask,
                           .has_quant = x->quant_is_given,
                           .has_context = x->context_is_given};
    if (!picks)
        return;
    size_t n = picks_of(x->f->models, &x->machine, &ask, picks, most);
    answer(x, picks, n);
    uses(x, picks, n);
    list(x, picks, n);
    report_text(x->r,
                "tok/s: one stream with %s in it; the order is a rule of thumb, since no "
                "list has the quality of all models. weir compare asks several at once.",
                x->context_is_given ? "the whole context" : "8192 tokens, or what fits,");
    mem_free(picks);
}
