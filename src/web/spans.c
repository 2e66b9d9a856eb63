/* spans.c -- today and this month of the overview: sums by side and label, and what all
 * of it would have cost at one model.
 *
 * The days of the month that are over are kept, as they hardly ever change: their mark
 * says when they did. */
#include "web/room.h"

#include "core/mem.h"
#include "ledger/versus.h"

enum { NO_SIDE, AT_LOCAL, AT_CLOUD, NSIDES };
enum { LINES = 32, LABEL_TEXT = 16 };

static const char *const side_words[NSIDES] = {
    [NO_SIDE] = "", [AT_LOCAL] = "local", [AT_CLOUD] = "cloud"};

struct line {
    char label[LABEL_TEXT];
    int side;
    struct ledger_sums sums;
};

/* A span's sums by side and label, in this order. */
struct part {
    struct line lines[LINES];
    size_t n;
    struct ledger_sums beside;
    bool is_full; /* a line had no room */
};

struct web_past {
    uint64_t since_ms, until_ms;
    struct ledger_mark mark;
    struct part part;
};

static int compare(const struct line *a, const struct line *b)
{
    return a->side != b->side ? a->side - b->side : strcmp(a->label, b->label);
}

static void add_to(struct part *sum, const struct line *l)
{
    size_t i = 0;
    while (i < sum->n && compare(&sum->lines[i], l) < 0)
        i++;
    if (i < sum->n && compare(&sum->lines[i], l) == 0) {
        ledger_sums_add(&sum->lines[i].sums, &l->sums);
    } else if (sum->n == LINES) {
        sum->is_full = true;
    } else {
        memmove(&sum->lines[i + 1], &sum->lines[i], (sum->n - i) * sizeof *l);
        sum->lines[i] = *l;
        sum->n++;
    }
}

static int add_line(void *ctx, const struct ledger_sums *s)
{
    struct part *p = ctx;
    struct line l = {.side = str_eqz(s->words[0], "local")   ? AT_LOCAL
                             : str_eqz(s->words[0], "cloud") ? AT_CLOUD
                                                             : NO_SIDE,
                     .sums = *s};
    memcpy(l.label, s->words[1].p, s->words[1].n < LABEL_TEXT ? s->words[1].n : 0);
    memset(l.sums.words, 0, sizeof l.sums.words);
    add_to(p, &l);
    return 0;
}

static struct ledger_sums_query query_of(const struct server *s, uint64_t since_ms,
                                         uint64_t until_ms)
{
    return (struct ledger_sums_query){.state_dir = str_of(s->state_dir),
                                      .since_ms = since_ms,
                                      .until_ms = until_ms,
                                      .by = {SUMS_BY_SIDE, SUMS_BY_LABEL},
                                      .nby = 2,
                                      .is_glance = true};
}

static int read_part(const struct ledger_sums_query *q, struct part *ret, struct err *err)
{
    *ret = (struct part){0};
    if (ledger_sum(q, add_line, ret, err) < 0 ||
        ledger_sum_beside(q, &ret->beside, err) < 0)
        return -1;
    return ret->is_full ? err_set(err, ERR_INTERNAL, "page_lines",
                                  "the ledger has more labels than the page can show")
                        : 0;
}

/* -- what is over ----------------------------------------------------------------------
 */

/* The part of the month before today.  The mark is read first: what changes while the
 * sums are added up is seen the next time. */
static int read_past(struct web *web, const struct server *s, uint64_t since_ms,
                     uint64_t until_ms, struct err *err)
{
    const struct ledger_sums_query q = query_of(s, since_ms, until_ms);
    struct ledger_mark mark;
    if (!web->past)
        web->past = mem_new(struct web_past);
    if (!web->past)
        return err_nomem(err);
    struct web_past *past = web->past;
    if (since_ms == until_ms) {
        *past = (struct web_past){0};
        return 0;
    }
    if (ledger_sums_mark(&q, &mark, err) < 0)
        return -1;
    if (past->since_ms == since_ms && past->until_ms == until_ms &&
        memcmp(&past->mark, &mark, sizeof mark) == 0)
        return 0;
    past->until_ms = 0; /* until all of it is read */
    if (read_part(&q, &past->part, err) < 0)
        return -1;
    past->since_ms = since_ms;
    past->until_ms = until_ms;
    past->mark = mark;
    return 0;
}

static void add_part(struct part *sum, const struct part *p)
{
    for (size_t i = 0; i < p->n; i++)
        add_to(sum, &p->lines[i]);
    ledger_sums_add(&sum->beside, &p->beside);
}

/* -- writing
 * -----------------------------------------------------------------------------
 */

static void write_labels(struct json_writer *w, const struct part *p)
{
    json_key(w, "labels");
    json_array_open(w);
    for (size_t i = 0; i < p->n; i++) {
        json_object_open(w);
        web_key_str(w, "label", str_of(p->lines[i].label));
        web_key_str(w, "side", str_of(side_words[p->lines[i].side]));
        web_write_few_sums(w, &p->lines[i].sums);
        json_object_close(w);
    }
    json_array_close(w);
}

/* Lines of a side stand together. */
static void write_sides(struct json_writer *w, const struct part *p,
                        struct ledger_sums *ret_total)
{
    *ret_total = (struct ledger_sums){0};
    json_key(w, "sides");
    json_array_open(w);
    for (size_t i = 0; i < p->n;) {
        struct ledger_sums sums = {0};
        int side = p->lines[i].side;
        for (; i < p->n && p->lines[i].side == side; i++)
            ledger_sums_add(&sums, &p->lines[i].sums);
        json_object_open(w);
        web_key_str(w, "side", str_of(side_words[side]));
        json_key(w, "sums");
        web_write_sums(w, &sums);
        json_object_close(w);
        ledger_sums_add(ret_total, &sums);
    }
    json_array_close(w);
}

static void key_money(struct json_writer *w, const char *key, bool is_known, int64_t v)
{
    json_key(w, key);
    if (is_known)
        json_i64(w, v);
    else
        json_str(w, (struct str){NULL, 0});
}

static void write_span(struct json_writer *w, const char *name, uint64_t since_ms,
                       const struct part *p, const struct price *price)
{
    struct ledger_sums total;
    struct err ignored;
    int64_t nanousd = 0;
    json_key(w, name);
    json_object_open(w);
    web_key_u64(w, "since_ms", since_ms);
    write_labels(w, p);
    write_sides(w, p, &total);
    bool is_known =
        price && ledger_versus(&total, &p->beside, price, &nanousd, &ignored) == 0;
    key_money(w, "versus_nanousd", is_known, nanousd);
    key_money(w, "saved_nanousd", is_known, nanousd - total.cost_nanousd);
    json_object_close(w);
}

int web_write_spans(struct web *web, const struct server *s, uint64_t today_ms,
                    uint64_t month_ms, const struct price *price, struct json_writer *w,
                    struct err *err)
{
    const struct ledger_sums_query q = query_of(s, today_ms, 0);
    struct part *p = mem_new(struct part);
    int failed = p ? read_past(web, s, month_ms, today_ms, err) : err_nomem(err);
    if (!failed)
        failed = read_part(&q, p, err);
    if (!failed) {
        write_span(w, "today", today_ms, p, price);
        add_part(p, &web->past->part);
        write_span(w, "month", month_ms, p, price);
    }
    mem_free(p);
    return failed;
}

void web_past_free(struct web_past *past)
{
    mem_free(past);
}
