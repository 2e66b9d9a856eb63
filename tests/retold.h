/* retold.h -- a stream of an engine's as a client of any dialect gets it: by the short
 * ways that decoder, translator and encoder have for events that are like those before
 * them, or with each event read by itself.  Both must be the same bytes. */
#ifndef WEIR_TESTS_RETOLD_H
#define WEIR_TESTS_RETOLD_H

#include "dialect/dialect.h"
#include "engine/engine.h"
#include "fuzz/cut.h"

#include <stdlib.h>

struct retelling {
    enum engine_speech speaks;
    const struct dialect *dialect; /* the client's */
    enum surface surface;
    struct str echo;
    bool is_by_itself; /* each event is read */
    /* set by retell() */
    struct answer_encoder *encoder;
    struct buf out, counts;
    size_t nsole; /* events that said what they say */
};

static const struct engine_naming retold_naming = {.id = 7, .issuer = {"issuer-1"}};

static inline int retold_event(void *ctx, const struct event *e)
{
    struct retelling *r = ctx;
    buf_printf(&r->counts, "%d %u %u %u %u %d\n", e->kind, e->content_bytes,
               e->reasoning_bytes, e->tool_bytes, e->choice, e->finish);
    r->nsole += e->sole_kind != SOLE_NONE;
    answer_encode(r->encoder, e, &r->out);
    return 0;
}

/* Takes out what is written of the time: in lines of Ollama's, at the end of Responses.
 */
static inline void retold_without_time(struct buf *out, struct str mark, size_t n)
{
    struct str rest = buf_view(out);
    for (ptrdiff_t at; (at = str_find(rest, mark)) >= 0;) {
        rest = str_sub(rest, (size_t)at + mark.n, rest.n);
        for (size_t i = 0; i < rest.n && i < n; i++)
            out->p[rest.p - out->p + (ptrdiff_t)i] = '-';
    }
}

/* ... and members such as "total_duration", which are left out where they are 0. */
static inline void retold_without_durations(struct buf *out)
{
    for (ptrdiff_t at; (at = str_find(buf_view(out), STR("_duration\":"))) >= 0;) {
        char *from = out->p + at, *to = from + strlen("_duration\":");
        while (*from != ',' && from > out->p)
            from--;
        while (to < out->p + out->n && *to >= '0' && *to <= '9')
            to++;
        size_t rest = (size_t)(out->p + out->n - to);
        memmove(from, to, rest);
        out->n -= (size_t)(to - from);
    }
}

/* r->out and r->counts are the caller's to release. */
static inline void retell(struct retelling *r, struct cut c)
{
    const struct answer_about about = {.path = dialect_path_of(r->dialect, r->surface),
                                       .model = STR("the \"model\""),
                                       .issuer = STR("issuer-1"),
                                       .echo = r->echo,
                                       .id = 7};
    struct engine_decoder d;
    struct err err;
    struct str rest = c.stream;
    int rc = 0;
    buf_init(&r->out, (size_t)1 << 28);
    buf_init(&r->counts, (size_t)1 << 26);
    r->nsole = 0;
    r->encoder = answer_encoder_create(r->dialect, &about, true);
    engine_decoder_init(&d, r->speaks, r->surface);
    engine_decoder_name(&d, &retold_naming);
    if (r->is_by_itself)
        engine_decoder_read_all(&d);
    else
        engine_decoder_tell_sole(&d);
    while (rest.n > 0 && rc == 0) {
        struct str piece = cut_next(&c, &rest);
        char *copy = malloc(piece.n); /* gone before the next piece comes */
        memcpy(copy, piece.p, piece.n);
        rc = engine_decode(&d, (struct str){copy, piece.n}, retold_event, r, &err);
        free(copy);
    }
    if (rc == 0)
        rc = engine_decode_end(&d, retold_event, r, &err);
    if (rc == 0)
        answer_encode_end(r->encoder, &r->out);
    else
        r->dialect->encode_stream_error(r->encoder, &err, &r->out);
    buf_printf(&r->counts, "held %zu usage %d %llu %llu\n", r->encoder->held_bytes,
               d.usage.is_known, (unsigned long long)d.usage.input_tokens,
               (unsigned long long)d.usage.output_tokens);
    engine_decoder_release(&d);
    answer_encoder_free(r->encoder);
    retold_without_time(&r->out, STR("\"created_at\":\"20"), 22);
    retold_without_durations(&r->out);
    retold_without_time(&r->out, STR("\"completed_at\":"), 10);
}

#endif
