/* tree.c -- libyaml's events to a tree; positions kept, surprises refused. */
#include "config/tree.h"

#include <yaml.h>

enum { MAX_MAP_KEYS = 4096 }; /* each is compared with those before it */

struct building {
    struct str text;
    yaml_parser_t parser;
    struct arena *arena;
    struct config_faults *faults;
    bool has_failed;
};

const char *ynode_kind_name(const struct ynode *n)
{
    static const char *const names[] = {"a value", "a mapping", "a list"};
    return names[n->kind];
}

/* The reader knows a bad byte by its offset alone. */
static void place_of(struct str text, size_t offset, unsigned *ret_line,
                     unsigned *ret_column)
{
    *ret_line = *ret_column = 1;
    for (size_t i = 0; i < offset && i < text.n; i++) {
        bool is_inside = ((unsigned char)text.p[i] & 0xC0) == 0x80;
        if (text.p[i] == '\n') {
            ++*ret_line;
            *ret_column = 1;
        } else if (!is_inside) {
            ++*ret_column;
        }
    }
}

static bool next_event(struct building *b, yaml_event_t *e)
{
    if (b->has_failed)
        return false;
    if (yaml_parser_parse(&b->parser, e))
        return true;
    const yaml_parser_t *p = &b->parser;
    unsigned line = (unsigned)(p->problem_mark.line + 1);
    unsigned column = (unsigned)(p->problem_mark.column + 1);
    if (p->error == YAML_READER_ERROR)
        place_of(b->text, p->problem_offset, &line, &column);
    fault_at_line(b->faults, line, column, "not YAML: %s%s%s",
                  p->problem ? p->problem : "unreadable", p->context ? ", " : "",
                  p->context ? p->context : "");
    b->has_failed = true;
    return false;
}

static struct ynode *new_node(struct building *b, const yaml_event_t *e,
                              enum ynode_kind kind)
{
    struct ynode *n = arena_new(b->arena, struct ynode);
    if (!n) {
        fault_at(b->faults, NULL, "the file is too large to be held");
        b->has_failed = true;
        return NULL;
    }
    n->kind = kind;
    n->line = (unsigned)(e->start_mark.line + 1);
    n->column = (unsigned)(e->start_mark.column + 1);
    return n;
}

static void append(struct ynode *parent, struct ynode *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

/* Anchors, aliases and tags: NULL, or why this one is refused. */
static const char *refusal(const yaml_event_t *e)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
        break;
    default:
        break;
    }
    if (anchor || e->type == YAML_ALIAS_EVENT)
        return "anchors and aliases (& and *) are not used here; write it out";
    return tag ? "tags (!) are not used here; remove it" : NULL;
}

static struct ynode *build(struct building *b, yaml_event_t *e, unsigned depth);

static struct ynode *build_next(struct building *b, unsigned depth, bool *ret_is_end)
{
    yaml_event_t e;
    *ret_is_end = false;
    if (!next_event(b, &e))
        return NULL;
    *ret_is_end = e.type == YAML_MAPPING_END_EVENT || e.type == YAML_SEQUENCE_END_EVENT;
    struct ynode *n = *ret_is_end ? NULL : build(b, &e, depth);
    yaml_event_delete(&e);
    return n;
}

static void refuse_duplicate(struct building *b, const struct ynode *map,
                             const struct ynode *key)
{
    for (const struct ynode *c = map->first; c; c = c->next)
        if (str_eq(c->key->text, key->text)) {
            fault_at(b->faults, key, "'%.*s' is given twice (first on line %u)",
                     STR_ARG(key->text), c->key->line);
            return;
        }
}

static void build_map(struct building *b, struct ynode *map, unsigned depth)
{
    bool is_end = false;
    for (size_t nkeys = 0;; nkeys++) {
        struct ynode *key = build_next(b, depth + 1, &is_end);
        if (!key)
            return;
        if (nkeys == MAX_MAP_KEYS) {
            fault_at(b->faults, key, "more than %d keys in one mapping", MAX_MAP_KEYS);
            b->has_failed = true;
            return;
        }
        if (key->kind != YNODE_SCALAR) {
            fault_at(b->faults, key, "a key must be a word");
            b->has_failed = true;
            return;
        }
        struct ynode *value = build_next(b, depth + 1, &is_end);
        if (!value)
            return;
        refuse_duplicate(b, map, key);
        value->key = key;
        append(map, value);
    }
}

static void build_list(struct building *b, struct ynode *list, unsigned depth)
{
    bool is_end = false;
    struct ynode *item = NULL;
    while ((item = build_next(b, depth + 1, &is_end)) != NULL)
        append(list, item);
}

static struct ynode *build_scalar(struct building *b, const yaml_event_t *e)
{
    struct ynode *n = new_node(b, e, YNODE_SCALAR);
    if (!n)
        return NULL;
    union {
        yaml_char_t *in;
        const char *out;
    } bytes = {e->data.scalar.value};
    n->text = arena_strdup(b->arena, (struct str){bytes.out, e->data.scalar.length});
    n->is_plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!n->text.p) {
        fault_at(b->faults, NULL, "the file is too large to be held");
        b->has_failed = true;
        return NULL;
    }
    if (n->text.n && memchr(n->text.p, '\0', n->text.n))
        fault_at(b->faults, n, "a NUL character is not allowed");
    return n;
}

static struct ynode *build(struct building *b, yaml_event_t *e, unsigned depth)
{
    struct ynode *n = NULL;
    const char *why_not = refusal(e);
    if (why_not) {
        fault_at_line(b->faults, (unsigned)e->start_mark.line + 1,
                      (unsigned)e->start_mark.column + 1, "%s", why_not);
        b->has_failed = true;
        return NULL;
    }
    if (e->type == YAML_SCALAR_EVENT)
        return build_scalar(b, e);
    if (depth >= YAML_MAX_DEPTH) {
        fault_at_line(b->faults, (unsigned)e->start_mark.line + 1,
                      (unsigned)e->start_mark.column + 1, "nested too deeply");
        b->has_failed = true;
        return NULL;
    }
    if (e->type == YAML_MAPPING_START_EVENT && (n = new_node(b, e, YNODE_MAP)) != NULL)
        build_map(b, n, depth);
    else if (e->type == YAML_SEQUENCE_START_EVENT &&
             (n = new_node(b, e, YNODE_LIST)) != NULL)
        build_list(b, n, depth);
    return n;
}

static struct ynode *build_document(struct building *b)
{
    struct ynode *root = NULL;
    yaml_event_t e;
    for (bool is_done = false; !is_done && next_event(b, &e);) {
        switch (e.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_DOCUMENT_START_EVENT:
            if (root) {
                fault_at_line(b->faults, (unsigned)e.start_mark.line + 1,
                              (unsigned)e.start_mark.column + 1,
                              "one document a file; remove what follows '---'");
                is_done = true;
            }
            break;
        case YAML_STREAM_END_EVENT:
            is_done = true;
            break;
        default:
            root = build(b, &e, 0);
            break;
        }
        yaml_event_delete(&e);
    }
    return root;
}

struct ynode *yaml_read(struct str text, struct arena *a, struct config_faults *faults)
{
    struct building b = {.text = text, .arena = a, .faults = faults};
    if (text.n > YAML_MAX_BYTES) {
        fault_at(faults, NULL, "the file is larger than 1 MiB; a weir.yaml is not");
        return NULL;
    }
    if (!yaml_parser_initialize(&b.parser)) {
        fault_at(faults, NULL, "out of memory");
        return NULL;
    }
    union {
        const char *in;
        const unsigned char *out;
    } bytes = {text.p};
    yaml_parser_set_input_string(&b.parser, bytes.out, text.n);
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    struct ynode *root = build_document(&b);
    yaml_parser_delete(&b.parser);
    if (b.has_failed)
        return NULL;
    if (!root && (root = arena_new(a, struct ynode)) == NULL)
        fault_at(faults, NULL, "out of memory");
    if (root && !root->line) {
        root->kind = YNODE_MAP;
        root->line = root->column = 1;
    }
    return root;
}
