/* api_rows.c -- GET /weir/api/rows?limit=N: the newest rows; GET /weir/api/rows/ID: all
 * that the ledger knows of one. */
#include "web/later.h"

enum { ROWS_USUAL = 50, ROWS_MOST = 500 };

static int add_row(void *ctx, const struct ledger_row *row)
{
    web_write_row(ctx, row);
    return 0;
}

static int make_rows(struct later *l, struct err *err)
{
    struct str said = web_parameter(l->query, "limit", &l->arena);
    uint64_t limit = ROWS_USUAL;
    struct web *web = l->server->pages_ctx;
    struct json_writer w;
    char place[FEED_NAME];
    if (said.p && (!str_to_u64(said, &limit) || limit == 0 || limit > ROWS_MOST))
        return err_set(err, ERR_BAD_REQUEST, "invalid_limit", "limit is 1 to %d",
                       ROWS_MOST);
    struct ledger_query q = {
        .state_dir = str_of(l->server->state_dir), .limit = limit, .is_glance = true};
    feed_name(web->feed, feed_end(web->feed), place); /* before the rows are read */
    json_writer_init(&w, &l->out);
    json_object_open(&w);
    web_key_str(&w, "last_event_id", str_of(place));
    json_key(&w, "rows");
    json_array_open(&w);
    if (ledger_read(&q, add_row, &w, err) < 0)
        return -1;
    json_array_close(&w);
    json_object_close(&w);
    return 0;
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
