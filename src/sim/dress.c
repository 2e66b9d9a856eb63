/* dress.c -- what the dialect's encoder writes, made a vendor's. */
#include "sim/dress.h"

#include "sim/sign.h"
#include "sim/trouble.h"

enum { MADE_MAX_BYTES = 80 * 1024 * 1024 };

int sim_dress_open(struct sim_dress *d, const struct dialect *dialect,
                   const struct answer_about *about, struct sim_fault fault,
                   struct err *err)
{
    *d = (struct sim_dress){.dialect = dialect, .is_odd = fault.kind == SIM_ODD_SSE};
    buf_init(&d->made, MADE_MAX_BYTES);
    buf_init(&d->last, MADE_MAX_BYTES);
    d->encoder = answer_encoder_create(dialect, about, true);
    return d->encoder ? 0 : err_nomem(err);
}

void sim_dress_close(struct sim_dress *d)
{
    if (!d->dialect)
        return;
    answer_encoder_free(d->encoder);
    buf_release(&d->made);
    buf_release(&d->last);
    *d = (struct sim_dress){0};
}

static bool is_lines(const struct sim_dress *d)
{
    return !str_eqz(dialect_stream_type(d->dialect, d->encoder->about.path),
                    "text/event-stream");
}

/* CRLF; of events also comments, and no blank behind a colon. */
static void write_odd(const struct sim_dress *d, struct str bytes, struct buf *out)
{
    struct str line;
    if (!is_lines(d) && bytes.n)
        buf_lit(out, ": still here\r\n");
    while (bytes.n && str_split(&bytes, '\n', &line)) {
        if (str_starts(line, STR("data: "))) {
            buf_lit(out, "data:");
            line = str_sub(line, 6, line.n);
        }
        buf_append(out, line);
        buf_lit(out, "\r\n");
    }
}

/* Moves what was made to where it is sent from. */
static void pass(struct sim_dress *d, struct buf *out)
{
    struct str made = buf_view(&d->made);
    if (made.n && !d->made.failed) {
        buf_clear(&d->last);
        sim_unseal(made, &d->last);
        if (d->is_odd)
            write_odd(d, buf_view(&d->last), out);
        else
            buf_append(out, buf_view(&d->last));
    }
    out->failed |= d->made.failed || d->last.failed;
    buf_clear(&d->made);
}

void sim_dress_event(struct sim_dress *d, const struct event *e, size_t at,
                     struct buf *out)
{
    answer_encode(d->encoder, e, &d->made);
    if (!out->failed)
        out->n = at;
    pass(d, out);
}

void sim_dress_end(struct sim_dress *d, struct buf *out)
{
    answer_encode_end(d->encoder, &d->made);
    pass(d, out);
}

/* In the vendor's words; Responses end with the whole response, which the row knows. */
void sim_dress_error(struct sim_dress *d, const char *message, struct buf *out)
{
    struct err err = {0};
    struct sim_trouble t = {.dialect = d->dialect->id, .message = message};
    switch (t.dialect) {
    case DIALECT_ANTHROPIC:
        t.status = 529;
        buf_lit(&d->made, "event: error\ndata: ");
        sim_trouble_write(&t, &d->made);
        buf_lit(&d->made, "\n\n");
        break;
    case DIALECT_GEMINI:
        t.status = 503;
        buf_lit(&d->made, "data: ");
        sim_trouble_write(&t, &d->made);
        buf_lit(&d->made, "\n\n");
        break;
    case DIALECT_OLLAMA:
        sim_trouble_write(&t, &d->made);
        buf_byte(&d->made, '\n');
        break;
    default:
        err_set(&err, ERR_UPSTREAM, "upstream_error", "%s", message);
        d->dialect->encode_stream_error(d->encoder, &err, &d->made);
        break;
    }
    pass(d, out);
}

void sim_dress_broken(struct sim_dress *d, struct buf *out)
{
    struct str event = buf_view(&d->last);
    while (event.n && event.p[event.n - 1] == '\n')
        event.n--;
    for (ptrdiff_t at; (at = str_find(event, STR("\n\n"))) >= 0;)
        event = str_sub(event, (size_t)at + 2, event.n);
    ptrdiff_t object = str_index(event, '{');
    size_t from = object < 0 ? 0 : (size_t)object;
    size_t cut = from + (event.n - from) / 2;
    while (cut < event.n && ((unsigned char)event.p[cut] & 0xC0) == 0x80)
        cut++;
    buf_append(out, str_sub(event, 0, cut));
    buf_append(out, is_lines(d) ? STR("\n") : STR("\n\n"));
}

int sim_dress_answer(const struct dialect *dialect, const struct answer_about *about,
                     struct str answer, struct buf *out, struct err *err)
{
    struct buf made;
    int rc = 0;
    buf_init(&made, MADE_MAX_BYTES);
    if (dialect->encode_answer)
        rc = dialect->encode_answer(about, answer, &made, err);
    else
        buf_append(&made, answer);
    if (rc == 0)
        sim_unseal(buf_view(&made), out);
    if (rc == 0 && (made.failed || out->failed))
        rc = err_nomem(err);
    buf_release(&made);
    return rc;
}
