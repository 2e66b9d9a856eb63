/* api_records.c -- GET /weir/api/records/ID: what the audit chain says of a request.
 *
 * It is read, not checked: `weir prove` does that. */
#include "ledger/audit/audit_tail.h"
#include "web/later.h"

/* The newest of the chain; what is older is not looked for. */
enum { LOOK_BYTES = 64 << 20 };

static void add_record(void *ctx, struct str hash, struct str json)
{
    struct json_writer *w = ctx;
    json_object_open(w);
    web_key_str(w, "hash", hash);
    json_key(w, "record");
    json_raw(w, json);
    json_object_close(w);
}

static int make(struct later *l, struct err *err)
{
    struct json_writer w;
    uint64_t since_ms = 0;
    json_writer_init(&w, &l->out);
    json_object_open(&w);
    json_key(&w, "records");
    json_array_open(&w);
    if (audit_find(l->server->state_dir, l->name, LOOK_BYTES, add_record, &w, &since_ms,
                   err) < 0)
        return -1;
    json_array_close(&w);
    json_key(&w, "since_ms");
    if (since_ms)
        json_u64(&w, since_ms);
    else
        json_str(&w, (struct str){NULL, 0});
    json_object_close(&w);
    return 0;
}

void web_records(struct request *r)
{
    later_answer(r, make);
}
