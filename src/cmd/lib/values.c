/* values.c -- decimals from argv or a small YAML file. */
#include "cmd/lib/values.h"

#include "core/arena.h"
#include "core/buf.h"
#include "facts/facts.h"
#include "facts/money.h"
#include "facts/nearest.h"

#include <math.h>
#include <yaml.h>

static int bad(const char *name, struct str text, const char *remedy, struct err *err)
{
    return err_set(err, ERR_CONFIG, "bad_value", "%s: \"%.*s\" %s", name,
                   (int)(text.n > 40 ? 40 : text.n), text.p, remedy);
}

static int parse_fixed(const char *name, struct str text, unsigned decimals, int64_t *ret,
                       struct err *err)
{
    struct err inner;
    if (money_parse(text, decimals, name, ret, &inner) == 0)
        return 0;
    if (text.n && text.p[0] == '-')
        return bad(name, text, "is negative; write 0 or more", err);
    return bad(name, text,
               "is not a plain number; write digits and a point, no unit, no comma", err);
}

int value_fixed(const struct options *o, const char *name, unsigned decimals,
                int64_t *ret, struct err *err)
{
    const char *text = options_get(o, name);
    return text ? parse_fixed(name, str_of(text), decimals, ret, err) : 0;
}

int value_u64(const struct options *o, const char *name, uint64_t *ret, struct err *err)
{
    int64_t v = 0;
    if (!options_get(o, name))
        return 0;
    if (value_fixed(o, name, 0, &v, err) < 0)
        return -1;
    *ret = (uint64_t)v;
    return 0;
}

int value_percent(const struct options *o, const char *name, uint64_t *ret_ppm,
                  struct err *err)
{
    struct str text = str_of(options_get(o, name));
    int64_t v = 0;
    if (!text.p)
        return 0;
    struct str digits = str_ends(text, STR("%")) ? str_sub(text, 0, text.n - 1) : text;
    if (parse_fixed(name, digits, 4, &v, err) < 0)
        return -1;
    if (v > 1000000)
        return bad(name, text, "is more than 100 %", err);
    if (v > 0 && v < 10000 && digits.n == text.n)
        return bad(name, text,
                   "is a percentage: write 80 for 80 %, or 0.8% for less than one", err);
    *ret_ppm = (uint64_t)v;
    return 0;
}

int value_double(const struct options *o, const char *name, double *ret, struct err *err)
{
    int64_t v = 0;
    if (!options_get(o, name))
        return 0;
    if (value_fixed(o, name, 6, &v, err) < 0)
        return -1;
    *ret = (double)v / 1e6;
    return 0;
}

int value_bool(const struct options *o, const char *name, bool *ret, bool *ret_given,
               struct err *err)
{
    struct str text = str_of(options_get(o, name));
    *ret_given = text.p != NULL;
    if (!text.p)
        return 0;
    bool yes = str_eq_nocase(text, STR("yes")) || str_eq_nocase(text, STR("true"));
    bool no = str_eq_nocase(text, STR("no")) || str_eq_nocase(text, STR("false"));
    if (!yes && !no)
        return bad(name, text, "is neither yes nor no", err);
    *ret = yes;
    return 0;
}

int value_fault(const struct options *o, const struct err *err)
{
    return options_fault(o->command, "%s", err->msg);
}

static const struct command_option *option_for(const struct command *c, struct str key)
{
    for (size_t i = 0; i < c->noptions; i++)
        if (str_eqz(key, c->options[i].name + 2))
            return &c->options[i];
    return NULL;
}

static int take_pair(struct options *o, struct str key, struct str value, size_t line,
                     const char *path, struct arena *room, struct err *err)
{
    const struct command_option *opt = option_for(o->command, key);
    struct nearest near;
    char words[200];
    if (!opt || !opt->arg) {
        nearest_init(&near, key);
        for (size_t i = 0; i < o->command->noptions; i++)
            nearest_offer(&near, str_of(o->command->options[i].name + 2));
        nearest_print(&near, "; the nearest known are ", "", words, sizeof words);
        return err_set(err, ERR_CONFIG, "unknown_key", "%s:%zu: unknown key '%.*s'%s",
                       path, line, STR_ARG(key), words);
    }
    if (options_has(o, opt->name))
        return 0;
    struct str copy = arena_strdup(room, value);
    if (!copy.p)
        return err_nomem(err);
    if (o->nseen == OPTIONS_MAX)
        return err_set(err, ERR_CONFIG, "too_many", "%s: too many keys", path);
    o->seen[o->nseen].option = opt;
    o->seen[o->nseen++].value = copy.p;
    return 0;
}

static struct str scalar(const yaml_event_t *e)
{
    return (struct str){(const char *)e->data.scalar.value, e->data.scalar.length};
}

static int read_events(yaml_parser_t *p, struct options *o, const char *path,
                       struct arena *room, struct err *err)
{
    struct str key = {0};
    bool inside = false;
    for (;;) {
        yaml_event_t e;
        if (!yaml_parser_parse(p, &e))
            return err_set(err, ERR_CONFIG, "bad_yaml", "%s:%zu: %s", path,
                           p->problem_mark.line + 1, p->problem ? p->problem : "?");
        yaml_event_type_t type = e.type;
        size_t line = e.start_mark.line + 1;
        int rc = 0;
        if (type == YAML_MAPPING_START_EVENT && !inside) {
            inside = true;
        } else if (type == YAML_SCALAR_EVENT && inside && !key.p) {
            key = arena_strdup(room, scalar(&e));
        } else if (type == YAML_SCALAR_EVENT && inside) {
            rc = take_pair(o, key, scalar(&e), line, path, room, err);
            key = (struct str){0};
        } else if (type == YAML_MAPPING_START_EVENT ||
                   type == YAML_SEQUENCE_START_EVENT || type == YAML_SCALAR_EVENT ||
                   type == YAML_ALIAS_EVENT) {
            rc = err_set(err, ERR_CONFIG, "bad_yaml",
                         "%s:%zu: write one \"key: value\" a line and nothing nested",
                         path, line);
        }
        yaml_event_delete(&e);
        if (rc < 0 || type == YAML_STREAM_END_EVENT)
            return rc;
    }
}

int values_from_yaml(struct options *o, const char *path, struct arena *room,
                     struct err *err)
{
    struct buf text;
    yaml_parser_t parser;
    buf_init(&text, 1 << 20);
    if (facts_read_file(path, &text, err) < 0) {
        buf_release(&text);
        return -1;
    }
    if (!yaml_parser_initialize(&parser)) {
        buf_release(&text);
        return err_nomem(err);
    }
    struct str all = buf_view(&text);
    yaml_parser_set_input_string(&parser, (const unsigned char *)all.p, all.n);
    int rc = read_events(&parser, o, path, room, err);
    yaml_parser_delete(&parser);
    buf_release(&text);
    return rc;
}
