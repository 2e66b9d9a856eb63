/* members.c -- name and value in two members of one object:
 *
 *     {"name": "DB_PASSWORD", "value": "x"}      - name: DB_PASSWORD
 *     <add key="DbPassword" value="x"/>            value: x
 *
 * in either order, with little between them and no bracket that ends the object. */
#include "scan/read/inside.h"

enum { MAX_BETWEEN = 240 };

static bool is_key_member(struct str name)
{
    static const char *const words[] = {
        "name",      "key",    "id",       "field",     "param",
        "parameter", "header", "property", "variable",  "label",
        "attribute", "option", "setting",  "env",       "k",
        "code",      "type",   "var",      "question",  "column",
        "element",   "system", "path",     "fieldname", "attr"};
    return is_word_of(name, words, ARRAY_LEN(words));
}

/* ParameterKey, optionName: a hump of the name says it. */
static bool has_hump(struct str name, const char *hump)
{
    size_t n = strlen(hump);
    return name.n > n + 2 && is_lower(name.p[name.n - n - 1]) &&
           str_ends(name, (struct str){hump, n});
}

static bool is_value_member(struct str name)
{
    static const char *const words[] = {
        "value",  "val",     "content",     "data",         "text",     "secret",
        "v",      "default", "answer",      "string",       "literal",  "contents",
        "result", "current", "stringvalue", "secret_value", "newvalue", "valuestring"};
    return is_word_of(name, words, ARRAY_LEN(words));
}

/* The last word of a name: "- name", "spec.name". */
static struct str last_word(struct str name)
{
    size_t i = name.n;
    while (i > 0 && (is_alnum(name.p[i - 1]) || name.p[i - 1] == '_'))
        i--;
    return str_sub(name, i, name.n);
}

static bool are_together(struct reader *r, const struct pair *a, const struct pair *b)
{
    const struct pair *first = a->value < b->value ? a : b;
    const struct pair *second = first == a ? b : a;
    if (second->name < first->value_end ||
        second->name - first->value_end > MAX_BETWEEN ||
        !may_read(r, second->name - first->value_end))
        return false;
    struct str between = str_sub(r->text, first->value_end, second->name);
    for (size_t i = 0; i < between.n; i++) {
        char c = between.p[i];
        if (c == '{' || c == '}' || c == '<')
            return false;
        if (c == '\n' && i + 1 < between.n && between.p[i + 1] == '\n')
            return false;
    }
    return str_find(between, STR("- ")) < 0;
}

/* {"lastname": {"value": "x"}}: the name of the object that holds the member. */
static struct piece holder_of(const struct reader *r, const struct pair *p)
{
    size_t i = p->name, least = i > 120 ? i - 120 : 0;
    while (i > least &&
           (is_quote(r->text.p[i - 1]) || (unsigned char)r->text.p[i - 1] <= ' '))
        i--;
    if (i == least || r->text.p[i - 1] != '{')
        return (struct piece){0};
    for (i--; i > least && ((unsigned char)r->text.p[i - 1] <= ' ' ||
                            r->text.p[i - 1] == ':' || r->text.p[i - 1] == '=');)
        i--;
    if (i == least || !is_quote(r->text.p[i - 1]))
        return (struct piece){0};
    for (size_t from = i - 1; from > least; from--)
        if (r->text.p[from - 1] == r->text.p[i - 1])
            return (struct piece){from, i - 1, r->text.p[i - 1]};
    return (struct piece){0};
}

void note_member(struct reader *r, struct members *m, const struct pair *p)
{
    struct str name = last_word(str_sub(r->text, p->name, p->name_end));
    bool is_key =
        p->value_end - p->value <= READ_MAX_NAME &&
        (is_key_member(name) || has_hump(name, "Key") || has_hump(name, "Name"));
    bool is_value = is_value_member(name) || has_hump(name, "Value");
    if (!is_key && !is_value)
        return;
    struct members *all = r->members;
    if (is_value) {
        struct piece holder = holder_of(r, p);
        r->members = NULL;
        emit(r, holder, (struct piece){p->value, p->value_end, p->quote}, NOTE_DATA);
        r->members = all;
    }
    if (is_key)
        m->key = *p;
    else
        m->value = *p;
    const struct pair *k = &m->key, *v = &m->value;
    if (!k->name_end || !v->name_end || !are_together(r, k, v))
        return;
    struct members *outer = r->members;
    r->members = NULL;
    emit(r, (struct piece){k->value, k->value_end, k->quote},
         (struct piece){v->value, v->value_end, v->quote}, NOTE_DATA);
    r->members = outer;
}
