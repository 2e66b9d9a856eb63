/* api_rows.c -- GET /weir/api/rows?limit=N&filter=WORDS: the newest rows, or of so many
 * of them those that a filter lets through; GET /weir/api/rows/ID: all that the ledger
 * knows of one. */
#include "web/later.h"

#include "ledger/row_filter.h"

/* How many may be asked for; how many of the newest a filter is held against. */
enum { ROWS_USUAL = 50, ROWS_MOST = 500, ROWS_SEARCHED = 20000, ROW_BYTES = 64 * 1024 };

/* The newest `limit` rows that the filter lets through, as JSON: line i stands at
 * i % limit. */
struct listing {
    struct str filter; /* n 0: all */
    struct buf lines[ROWS_MOST];
    uint64_t limit, found, searched, since_ms;
};

static int add_row(void *ctx, const struct ledger_row *row)
{
    struct listing *l = ctx;
    struct json_writer w;
    char id[17];
    const struct row_facts facts = row_facts_of(row, id);
    if (l->searched++ == 0)
        l->since_ms = row->open.ts_ms;
    if (!row_filter_has(l->filter, &facts))
        return 0;
    struct buf *line = &l->lines[l->found++ % l->limit];
    buf_clear(line);
    json_writer_init(&w, line);
    web_write_row(&w, row);
    return 0;
}

static void write_rows(struct json_writer *w, const struct listing *l)
{
    json_key(w, "rows");
    json_array_open(w);
    for (uint64_t i = l->found > l->limit ? l->found - l->limit : 0; i < l->found; i++)
        json_raw(w, buf_view(&l->lines[i % l->limit]));
    json_array_close(w);
}

static int read_order(struct later *l, struct listing *list, struct err *err)
{
    struct str said = web_parameter(l->query, "limit", &l->arena);
    list->limit = ROWS_USUAL;
    list->filter = web_parameter(l->query, "filter", &l->arena);
    if (said.p &&
        (!str_to_u64(said, &list->limit) || list->limit == 0 || list->limit > ROWS_MOST))
        return err_set(err, ERR_BAD_REQUEST, "invalid_limit", "limit is 1 to %d",
                       ROWS_MOST);
    return row_filter_check(list->filter, err);
}

static int write_listing(struct later *l, struct listing *list, struct err *err)
{
    struct web *web = l->server->pages_ctx;
    const struct ledger_query q = {.state_dir = str_of(l->server->state_dir),
                                   .limit = list->filter.n ? ROWS_SEARCHED : list->limit,
                                   .is_glance = true};
    struct json_writer w;
    char place[FEED_NAME];
    feed_name(web->feed, feed_end(web->feed), place); /* before the rows are read */
    if (ledger_read(&q, add_row, list, err) < 0)
        return -1;
    json_writer_init(&w, &l->out);
    json_object_open(&w);
    web_key_str(&w, "last_event_id", str_of(place));
    if (list->filter.n) {
        web_key_u64(&w, "found", list->found);
        web_key_u64(&w, "searched", list->searched);
        web_key_known(&w, "searched_since_ms",
                      list->searched ? (int64_t)list->since_ms : -1);
    }
    write_rows(&w, list);
    json_object_close(&w);
    return 0;
}

static int make_rows(struct later *l, struct err *err)
{
    struct listing *list = arena_new(&l->arena, struct listing);
    if (!list)
        return err_nomem(err);
    *list = (struct listing){0};
    if (read_order(l, list, err) < 0)
        return -1;
    for (uint64_t i = 0; i < list->limit; i++)
        buf_init(&list->lines[i], ROW_BYTES);
    int failed = write_listing(l, list, err);
    for (uint64_t i = 0; i < list->limit; i++) {
        if (!failed && list->lines[i].failed)
            failed = err_nomem(err);
        buf_release(&list->lines[i]);
    }
    return failed;
}

void web_rows(struct request *r)
{
    later_answer(r, make_rows);
}

static int add_whole(void *ctx, const struct ledger_row *row)
{
    struct buf *out = ctx;
    ledger_row_json(row, out);
    return 1; /* the first: ids are one request's */
}

static int make_row(struct later *l, struct err *err)
{
    struct ledger_query q = {
        .state_dir = str_of(l->server->state_dir), .id = l->name, .is_glance = true};
    if (ledger_read(&q, add_whole, &l->out, err) < 0)
        return -1;
    if (buf_len(&l->out) == 0)
        return err_set(err, ERR_NOT_FOUND, "unknown_request",
                       "the ledger has no request '%.*s'",
                       (int)(l->name.n > 80 ? 80 : l->name.n), l->name.p);
    return 0;
}

void web_row(struct request *r)
{
    later_answer(r, make_row);
}
