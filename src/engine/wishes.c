/* wishes.c -- see wishes.h. */
#include "engine/wishes.h"

#include "core/hash.h"
#include "json/name.h"
#include "json/scan.h"

#include <stdio.h>

enum { ROOM_BYTES = 4096, SPARE_BYTES = 64 * 1024, MAX_TIMES = 8 };

struct str wish_of(const struct conversation *c, const char *name)
{
    for (size_t i = 0; i < c->nothers; i++)
        if (str_eqz(c->others[i].name, name))
            return c->others[i].value;
    return (struct str){NULL, 0};
}

static bool is_in(struct str name, const char *const *names)
{
    for (; *names; names++) {
        struct str one = str_of(*names);
        if (str_eq(name, one) || (str_ends(one, STR(".")) && str_starts(name, one)))
            return true;
    }
    return false;
}

/* ["text"], however it is written: the answer is to be a text. */
static bool is_text_alone(struct str raw)
{
    struct json_cur c;
    struct str first;
    json_begin(&c, raw);
    return json_peek(&c) == JSON_ARRAY && json_enter_array(&c) && json_next_element(&c) &&
           json_skip(&c, &first) && str_eqz(first, "\"text\"") &&
           !json_next_element(&c) && json_ok(&c);
}

bool wish_is_usual(struct str name, struct str value)
{
    static const struct {
        const char *name, *value;
    } usual[] = {
        {"logprobs", "0"},
        {"top_logprobs", "0"},
        {"min_tokens", "0"},
        {"best_of", "1"},
        {"n", "1"},
        {"service_tier", "\"auto\""},
        {"service_tier", "\"default\""},
        {"function_call", "\"auto\""},
        {"function_call", "\"none\""},
        {"include_reasoning", "true"},
        {"do_sample", "true"},
        {"skip_special_tokens", "true"},
        {"add_generation_prompt", "true"},
    };
    static const char *const on[] = {"include_reasoning",   "do_sample",
                                     "skip_special_tokens", "add_generation_prompt",
                                     "parallel_tool_calls", NULL};
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (str_eqz(name, usual[i].name) && str_eqz(value, usual[i].value))
            return true;
    if (str_eqz(name, "modalities") && is_text_alone(value))
        return true;
    if (str_eqz(name, "web_search_options")) /* {} asks for a search */
        return str_eqz(value, "false");
    return json_is_empty(value) && !(str_eqz(value, "false") && is_in(name, on));
}

int wishes_check(const struct engine_asking *q, const struct conversation *c,
                 const char *form, const char *const *carried, const char *const *lost,
                 struct err *err)
{
    for (size_t i = 0; i < c->nothers; i++) {
        const struct other_member *o = &c->others[i];
        char name[80];
        if (is_in(o->name, carried) || wish_is_usual(o->name, o->value))
            continue;
        if (!is_in(o->name, lost)) {
            snprintf(name, sizeof name, "'%.*s'", STR_ARG(json_name_shown(o->name)));
            return engine_refuse(q, form, name, err);
        }
        snprintf(name, sizeof name, "%.*s", STR_ARG(json_name_shown(o->name)));
        engine_lose(q, name);
    }
    return 0;
}

void write_member(struct json_writer *w, struct str name, struct str value)
{
    if (w->needs_comma)
        buf_byte(w->out, ',');
    json_write_string(w->out, name);
    buf_byte(w->out, ':');
    w->needs_comma = false;
    json_raw(w, value);
}

/* -- a request -------------------------------------------------------------------------
 */

int asking_refuse_in(const struct engine_asking *q, const struct conversation *c,
                     const char *form, const struct message *m, const char *what,
                     struct err *err)
{
    char text[160];
    snprintf(text, sizeof text, "%s in 'messages[%zu]'", what, (size_t)(m - c->messages));
    return engine_refuse(q, form, text, err);
}

int asking_body(const struct engine_asking *q, struct arena *a, body_fn *write, void *ctx,
                struct str *ret, struct err *err)
{
    const struct config_engine *e = q->target->engine;
    const size_t given = q->chat->body.n + e->default_params.n + e->default_system.n;
    struct buf body;
    struct json_writer w;
    struct str text = {NULL, 0};
    /* Nearly always it fits where it is to stay. */
    void *room = arena_raw(a, given + ROOM_BYTES);
    if (!room)
        return err_nomem(err);
    buf_init_in(&body, MAX_TIMES * given + SPARE_BYTES, room, given + ROOM_BYTES);
    json_writer_init(&w, &body);
    int rc = write(ctx, &w);
    if (rc == 0 && !body.failed)
        text = body.is_given ? buf_view(&body) : arena_strdup(a, buf_view(&body));
    buf_release(&body);
    if (rc == 0 && !text.p)
        rc = err_nomem(err);
    if (rc == 0)
        *ret = text;
    return rc;
}

int asking_finish(const struct engine_asking *q, struct str base, struct str path,
                  struct str body, struct arena *a, struct http_message *ret,
                  struct engine_plan *ret_plan, struct err *err)
{
    struct http_message message = {0};
    if (engine_head(q->target, base, path, STR("application/json"), a, &message, err) !=
        0)
        return -1;
    message.body[message.npieces++] = body;
    message.body_bytes = body.n;
    *ret = message;
    *ret_plan = (struct engine_plan){.is_stream = q->chat->is_stream};
    return 0;
}

struct str base_without(struct str base, const char *end)
{
    return str_ends(base, str_of(end)) ? str_sub(base, 0, base.n - strlen(end)) : base;
}

/* -- tools -----------------------------------------------------------------------------
 */

static bool is_object(struct str text)
{
    struct json_cur c;
    json_begin(&c, text);
    return json_peek(&c) == JSON_OBJECT && json_skip(&c, NULL) &&
           json_finish(&c, NULL) == 0;
}

void write_object_of(struct json_writer *w, const struct tool_call *call)
{
    if (!call->is_custom && is_object(call->arguments)) {
        json_raw(w, call->arguments);
        return;
    }
    json_object_open(w);
    if (call->is_custom || !is_blank(call->arguments)) {
        json_key(w, call->is_custom ? CUSTOM_TOOL_INPUT : "text");
        json_str(w, call->arguments);
    }
    json_object_close(w);
}

void write_parameters(struct json_writer *w, const struct tool *t)
{
    struct str p = t->parameters;
    if (t->kind == TOOL_CUSTOM) {
        json_raw(w, STR(CUSTOM_TOOL_SCHEMA));
    } else if (json_is_empty(p)) {
        json_raw(w, STR("{\"type\":\"object\",\"properties\":{}}"));
    } else if (p.p[0] == '{' && !json_get(p, "type").p) {
        json_raw(w, STR("{\"type\":\"object\","));
        buf_append(w->out, str_sub(p, 1, p.n));
    } else {
        json_raw(w, p);
    }
}

/* Is it one of these members: `"a":1,"b":2`? */
static bool is_written(struct str members, struct str name)
{
    struct json_cur c;
    struct json_string k;
    while (members.n && members.p[0] == '"') {
        json_begin(&c, members);
        if (!json_read_string(&c, &k) || str_eq(k.raw, name))
            return members.n > 0 && str_eq(k.raw, name);
        members = str_sub(members, json_offset(&c) + 1, members.n); /* the colon */
        json_begin(&c, members);
        if (!json_skip(&c, NULL))
            return false;
        members = str_sub(members, json_offset(&c) + 1, members.n); /* the comma */
    }
    return false;
}

void write_defaults(struct json_writer *w, struct str params, const char *const *own,
                    size_t from)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    const size_t to = w->out->n;
    json_begin(&c, params);
    if (!params.n || json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return;
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        struct str written = {w->out->p + from, to - from};
        if (written.n && written.p[0] == ',')
            written = str_sub(written, 1, written.n);
        if (is_in(k.raw, own) || is_written(written, k.raw))
            continue;
        write_member(w, k.raw, value);
    }
}

/* -- names -----------------------------------------------------------------------------
 */

static bool is_plain(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!is_good)
            return false;
    }
    return id.n > 0;
}

struct str id_within(struct str id, size_t most, struct arena *a)
{
    static const struct siphash_key keys[] = {{1, 2}, {3, 4}};
    if (is_plain(id) && id.n <= most)
        return id;
    return arena_printf(a, "call_%016llx%016llx",
                        (unsigned long long)siphash_once(keys[0], id),
                        (unsigned long long)siphash_once(keys[1], id));
}

bool is_blank(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\n' &&
            text.p[i] != '\r')
            return false;
    return true;
}
