/* check.c -- whose checks are asked for, and what they share. */
#include "sim/check.h"

#include <stdarg.h>
#include <stdio.h>

bool check_refuse(struct check *k, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(k->room, SIM_MESSAGE_BYTES, fmt, args);
    va_end(args);
    return true;
}

bool check_refuse_as(struct check *k, const char *param, const char *code,
                     const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(k->room, SIM_MESSAGE_BYTES, fmt, args);
    va_end(args);
    k->ret->param = param;
    k->ret->code = code;
    return true;
}

struct check_list check_list(struct str raw)
{
    struct check_list l = {.i = SIZE_MAX};
    json_begin(&l.c, raw);
    l.is_open = check_is(raw, '[') && json_enter_array(&l.c);
    return l;
}

bool check_next(struct check_list *l, struct str *ret)
{
    l->is_open = l->is_open && json_next_element(&l->c) && json_skip(&l->c, ret);
    l->i++;
    return l->is_open;
}

bool check_word(struct str raw, const char *word)
{
    return raw.n == strlen(word) + 2 && raw.p[0] == '"' &&
           str_eqz(str_sub(raw, 1, raw.n - 1), word);
}

struct str check_text(const struct check *k, struct str raw)
{
    struct json_cur c;
    struct json_string s;
    json_begin(&c, raw);
    if (!check_is(raw, '"') || !json_read_string(&c, &s))
        return (struct str){NULL, 0};
    return json_unescape(k->asked->arena, s);
}

struct str check_get(struct str object, const char *name, const char *other)
{
    struct str raw = json_get(object, name);
    return raw.p ? raw : json_get(object, other);
}

bool check_number(struct str raw, int64_t *ret)
{
    return raw.n && json_to_i64(raw, ret);
}

bool check_is_id(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return id.n > 0;
}

static size_t find(const struct check_ids *set, struct str id)
{
    size_t i = 0;
    while (i < set->n && !str_eq(set->ids[i], id))
        i++;
    return i;
}

bool check_ids_add(struct check_ids *set, struct str id)
{
    if (find(set, id) < set->n)
        return false;
    if (set->n < CHECK_MAX_IDS)
        set->ids[set->n++] = id;
    return true;
}

bool check_ids_take(struct check_ids *set, struct str id)
{
    size_t i = find(set, id);
    if (i == set->n)
        return false;
    set->ids[i] = set->ids[--set->n];
    return true;
}

static bool is_json(struct str body)
{
    struct json_cur c;
    json_begin(&c, body);
    bool is_object = json_peek(&c) == JSON_OBJECT;
    json_skip(&c, NULL);
    return json_finish(&c, NULL) == 0 && is_object;
}

bool sim_check(const struct sim_checking *c, struct sim_trouble *ret,
               char room[SIM_MESSAGE_BYTES])
{
    static bool (*const checks[DIALECT_COUNT])(struct check *, struct str) = {
        [DIALECT_OPENAI] = check_openai,
        [DIALECT_OPENAI_RESPONSES] = check_responses,
        [DIALECT_ANTHROPIC] = check_anthropic,
        [DIALECT_GEMINI] = check_gemini,
        [DIALECT_OLLAMA] = check_ollama,
    };
    struct check k = {c, ret, room};
    enum dialect_id d = c->dialect->id;
    bool is_on = d == DIALECT_OPENAI ? c->asked->checks == SIM_STRICT
                                     : c->asked->checks != SIM_LENIENT;
    *ret = (struct sim_trouble){.dialect = d, .status = 400, .message = room};
    return is_on && c->surface == SURFACE_CHAT && is_json(c->body) &&
           checks[d](&k, c->body);
}
