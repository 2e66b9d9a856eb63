/* trace.c -- see trace.h. */
#include "bench/trace.h"

#include "core/mem.h"
#include "json/write.h"

enum { FIRST_EVENTS = 64 };

void bench_trace_init(struct bench_trace *t)
{
    *t = (struct bench_trace){.events = NULL};
}

void bench_trace_release(struct bench_trace *t)
{
    mem_free(t->events);
    bench_trace_init(t);
}

int bench_trace_add(struct bench_trace *t, int64_t at_us, enum bench_kind kind,
                    uint32_t bytes, struct err *err)
{
    if (t->nevents == t->room) {
        size_t room = t->room ? 2 * t->room : FIRST_EVENTS;
        struct bench_event *events = mem_realloc(t->events, room * sizeof *events);
        if (!events)
            return err_nomem(err);
        t->events = events;
        t->room = room;
    }
    t->events[t->nevents++] =
        (struct bench_event){.at_us = at_us, .bytes = bytes, .kind = kind};
    return 0;
}

const struct bench_event *bench_trace_first(const struct bench_trace *t,
                                            enum bench_kind kind)
{
    for (size_t i = 0; i < t->nevents; i++)
        if (t->events[i].kind == kind)
            return &t->events[i];
    return NULL;
}

/* -- as JSON ------------------------------------------------------------------------ */

static const char *const kind_names[] = {"opening",   "thought", "text",
                                         "arguments", "finish",  "usage"};
static const char *const end_names[] = {"open", "done", "failed", "cancelled"};

static void member(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_i64(w, value);
}

static void write_events(struct json_writer *w, const struct bench_trace *t)
{
    json_key(w, "events");
    json_array_open(w);
    for (size_t i = 0; i < t->nevents; i++) {
        json_array_open(w);
        json_i64(w, t->events[i].at_us);
        json_str(w, str_of(kind_names[t->events[i].kind]));
        json_u64(w, t->events[i].bytes);
        json_array_close(w);
    }
    json_array_close(w);
}

void bench_trace_write(const struct bench_trace *t, struct str target,
                       struct str workload, struct str load, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "target");
    json_str(&w, target);
    json_key(&w, "workload");
    json_str(&w, workload);
    json_key(&w, "load");
    json_str(&w, load);
    member(&w, "prompt", t->workload);
    member(&w, "number", t->number);
    json_key(&w, "is_warmup");
    json_bool(&w, t->is_warmup);
    json_key(&w, "end");
    json_str(&w, str_of(end_names[t->end]));
    if (t->code[0]) {
        json_key(&w, "code");
        json_str(&w, str_of(t->code));
    }
    member(&w, "status", t->status);
    if (t->intended_us)
        member(&w, "intended_us", t->intended_us);
    member(&w, "start_us", t->start_us);
    if (t->head_us)
        member(&w, "head_us", t->head_us);
    member(&w, "end_us", t->end_us);
    if (t->usage.is_known) {
        member(&w, "input_tokens", (int64_t)t->usage.input_tokens);
        member(&w, "output_tokens", (int64_t)t->usage.output_tokens);
    }
    write_events(&w, t);
    json_object_close(&w);
    buf_byte(out, '\n');
}
