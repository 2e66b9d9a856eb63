/* openai.c -- one attempt's HTTP request to an engine that speaks OpenAI's form.
 *
 * The body is the client's own bytes.  What may differ, and nothing else: the model's
 * name, stream and stream_options (usage is always asked for, so that the ledger has
 * it), members or a system message that the operator configured as defaults, and, where
 * tags stand in the place of values, a sentence for the model on how to treat them. */
#include "dialect/dialect.h"
#include "dialect/openai_body.h"
#include "dialect/openai_view.h"
#include "engine/lacks.h"
#include "engine/splice.h"
#include "engine/toolnames.h"
#include "engine/unseal.h"
#include "json/name.h"
#include "json/scan.h"
#include "json/write.h"

#define OPENAI_FORM "OpenAI's chat completions"
#define USAGE_ON    "{\"include_usage\":true}"

enum { MAX_NAME_BYTES = 64 * 1024 };

/* What is being built, for the helpers below. */
struct encoding {
    const struct chat *chat;
    const struct target *target;
    const struct config_engine *engine; /* the target's */
    const struct engine_quirks *quirks;
    bool is_stream, is_collect;
    bool has_tags; /* in the place of values: the model is told to keep them whole */
    unsigned adapt, could; /* enum engine_adapt */
    struct splice splice;
    struct buf added; /* members put after the body's '{', each with its comma */
};

static bool has_key(const struct chat *chat, struct str key)
{
    for (size_t i = 0; i < chat->view->nkeys; i++)
        if (str_eq(chat->view->keys[i], key))
            return true;
    return false;
}

static int edit_model(struct encoding *e, struct str upstream, struct arena *a,
                      struct err *err)
{
    const struct chat *chat = e->chat;
    struct buf quoted;
    if (str_eq(upstream, chat->model))
        return 0;
    buf_init(&quoted, MAX_NAME_BYTES);
    json_write_string(&quoted, upstream);
    struct str text = arena_strdup(a, buf_view(&quoted));
    buf_release(&quoted);
    if (!text.p || text.n == 0)
        return err_nomem(err);
    splice_add(&e->splice, chat->view->model_at.value_at, chat->view->model_at.end, text);
    return 0;
}

static void edit_stream(struct encoding *e)
{
    const struct member *at = &e->chat->view->stream_at;
    if (!e->is_collect)
        return;
    if (at->end)
        splice_add(&e->splice, at->value_at, at->end, STR("true"));
    else
        buf_lit(&e->added, "\"stream\":true,");
}

/* include_usage inside the client's own stream_options object. */
static void edit_include_usage(struct encoding *e)
{
    const struct chat *chat = e->chat;
    const struct member *at = &chat->view->stream_options_at;
    struct str options = member_value(chat->body, at);
    struct member usage;
    if (member_find(options, "include_usage", &usage)) {
        if (!str_eqz(member_value(options, &usage), "true"))
            splice_add(&e->splice, at->value_at + usage.value_at,
                       at->value_at + usage.end, STR("true"));
        return;
    }
    struct json_cur c;
    json_begin(&c, options);
    json_enter_object(&c);
    struct json_string k;
    bool is_empty = !json_next_member(&c, &k);
    splice_add(&e->splice, at->value_at + 1, at->value_at + 1,
               is_empty ? STR("\"include_usage\":true") : STR("\"include_usage\":true,"));
}

static void edit_stream_options(struct encoding *e)
{
    const struct chat *chat = e->chat;
    const struct member *at = &chat->view->stream_options_at;
    uint32_t from, to;
    if (e->quirks->refuses_stream_options || (e->adapt & ADAPT_NO_STREAM_OPTIONS)) {
        if (!at->end)
            return;
        member_span(chat->body, at, &from, &to);
        splice_add(&e->splice, from, to, (struct str){"", 0});
        return;
    }
    if (!e->is_stream)
        return; /* the client's own business */
    e->could |= ADAPT_NO_STREAM_OPTIONS;
    if (!at->end) {
        buf_lit(&e->added, "\"stream_options\":" USAGE_ON ",");
    } else if (chat->body.p[at->value_at] != '{') {
        splice_add(&e->splice, at->value_at, at->end, STR(USAGE_ON));
    } else {
        edit_include_usage(e);
    }
}

/* Members that weir decides itself, or that would change what was asked. */
static bool is_reserved(struct json_string k)
{
    static const char *const names[] = {"model",  "messages", "prompt",
                                        "stream", "input",    "stream_options"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_string_is(k, names[i]))
            return true;
    return k.has_escapes;
}

/* The two names of one setting: giving either means that the client chose. */
static bool is_given(const struct chat *chat, struct str key)
{
    if (str_eqz(key, "max_tokens") && has_key(chat, STR("max_completion_tokens")))
        return true;
    if (str_eqz(key, "max_completion_tokens") && has_key(chat, STR("max_tokens")))
        return true;
    return has_key(chat, key);
}

static void add_default_params(struct encoding *e)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    if (!e->engine->default_params.n || (e->adapt & ADAPT_NO_DEFAULTS))
        return;
    json_begin(&c, e->engine->default_params);
    if (!json_enter_object(&c))
        return;
    while (json_next_member(&c, &k)) {
        if (!json_skip(&c, &value) || is_reserved(k) || is_given(e->chat, k.raw))
            continue;
        buf_byte(&e->added, '"');
        buf_append(&e->added, k.raw);
        buf_lit(&e->added, "\":");
        buf_append(&e->added, value);
        buf_byte(&e->added, ',');
        e->could |= ADAPT_NO_DEFAULTS;
    }
}

static int add_default_system(struct encoding *e, struct arena *a, struct err *err)
{
    const struct chat *chat = e->chat;
    struct str system = e->engine->default_system;
    struct buf message;
    if (!system.n || chat->has_system || chat->surface != SURFACE_CHAT ||
        (e->adapt & ADAPT_NO_SYSTEM))
        return 0;
    e->could |= ADAPT_NO_SYSTEM;
    buf_init(&message, 8 * system.n + 64);
    buf_lit(&message, "{\"role\":\"system\",\"content\":");
    json_write_string(&message, system);
    buf_lit(&message, "},");
    struct str text = arena_strdup(a, buf_view(&message));
    bool is_whole = !message.failed;
    buf_release(&message);
    if (!text.p || !is_whole)
        return err_nomem(err);
    uint32_t at = chat->view->messages_at.value_at + 1;
    splice_add(&e->splice, at, at, text);
    return 0;
}

/* Models shorten, translate and explain what looks like a code unless they are told.
 * At the end of the system text, so that what stands before it stays cacheable. */
static void add_tag_hint(struct encoding *e)
{
    const struct chat *chat = e->chat;
    struct str system = chat->system_text;
    if (!e->has_tags || chat->surface != SURFACE_CHAT)
        return;
    if (system.n > 1 && system.p[0] == '"') {
        uint32_t end = (uint32_t)(system.p - chat->body.p + (ptrdiff_t)system.n) - 1;
        splice_add(&e->splice, end, end, STR("\\n\\n" TAG_HINT));
    } else {
        if (e->adapt & ADAPT_NO_SYSTEM)
            return;
        e->could |= ADAPT_NO_SYSTEM;
        uint32_t at = chat->view->messages_at.value_at + 1;
        splice_add(&e->splice, at, at,
                   STR("{\"role\":\"system\",\"content\":\"" TAG_HINT "\"},"));
    }
}

/* The one setting under the name that the engine takes. */
static void rename_tokens(struct encoding *e)
{
    static const struct {
        const char *from;
        unsigned adapt;
        struct str to;
    } rows[] = {
        {"max_tokens", ADAPT_NEW_TOKENS, STR_INIT("\"max_completion_tokens\":")},
        {"max_completion_tokens", ADAPT_OLD_TOKENS, STR_INIT("\"max_tokens\":")},
    };
    const struct chat *chat = e->chat;
    bool has_both =
        has_key(chat, str_of(rows[0].from)) && has_key(chat, str_of(rows[1].from));
    struct member at;
    for (size_t i = 0; i < ARRAY_LEN(rows) && !has_both; i++) {
        if (!has_key(chat, str_of(rows[i].from)))
            continue;
        if (!(e->adapt & rows[i].adapt))
            e->could |= rows[i].adapt;
        else if (member_find(chat->body, rows[i].from, &at))
            splice_add(&e->splice, at.at, at.value_at, rows[i].to);
    }
}

static int place_added(struct encoding *e, struct arena *a, struct err *err)
{
    struct str text = buf_view(&e->added);
    if (e->added.failed)
        return err_nomem(err);
    if (text.n == 0)
        return 0;
    if (e->chat->view->object_is_empty)
        text.n--; /* no member follows the last comma */
    text = arena_strdup(a, text);
    if (!text.p)
        return err_nomem(err);
    splice_add(&e->splice, e->chat->view->object_at, e->chat->view->object_at, text);
    return 0;
}

static int build_body(struct encoding *e, struct str upstream, struct arena *a,
                      struct err *err)
{
    if (edit_model(e, upstream, a, err) != 0)
        return -1;
    if (e->chat->surface == SURFACE_EMBEDDINGS)
        return 0;
    edit_stream(e);
    edit_stream_options(e);
    if (e->chat->max_output_tokens >= 0)
        rename_tokens(e);
    add_default_params(e);
    add_tag_hint(e);
    return add_default_system(e, a, err) != 0 ? -1 : place_added(e, a, err);
}

static int build_head(const struct encoding *e, struct arena *a, struct http_message *ret,
                      struct err *err)
{
    static const char *const paths[SURFACE_COUNT] = {
        [SURFACE_CHAT] = "/chat/completions",
        [SURFACE_COMPLETIONS] = "/completions",
        [SURFACE_EMBEDDINGS] = "/embeddings",
    };
    return engine_head(e->target, e->engine->base_path, str_of(paths[e->chat->surface]),
                       e->is_stream ? STR("text/event-stream") : STR("application/json"),
                       a, ret, err);
}

/* What OpenAI has no name for has the name of its dialect before its own. */
static int check_others(const struct conversation *c, struct err *err)
{
    for (size_t i = 0; i < c->nothers; i++)
        if (str_index(c->others[i].name, '.') >= 0)
            return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                           "'%.*s' cannot be translated for this engine: OpenAI's form "
                           "has no place for it",
                           STR_ARG(json_name_shown(c->others[i].name)));
    return 0;
}

/* What a provider keeps is known to it alone; and files stand in the request. */
static const char *lacking(const struct chat *chat, const struct piece *p)
{
    bool is_empty = !p->data.n;
    if (p->kind == PIECE_IMAGE && is_empty && !p->url.n)
        return "a picture by the id that its provider gave it";
    if (p->kind == PIECE_AUDIO && is_empty)
        return "a sound that is not in the request";
    if (p->kind != PIECE_FILE || !is_empty)
        return NULL;
    if (p->url.n)
        return "a file at an address";
    return chat->dialect->id == DIALECT_OPENAI_RESPONSES
               ? NULL
               : "a file by the id that another provider gave it";
}

static int check_media(const struct engine_asking *q, const struct conversation *c,
                       struct err *err)
{
    for (size_t i = 0; i < c->nmessages; i++)
        for (size_t j = 0; j < c->messages[i].npieces; j++) {
            const char *what = lacking(q->chat, &c->messages[i].pieces[j]);
            if (UNLIKELY(what != NULL))
                return engine_refuse(q, OPENAI_FORM, what, err);
        }
    return 0;
}

/* Completions and embeddings. */
static int put_other_into_form(const struct engine_asking *q, struct arena *a,
                               struct chat *ret, struct err *err)
{
    const struct chat *chat = q->chat;
    struct conversation told = {.nlost = 0};
    struct str own;
    if (!chat->dialect->as_openai)
        return err_set(err, ERR_BAD_REQUEST, "not_expressible",
                       "requests of %s for %s cannot be translated for this engine",
                       dialect_name(chat->dialect->id), surface_name(chat->surface));
    if (chat->dialect->as_openai(chat, a, &told, &own, err) != 0)
        return -1;
    engine_lose_told(q, &told);
    return dialect_read(dialect_get(DIALECT_OPENAI), chat->surface, own, a, ret, err);
}

/* A request in another form, said in this one. */
static int put_into_form(const struct engine_asking *q, struct arena *a, struct chat *ret,
                         struct err *err)
{
    const struct chat *chat = q->chat;
    struct conversation c;
    if (chat->surface != SURFACE_CHAT)
        return put_other_into_form(q, a, ret, err);
    if (engine_read_conversation(q, a, &c, err) != 0 || check_others(&c, err) != 0 ||
        check_media(q, &c, err) != 0)
        return -1;
    if (c.thinking_budget > 0 && !c.effort.n)
        engine_lose(q, "thinking_budget"); /* it becomes an effort */
    return openai_make_chat(&c, chat, str_of(q->issuer.text), a, ret, err);
}

static int encode_openai(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err)
{
    const struct chat *chat = q->chat;
    const struct target *t = q->target;
    struct encoding e = {
        .chat = chat,
        .target = t,
        .engine = t->engine,
        .quirks = engine_quirks(t->engine->kind),
        .has_tags = q->has_tags,
        .adapt = t->adapt,
    };
    bool can_stream = chat->surface != SURFACE_EMBEDDINGS;
    e.is_collect = can_stream && !chat->is_stream && e.quirks->cancel_needs_stream &&
                   !(t->adapt & ADAPT_NO_STREAM);
    e.could = e.is_collect ? ADAPT_NO_STREAM : 0;
    e.is_stream = can_stream && (chat->is_stream || e.is_collect);
    buf_init(&e.added, t->engine->default_params.n * 2 + 256);
    int status = build_body(&e, t->model->upstream, a, err);
    buf_release(&e.added);
    if (status != 0 || build_head(&e, a, ret, err) != 0)
        return -1;
    splice_apply(&e.splice, chat->body, ret);
    *ret_plan = (struct engine_plan){
        .is_stream = e.is_stream, .is_collect = e.is_collect, .could = e.could};
    return 0;
}

/* A body with thoughts that another engine sealed, without them. */
static int unsealed(const struct engine_asking *q, struct arena *a, struct chat *ret,
                    struct err *err)
{
    const struct chat *chat = q->chat;
    struct unsealed gone;
    struct buf b;
    buf_init(&b, chat->body.n + MAX_NAME_BYTES);
    bool is_whole =
        unseal_body(DIALECT_OPENAI, chat->body, str_of(q->issuer.text), &b, &gone) &&
        !b.failed;
    lacks_note_unsealed(q, &gone);
    struct str text = is_whole ? arena_strdup(a, buf_view(&b)) : (struct str){NULL, 0};
    buf_release(&b);
    return text.p ? dialect_read_as(chat, text, a, ret, err) : err_nomem(err);
}

/* Not as its body is. */
static NOINLINE int encode_changed(const struct engine_asking *q, struct arena *a,
                                   struct http_message *ret, struct engine_plan *ret_plan,
                                   struct err *err)
{
    struct chat own = {.view = NULL};
    struct engine_asking asking = *q;
    if (q->chat->view ? unsealed(q, a, &own, err) != 0
                      : put_into_form(q, a, &own, err) != 0)
        return -1;
    asking.chat = &own;
    return encode_openai(&asking, a, ret, ret_plan, err);
}

static int openai_encode(const struct engine_asking *q, struct arena *a,
                         struct http_message *ret, struct engine_plan *ret_plan,
                         struct err *err)
{
    bool is_plain = LIKELY(q->chat->view != NULL && !q->chat->has_details);
    if (LIKELY(is_plain) ||
        (q->chat->view && !unseal_is_needed(DIALECT_OPENAI, q->chat->body)))
        return encode_openai(q, a, ret, ret_plan, err);
    return encode_changed(q, a, ret, ret_plan, err);
}

/* As OpenAI documents it; most engines of the form take more. */
static const struct name_form names = {.most = 64, .more = "-"};

const struct engine_translator translator_openai = {
    .speaks = SPEECH_OPENAI,
    .form = OPENAI_FORM,
    .lacks = LACKS_CACHE | LACKS_GRAMMAR | LACKS_SEALED | LACKS_SIGNATURE,
    .names = &names,
    .encode = openai_encode,
};
