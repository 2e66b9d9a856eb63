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

/* Says what kind of thing the object is, and seldom which one. */
static bool is_weak_key(struct str name)
{
    static const char *const words[] = {"id",   "type", "code",    "system",
                                        "path", "env",  "element", "attribute"};
    return is_word_of(name, words, ARRAY_LEN(words));
}

/* {"password": {"S": "x"}}: a level that only says of what type the value is. */
static bool is_type_member(struct str name)
{
    return str_eqz(name, "S") || str_eqz(name, "M") || equal_to(name, "plain");
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

/* {"lastname": {"value": "x"}}: the name of the object that holds the member whose name
 * begins at `at`. */
static struct piece holder_of(const struct reader *r, size_t at)
{
    size_t i = at, least = i > 120 ? i - 120 : 0;
    while (i > least &&
           (is_quote(r->text.p[i - 1]) || (unsigned char)r->text.p[i - 1] <= ' '))
        i--;
    if (i == least || (r->text.p[i - 1] != '{' && r->text.p[i - 1] != '['))
        return (struct piece){0};
    for (i--; i > least && ((unsigned char)r->text.p[i - 1] <= ' ' ||
                            strchr(":=>", r->text.p[i - 1]));)
        i--;
    if (i == least || !is_quote(r->text.p[i - 1]))
        return (struct piece){0};
    for (size_t from = i - 1; from > least; from--)
        if (r->text.p[from - 1] == r->text.p[i - 1])
            return (struct piece){from, i - 1, r->text.p[i - 1]};
    return (struct piece){0};
}

/* The value under the name that the other member is. */
static void give_two(struct reader *r, const struct pair *k, const struct pair *v)
{
    if (!k->name_end || !v->name_end || !are_together(r, k, v))
        return;
    struct members *outer = r->members;
    r->members = NULL;
    emit(r, (struct piece){k->value, k->value_end, k->quote},
         (struct piece){v->value, v->value_end, v->quote}, NOTE_DATA);
    r->members = outer;
}

/* FHIR's codes of identifiers, from table 0203 of HL7. */
static enum telling telling_of_code(struct str code)
{
    static const struct {
        const char *code;
        enum telling what;
    } rows[] = {
        {"MR", TELLS_MRN},       {"MRT", TELLS_MRN},      {"PI", TELLS_MRN},
        {"SS", TELLS_NATIONAL},  {"NI", TELLS_NATIONAL},  {"NNDEU", TELLS_NATIONAL},
        {"PPN", TELLS_PASSPORT}, {"DL", TELLS_LICENSE},   {"MB", TELLS_PLAN},
        {"MA", TELLS_PLAN},      {"MC", TELLS_PLAN},      {"HC", TELLS_PLAN},
        {"SN", TELLS_PLAN},      {"JHN", TELLS_NATIONAL}, {"TAX", TELLS_TAX}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eqz(code, rows[i].code))
            return rows[i].what;
    return TELLS_NOTHING;
}

/* "type": {"coding": [{"code": "MR"}]}, "value": "x": the code says what the value is. */
static void note_code(struct reader *r, struct members *m, const struct pair *p,
                      struct str name)
{
    enum { CODING_WITHIN = 160, VALUE_WITHIN = 300 };
    if (equal_to(name, "code")) {
        size_t from = p->name > CODING_WITHIN ? p->name - CODING_WITHIN : 0;
        bool is_coding =
            p->quote && may_read(r, CODING_WITHIN) &&
            str_find(str_sub(r->text, from, p->name), STR("\"coding\"")) >= 0;
        m->code = is_coding ? telling_of_code(str_sub(r->text, p->value, p->value_end))
                            : TELLS_NOTHING;
        m->code_end = p->value_end;
    } else if (equal_to(name, "value") && m->code && p->name > m->code_end &&
               p->name - m->code_end < VALUE_WITHIN) {
        enum telling what = m->code;
        m->code = TELLS_NOTHING;
        emit_told(r, (struct piece){p->value, p->value_end, p->quote}, NOTE_DATA, what);
    }
}

void note_member(struct reader *r, struct members *m, const struct pair *p)
{
    struct str name = last_word(str_sub(r->text, p->name, p->name_end));
    bool is_key =
        p->value_end - p->value <= READ_MAX_NAME &&
        (is_key_member(name) || has_hump(name, "Key") || has_hump(name, "Name"));
    bool is_value = is_value_member(name) || has_hump(name, "Value");
    bool is_type = is_type_member(name);
    note_code(r, m, p, name);
    if (!is_key && !is_value && !is_type)
        return;
    struct members *all = r->members;
    if (is_value || is_type) {
        enum { LEVELS = 3 };
        struct piece holder = holder_of(r, p->name);
        for (int k = 0; k < LEVELS && holder.end > holder.start &&
                        (is_value_member(piece_str(r, holder)) ||
                         is_type_member(piece_str(r, holder)));
             k++)
            holder = holder_of(r, holder.start);
        r->members = NULL;
        emit(r, holder, (struct piece){p->value, p->value_end, p->quote}, NOTE_DATA);
        r->members = all;
    }
    if (is_type && !is_key && !is_value)
        return;
    if (is_key && is_weak_key(name))
        m->kind = *p;
    else if (is_key)
        m->key = *p;
    else
        m->value = *p;
    give_two(r, &m->kind, &m->value);
    give_two(r, &m->key, &m->value);
}
