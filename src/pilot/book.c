/* book.c -- see book.h. */
#include "pilot/book.h"

#include "core/mem.h"

#include <math.h>
#include <string.h>

enum { SCOPES = 1 + PILOT_TASKS, FIRST_PAIRS = 256 };

const char *pilot_task_name(unsigned task)
{
    return task == PILOT_CALLS ? "calls" : task_name((enum task)task);
}

unsigned pilot_task_of(struct str name)
{
    unsigned task = 0;
    while (task < PILOT_TASKS && !str_eqz(name, pilot_task_name(task)))
        task++;
    return task;
}

const char *pilot_check_name(enum pilot_check c)
{
    static const char *const names[PILOT_CHECKS] = {
        "unknown", "rules", "same", "same-call", "judge", "people", "code"};
    return names[c];
}

double pilot_corrected(double judged, double label, double kept)
{
    return judged + (label - judged) / kept;
}

double pilot_bound(double kept)
{
    return kept > 0 ? 2 / kept - 1 : 1;
}

int pilot_book_init(struct pilot_book *b, const struct pilot_bar *bar)
{
    *b = (struct pilot_book){.bar = *bar};
    b->low = mem_zalloc(SCOPES * sizeof *b->low);
    b->high = mem_zalloc(SCOPES * sizeof *b->high);
    if (!b->low || !b->high) {
        pilot_book_release(b);
        return -1;
    }
    for (size_t i = 0; i < SCOPES; i++) {
        double alpha = i ? bar->alpha / PILOT_TASKS : bar->alpha;
        evidence_init(&b->low[i], bar->margin, alpha, pilot_bound(bar->kept));
        evidence_init(&b->high[i], bar->margin, alpha, pilot_bound(bar->kept));
    }
    return 0;
}

void pilot_book_release(struct pilot_book *b)
{
    mem_free(b->pairs);
    mem_free(b->low);
    mem_free(b->high);
    *b = (struct pilot_book){.n = 0};
}

/* The least and the most that it may count as.  False: a person is waited for. */
static bool count_as(const struct pilot_book *b, const struct pilot_pair *p, double *low,
                     double *high)
{
    if (p->check == PILOT_UNKNOWN) {
        *low = -1;
        *high = 1;
        return true;
    }
    *low = *high = (double)p->score;
    if (!p->is_kept)
        return true;
    *low = *high = pilot_corrected((double)p->score, (double)p->label, b->bar.kept);
    return p->has_label;
}

static void advance(struct pilot_book *b)
{
    double low, high;
    for (; b->next < b->n && count_as(b, &b->pairs[b->next], &low, &high); b->next++) {
        size_t scope = 1 + (size_t)b->pairs[b->next].task;
        evidence_add(&b->low[0], low);
        evidence_add(&b->high[0], high);
        evidence_add(&b->low[scope], low);
        evidence_add(&b->high[scope], high);
    }
}

static bool make_room(struct pilot_book *b)
{
    size_t cap = b->cap ? 2 * b->cap : FIRST_PAIRS;
    if (b->n < b->cap)
        return true;
    struct pilot_pair *more = mem_realloc(b->pairs, cap * sizeof *more);
    if (!more)
        return false;
    b->pairs = more;
    b->cap = cap;
    return true;
}

int pilot_book_add(struct pilot_book *b, const struct pilot_pair *p)
{
    if (!make_room(b))
        return -1;
    b->pairs[b->n++] = *p;
    advance(b);
    return 0;
}

bool pilot_book_label(struct pilot_book *b, size_t pair, double label)
{
    struct pilot_pair *p = pair < b->n ? &b->pairs[pair] : NULL;
    if (!p || !p->is_kept || p->has_label)
        return false;
    p->label = (float)label;
    p->has_label = true;
    advance(b);
    return true;
}

enum verdict_of_pilot pilot_book_verdict(const struct pilot_book *b, size_t scope)
{
    if (evidence_verdict(&b->low[scope]) == PILOT_ACCEPT)
        return PILOT_ACCEPT;
    return evidence_verdict(&b->high[scope]) == PILOT_REJECT ? PILOT_REJECT
                                                             : PILOT_UNDECIDED;
}

void pilot_book_interval(const struct pilot_book *b, size_t scope, double *ret_low,
                         double *ret_high, double *ret_mean)
{
    double ignored, low = evidence_mean(&b->low[scope]);
    evidence_interval(&b->low[scope], ret_low, &ignored);
    evidence_interval(&b->high[scope], &ignored, ret_high);
    *ret_mean = low == evidence_mean(&b->high[scope]) ? low : NAN;
}

size_t pilot_book_counted(const struct pilot_book *b, size_t scope)
{
    return (size_t)b->low[scope].seen.n;
}
