/* held.c -- what left and what was held, from the audit chain: counts by label and by
 * type of value, never a value. */
#include "web/room.h"

#include "core/mem.h"

/* What is read at once, so that a page never waits long for a long chain; what is read in
 * all. */
enum { STEP_BYTES = 4 << 20, MOST_BYTES = 256 << 20 };

static void write_labels(struct json_writer *w, const struct audit_span *s)
{
    json_key(w, "labels");
    json_array_open(w);
    for (size_t i = 0; i < s->nlabels; i++) {
        const struct audit_by_label *l = &s->labels[i];
        json_object_open(w);
        web_key_str(w, "label", str_of(l->label));
        web_key_i64(w, "sent", l->sent);
        web_key_i64(w, "masked", l->masked);
        web_key_i64(w, "held_local", l->local);
        web_key_i64(w, "held_refused", l->refused);
        web_key_i64(w, "not_sent", l->not_sent);
        web_key_i64(w, "unknown", l->unknown);
        json_object_close(w);
    }
    json_array_close(w);
}

static void write_types(struct json_writer *w, const struct audit_span *s)
{
    json_key(w, "types");
    json_array_open(w);
    for (size_t i = 0; i < s->ntypes; i++) {
        json_object_open(w);
        web_key_str(w, "type", str_of(s->types[i].type));
        web_key_u64(w, "masked", s->types[i].masked);
        web_key_u64(w, "held", s->types[i].held);
        json_object_close(w);
    }
    json_array_close(w);
}

int web_write_held(struct web *web, const struct server *s, uint64_t today_ms,
                   uint64_t month_ms, struct json_writer *w, struct err *err)
{
    static const char *const names[AUDIT_TALLY_SPANS] = {"today", "month"};
    const struct audit_tally_order order = {.state_dir = s->state_dir,
                                            .since_ms = {today_ms, month_ms},
                                            .bytes = STEP_BYTES,
                                            .most = MOST_BYTES};
    bool is_done = false;
    if (!web->tally)
        web->tally = mem_new(struct audit_tally);
    if (!web->tally)
        return err_nomem(err);
    json_key(w, "held");
    if (audit_tally_read(web->tally, &order, &is_done, err) < 0) {
        json_str(w, (struct str){NULL, 0}); /* nobody knows; the sums still stand */
        err_clear(err);
        return 0;
    }
    json_object_open(w);
    uint64_t since_ms = web->tally->reach.oldest_ms;
    web_key_known(w, "since_ms", since_ms ? (int64_t)since_ms : -1);
    web_key_bool(w, "is_done", is_done);
    web_key_bool(w, "is_whole", web->tally->reach.is_whole);
    for (size_t i = 0; i < AUDIT_TALLY_SPANS; i++) {
        json_key(w, names[i]);
        json_object_open(w);
        write_labels(w, &web->tally->spans[i]);
        write_types(w, &web->tally->spans[i]);
        json_object_close(w);
    }
    json_object_close(w);
    return 0;
}
