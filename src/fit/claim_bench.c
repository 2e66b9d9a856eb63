/* claim_bench.c -- members are columns: their names the heads, their values the cells. */
#include "fit/claim_bench.h"

#include "core/arena.h"
#include "fit/claim_table.h"

#include <jansson.h>

bool claim_bench_is(struct str text)
{
    text = str_trim(str_after_mark(text));
    size_t i = 0;
    while (i < text.n && strchr(" \t\r\n[", text.p[i]))
        i++;
    if (i == text.n || text.p[i] != '{')
        return false;
    for (i++; i < text.n && strchr(" \t\r\n", text.p[i]); i++)
        ;
    return i < text.n && text.p[i] == '"';
}

struct bench {
    const struct facts *f;
    claim_found_fn *found;
    void *arg;
    struct arena arena;
    size_t number;
};

/* Printable, in the arena. */
static struct str clean(struct bench *b, const char *text)
{
    struct buf out;
    buf_init(&out, strlen(text) * 3 + 16);
    struct str copy = {0};
    if (claim_clean(str_of(text), &out) == 0)
        copy = arena_strdup(&b->arena, buf_view(&out));
    buf_release(&out);
    return copy.p ? copy : STR("");
}

static struct str cell_of(struct bench *b, const json_t *v)
{
    struct str s = STR("");
    if (json_is_string(v))
        s = clean(b, json_string_value(v));
    else if (json_is_number(v))
        s = arena_printf(&b->arena, "%.15g", json_number_value(v));
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\n')
            return str_sub(s, 0, i);
    return s.p ? s : STR("");
}

static void read_object(struct bench *b, json_t *o)
{
    struct claim_table t = {0};
    struct str cells[CLAIM_CELLS];
    const char *name;
    json_t *v;
    b->number++;
    json_object_foreach(o, name, v)
    {
        if (t.nheads == CLAIM_CELLS)
            break;
        t.heads[t.nheads] = clean(b, name);
        cells[t.nheads++] = cell_of(b, v);
    }
    claim_row(b->f, &t, cells, t.nheads, b->number, STR(""), b->found, b->arg);
    arena_reset(&b->arena);
}

int claim_bench_scan(const struct facts *f, struct str text, claim_found_fn *found,
                     void *arg, struct err *err)
{
    struct bench b = {.f = f, .found = found, .arg = arg};
    json_error_t e;
    text = str_after_mark(text);
    if (text.n > CLAIM_JSON_MAX)
        return err_set(err, ERR_CONFIG, "too_large",
                       "JSON of more than %d bytes is not read; give parts of it",
                       CLAIM_JSON_MAX);
    arena_init(&b.arena, 4 << 20);
    while (str_trim(text).n) {
        json_t *root = json_loadb(text.p, text.n, JSON_DISABLE_EOF_CHECK, &e);
        if (!root)
            return err_set(err, ERR_CONFIG, "bad_json",
                           "begins as JSON and is none: line %d: %.120s", e.line, e.text);
        if (json_is_object(root))
            read_object(&b, root);
        for (size_t i = 0; i < json_array_size(root); i++)
            if (json_is_object(json_array_get(root, i)))
                read_object(&b, json_array_get(root, i));
        json_decref(root);
        text = str_sub(text, (size_t)e.position, text.n);
        while (text.n && strchr(" \t\r\n", text.p[0]))
            text = str_sub(text, 1, text.n);
    }
    return 0;
}
