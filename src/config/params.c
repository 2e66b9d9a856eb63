/* params.c -- an engine's default parameters: YAML as written, JSON as sent.
 *
 * Plain scalars that are JSON numbers, true, false or null stay what they are; all
 * else becomes a string.  YAML 1.1 also reads yes, no, on and off as booleans: here
 * they are words, because a parameter that changes its type unseen is a bug. */
#include "config/read.h"
#include "json/scan.h"
#include "json/write.h"

static bool is_json_scalar(struct str s)
{
    struct json_cur c;
    json_begin(&c, s);
    enum json_type type = json_peek(&c);
    bool is_one = type == JSON_NUMBER || type == JSON_TRUE || type == JSON_FALSE ||
                  type == JSON_NULL;
    return is_one && json_skip(&c, NULL) && json_finish(&c, NULL) == 0;
}

static void write_scalar(struct buf *b, const struct ynode *n)
{
    if (n->is_plain && (n->text.n == 0 || str_eqz(n->text, "~")))
        buf_lit(b, "null");
    else if (n->is_plain && is_json_scalar(n->text))
        buf_append(b, n->text);
    else
        json_write_string(b, n->text);
}

static void write_json(struct buf *b, const struct ynode *n)
{
    bool is_map = n->kind == YNODE_MAP;
    if (n->kind == YNODE_SCALAR) {
        write_scalar(b, n);
        return;
    }
    buf_byte(b, is_map ? '{' : '[');
    for (const struct ynode *c = n->first; c; c = c->next) {
        if (c != n->first)
            buf_byte(b, ',');
        if (is_map) {
            json_write_string(b, c->key->text);
            buf_byte(b, ':');
        }
        write_json(b, c);
    }
    buf_byte(b, is_map ? '}' : ']');
}

void read_params(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const owned[] = {"model",          "messages", "stream",
                                        "stream_options", "prompt",   "input"};
    struct buf b;
    if (n->kind != YNODE_MAP) {
        fault_at(rd->faults, n, "params must be a mapping, like {temperature: 0.2}");
        return;
    }
    for (const struct ynode *c = n->first; c; c = c->next)
        for (size_t i = 0; i < ARRAY_LEN(owned); i++)
            if (str_eqz(c->key->text, owned[i]))
                fault_at(rd->faults, c->key,
                         "'%s' belongs to the client; it has no default", owned[i]);
    buf_init(&b, (size_t)64 * 1024);
    write_json(&b, n);
    struct str text =
        b.failed ? (struct str){NULL, 0} : arena_strdup(rd->arena, buf_view(&b));
    buf_release(&b);
    if (text.p)
        *(struct str *)out = n->first ? text : STR("");
    else
        fault_at(rd->faults, n, "params are larger than 64 KiB");
}
