/* stages.c -- see stages.h. */
#include "gateway/stages.h"

#include "core/mem.h"
#include "gateway/request.h"

bool stages_restores(const struct leg *l)
{
    const struct request *r = l->request;
    return l->is_cloud && r->vault && r->surface != SURFACE_EMBEDDINGS;
}

bool stages_translates(const struct leg *l)
{
    return l->request->dialect->encode_answer != NULL ||
           engine_translates(l->model->engine->speaks, l->request->surface);
}

bool stages_begin_restoring(struct leg *l)
{
    if (!stages_restores(l))
        return true;
    l->answer.restorer = restorer_create(l->request->vault, WHOLE_MAX_BYTES);
    if (l->answer.restorer)
        restorer_keep_order(l->answer.restorer);
    return l->answer.restorer != NULL;
}

bool stages_begin(struct leg *l, event_sink *sink)
{
    struct answer *a = &l->answer;
    a->sink = sink;
    a->decoder = mem_new(struct engine_decoder);
    if (!a->decoder)
        return false;
    engine_decoder_init(a->decoder, l->model->engine->speaks, l->request->surface);
    struct engine_naming naming = leg_naming(l);
    naming.is_own = l->passes_own && a->mode == ANSWER_STREAM;
    engine_decoder_name(a->decoder, &naming);
    if (UNLIKELY(naming.is_own))
        engine_decoder_keep_own(a->decoder);
    else if (l->request->dialect->encode_sole && a->mode == ANSWER_STREAM)
        engine_decoder_tell_sole(a->decoder);
    return true;
}

/* The stage between the decoder and the sink. */
static int on_decoded(void *ctx, const struct event *e)
{
    struct leg *l = ctx;
    struct answer *a = &l->answer;
    return restore_event(a->restorer, e, a->sink, l, a->sink_err);
}

int stages_feed(struct leg *l, struct str piece, bool is_end, struct err *err)
{
    struct answer *a = &l->answer;
    event_sink *next = UNLIKELY(a->restorer != NULL) ? on_decoded : a->sink;
    a->sink_err = err;
    if (!is_end)
        return engine_decode(a->decoder, piece, next, l, err);
    if (engine_decode_end(a->decoder, next, l, err) < 0)
        return -1;
    return a->restorer ? restore_end(a->restorer, a->sink, l, err) : 0;
}

void stages_flush(struct leg *l)
{
    struct err unheard;
    if (l->answer.restorer)
        restore_end(l->answer.restorer, l->answer.sink, l, &unheard);
}

void stages_release(struct leg *l)
{
    struct answer *a = &l->answer;
    if (a->restorer)
        restore_counts_add(&l->request->restored, restorer_counts(a->restorer));
    restorer_free(a->restorer);
    if (a->decoder)
        engine_decoder_release(a->decoder);
    mem_free(a->decoder);
    a->restorer = NULL;
    a->decoder = NULL;
}
