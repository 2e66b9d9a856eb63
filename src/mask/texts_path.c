/* texts_path.c -- what is around a text: to know its pieces again, and to write one
 * more.  See texts.h. */
#include "mask/texts.h"

#include <stdio.h>

enum { CHAIN_MAX = 24, DIGITS_MAX = 40, CHOICE_DEPTH = 2 };

/* As a number, where it is one: 0, 0.0 and 0e0 are the same index. */
static struct str plain_index(struct str index, char room[DIGITS_MAX])
{
    struct str digits = {0};
    if (index.n && index.p[0] >= '-' && index.p[0] <= '9')
        digits = json_plain_integer(index, room, DIGITS_MAX);
    return digits.p ? digits : index;
}

static uint64_t mix(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return (h ^ 0xFF) * 0x100000001b3u; /* no byte of UTF-8: here it ends */
}

static uint64_t mix_place(uint64_t h, uint32_t place)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%u", place);
    return mix(h, (struct str){text, (size_t)n});
}

uint64_t texts_path(const struct texts *t, const struct text *x)
{
    uint64_t h = 0xcbf29ce484222325u + x->kind;
    char room[DIGITS_MAX];
    h = x->name.p ? mix(h, x->name) : mix_place(h, x->place);
    for (uint32_t i = x->node; i != t->nodes[i].parent; i = t->nodes[i].parent) {
        const struct texts_node *node = &t->nodes[i];
        if (node->name.p)
            h = mix(h, node->name);
        else if (node->index.p)
            h = mix(h, plain_index(node->index, room));
        else
            h = mix_place(h, node->place);
    }
    return h;
}

/* The nodes around it, the outermost first; 0: too many. */
static size_t chain_of(const struct texts *t, const struct text *x,
                       const struct texts_node *ret[CHAIN_MAX])
{
    size_t n = 0;
    for (uint32_t i = x->node;; i = t->nodes[i].parent) {
        if (n == CHAIN_MAX)
            return 0;
        ret[n++] = &t->nodes[i];
        if (i == t->nodes[i].parent)
            break;
    }
    for (size_t i = 0; i < n / 2; i++) {
        const struct texts_node *first = ret[i];
        ret[i] = ret[n - 1 - i];
        ret[n - 1 - i] = first;
    }
    return n;
}

uint32_t texts_choice(const struct texts *t, const struct text *x)
{
    const struct texts_node *chain[CHAIN_MAX];
    int64_t v;
    if (chain_of(t, x, chain) <= CHOICE_DEPTH)
        return 0;
    const struct texts_node *choice = chain[CHOICE_DEPTH];
    bool is_number = choice->index.n && choice->index.p[0] >= '-' &&
                     choice->index.p[0] <= '9' && json_to_i64(choice->index, &v) &&
                     v >= 0 && v <= UINT32_MAX;
    return is_number ? (uint32_t)v : choice->place;
}

static void put_index(const struct texts_node *node, struct buf *open)
{
    buf_lit(open, "\"index\":");
    if (node->index.p)
        buf_append(open, node->index);
    else
        buf_u64(open, node->place);
    buf_byte(open, ',');
}

/* Calls of tools keep their type to themselves: some clients join what comes twice. */
static bool is_calls(const struct texts_node *list)
{
    return list->name.p && str_eqz(list->name, "tool_calls");
}

static void put_node(const struct texts_node *node, const struct texts_node *outer,
                     struct buf *open)
{
    if (node->name.p)
        buf_printf(open, "\"%.*s\":", STR_ARG(node->name));
    buf_byte(open, node->is_list ? '[' : '{');
    if (node->is_list)
        return;
    if (node->type.p && !is_calls(outer))
        buf_printf(open, "\"type\":%.*s,", STR_ARG(node->type));
    if (!node->name.p && (node->index.p || node->place || is_calls(outer)))
        put_index(node, open);
}

bool texts_frame(const struct texts *t, const struct text *x, struct buf *open,
                 struct buf *close)
{
    const struct texts_node *chain[CHAIN_MAX];
    size_t n = chain_of(t, x, chain);
    if (n <= CHOICE_DEPTH)
        return false;
    buf_lit(open, "\"choices\":[{");
    put_index(chain[CHOICE_DEPTH], open);
    for (size_t i = CHOICE_DEPTH + 1; i < n; i++)
        put_node(chain[i], chain[i - 1], open);
    if (x->name.p)
        buf_printf(open, "\"%.*s\":", STR_ARG(x->name));
    buf_byte(open, '"');
    buf_byte(close, '"');
    for (size_t i = n; i-- > CHOICE_DEPTH + 1;)
        buf_byte(close, chain[i]->is_list ? ']' : '}');
    if (n == CHOICE_DEPTH + 1) /* of the old completions */
        buf_lit(close, ",\"logprobs\":null");
    buf_lit(close, ",\"finish_reason\":null}]}");
    return !open->failed && !close->failed;
}
