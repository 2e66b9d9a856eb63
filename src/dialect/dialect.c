/* dialect.c -- the table of dialects, and what is found in it.  What a dialect does is in
 * its own files (openai*.c, responses*.c). */
#include "dialect/dialect.h"

#include "config/kinds.h"
#include "core/mem.h"
#include "dialect/anthropic.h"
#include "dialect/gemini.h"
#include "dialect/ollama.h"
#include "dialect/openai.h"
#include "dialect/responses.h"

const struct dialect *const dialect_table[] = {
    &dialect_openai, &dialect_openai_responses, &dialect_anthropic,
    &dialect_gemini, &dialect_ollama,
};
const size_t dialect_count = ARRAY_LEN(dialect_table);

const struct dialect *dialect_get(enum dialect_id id)
{
    for (size_t i = 0; i < dialect_count; i++)
        if (dialect_table[i]->id == id)
            return dialect_table[i];
    return NULL;
}

/* -- paths -------------------------------------------------------------------------- */

bool dialect_path_matches(const struct dialect_path *p, struct str path,
                          struct str *ret_name)
{
    *ret_name = STR("");
    if (str_eqz(path, p->pattern))
        return true;
    const char *open = strchr(p->pattern, '{');
    if (!open)
        return false;
    const char *close = strchr(open, '}');
    struct str head = {p->pattern, (size_t)(open - p->pattern)};
    struct str tail = str_of(close + 1);
    if (path.n < head.n + tail.n || !str_starts(path, head) || !str_ends(path, tail))
        return false;
    *ret_name = str_sub(path, head.n, path.n - tail.n);
    return true;
}

/* How much of the path the row knows: all but the name in it, when it is one of its own.
 */
static size_t known_bytes(const struct dialect *d, struct str path, const char **advice)
{
    size_t longest = 0;
    struct str name;
    *advice = NULL;
    for (size_t i = 0; i < d->nprefixes; i++) {
        struct str prefix = str_of(d->prefixes[i].prefix);
        if (prefix.n <= longest || !str_starts(path, prefix))
            continue;
        longest = prefix.n;
        *advice = d->prefixes[i].advice;
    }
    for (size_t i = 0; i < d->npaths; i++) {
        bool is_own = dialect_path_matches(&d->paths[i], path, &name);
        if (!is_own || path.n + 1 - name.n <= longest)
            continue;
        longest = path.n + 1 - name.n;
        *advice = NULL;
    }
    return longest;
}

const struct dialect *dialect_of_path(struct str path, const char **ret_advice)
{
    const struct dialect *ret = dialect_first();
    const char *advice = NULL, *of_row;
    size_t longest = 0;
    for (size_t i = 0; i < dialect_count; i++) {
        size_t n = known_bytes(dialect_table[i], path, &of_row);
        if (n <= longest)
            continue;
        longest = n;
        ret = dialect_table[i];
        advice = of_row;
    }
    if (ret_advice)
        *ret_advice = advice;
    return ret;
}

const struct dialect_path *dialect_path_of(const struct dialect *d, enum surface s)
{
    for (size_t i = 0; i < d->npaths; i++)
        if (d->paths[i].answer == ANSWERED_BY_MODEL && d->paths[i].surface == s)
            return &d->paths[i];
    return NULL;
}

/* -- reading ------------------------------------------------------------------------- */

int dialect_decode(const struct dialect *d, const struct dialect_ask *ask,
                   struct arena *a, struct chat *ret, struct err *err)
{
    if (d->decode(ask, a, ret, err) != 0)
        return -1;
    if (!(ret->needs & CAP_TOOLS)) /* a choice of nothing */
        ret->needs &= ~(unsigned)CAP_TOOL_CHOICE;
    ret->dialect = d;
    ret->path = ask->path;
    ret->path_model = ask->model;
    return 0;
}

int dialect_read(const struct dialect *d, enum surface s, struct str body,
                 struct arena *a, struct chat *ret, struct err *err)
{
    const struct dialect_ask ask = {.path = dialect_path_of(d, s), .body = body};
    if (!ask.path)
        return err_set(err, ERR_UNSUPPORTED, "unsupported_surface",
                       "%s has no request for %s", dialect_name(d->id), surface_name(s));
    return dialect_decode(d, &ask, a, ret, err);
}

int dialect_read_as(const struct chat *chat, struct str body, struct arena *a,
                    struct chat *ret, struct err *err)
{
    const struct dialect_ask ask = {
        .path = chat->path, .model = chat->path_model, .body = body};
    return dialect_decode(chat->dialect, &ask, a, ret, err);
}

/* -- the state of an answer ------------------------------------------------------------
 */

struct answer_encoder *answer_encoder_create(const struct dialect *d,
                                             const struct answer_about *about,
                                             bool wants_usage)
{
    struct answer_encoder *enc = mem_zalloc(d->encoder_bytes);
    if (!enc)
        return NULL;
    enc->dialect = d;
    if (about)
        enc->about = *about;
    enc->wants_usage = wants_usage;
    if (d->encoder_init)
        d->encoder_init(enc);
    return enc;
}

static bool is_framed(const struct answer_encoder *enc)
{
    return enc->about.path && enc->about.path->has_own_framing;
}

static void pass_own(struct answer_encoder *enc, const struct event *e, struct buf *out)
{
    if (enc->is_ended)
        return;
    if (e->kind == EVENT_ERROR)
        enc->dialect->encode_stream_error(enc, e->error, out);
    else if (!is_framed(enc))
        buf_append(out, e->own);
    else if (e->own.n)
        enc->dialect->frame_own(enc, e->own, out);
    if (enc->dialect->note_own && e->own.n)
        enc->dialect->note_own(enc, e->own);
}

void answer_encode(struct answer_encoder *enc, const struct event *e, struct buf *out)
{
    if (UNLIKELY(enc->passes_own)) {
        pass_own(enc, e, out);
        return;
    }
    bool is_told = e->sole_kind != SOLE_NONE && !enc->is_ended &&
                   enc->dialect->encode_sole && !spoken_has_halves(e, &enc->halves) &&
                   enc->dialect->encode_sole(enc, e, out);
    if (!is_told)
        enc->dialect->encode_event(enc, e, out);
}

void answer_encode_end(struct answer_encoder *enc, struct buf *out)
{
    if (LIKELY(!enc->passes_own)) {
        enc->dialect->encode_end(enc, out);
        return;
    }
    if (is_framed(enc) && !enc->is_ended)
        enc->dialect->frame_own(enc, (struct str){NULL, 0}, out);
    enc->is_ended = true;
}

void answer_encoder_free(struct answer_encoder *enc)
{
    if (enc && enc->dialect->encoder_release)
        enc->dialect->encoder_release(enc);
    mem_free(enc);
}

struct str dialect_stream_type(const struct dialect *d, const struct dialect_path *p)
{
    return p && p->is_stream && p->type ? str_of(p->type) : d->stream_type;
}
