/* gemini_answer.c -- answers towards a client of Gemini's API: chunks of a stream, or one
 * object; in both each is a whole GenerateContentResponse.
 *
 * Calls are whole there, so they wait for the end.  The last chunk says why it ended and
 * what it cost: STOP also after calls.  Thoughts are shown to who asked for them
 * (includeThoughts); what their maker wants back stands in thoughtSignature, on the call
 * that it belongs to, or on an empty thought. */
#include "dialect/gemini.h"

#include "core/mem.h"
#include "dialect/openai_usage.h"
#include "dialect/seal.h"
#include "dialect/spoken.h"
#include "json/write.h"

enum {
    EVENT_ARENA_BYTES = 64 << 20,
    FIRST_ARENA_BYTES = 4096,
    MAX_WORD_BYTES = 256,
    MAX_NAMES_BYTES = 64 << 20, /* a model's name may be long */
    MAX_SEALS_BYTES = 8 << 20,
    MOST_CANDIDATES = 128
};

static struct gemini_encoder *own(struct answer_encoder *base)
{
    return CONTAINER_OF(base, struct gemini_encoder, base);
}

/* -- errors -------------------------------------------------------------------------- */

static const char *status_word(const struct err *err)
{
    switch (err->kind) {
    case ERR_FORBIDDEN:
        return "PERMISSION_DENIED";
    case ERR_NOT_FOUND:
        return "NOT_FOUND";
    case ERR_RATE_LIMIT:
        return "RESOURCE_EXHAUSTED";
    case ERR_OVERLOAD:
        return "UNAVAILABLE";
    case ERR_TIMEOUT:
        return "DEADLINE_EXCEEDED";
    case ERR_UPSTREAM:
    case ERR_INTERNAL:
    case ERR_LOOP:
        return "INTERNAL";
    default:
        return "INVALID_ARGUMENT"; /* a bad key too */
    }
}

/* Google answers a bad key with 400. */
int gemini_error_status(const struct err *err)
{
    return err->kind == ERR_AUTH ? 400 : err_http_status(err->kind);
}

void gemini_encode_error(const struct err *err, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    json_key(&w, "error");
    json_object_open(&w);
    json_key(&w, "code");
    json_i64(&w, gemini_error_status(err));
    json_key(&w, "message");
    json_str(&w, str_of(err->msg));
    json_key(&w, "status");
    json_str(&w, str_of(status_word(err)));
    json_key(&w, "details");
    json_array_open(&w);
    json_object_open(&w);
    json_key(&w, "@type");
    json_str(&w, STR("type.googleapis.com/google.rpc.ErrorInfo"));
    json_key(&w, "reason");
    json_str(&w, err->kind == ERR_AUTH ? STR("API_KEY_INVALID")
                 : err->code           ? str_of(err->code)
                                       : STR("unknown"));
    json_key(&w, "domain");
    json_str(&w, STR("weir"));
    json_object_close(&w);
    json_array_close(&w);
    json_object_close(&w);
    json_object_close(&w);
}

/* -- parts --------------------------------------------------------------------------- */

/* A call whose arguments are a JSON object. */
struct whole_call {
    struct str id, name, arguments, sealed;
};

static void text(struct json_writer *w, const char *name, struct str value)
{
    json_key(w, name);
    json_str(w, value);
}

static void write_text(struct json_writer *w, struct str said)
{
    json_object_open(w);
    text(w, "text", said);
    json_object_close(w);
}

static void signature(struct json_writer *w, struct str sealed)
{
    json_key(w, "thoughtSignature");
    seal_write_string(sealed, w->out);
    w->needs_comma = true;
}

static void write_thought(struct json_writer *w, struct str said, struct str sealed)
{
    json_object_open(w);
    text(w, "text", said);
    json_key(w, "thought");
    json_bool(w, true);
    if (sealed.n)
        signature(w, sealed);
    json_object_close(w);
}

static void write_call(struct json_writer *w, const struct whole_call *call)
{
    json_object_open(w);
    json_key(w, "functionCall");
    json_object_open(w);
    if (call->id.n)
        text(w, "id", call->id);
    text(w, "name", call->name);
    json_key(w, "args");
    json_raw(w, call->arguments);
    json_object_close(w);
    if (call->sealed.n)
        signature(w, call->sealed);
    json_object_close(w);
}

static bool shows_thoughts(const struct answer_about *about)
{
    return str_eqz(about->echo, "t");
}

static bool is_of_call(struct str sealed)
{
    struct seal seal;
    return seal_read(sealed, &seal) && seal.kind == SEAL_CALL;
}

static void write_images(struct json_writer *w, const struct spoken *s)
{
    struct json_cur c;
    struct spoken_image one;
    if (!spoken_images_begin(s, &c))
        return;
    while (spoken_image_next(&c, &one)) {
        json_object_open(w);
        json_key(w, "inlineData");
        json_object_open(w);
        json_key(w, "mimeType");
        json_text(w, (struct json_text){one.type.n ? one.type
                                                   : STR("application/octet-stream")});
        json_key(w, "data");
        json_text(w, (struct json_text){one.data});
        json_object_close(w);
        json_object_close(w);
    }
}

/* What is said before the calls. */
static void write_said(struct json_writer *w, const struct answer_about *about,
                       const struct spoken *s)
{
    if (s->reasoning.n && shows_thoughts(about))
        write_thought(w, s->reasoning, STR(""));
    for (size_t i = 0; i < s->nseals; i++)
        if (!is_of_call(s->seals[i]))
            write_thought(w, STR(""), s->seals[i]);
    if (s->text.n)
        write_text(w, s->text);
    write_images(w, s);
    if (s->refusal.n)
        write_text(w, s->refusal);
}

static size_t parts_before_text(const struct answer_about *about, const struct spoken *s)
{
    size_t n = s->reasoning.n && shows_thoughts(about);
    for (size_t i = 0; i < s->nseals; i++)
        n += !is_of_call(s->seals[i]);
    return n;
}

static bool says_something(const struct answer_about *about, const struct spoken *s)
{
    bool has_seal = false;
    for (size_t i = 0; i < s->nseals; i++)
        has_seal |= !is_of_call(s->seals[i]);
    return s->text.n || s->refusal.n || s->images.p || s->logprobs.p || has_seal ||
           gemini_has_citations(s->annotations) ||
           (s->reasoning.n && shows_thoughts(about));
}

/* -- what stands around them -----------------------------------------------------------
 */

static struct str finish_of(struct str word)
{
    static const char *const rows[][2] = {{"", "STOP"},
                                          {"stop", "STOP"},
                                          {"tool_calls", "STOP"},
                                          {"function_call", "STOP"},
                                          {"length", "MAX_TOKENS"},
                                          {"content_filter", "SAFETY"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(word, rows[i][0]))
            return str_of(rows[i][1]);
    return STR("OTHER");
}

/* Thoughts are not in the count of candidates.  The object is always there: some readers
 * need it, and take what it says of nothing as 0. */
static void write_usage(struct json_writer *w, const struct usage *u)
{
    json_key(w, "usageMetadata");
    json_object_open(w);
    json_key(w, "promptTokenCount");
    json_u64(w, u->input_tokens);
    if (u->cached_tokens) {
        json_key(w, "cachedContentTokenCount");
        json_u64(w, u->cached_tokens);
    }
    json_key(w, "candidatesTokenCount");
    json_u64(w, u->output_tokens > u->reasoning_tokens
                    ? u->output_tokens - u->reasoning_tokens
                    : 0);
    if (u->reasoning_tokens) {
        json_key(w, "thoughtsTokenCount");
        json_u64(w, u->reasoning_tokens);
    }
    json_key(w, "totalTokenCount");
    json_u64(w, u->input_tokens + u->output_tokens);
    json_object_close(w);
}

static void write_names(struct json_writer *w, const struct answer_about *about)
{
    char id[32];
    struct buf b;
    text(w, "modelVersion", about->model.p ? about->model : STR(""));
    buf_init_in(&b, sizeof id, id, sizeof id);
    buf_id(&b, about->id);
    text(w, "responseId", buf_view(&b));
    buf_release(&b);
}

/* Opens a response up to its parts, and closes it from there. */
static void open_candidate(struct json_writer *w)
{
    json_object_open(w);
    json_key(w, "content");
    json_object_open(w);
    text(w, "role", STR("model"));
    json_key(w, "parts");
    json_array_open(w);
}

static void close_parts(struct json_writer *w)
{
    json_array_close(w);
    json_object_close(w);
}

static void close_candidate(struct json_writer *w, uint32_t index)
{
    json_key(w, "index");
    json_u64(w, index);
    json_object_close(w);
}

static void open_response(struct json_writer *w)
{
    json_object_open(w);
    json_key(w, "candidates");
    json_array_open(w);
}

/* The engine has answered nothing and says that it must not. */
static void write_blocked(struct json_writer *w)
{
    json_object_open(w);
    json_key(w, "promptFeedback");
    json_object_open(w);
    text(w, "blockReason", STR("SAFETY"));
    json_object_close(w);
}

/* -- whole -----------------------------------------------------------------------------
 */

static struct str seal_of_call(const struct spoken *s, struct str id)
{
    struct seal seal;
    for (size_t i = 0; i < s->nseals; i++)
        if (seal_read(s->seals[i], &seal) && seal.kind == SEAL_CALL &&
            str_eq(seal.call, id))
            return s->seals[i];
    return STR("");
}

static int write_candidate(struct json_writer *w, const struct answer_about *about,
                           const struct spoken *s, struct arena *a, struct err *err)
{
    open_candidate(w);
    write_said(w, about, s);
    for (size_t i = 0; i < s->ncalls; i++) {
        const struct spoken_call *from = &s->calls[i];
        struct whole_call call = {
            .id = from->id, .name = from->name, .sealed = seal_of_call(s, from->id)};
        call.arguments = held_arguments(from->arguments, a);
        if (!call.arguments.p)
            return err_nomem(err);
        write_call(w, &call);
    }
    close_parts(w);
    gemini_write_logprobs(w, s->logprobs);
    gemini_write_citations(w, s->annotations, s->text, parts_before_text(about, s));
    text(w, "finishReason", finish_of(s->finish));
    close_candidate(w, s->choice);
    return 0;
}

static int write_whole(const struct answer_about *about, struct str answer,
                       struct arena *a, struct json_writer *w, struct err *err)
{
    struct spoken *all;
    struct usage usage = {.is_known = false};
    size_t n;
    if (spoken_read_all(answer, about->issuer, a, &all, &n, err) != 0)
        return -1;
    bool is_blocked = n == 1 && str_eqz(all[0].finish, "content_filter") &&
                      !says_something(about, &all[0]) && all[0].ncalls == 0;
    if (is_blocked) {
        write_blocked(w);
    } else {
        open_response(w);
        for (size_t i = 0; i < n; i++)
            if (write_candidate(w, about, &all[i], a, err) != 0)
                return -1;
        json_array_close(w);
    }
    if (usage_read(json_get(answer, "usage"), &usage))
        usage.is_known = true;
    write_usage(w, &usage);
    write_names(w, about);
    json_object_close(w);
    return 0;
}

int gemini_encode_answer(const struct answer_about *about, struct str answer,
                         struct buf *out, struct err *err)
{
    _Alignas(16) char first[FIRST_ARENA_BYTES];
    struct arena a;
    struct json_writer w;
    if (about->path && about->path->surface == SURFACE_EMBEDDINGS)
        return gemini_encode_vectors(about, answer, out, err);
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    json_writer_init(&w, out);
    int rc = write_whole(about, answer, &a, &w, err);
    arena_reset(&a);
    return rc;
}

/* -- streams ---------------------------------------------------------------------------
 */

void gemini_encoder_init(struct answer_encoder *base)
{
    buf_init(&own(base)->seals, MAX_SEALS_BYTES);
    buf_init(&own(base)->tail, MAX_NAMES_BYTES);
}

void gemini_encoder_release(struct answer_encoder *base)
{
    struct gemini_encoder *enc = own(base);
    for (size_t i = 0; i < enc->n; i++) {
        held_calls_release(&enc->items[i].calls);
        buf_release(&enc->items[i].finish);
    }
    mem_free(enc->items);
    buf_release(&enc->seals);
    buf_release(&enc->tail);
}

static bool is_array(const struct gemini_encoder *enc)
{
    return UNLIKELY(gemini_request_of(enc->base.about.path) == GEMINI_ARRAY);
}

/* An event, or an element of an array. */
static void open_event(struct gemini_encoder *enc, struct json_writer *w, struct buf *out)
{
    if (is_array(enc))
        buf_append(out, enc->has_begun ? STR(",") : STR("["));
    else
        buf_lit(out, "data: ");
    enc->has_begun = true;
    json_writer_init(w, out);
}

static void close_event(const struct gemini_encoder *enc, bool is_last, struct buf *out)
{
    if (is_array(enc))
        buf_append(out, is_last ? STR("]\n") : STR("\n"));
    else
        buf_lit(out, "\n\n");
}

void gemini_encode_stream_error(struct answer_encoder *base, const struct err *err,
                                struct buf *out)
{
    struct json_writer w;
    if (base->is_ended)
        return;
    open_event(own(base), &w, out);
    gemini_encode_error(err, out);
    close_event(own(base), true, out);
    base->is_ended = base->has_error = true;
}

/* Events of Google's own: what each has as data is an element. */
void gemini_frame_own(struct answer_encoder *base, struct str own_bytes, struct buf *out)
{
    const struct str mark = STR("data:");
    struct gemini_encoder *enc = own(base);
    struct str line;
    bool is_open = false;
    if (!own_bytes.p) {
        buf_append(out, enc->has_begun ? STR("]\n") : STR("[]\n"));
        return;
    }
    while (str_split(&own_bytes, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, mark)) {
            is_open &= line.n > 0; /* an empty line ends the event */
            continue;
        }
        if (!is_open)
            buf_append(out, enc->has_begun ? STR(",") : STR("["));
        is_open = enc->has_begun = true;
        buf_append(out, str_trim(str_sub(line, mark.n, line.n)));
        buf_byte(out, '\n');
    }
}

/* NULL: there are too many, or no memory. */
static struct gemini_candidate *candidate_of(struct gemini_encoder *enc, uint32_t index)
{
    for (size_t i = 0; i < enc->n; i++)
        if (enc->items[i].index == index)
            return &enc->items[i];
    if (!mem_room(&enc->items, sizeof *enc->items, enc->n, &enc->cap, MOST_CANDIDATES))
        return NULL;
    struct gemini_candidate *k = &enc->items[enc->n++];
    *k = (struct gemini_candidate){.index = index};
    buf_init(&k->finish, MAX_WORD_BYTES);
    return k;
}

static void say(struct gemini_encoder *enc, struct gemini_candidate *k,
                const struct spoken *s, struct buf *out)
{
    struct json_writer w;
    if (!says_something(&enc->base.about, s))
        return;
    open_event(enc, &w, out);
    open_response(&w);
    open_candidate(&w);
    write_said(&w, &enc->base.about, s);
    close_parts(&w);
    gemini_write_logprobs(&w, s->logprobs);
    gemini_write_citations(&w, s->annotations, STR(""), 0);
    close_candidate(&w, k->index);
    json_array_close(&w);
    write_names(&w, &enc->base.about);
    json_object_close(&w);
    close_event(enc, false, out);
    k->has_said = true;
}

static void keep_seals(struct gemini_encoder *enc, const struct spoken *s)
{
    for (size_t i = 0; i < s->nseals; i++)
        if (is_of_call(s->seals[i])) {
            size_t n = s->seals[i].n;
            buf_append(&enc->seals, (struct str){(const char *)&n, sizeof n});
            buf_append(&enc->seals, s->seals[i]);
        }
}

static struct str kept_seal(const struct gemini_encoder *enc, struct str id)
{
    struct str rest = buf_view(&enc->seals);
    struct seal seal;
    size_t n;
    while (rest.n > sizeof n) {
        memcpy(&n, rest.p, sizeof n);
        struct str sealed = str_sub(rest, sizeof n, sizeof n + n);
        if (seal_read(sealed, &seal) && str_eq(seal.call, id))
            return sealed;
        rest = str_sub(rest, sizeof n + n, rest.n);
    }
    return STR("");
}

/* What an event says; -1 with *err: too much waits, or no memory. */
static int take_said(struct gemini_encoder *enc, const struct spoken *s, struct buf *out,
                     struct err *err)
{
    struct gemini_candidate *k = candidate_of(enc, s->choice);
    if (!k)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_answer",
                       "the answer has more than %d candidates", MOST_CANDIDATES);
    size_t before = k->calls.bytes + k->finish.n;
    say(enc, k, s, out);
    keep_seals(enc, s);
    if (held_calls_take(&k->calls, s->calls, s->ncalls, err) != 0)
        return -1;
    if (s->finish.n) {
        buf_clear(&k->finish);
        buf_append(&k->finish, s->finish);
    }
    enc->base.held_bytes += k->calls.bytes + k->finish.n - before;
    return enc->seals.failed ? err_nomem(err) : 0;
}

static void take(struct gemini_encoder *enc, const struct event *e, struct arena *a,
                 struct buf *out)
{
    struct spoken s;
    struct err err;
    if (spoken_read_event(e, enc->base.about.issuer, &enc->base.halves, a, &s, &err) !=
        0) {
        out->failed = true;
        return;
    }
    if (s.ncalls || s.finish.n || s.nseals || says_something(&enc->base.about, &s))
        if (take_said(enc, &s, out, &err) != 0)
            gemini_encode_stream_error(&enc->base, &err, out);
}

/* What stands behind the candidates of every chunk. */
static struct str tail_of(struct gemini_encoder *enc)
{
    struct json_writer w;
    if (!buf_len(&enc->tail)) {
        json_writer_init(&w, &enc->tail);
        w.needs_comma = true;
        write_names(&w, &enc->base.about);
        json_object_close(&w);
        buf_lit(&enc->tail, "\n\n");
    }
    return buf_view(&enc->tail);
}

static bool has_said(const struct gemini_encoder *enc, uint32_t choice)
{
    for (size_t i = 0; i < enc->n; i++)
        if (enc->items[i].index == choice)
            return enc->items[i].has_said;
    return false;
}

bool gemini_encode_sole(struct answer_encoder *base, const struct event *e,
                        struct buf *out)
{
    struct gemini_encoder *enc = own(base);
    bool is_thought = e->sole_kind == SOLE_THOUGHT;
    if (is_thought && !shows_thoughts(&base->about))
        return true;
    if (e->sole_kind == SOLE_ARGUMENTS || !has_said(enc, e->choice) || is_array(enc))
        return false;
    buf_lit(out, "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":"
                 "[{\"text\":\"");
    spoken_write_sole(e, out);
    buf_append(out, is_thought ? STR("\",\"thought\":true}]},\"index\":")
                               : STR("\"}]},\"index\":"));
    buf_u64(out, e->choice);
    buf_lit(out, "}]");
    buf_append(out, tail_of(enc));
    out->failed |= enc->tail.failed;
    return true;
}

void gemini_encode_event(struct answer_encoder *base, const struct event *e,
                         struct buf *out)
{
    _Alignas(16) char first[FIRST_ARENA_BYTES];
    struct gemini_encoder *enc = own(base);
    struct arena a;
    if (base->is_ended)
        return;
    if (e->usage.is_known)
        enc->usage = e->usage;
    if (e->kind == EVENT_ERROR)
        gemini_encode_stream_error(base, e->error, out);
    else if (e->kind == EVENT_NOTE)
        buf_append(out, base->dialect->ping);
    if (base->is_ended || e->kind == EVENT_NOTE || e->kind == EVENT_END || !e->data.n)
        return;
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    take(enc, e, &a, out);
    arena_reset(&a);
}

/* The end of one candidate, with its calls; false: no memory. */
static bool write_end(struct json_writer *w, const struct gemini_encoder *enc,
                      const struct gemini_candidate *k, struct arena *a)
{
    open_candidate(w);
    for (size_t i = 0; i < k->calls.n; i++) {
        const struct held_call *from = &k->calls.items[i];
        const struct whole_call call = {.id = buf_view(&from->id),
                                        .name = buf_view(&from->name),
                                        .arguments =
                                            held_arguments(buf_view(&from->arguments), a),
                                        .sealed = kept_seal(enc, buf_view(&from->id))};
        if (!call.arguments.p)
            return false;
        write_call(w, &call);
    }
    if (k->calls.n == 0) /* some readers want a part */
        write_text(w, STR(""));
    close_parts(w);
    text(w, "finishReason", finish_of(buf_view(&k->finish)));
    close_candidate(w, k->index);
    return true;
}

static bool is_blocked(const struct gemini_encoder *enc)
{
    const struct gemini_candidate *k = enc->items;
    return enc->n == 1 && !k->has_said && k->calls.n == 0 &&
           str_eqz(buf_view(&k->finish), "content_filter");
}

/* The last event; false: no memory. */
static bool write_last(struct gemini_encoder *enc, struct arena *a, struct buf *out)
{
    struct json_writer w;
    bool ok = enc->n > 0 || candidate_of(enc, 0) != NULL;
    open_event(enc, &w, out);
    if (is_blocked(enc)) {
        write_blocked(&w);
    } else {
        open_response(&w);
        for (size_t i = 0; i < enc->n; i++)
            ok &= write_end(&w, enc, &enc->items[i], a);
        json_array_close(&w);
    }
    write_usage(&w, &enc->usage);
    write_names(&w, &enc->base.about);
    json_object_close(&w);
    close_event(enc, true, out);
    return ok;
}

void gemini_encode_end(struct answer_encoder *base, struct buf *out)
{
    _Alignas(16) char first[FIRST_ARENA_BYTES];
    struct arena a;
    if (base->is_ended)
        return;
    arena_init_in(&a, EVENT_ARENA_BYTES, first, sizeof first);
    out->failed |= !write_last(own(base), &a, out);
    arena_reset(&a);
    base->is_ended = true;
}
