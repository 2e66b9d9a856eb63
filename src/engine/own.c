/* own.c -- see own.h. */
#include "engine/own.h"

#include "dialect/member.h"
#include "engine/lacks.h"
#include "engine/splice.h"
#include "engine/unseal.h"
#include "json/scan.h"
#include "json/write.h"

enum { SPARE_BYTES = 64 * 1024, MAX_TIMES = 8, MAX_KEY_BYTES = 128 };

struct owning {
    const struct engine_asking *q;
    const struct own_form *form;
    struct arena *arena;
    struct str body;
    struct splice splice;
    struct buf added; /* members put after the body's '{', each with its comma */
    struct err *err;
};

/* A member of the body; of the client's own bytes it is known where they are long. */
static bool find_in_body(const struct owning *o, const char *key, struct member *ret)
{
    return member_find_known(o->body, &o->q->chat->ends, key, ret);
}

static struct str kept(struct owning *o, struct buf *b)
{
    struct str text =
        b->failed ? (struct str){NULL, 0} : arena_strdup(o->arena, buf_view(b));
    buf_release(b);
    return text;
}

/* -- the model
 * ----------------------------------------------------------------------------- */

static int edit_model(struct owning *o)
{
    struct str upstream = o->q->target->model->upstream;
    struct member at;
    struct buf quoted;
    if (!o->form->names_model || str_eq(upstream, o->q->chat->model))
        return 0;
    buf_init(&quoted, SPARE_BYTES);
    json_write_string(&quoted, upstream);
    if (!find_in_body(o, "model", &at)) {
        buf_lit(&o->added, "\"model\":");
        buf_append(&o->added, buf_view(&quoted));
        buf_byte(&o->added, ',');
        buf_release(&quoted);
        return 0;
    }
    struct str text = kept(o, &quoted);
    if (!text.p)
        return err_nomem(o->err);
    splice_add(&o->splice, at.value_at, at.end, text);
    return 0;
}

/* -- instructions
 * --------------------------------------------------------------------------- */

/* Where a value of the body ends. */
static uint32_t end_of(const struct owning *o, struct str value)
{
    return (uint32_t)(value.p + value.n - o->body.p);
}

static bool is_empty_list(struct str list)
{
    struct json_cur c;
    json_begin(&c, list);
    return json_peek(&c) == JSON_ARRAY && json_enter_array(&c) && !json_next_element(&c);
}

/* One more element at the end of a list, in an arena. */
static int add_element(struct owning *o, struct str list, const char *before,
                       struct str said)
{
    struct buf b;
    buf_init(&b, 8 * said.n + SPARE_BYTES);
    if (!is_empty_list(list))
        buf_byte(&b, ',');
    buf_append(&b, str_of(before));
    json_write_string(&b, said);
    buf_byte(&b, '}');
    struct str text = kept(o, &b);
    if (!text.p)
        return err_nomem(o->err);
    splice_add(&o->splice, end_of(o, list) - 1, end_of(o, list) - 1, text);
    return 0;
}

/* Behind the one part that stands in no list: both are in one then. */
static int add_to_part(struct owning *o, struct str part, struct str said)
{
    uint32_t from = (uint32_t)(part.p - o->body.p), end = end_of(o, part);
    struct buf b;
    buf_init(&b, 8 * said.n + SPARE_BYTES);
    buf_lit(&b, ",{\"text\":");
    json_write_string(&b, said);
    buf_lit(&b, "}]");
    struct str text = kept(o, &b);
    if (!text.p)
        return err_nomem(o->err);
    splice_add(&o->splice, from, from, STR("["));
    splice_add(&o->splice, end, end, text);
    return 0;
}

/* Behind a text's last byte, after a blank line. */
static int add_behind(struct owning *o, struct str string, struct str said)
{
    struct buf b;
    buf_init(&b, 8 * said.n + SPARE_BYTES);
    if (string.n > 2)
        buf_lit(&b, "\\n\\n");
    json_write_inside(&b, said);
    struct str text = kept(o, &b);
    if (!text.p)
        return err_nomem(o->err);
    splice_add(&o->splice, end_of(o, string) - 1, end_of(o, string) - 1, text);
    return 0;
}

static void add_member(struct owning *o, struct str said)
{
    buf_byte(&o->added, '"');
    buf_append(&o->added, str_of(o->form->system[0]));
    buf_append(&o->added, o->form->said_how == SYSTEM_PARTS
                              ? STR("\":{\"parts\":[{\"text\":")
                              : STR("\":"));
    json_write_string(&o->added, said);
    buf_append(&o->added, o->form->said_how == SYSTEM_PARTS ? STR("}]},") : STR(","));
}

/* A message of role system before all others. */
static int add_message(struct owning *o, struct str list, struct str said)
{
    struct buf b;
    uint32_t at = (uint32_t)(list.p - o->body.p) + 1;
    buf_init(&b, 8 * said.n + SPARE_BYTES);
    buf_lit(&b, "{\"role\":\"system\",\"content\":");
    json_write_string(&b, said);
    buf_append(&b, is_empty_list(list) ? STR("}") : STR("},"));
    struct str text = kept(o, &b);
    if (!text.p)
        return err_nomem(o->err);
    splice_add(&o->splice, at, at, text);
    return 0;
}

static int say_in_messages(struct owning *o, struct str list, struct str said)
{
    struct str system = o->q->chat->system_text;
    bool is_here = system.n > 1 && system.p[0] == '"' && o->body.p == o->q->chat->body.p;
    return is_here ? add_behind(o, system, said) : add_message(o, list, said);
}

/* What weir says to the model beside what the client does. */
static int say(struct owning *o, struct str said)
{
    struct member at = {.end = 0};
    for (size_t i = 0; i < ARRAY_LEN(o->form->system) && !at.end; i++)
        if (o->form->system[i])
            (void)find_in_body(o, o->form->system[i], &at);
    struct str value = member_value(o->body, &at);
    char first = value.n ? value.p[0] : '\0';
    if (o->form->said_how == SYSTEM_IN_MESSAGES)
        return first == '[' ? say_in_messages(o, value, said) : 0;
    if (first == '"')
        return add_behind(o, value, said);
    if (first == '[' && o->form->said_how == SYSTEM_BLOCKS)
        return add_element(o, value, "{\"type\":\"text\",\"text\":", said);
    struct member parts;
    if (first == '{' && member_find(value, "parts", &parts)) {
        struct str list = member_value(value, &parts);
        if (list.p[0] == '[')
            return add_element(o, list, "{\"text\":", said);
        if (list.p[0] == '{')
            return add_to_part(o, list, said);
    }
    if (at.end) { /* null, or what the engine will refuse */
        uint32_t from, to;
        member_span(o->body, &at, &from, &to);
        splice_add(&o->splice, from, to, STR(""));
    }
    add_member(o, said);
    return 0;
}

static int edit_system(struct owning *o)
{
    struct str given = o->q->target->engine->default_system;
    if (o->q->chat->has_system)
        given = STR("");
    if (!o->q->has_tags)
        return given.n ? say(o, given) : 0;
    if (!given.n)
        return say(o, STR(TAG_HINT));
    const struct str both[] = {given, STR("\n\n" TAG_HINT)};
    struct str said = arena_join(o->arena, both, ARRAY_LEN(both));
    return said.p ? say(o, said) : err_nomem(o->err);
}

/* -- defaults
 * -------------------------------------------------------------------------------- */

static bool is_reserved(struct json_string k)
{
    static const char *const names[] = {"model", "messages", "input", "contents",
                                        "stream"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (json_string_is(k, names[i]))
            return true;
    return k.has_escapes;
}

static bool copy_name(struct json_string k, char ret[MAX_KEY_BYTES])
{
    if (k.raw.n >= MAX_KEY_BYTES)
        return false;
    memcpy(ret, k.raw.p, k.raw.n);
    ret[k.raw.n] = '\0';
    return true;
}

/* Members of an object inside the body that it lacks, put at its beginning. */
static int fill_object(struct owning *o, struct str object, struct str defaults)
{
    uint32_t at = (uint32_t)(object.p - o->body.p) + 1;
    struct json_cur c;
    struct json_string k;
    struct str value;
    struct buf b;
    buf_init(&b, 2 * defaults.n + SPARE_BYTES);
    json_begin(&c, defaults);
    json_enter_object(&c);
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        char name[MAX_KEY_BYTES];
        struct member in;
        if (!copy_name(k, name) || member_find(object, name, &in))
            continue;
        buf_printf(&b, "\"%s\":%.*s,", name, STR_ARG(value));
    }
    json_begin(&c, object);
    bool is_empty = json_enter_object(&c) && !json_next_member(&c, &k);
    struct str text = kept(o, &b);
    if (!text.p)
        return err_nomem(o->err);
    if (text.n)
        splice_add(&o->splice, at, at, str_sub(text, 0, text.n - is_empty));
    return 0;
}

/* The client's own member counts; in `options`, which are many settings, each of them. */
static int edit_default(struct owning *o, struct json_string k, struct str value)
{
    char name[MAX_KEY_BYTES];
    struct member at;
    if (is_reserved(k) || !copy_name(k, name))
        return 0;
    if (!find_in_body(o, name, &at)) {
        buf_printf(&o->added, "\"%s\":", name);
        buf_append(&o->added, value);
        buf_byte(&o->added, ',');
        return 0;
    }
    struct str own = member_value(o->body, &at);
    bool are_both = own.p[0] == '{' && value.p[0] == '{';
    return are_both && strcmp(name, "options") == 0 ? fill_object(o, own, value) : 0;
}

static int edit_defaults(struct owning *o, struct str defaults)
{
    struct json_cur c;
    struct json_string k;
    struct str value;
    if (!defaults.n)
        return 0;
    json_begin(&c, defaults);
    if (!json_enter_object(&c))
        return 0;
    while (json_next_member(&c, &k) && json_skip(&c, &value))
        if (edit_default(o, k, value) != 0)
            return -1;
    return 0;
}

/* -- all of it
 * ------------------------------------------------------------------------------- */

static int take_body(struct owning *o)
{
    struct str own = o->q->chat->body;
    struct unsealed gone;
    struct buf b;
    o->body = own;
    if (LIKELY(!unseal_is_needed(o->form->dialect, own)))
        return 0;
    buf_init(&b, own.n + SPARE_BYTES);
    bool is_whole =
        unseal_body(o->form->dialect, own, str_of(o->q->issuer.text), &b, &gone);
    lacks_note_unsealed(o->q, &gone);
    o->body = kept(o, &b);
    return is_whole && o->body.p ? 0 : err_nomem(o->err);
}

/* Behind the body's first brace. */
static int place_added(struct owning *o)
{
    struct json_cur c;
    struct json_string k;
    uint32_t at = (uint32_t)str_index(o->body, '{') + 1;
    if (o->added.n == 0 && !o->added.failed)
        return 0;
    json_begin(&c, o->body);
    bool is_empty = json_enter_object(&c) && !json_next_member(&c, &k);
    struct str text = kept(o, &o->added);
    if (!text.p)
        return err_nomem(o->err);
    splice_add(&o->splice, at, at, str_sub(text, 0, text.n - is_empty));
    return 0;
}

int own_body(const struct engine_asking *q, const struct own_form *form, struct arena *a,
             struct http_message *ret, struct err *err)
{
    struct owning o = {.q = q, .form = form, .arena = a, .err = err};
    const struct config_engine *e = q->target->engine;
    struct str defaults = form->defaults.p ? form->defaults : e->default_params;
    buf_init(&o.added, MAX_TIMES * (defaults.n + e->default_system.n) + SPARE_BYTES);
    int rc = take_body(&o);
    if (rc == 0)
        rc = edit_model(&o);
    if (rc == 0)
        rc = edit_system(&o);
    if (rc == 0)
        rc = edit_defaults(&o, defaults);
    if (rc == 0)
        rc = place_added(&o);
    buf_release(&o.added);
    if (rc == 0)
        splice_apply(&o.splice, o.body, ret);
    return rc;
}
