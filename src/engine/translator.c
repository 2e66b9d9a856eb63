/* translator.c -- the table of translators, and what all of them have in common.
 *
 * The gate for privacy is here, before anything is built: a target that is not local
 * needs a clearance that covers these very bytes. */
#include "engine/lacks.h"
#include "engine/toolnames.h"

#include "core/hash.h"
#include "dialect/dialect.h"
#include "json/name.h"
#include "json/scan.h"

#include <stdio.h>

enum { MAX_LOST_BYTES = 1024 };
/* What a request of so many bytes is translated in beside its draft. */
enum { SHORT_BODY_BYTES = 32 * 1024, SHORT_ROOM_BYTES = 16 * 1024 };

static const struct engine_translator *const table[SPEECH_COUNT] = {
    [SPEECH_OPENAI] = &translator_openai,       [SPEECH_OLLAMA] = &translator_ollama,
    [SPEECH_ANTHROPIC] = &translator_anthropic, [SPEECH_GEMINI] = &translator_gemini,
    [SPEECH_RESPONSES] = &translator_responses,
};

const struct engine_translator *engine_translator(enum engine_speech s)
{
    return table[(unsigned)s < SPEECH_COUNT ? s : SPEECH_OPENAI];
}

/* -- what may go ------------------------------------------------------------------------
 */

static bool is_local(const struct target *t)
{
    return t->engine->side == SIDE_LOCAL && !t->model->is_cloud;
}

static int check_clearance(const struct chat *chat, const struct target *t,
                           const struct clearance *clearance, struct err *err)
{
    if (is_local(t))
        return 0;
    if (clearance && clearance_covers(clearance, chat))
        return 0;
    return err_set(err, ERR_FORBIDDEN, "no_clearance",
                   "this request may not leave for engine '%.*s': it has no clearance",
                   STR_ARG(t->engine->name));
}

/* The router does not choose such an engine; here nothing can forget it. */
static int check_forwarding(const struct chat *chat, const struct target *t,
                            struct err *err)
{
    if (LIKELY(chat->forwards.n == 0) || !is_local(t) || t->engine->may_forward)
        return 0;
    return err_set(err, ERR_FORBIDDEN, "member_forwards",
                   "'%.*s' can make an engine send the request elsewhere, so it does not "
                   "go to engine '%.*s'",
                   STR_ARG(json_name_shown(chat->forwards)), STR_ARG(t->engine->name));
}

/* -- asking ----------------------------------------------------------------------------
 */

struct engine_issuer engine_issuer(const struct config_engine *e)
{
    static const struct siphash_key key = {.k0 = 0, .k1 = 1}; /* no secret: a name */
    struct engine_issuer ret;
    snprintf(ret.text, sizeof ret.text, "%.10s-%08llx", engine_speech_name(e->speaks),
             (unsigned long long)(siphash_once(key, e->url) & 0xffffffff));
    return ret;
}

/* "a, b": is the name one of these? */
static bool is_in_list(struct str list, struct str name)
{
    while (list.n) {
        ptrdiff_t end = str_find(list, STR(", "));
        if (str_eq(str_sub(list, 0, end < 0 ? list.n : (size_t)end), name))
            return true;
        list = str_sub(list, end < 0 ? list.n : (size_t)end + 2, list.n);
    }
    return false;
}

/* A list that would be longer ends in "...". */
void engine_lose(const struct engine_asking *q, const char *name)
{
    const struct str more = STR("...");
    bool has_room = buf_len(q->lost) + strlen(name) + 2 * more.n < MAX_LOST_BYTES;
    struct str said = has_room ? str_of(name) : more;
    if (is_in_list(buf_view(q->lost), said))
        return;
    if (buf_len(q->lost))
        buf_lit(q->lost, ", ");
    buf_append(q->lost, said);
}

static void lose_span(const struct engine_asking *q, struct str name)
{
    char text[128];
    snprintf(text, sizeof text, "%.*s", STR_ARG(str_sub(name, 0, sizeof text - 1)));
    engine_lose(q, text);
}

void engine_lose_told(const struct engine_asking *q, const struct conversation *c)
{
    for (size_t i = 0; i < c->nlost; i++)
        lose_span(q, c->lost[i]);
}

/* An option of Ollama's that only such an engine knows: each by its name. */
static void lose_options(const struct engine_asking *q, struct str options)
{
    struct json_cur c;
    struct json_string k;
    char name[128];
    json_begin(&c, options);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &k) && json_skip(&c, NULL)) {
        snprintf(name, sizeof name, "options.%.*s", STR_ARG(json_name_shown(k.raw)));
        engine_lose(q, name);
    }
}

/* What a client of Ollama says to Ollama alone is no reason to refuse it elsewhere: how
 * much memory there is, and how long the model stays in it, is each engine's own. */
static void leave_to_ollama(const struct engine_asking *q, struct conversation *c)
{
    const struct str prefix = STR("ollama."), options = STR("ollama.options");
    size_t n = 0;
    if (q->target->engine->speaks == SPEECH_OLLAMA)
        return;
    for (size_t i = 0; i < c->nothers; i++) {
        struct str name = c->others[i].name;
        if (str_eq(name, options))
            lose_options(q, c->others[i].value);
        else if (str_starts(name, prefix) && !json_is_empty(c->others[i].value))
            lose_span(q, json_name_shown(str_sub(name, prefix.n, name.n)));
        if (!str_starts(name, prefix))
            c->others[n++] = c->others[i];
    }
    c->nothers = n;
}

/* What other engines call so is a budget of thinking: none.  Ollama has its own word. */
static void read_switch(const struct engine_asking *q, struct conversation *c)
{
    size_t n = 0;
    if (q->target->engine->speaks == SPEECH_OLLAMA)
        return;
    for (size_t i = 0; i < c->nothers; i++) {
        bool is_off = str_eqz(c->others[i].name, "enable_thinking") &&
                      str_eqz(c->others[i].value, "false");
        if (is_off && !c->effort.n && c->thinking_budget == THINKING_UNSAID)
            c->thinking_budget = 0;
        if (!is_off)
            c->others[n++] = c->others[i];
    }
    c->nothers = n;
}

int engine_read_conversation(const struct engine_asking *q, struct arena *a,
                             struct conversation *ret, struct err *err)
{
    if (q->chat->dialect->read_conversation(q->chat, a, ret, err) != 0)
        return -1;
    leave_to_ollama(q, ret);
    read_switch(q, ret);
    engine_lose_told(q, ret);
    lacks_note(q, ret);
    return toolnames_fit(q, a, ret, err);
}

int engine_refuse(const struct engine_asking *q, const char *form, const char *what,
                  struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                   "engine '%.*s' speaks %s, which has no place for %s",
                   STR_ARG(q->target->engine->name), form, what);
}

static int keep(const struct buf *b, struct arena *a, struct str *ret, struct err *err)
{
    if (LIKELY(buf_len(b) == 0))
        return 0;
    *ret = arena_strdup(a, buf_view(b));
    return ret->p ? 0 : err_nomem(err);
}

/* The client speaks as the engine does. */
static bool is_own(const struct engine_translator *row, const struct chat *chat)
{
    return row->encode_own && chat->dialect->id == row->dialect &&
           engine_translates(row->speaks, chat->surface) &&
           (!row->own_path || strcmp(chat->path->pattern, row->own_path) == 0);
}

/* Copies what is sent to where it is to stay. */
static int settle(struct http_message *m, struct arena *a, struct err *err)
{
    m->body[0] = arena_join(a, m->body, m->npieces);
    m->npieces = 1;
    m->target = arena_strdup(a, m->target);
    m->fields = arena_strdup(a, m->fields);
    return m->body[0].p && m->target.p && m->fields.p ? 0 : err_nomem(err);
}

/* A draft lives until its answer begins, and what is kept for the answer is allocated
 * meanwhile.  So what only translating needs is gone before that: hundreds of requests
 * under way would leave as many holes behind.  A long request is not copied once more. */
static int encode_beside(const struct engine_translator *row,
                         const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err)
{
    _Alignas(16) char first[SHORT_ROOM_BYTES];
    struct arena room;
    arena_init_in(&room, a->ceiling_bytes - a->used_bytes, first, sizeof first);
    int rc = row->encode(q, &room, ret, ret_plan, err);
    if (rc == 0)
        rc = settle(ret, a, err);
    a->is_full |= room.is_full;
    arena_reset(&room);
    return rc;
}

/* Without what is of the client's dialect. */
static int encode_other(const struct engine_translator *row,
                        const struct engine_asking *q, struct arena *a,
                        struct http_message *ret, struct engine_plan *ret_plan,
                        struct err *err)
{
    bool is_same = row->speaks == SPEECH_OPENAI && q->chat->dialect->id == DIALECT_OPENAI;
    if (LIKELY(is_same && !q->target->passed.n))
        return row->encode(q, a, ret, ret_plan, err);
    struct target target = *q->target;
    struct engine_asking translated = *q;
    target.passed = STR("");
    translated.target = &target;
    return is_same || q->chat->body.n > SHORT_BODY_BYTES
               ? row->encode(&translated, a, ret, ret_plan, err)
               : encode_beside(row, &translated, a, ret, ret_plan, err);
}

static int encode(const struct engine_asking *q, struct arena *a,
                  struct http_message *ret, struct engine_plan *ret_plan, struct err *err)
{
    const struct engine_translator *row = engine_translator(q->target->engine->speaks);
    if (!is_own(row, q->chat))
        return encode_other(row, q, a, ret, ret_plan, err);
    if (row->encode_own(q, a, ret, ret_plan, err) != 0)
        return -1;
    ret_plan->is_own = true;
    return 0;
}

int engine_encode(const struct chat *chat, const struct target *t,
                  const struct clearance *clearance, struct arena *a,
                  struct http_message *ret, struct engine_plan *ret_plan, struct err *err)
{
    struct buf lost, names;
    struct engine_asking q = {
        .chat = chat,
        .target = t,
        .has_tags = !is_local(t) && clearance_has_tags(clearance),
        .lost = &lost,
        .names = &names,
    };
    if (check_clearance(chat, t, clearance, err) != 0 ||
        check_forwarding(chat, t, err) != 0)
        return -1;
    if (UNLIKELY(t->engine->speaks != SPEECH_OPENAI || !chat->view || chat->has_details))
        q.issuer = engine_issuer(t->engine);
    buf_init(&lost, MAX_LOST_BYTES);
    buf_init(&names, 0);
    int rc = encode(&q, a, ret, ret_plan, err);
    if (rc == 0)
        rc = keep(&lost, a, &ret_plan->lost, err);
    if (rc == 0)
        rc = keep(&names, a, &ret_plan->names, err);
    buf_release(&lost);
    buf_release(&names);
    return rc;
}

bool engine_cannot_say(const struct err *err)
{
    return err->code && (strcmp(err->code, "not_expressible") == 0 ||
                         strcmp(err->code, "previous_response_not_found") == 0);
}

/* -- heads
 * -------------------------------------------------------------------------------- */

/* The row's fields, unless the client says the first of them itself. */
static struct str more_fields(const struct engine_translator *row, struct str passed)
{
    struct str more = str_of(row->more_fields ? row->more_fields : "");
    ptrdiff_t colon = str_index(more, ':');
    bool is_said =
        colon > 0 && str_contains_nocase(passed, str_sub(more, 0, (size_t)colon + 1));
    return is_said ? STR("") : more;
}

int engine_head(const struct target *t, struct str base, struct str path,
                struct str accept, struct arena *a, struct http_message *ret,
                struct err *err)
{
    const struct config_engine *e = t->engine;
    struct str key = e->api_key;
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] <= ' ' || key.p[i] > '~')
            return err_set(
                err, ERR_INTERNAL, "bad_api_key",
                "the api_key of engine '%.*s' has bytes that no HTTP field may "
                "carry",
                STR_ARG(e->name));
    const struct engine_translator *row = engine_translator(e->speaks);
    const struct str key_field =
        row->key_field ? str_of(row->key_field) : STR("Authorization: Bearer ");
    const struct str target[] = {base, path};
    const struct str fields[] = {
        STR("Content-Type: application/json\r\nAccept: "),
        accept,
        STR("\r\nAccept-Encoding: identity\r\nUser-Agent: weir/" WEIR_VERSION "\r\n"),
        more_fields(row, t->passed),
        t->passed,
        key.n ? key_field : STR(""),
        key,
        key.n ? STR("\r\n") : STR(""),
        t->via.n ? STR(ENGINE_VIA ": ") : STR(""),
        t->via,
        t->via.n ? STR("\r\n") : STR("")};
    ret->method = STR("POST");
    ret->target = arena_join(a, target, ARRAY_LEN(target));
    ret->fields = arena_join(a, fields, ARRAY_LEN(fields));
    return ret->target.p && ret->fields.p ? 0 : err_nomem(err);
}

/* -- answers
 * ------------------------------------------------------------------------------- */

bool engine_translates(enum engine_speech s, enum surface surface)
{
    return (engine_translator(s)->translated >> surface & 1) != 0;
}

bool engine_is_stream(enum engine_speech s, enum surface surface, enum body_look look,
                      bool was_asked)
{
    const struct engine_translator *t = engine_translator(s);
    if (t->has_json_streams && look == LOOKS_JSON && engine_translates(s, surface))
        return was_asked;
    return look == LOOKS_STREAM;
}

/* An object, and something behind it: a stream that was not asked for. */
static bool is_stream_of_lines(struct str answer)
{
    struct json_cur c;
    struct str first;
    json_begin(&c, answer);
    return json_peek(&c) == JSON_OBJECT && json_skip(&c, &first) &&
           json_finish(&c, NULL) != 0;
}

struct collecting {
    struct engine_collector *collector;
    struct err *err;
};

static int on_event(void *ctx, const struct event *e)
{
    struct collecting *k = ctx;
    return engine_collect(k->collector, e, k->err);
}

static int collect(struct engine_decoder *d, struct str answer, struct buf *out,
                   struct err *err)
{
    struct collecting k = {engine_collector_create(d->surface, 2 * answer.n + 1024), err};
    if (!k.collector)
        return err_nomem(err);
    int rc = engine_decode(d, answer, on_event, &k, err);
    if (rc == 0)
        rc = engine_decode_end(d, on_event, &k, err);
    if (rc == 0 && !engine_decoder_is_finished(d, 1))
        rc = err_set(err, ERR_UPSTREAM, "upstream_truncated",
                     "the engine's answer ends before it is complete");
    if (rc == 0)
        rc = engine_collector_finish(k.collector, &d->usage, out, err);
    engine_collector_free(k.collector);
    return rc;
}

int engine_translate_answer(enum engine_speech s, enum surface surface,
                            const struct engine_naming *naming, struct str answer,
                            struct buf *out, struct err *err)
{
    const struct engine_translator *t = engine_translator(s);
    struct engine_decoder d;
    if (!t->has_json_streams || LIKELY(!is_stream_of_lines(answer)))
        return t->translate_answer(naming, answer, out, err);
    engine_decoder_init(&d, s, surface);
    engine_decoder_name(&d, naming);
    int rc = collect(&d, answer, out, err);
    engine_decoder_release(&d);
    return rc;
}

/* -- the engine's own bytes
 * -------------------------------------------------------------- */

struct own_mark {
    size_t own, made;
};

void translation_mark(struct engine_translation *t, struct str raw, struct str end)
{
    if (LIKELY(!t->keeps_own))
        return;
    buf_append(&t->own, raw);
    buf_append(&t->own, end);
    const struct own_mark mark = {t->own.n, t->made.n};
    buf_append(&t->marks, (struct str){(const char *)&mark, sizeof mark});
    t->made.failed |= t->own.failed || t->marks.failed;
}

bool translation_next(const struct engine_translation *t, size_t *at,
                      struct str *ret_made, struct str *ret_own)
{
    struct own_mark from = {0, 0}, to;
    if (*at * sizeof to >= t->marks.n)
        return false;
    if (*at)
        memcpy(&from, t->marks.p + (*at - 1) * sizeof from, sizeof from);
    memcpy(&to, t->marks.p + *at * sizeof to, sizeof to);
    *ret_made = str_sub(buf_view(&t->made), from.made, to.made);
    *ret_own = str_sub(buf_view(&t->own), from.own, to.own);
    ++*at;
    return true;
}

/* -- forms of events
 * --------------------------------------------------------------------- */

static bool is_whole(struct str data)
{
    struct json_cur c;
    json_begin(&c, data);
    return json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

/* Length of the known event at the start of the bytes, told; or 0. */
static size_t tell_known(struct engine_translation *t, struct str bytes)
{
    struct known_said said;
    size_t n = known_match(&t->known, bytes, &said);
    if (n == 0)
        return 0;
    struct str made = known_make(&t->known, said.text);
    t->made.failed |= !made.p;
    buf_append(&t->made, made);
    engine_translator(t->speaks)->note(t, &said);
    translation_mark(t, str_sub(bytes, 0, n), STR(""));
    return n;
}

void translate_known(struct engine_translation *t, struct str *bytes)
{
    for (size_t n; t->known.is_known && (n = tell_known(t, *bytes)) > 0;)
        *bytes = str_sub(*bytes, n, bytes->n);
}

/* One whose last line end is known to be its own, and that no line end of the event
 * before can have got into. */
static bool may_be_known(struct str raw)
{
    return raw.n && raw.p[0] != '\n' && raw.p[0] != '\xEF' &&
           (str_ends(raw, STR("\n\n")) || str_ends(raw, STR("\r\n\r\n")));
}

static int take(struct engine_translation *t, const struct sse_event *e, translate_fn *fn,
                struct str end, struct err *err)
{
    size_t from = t->made.n;
    if (UNLIKELY(t->known.is_known) && tell_known(t, e->raw) == e->raw.n)
        return 0; /* it was cut between two reads */
    known_begin(&t->known);
    int rc = e->has_data && str_trim(e->data).n ? fn(t, e->event, e->data, err) : 0;
    if (t->known.ntexts && rc == 0 && !t->reads_all && may_be_known(e->raw))
        known_learn(&t->known, e->raw, end, buf_view(&t->made), from);
    translation_mark(t, e->raw, end);
    return rc;
}

bool translation_stops(struct engine_translation *t, struct str bytes)
{
    if (!t->may_stop || !t->known.is_known || bytes.n == 0)
        return false;
    t->rest = bytes;
    return true;
}

static bool is_between_events(const struct sse_reader *r)
{
    return (buf_len(&r->partial) == 0 || r->is_taken) && !r->after_cr;
}

bool translation_is_between(const struct engine_translation *t)
{
    return buf_len(&t->partial) == 0 && is_between_events(&t->sse);
}

static int next_event(struct engine_translation *t, struct str *bytes,
                      struct sse_event *ret)
{
    if (is_between_events(&t->sse))
        translate_known(t, bytes);
    return sse_next(&t->sse, bytes, ret);
}

int translate_events(struct engine_translation *t, struct str bytes, bool is_end,
                     translate_fn *fn, struct err *err)
{
    struct sse_event e;
    int status;
    while ((status = next_event(t, &bytes, &e)) == 1) {
        if (take(t, &e, fn, STR(""), err) != 0)
            return -1;
        if (translation_stops(t, bytes))
            return 0;
    }
    if (status < 0)
        return err_set(err, ERR_UPSTREAM, "upstream_bad_sse",
                       "the engine sent an event of more than %zu bytes",
                       t->sse.partial.max_bytes);
    if (!is_end || t->has_ended || sse_finish(&t->sse, &e) != 1 || !e.has_data)
        return 0;
    if (is_whole(e.data)) /* its blank line alone is missing */
        return take(t, &e, fn, STR("\n\n"), err);
    buf_lit(&t->made, "data: ");
    buf_append(&t->made, e.data);
    return 0;
}
