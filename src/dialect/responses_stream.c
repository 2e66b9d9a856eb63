/* responses_stream.c -- answers towards a client of Responses, streamed and whole.
 *
 * The order of a stream: response.created and .in_progress; each item with its parts, as
 * responses_events.c tells it; then exactly one of response.completed, .incomplete and
 * .failed, which repeats all items.  Nothing comes behind it, and no [DONE].  How the
 * answer ends is known when the engine has ended, for some say it early or on every
 * chunk; so an item is only closed as cut off at the end. */
#include "dialect/responses_stream.h"
#include "json/write.h"

static struct output *own(struct answer_encoder *base)
{
    return &CONTAINER_OF(base, struct responses_encoder, base)->output;
}

void responses_encoder_init(struct answer_encoder *base)
{
    own(base)->about = &base->about;
    own(base)->halves = &base->halves;
    own(base)->is_streamed = true;
}

void responses_encoder_release(struct answer_encoder *base)
{
    output_release(own(base));
}

void responses_note_own(struct answer_encoder *base, struct str own_bytes)
{
    const struct str mark = STR("\"sequence_number\":");
    for (ptrdiff_t at; (at = str_find(own_bytes, mark)) >= 0;) {
        uint64_t n = 0;
        own_bytes = str_trim(str_sub(own_bytes, (size_t)at + mark.n, own_bytes.n));
        for (size_t i = 0; i < own_bytes.n && i < 18; i++) {
            if (own_bytes.p[i] < '0' || own_bytes.p[i] > '9')
                break;
            n = n * 10 + (uint64_t)(own_bytes.p[i] - '0');
        }
        own(base)->sequence = n + 1;
        own(base)->has_begun = true;
    }
}

/* Behind events that weir has not written: the error alone, which ends a stream too. */
static void write_bare_error(const struct output *o, const struct err *err,
                             struct buf *out)
{
    buf_printf(
        out, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":%llu,\"code\":",
        (unsigned long long)o->sequence);
    json_write_string(out, str_of(err->code ? err->code : "server_error"));
    buf_lit(out, ",\"message\":");
    json_write_string(out, str_of(err->msg));
    buf_lit(out, ",\"param\":null}\n\n");
}

void responses_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                   struct buf *out)
{
    if (base->is_ended)
        return;
    if (base->passes_own && own(base)->has_begun) {
        write_bare_error(own(base), err, out);
    } else {
        output_begin(own(base), STR(""), out);
        output_end(own(base), err, out);
    }
    base->is_ended = true;
    base->has_error = true;
}

static int check_garbled(const struct output *o, struct err *err)
{
    return o->is_garbled
               ? err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                         "the engine sent more arguments for a call that was whole")
               : 0;
}

static void take(struct answer_encoder *base, const struct event *e, struct buf *out)
{
    struct err err;
    output_say(own(base), e, out);
    base->held_bytes = own(base)->held_bytes;
    if (check_garbled(own(base), &err) != 0)
        responses_encode_stream_error(base, &err, out);
}

bool responses_encode_sole(struct answer_encoder *base, const struct event *e,
                           struct buf *out)
{
    bool is_said = output_say_more(own(base), e, out);
    base->held_bytes = own(base)->held_bytes;
    return is_said;
}

void responses_encode_event(struct answer_encoder *base, const struct event *e,
                            struct buf *out)
{
    if (base->is_ended)
        return;
    if (e->usage.is_known)
        own(base)->usage = e->usage;
    switch (e->kind) {
    case EVENT_NOTE:
        buf_append(out, base->dialect->ping);
        break;
    case EVENT_ERROR:
        responses_encode_stream_error(base, e->error, out);
        break;
    case EVENT_START:
    case EVENT_DELTA:
    case EVENT_FINISH:
        take(base, e, out);
        break;
    case EVENT_USAGE:
    case EVENT_END: /* is said by encode_end, once nothing can be missing */
        break;
    }
}

void responses_encode_end(struct answer_encoder *base, struct buf *out)
{
    if (base->is_ended)
        return;
    output_begin(own(base), STR(""), out);
    output_close(own(base), out);
    output_end(own(base), NULL, out);
    base->is_ended = true;
}

int responses_encode_answer(const struct answer_about *about, struct str answer,
                            struct buf *out, struct err *err)
{
    struct spoken_halves halves = {.n = 0};
    struct output o = {.about = about, .halves = &halves};
    struct str usage = json_get(answer, "usage");
    usage_read(usage.p ? usage : STR("null"), &o.usage);
    output_say(&o, &(struct event){.data = answer}, out);
    output_close(&o, out);
    int rc = check_garbled(&o, err);
    if (rc == 0) {
        output_write_response(&o, NULL, NULL, out);
        rc = out->failed || o.failed ? err_nomem(err) : 0;
    }
    output_release(&o);
    return rc;
}
