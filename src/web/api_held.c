/* api_held.c -- GET /weir/api/held: what is held now: values of the last 24 hours, and
 * sessions whose label is raised, with the reason. */
#include "core/clock.h"
#include "core/mem.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "web/room.h"

#include <stdlib.h>

enum { SESSIONS_TOLD = 200, OUT_BYTES = 1 << 20 };

static int newer_first(const void *a, const void *b)
{
    const struct session_row *x = a, *y = b;
    return x->used_ms < y->used_ms ? 1 : x->used_ms > y->used_ms ? -1 : 0;
}

static void write_session(struct json_writer *w, const struct session_row *s,
                          uint64_t now_ms)
{
    char name[SESSION_TEXT_BYTES], by[17];
    session_format(s->id, name);
    ledger_format_uid(s->by, by);
    json_object_open(w);
    web_key_str(w, "session", str_of(name));
    web_key_str(w, "label", str_of(sensitivity_name(s->label)));
    web_key_str(w, "key", str_of(s->owner));
    /* Used by another thread since: now. */
    web_key_u64(w, "seconds_ago", s->used_ms < now_ms ? (now_ms - s->used_ms) / 1000 : 0);
    web_key_str(w, "request", s->by ? str_of(by) : STR(""));
    json_key(w, "found");
    json_array_open(w);
    for (unsigned g = 0; g < GUARD_NGROUPS; g++)
        if (s->found_groups >> g & 1)
            json_str(w, str_of(guard_group_name((enum guard_group)g)));
    json_array_close(w);
    json_object_close(w);
}

static void write_sessions(struct json_writer *w, struct sessions *s)
{
    uint64_t now = clock_mono_ms();
    struct session_row *rows = mem_zalloc(SESSIONS_TOLD * sizeof *rows);
    size_t n = rows ? sessions_list(s, now, rows, SESSIONS_TOLD) : 0;
    if (n)
        qsort(rows, n, sizeof *rows, newer_first);
    json_key(w, "sessions");
    json_array_open(w);
    for (size_t i = 0; i < n; i++)
        write_session(w, &rows[i], now);
    json_array_close(w);
    web_key_u64(w, "sessions_held", sessions_count(s).raised);
    w->out->failed |= !rows;
    mem_free(rows);
}

void web_held(struct request *r)
{
    struct json_writer w;
    struct buf out;
    buf_init(&out, OUT_BYTES);
    json_writer_init(&w, &out);
    json_object_open(&w);
    web_key_u64(&w, "now_ms", clock_wall_ms());
    operator_write_held(&w, r->worker->server);
    write_sessions(&w, r->worker->server->sessions);
    json_object_close(&w);
    page_answer_with(r, out.failed ? 500 : 200, STR("application/json"),
                     STR("cache-control: no-store\r\n"), &out);
    buf_release(&out);
}
