/* opened.c -- a stream whose head went out before it was known who answers (escalate.h):
 * its beginning, and its ends.  Who answered stands in a comment of the stream. */
#include "gateway/escalate.h"
#include "gateway/request.h"

static bool may_comment(const struct request *r)
{
    return r->dialect->ping.n && r->dialect->ping.p[0] == ':';
}

/* The head went out before it was known who answers: a comment says it. */
void opened_tell(struct request *r)
{
    struct buf fields;
    struct str rest;
    if (!may_comment(r))
        return;
    buf_init(&fields, 8192);
    escalate_field(r, &fields);
    rest = buf_view(&fields);
    buf_printf(&r->worker->out, ": x-weir-engine: %.*s\n: x-weir-side: %s\n",
               STR_ARG(r->model->engine->name), r->is_cloud ? "cloud" : "local");
    if (rest.n > 2)
        buf_printf(&r->worker->out, ": %.*s\n", (int)rest.n - 2, rest.p);
    buf_byte(&r->worker->out, '\n');
    buf_release(&fields);
}

/* The rest of a stream whose head is out; takes the body. */
void opened_answer(struct leg *l, struct buf *body)
{
    struct request *r = l->request;
    struct client *c = r->client;
    opened_tell(r);
    buf_append(&r->worker->out, buf_view(body));
    if (r->worker->out.failed) {
        request_cut(r);
        return;
    }
    r->client = NULL;
    c->request = NULL;
    enum fate fate = client_answer_last(c, buf_view(&r->worker->out));
    buf_clear(&r->worker->out);
    request_end(r);
    if (fate == GOES_ON)
        client_answer_end(c);
}

void opened_begin(struct request *r)
{
    _Alignas(16) char first[1024];
    struct arena a;
    if (!r->is_opened) {
        arena_init_in(&a, 32 * 1024, first, sizeof first);
        r->is_opened = true;
        client_answer_head(r->client, 200, dialect_stream_type(r->dialect, r->path),
                           request_answer_fields(r, STR(""), &a), -1);
        arena_reset(&a);
    }
    (void)client_answer_piece(r->client, r->dialect->ping);
}

void opened_fail(struct request *r, const struct err *err)
{
    const struct answer_about about = request_about(r);
    struct answer_encoder *encoder =
        answer_encoder_create(r->dialect, &about, r->wants_usage);
    struct buf *out = &r->worker->out;
    struct client *c = r->client;
    if (!encoder) {
        client_answer_abort(c);
        return;
    }
    r->dialect->encode_stream_error(encoder, err, out);
    r->dialect->encode_end(encoder, out);
    answer_encoder_free(encoder);
    r->leg.answer.sent_bytes = buf_len(out);
    c->request = NULL;
    enum fate fate = client_answer_last(c, buf_view(out));
    buf_clear(out);
    if (fate == GOES_ON)
        client_answer_end(c);
}
