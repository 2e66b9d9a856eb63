/* guard.c -- reading guard: and the guard: of a key.  What it means: guard.h. */
#include "config/guard.h"

#include "config/read.h"
#include "facts/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS_FILE_BYTES = 8 << 20, NEAR_MAX = 32 };

/* -- names of groups and types ------------------------------------------------------ */

static void unknown_name(struct reading *rd, const struct ynode *key)
{
    struct nearest near;
    char words[200];
    nearest_init(&near, key->text);
    for (size_t g = 0; g < GUARD_NGROUPS; g++)
        nearest_offer(&near, str_of(guard_group_name((enum guard_group)g)));
    for (size_t t = 0; t < GUARD_NTYPES; t++)
        nearest_offer(&near, str_of(guard_type_name((enum guard_type)t)));
    near.n = near.n ? 1 : 0;
    nearest_print(&near, "; did you mean '", "'?", words, sizeof words);
    fault_at(rd->faults, key,
             "'%.*s' is no group or type of values%s; docs/guard.md lists them",
             STR_ARG(key->text), words);
}

/* Calls one of the two for each member, by what its key names. */
struct named_reader {
    void (*group)(struct reading *rd, const struct ynode *n, enum guard_group g,
                  void *out);
    void (*type)(struct reading *rd, const struct ynode *n, enum guard_type t, void *out);
};

static void read_named(struct reading *rd, const struct ynode *map, const char *what,
                       const struct named_reader *f, void *out)
{
    enum guard_group g;
    enum guard_type t;
    if (map->kind != YNODE_MAP) {
        fault_at(rd->faults, map, "%s must be a mapping from groups or types", what);
        return;
    }
    for (const struct ynode *n = map->first; n; n = n->next) {
        if (!read_is_scalar(rd, n))
            continue;
        if (guard_group_find(n->key->text, &g))
            f->group(rd, n, g, out);
        else if (guard_type_find(n->key->text, &t) && f->type)
            f->type(rd, n, t, out);
        else
            unknown_name(rd, n->key);
    }
}

static void read_action(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"clear", "mask", "local", "block"};
    if (read_is_scalar(rd, n) && !action_parse(n->text, out))
        read_word_fault(rd, n, "an action", words, ARRAY_LEN(words));
}

static void read_group_action(struct reading *rd, const struct ynode *n,
                              enum guard_group g, void *out)
{
    struct config_guard_actions *a = out;
    enum action action = ACTIONS;
    read_action(rd, n, &action);
    a->group[g] = action < ACTIONS ? (int8_t)action : GUARD_UNSAID;
}

static void read_type_action(struct reading *rd, const struct ynode *n, enum guard_type t,
                             void *out)
{
    struct config_guard_actions *a = out;
    enum action action = ACTIONS;
    read_action(rd, n, &action);
    a->type[t] = action < ACTIONS ? (int8_t)action : GUARD_UNSAID;
}

static void read_actions(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct named_reader f = {read_group_action, read_type_action};
    read_named(rd, n, "actions", &f, out);
}

static void read_threshold(struct reading *rd, const struct ynode *n, enum guard_group g,
                           void *out)
{
    int8_t *scores = out;
    uint32_t score = 101;
    read_u32(rd, n, &score);
    if (score <= 100)
        scores[g] = (int8_t)score;
    else
        fault_at(rd->faults, n, "a threshold is a score from 0 to 100");
}

static void read_thresholds(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct named_reader f = {read_threshold, NULL};
    read_named(rd, n, "thresholds", &f, out);
}

static void read_most(struct reading *rd, const struct ynode *n, uint32_t *out)
{
    read_u32(rd, n, out);
    if (*out == 0)
        fault_at(rd->faults, n, "a count is a number from 1");
}

static void read_group_count(struct reading *rd, const struct ynode *n,
                             enum guard_group g, void *out)
{
    struct config_guard *guard = out;
    read_most(rd, n, &guard->max_in_group[g]);
}

static void read_type_count(struct reading *rd, const struct ynode *n, enum guard_type t,
                            void *out)
{
    struct config_guard *guard = out;
    read_most(rd, n, &guard->max_count[t]);
}

static void read_counts(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct named_reader f = {read_group_count, read_type_count};
    read_named(rd, n, "max_count", &f, CONTAINER_OF(out, struct config_guard, max_count));
}

/* -- words ----------------------------------------------------------------------------
 */

/* One a line; blanks around it and empty lines do not count, nor what begins with '#'. */
static void split_lines(struct reading *rd, struct str text,
                        struct config_guard_rule *rule)
{
    struct str line, rest = text;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    struct str *words = read_array(rd, struct str, n + 1);
    while (words && str_split(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#')
            words[rule->nwords++] = line;
    }
    rule->words = words;
}

static void read_words_file(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard_rule *rule = CONTAINER_OF(out, struct config_guard_rule, words);
    struct str path = STR("");
    struct buf text;
    read_path(rd, n, &path);
    if (!path.n)
        return;
    FILE *f = fopen(path.p, "re");
    buf_init(&text, WORDS_FILE_BYTES);
    if (f && buf_reserve(&text, WORDS_FILE_BYTES))
        text.n = fread(text.p, 1, WORDS_FILE_BYTES, f);
    if (!f || ferror(f))
        fault_at(rd->faults, n, "%.*s cannot be read: %s", STR_ARG(path),
                 strerror(errno));
    else if (text.n == WORDS_FILE_BYTES)
        fault_at(rd->faults, n, "%.*s is larger than %d MiB", STR_ARG(path),
                 WORDS_FILE_BYTES >> 20);
    else
        split_lines(rd, arena_strdup(rd->arena, buf_view(&text)), rule);
    if (f)
        fclose(f);
    buf_release(&text);
}

static void read_words(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard_rule *rule = CONTAINER_OF(out, struct config_guard_rule, words);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    rule->words = list.items;
    rule->nwords = list.n;
}

/* A word of one letter would be found everywhere. */
static void check_words(struct reading *rd, const struct ynode *n,
                        const struct config_guard_rule *rule)
{
    if (rule->nwords == 0)
        fault_at(rd->faults, n, "'%.*s' has no words", STR_ARG(rule->name));
    if (rule->nwords > GUARD_MAX_WORDS)
        fault_at(rd->faults, n, "'%.*s' has more than %d words", STR_ARG(rule->name),
                 GUARD_MAX_WORDS);
    for (size_t i = 0; i < rule->nwords; i++)
        if (rule->words[i].n < 2 || rule->words[i].n > 256) {
            fault_at(rd->faults, n, "'%.*s' in '%.*s' must have 2 to 256 bytes",
                     (int)(rule->words[i].n > 40 ? 40 : rule->words[i].n),
                     rule->words[i].p, STR_ARG(rule->name));
            return;
        }
}

static void read_bool(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"true", "false"};
    bool *ret = out;
    if (!read_is_scalar(rd, n))
        return;
    if (!str_eqz(n->text, "true") && !str_eqz(n->text, "false"))
        read_word_fault(rd, n, "true or false", words, ARRAY_LEN(words));
    else
        *ret = str_eqz(n->text, "true");
}

/* -- dictionaries, rules, source code
 * ---------------------------------------------------- */

/* What is being filled: all the rules there are, of whatever section. */
struct rule_list {
    struct config_guard_rule *items;
    size_t n;
};

static void add_rule(struct reading *rd, const struct ynode *n, struct rule_list *list,
                     const struct config_guard_rule *rule)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i].name, rule->name)) {
            fault_at(rd->faults, n, "two rules of guard: are called '%.*s'",
                     STR_ARG(rule->name));
            return;
        }
    list->items[list->n++] = *rule;
}

static const struct field dictionary_fields[] = {
    {"name", read_name, offsetof(struct config_guard_rule, name)},
    {"words", read_words, offsetof(struct config_guard_rule, words)},
    {"file", read_words_file, offsetof(struct config_guard_rule, words)},
    {"action", read_action, offsetof(struct config_guard_rule, action)},
    {"ignore_case", read_bool, offsetof(struct config_guard_rule, ignores_case)},
};

static void read_dictionary(struct reading *rd, const struct ynode *n,
                            struct rule_list *list)
{
    struct config_guard_rule r = {.type = TYPE_CUSTOM, .action = ACTION_LOCAL};
    if (!read_fields(rd, n, dictionary_fields, ARRAY_LEN(dictionary_fields), &r,
                     "a dictionary"))
        return;
    bool has_words = read_child(n, "words") != NULL, has_file = read_child(n, "file");
    if (!read_child(n, "name") || has_words == has_file)
        fault_at(rd->faults, n, "a dictionary needs a name, and words: or file:");
    else if (!has_file || r.words) /* what cannot be read is a fault already */
        check_words(rd, n, &r);
    add_rule(rd, n, list, &r);
}

static void read_near(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard_rule *rule = CONTAINER_OF(out, struct config_guard_rule, near);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    if (list.n > NEAR_MAX)
        fault_at(rd->faults, n, "near: takes at most %d words", NEAR_MAX);
    rule->near = list.items;
    rule->nnear = list.n;
}

static void read_pattern(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard_rule *rule = CONTAINER_OF(out, struct config_guard_rule, pattern);
    read_text(rd, n, out);
    rule->line = n->line;
    rule->column = n->column;
}

static const struct field rule_fields[] = {
    {"name", read_name, offsetof(struct config_guard_rule, name)},
    {"pattern", read_pattern, offsetof(struct config_guard_rule, pattern)},
    {"near", read_near, offsetof(struct config_guard_rule, near)},
    {"action", read_action, offsetof(struct config_guard_rule, action)},
    {"ignore_case", read_bool, offsetof(struct config_guard_rule, ignores_case)},
};

static void read_rule(struct reading *rd, const struct ynode *n, struct rule_list *list)
{
    struct config_guard_rule r = {.type = TYPE_CUSTOM, .action = ACTION_LOCAL};
    if (!read_fields(rd, n, rule_fields, ARRAY_LEN(rule_fields), &r, "a rule"))
        return;
    if (!read_child(n, "name") || !r.pattern.n)
        fault_at(rd->faults, n, "a rule needs a name and a pattern");
    else
        add_rule(rd, n, list, &r);
}

struct source_code {
    struct text_list paths, licences, markers;
    enum action action;
};

static const struct field source_fields[] = {
    {"paths", read_text_list, offsetof(struct source_code, paths)},
    {"licences", read_text_list, offsetof(struct source_code, licences)},
    {"markers", read_text_list, offsetof(struct source_code, markers)},
    {"action", read_action, offsetof(struct source_code, action)},
};

static void add_source_rule(struct reading *rd, const struct ynode *n, const char *name,
                            const struct text_list *words, enum action action,
                            bool ignores_case, struct rule_list *list)
{
    struct config_guard_rule r = {.name = str_of(name),
                                  .type = TYPE_SOURCE_CODE,
                                  .action = action,
                                  .words = words->items,
                                  .nwords = words->n,
                                  .ignores_case = ignores_case};
    if (words->n == 0)
        return;
    check_words(rd, n, &r);
    add_rule(rd, n, list, &r);
}

static void read_source_code(struct reading *rd, const struct ynode *n,
                             struct rule_list *list)
{
    struct source_code s = {.action = ACTION_LOCAL};
    if (!read_fields(rd, n, source_fields, ARRAY_LEN(source_fields), &s, "source_code"))
        return;
    if (s.paths.n + s.licences.n + s.markers.n == 0)
        fault_at(rd->faults, n, "source_code needs paths, licences or markers");
    add_source_rule(rd, n, "source-paths", &s.paths, s.action, false, list);
    add_source_rule(rd, n, "source-licences", &s.licences, s.action, true, list);
    add_source_rule(rd, n, "source-markers", &s.markers, s.action, false, list);
}

static void read_list(struct reading *rd, const struct ynode *n, const char *what,
                      void (*read)(struct reading *rd, const struct ynode *n,
                                   struct rule_list *list),
                      struct rule_list *list)
{
    if (n && n->kind != YNODE_LIST)
        fault_at(rd->faults, n, "%s must be a list", what);
    else if (n)
        for (const struct ynode *item = n->first; item; item = item->next)
            read(rd, item, list);
}

static void read_rules(struct reading *rd, const struct ynode *guard,
                       struct config_guard *g)
{
    const struct ynode *dictionaries = read_child(guard, "dictionaries");
    const struct ynode *rules = read_child(guard, "rules");
    const struct ynode *source = read_child(guard, "source_code");
    size_t most = (dictionaries ? read_count(dictionaries) : 0) +
                  (rules ? read_count(rules) : 0) + 3;
    struct rule_list list = {read_array(rd, struct config_guard_rule, most), 0};
    if (most > GUARD_MAX_RULES)
        fault_at(rd->faults, guard, "guard: takes at most %d dictionaries and rules",
                 GUARD_MAX_RULES - 3);
    if (!list.items)
        return;
    read_list(rd, dictionaries, "dictionaries", read_dictionary, &list);
    read_list(rd, rules, "rules", read_rule, &list);
    if (source)
        read_source_code(rd, source, &list);
    g->rules = list.items;
    g->nrules = list.n;
}

/* -- what is nothing -------------------------------------------------------------------
 */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct config_allowed));
}

static bool read_digest(struct str hex, struct config_allowed *ret)
{
    for (size_t i = 0; hex.n == 2 * sizeof ret->digest && i < hex.n; i++) {
        char c = hex.p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                           : -1;
        if (digit < 0)
            return false;
        ret->digest[i / 2] = (unsigned char)(ret->digest[i / 2] << 4 | digit);
    }
    return hex.n == 2 * sizeof ret->digest;
}

/* "sha256:HEX  # why" */
static void read_allowed_line(struct reading *rd, const struct ynode *n, struct str line,
                              struct config_guard *g, struct config_allowed *all)
{
    const struct str head = STR("sha256:");
    ptrdiff_t note = str_index(line, '#');
    line = str_trim(note >= 0 ? str_sub(line, 0, (size_t)note) : line);
    if (!line.n)
        return;
    if (str_starts(line, head) &&
        read_digest(str_sub(line, head.n, line.n), &all[g->nallowed]))
        g->nallowed++;
    else
        fault_at(
            rd->faults, n,
            "'%.*s' is no line of allow: write sha256: and 64 hexadecimal digits, as "
            "weir scan --why prints them, and maybe # and a reason",
            (int)(line.n > 40 ? 40 : line.n), line.p);
}

static void read_allow(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard *g = CONTAINER_OF(out, struct config_guard, allowed);
    struct config_guard_rule lines = {.words = NULL};
    read_words_file(rd, n, &lines.words);
    if (!lines.words)
        return;
    struct config_allowed *all = read_array(rd, struct config_allowed, lines.nwords + 1);
    for (size_t i = 0; all && i < lines.nwords; i++)
        read_allowed_line(rd, n, lines.words[i], g, all);
    if (all)
        qsort(all, g->nallowed, sizeof *all, by_bytes);
    g->allowed = all;
}

/* -- the section
 * ---------------------------------------------------------------------------- */

static bool read_either(struct reading *rd, const struct ynode *n, const char *what,
                        const char *no, const char *yes)
{
    const char *const words[] = {no, yes};
    if (!read_is_scalar(rd, n))
        return false;
    if (!str_eqz(n->text, no) && !str_eqz(n->text, yes))
        read_word_fault(rd, n, what, words, ARRAY_LEN(words));
    return str_eqz(n->text, yes);
}

static void read_mode(struct reading *rd, const struct ynode *n, void *out)
{
    *(bool *)out = read_either(rd, n, "a mode", "enforce", "shadow");
}

static void read_preset(struct reading *rd, const struct ynode *n, void *out)
{
    *(bool *)out = read_either(rd, n, "a preset", "balanced", "strict");
}

static void read_hold(struct reading *rd, const struct ynode *n, void *out)
{
    *(bool *)out = read_either(rd, n, "what is held", "session", "value");
}

static void read_media(struct reading *rd, const struct ynode *n, void *out)
{
    *(bool *)out = read_either(rd, n, "what media may be", "local", "public");
}

static void read_zones(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard *g = CONTAINER_OF(out, struct config_guard, zones);
    struct text_list list = {NULL, NULL, 0};
    read_text_list(rd, n, &list);
    for (size_t i = 0; i < list.n; i++) {
        struct str z = list.items[i];
        if (str_index(z, '/') >= 0 || str_index(z, '*') >= 0 || str_index(z, '.') < 0)
            fault_at(rd->faults, list.nodes[i],
                     "'%.*s' is no zone; write it like corp.example", STR_ARG(z));
        else if (z.p[0] != '.')
            list.items[i] = arena_printf(rd->arena, ".%.*s", STR_ARG(z));
    }
    g->zones = list.items;
    g->nzones = list.n;
}

static const struct field guard_fields[] = {
    {"preset", read_preset, offsetof(struct config_guard, is_strict)},
    {"hold", read_hold, offsetof(struct config_guard, holds_values)},
    {"mode", read_mode, offsetof(struct config_guard, is_shadow)},
    {"media", read_media, offsetof(struct config_guard, is_media_public)},
    {"actions", read_actions, offsetof(struct config_guard, actions)},
    {"thresholds", read_thresholds, offsetof(struct config_guard, min_score)},
    {"max_count", read_counts, offsetof(struct config_guard, max_count)},
    {"allow", read_allow, offsetof(struct config_guard, allowed)},
    {"zones", read_zones, offsetof(struct config_guard, zones)},
    {"dictionaries", read_nothing, 0},
    {"rules", read_nothing, 0},
    {"source_code", read_nothing, 0},
};

void read_guard(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_guard *g = out;
    memset(&g->actions, GUARD_UNSAID, sizeof g->actions);
    memset(g->min_score, GUARD_UNSAID, sizeof g->min_score);
    if (n && read_fields(rd, n, guard_fields, ARRAY_LEN(guard_fields), g, "guard"))
        read_rules(rd, n, g);
    const struct ynode *hold =
        n && g->holds_values && g->is_strict ? read_child(n, "hold") : NULL;
    if (hold)
        fault_at(rd->faults, hold,
                 "preset: strict holds sessions; leave out hold: value, or write "
                 "preset: balanced");
}

void read_key_guard(struct reading *rd, const struct ynode *n, void *out)
{
    static const struct field fields[] = {{"actions", read_actions, 0}};
    const struct config_guard_actions **ret = out;
    struct config_guard_actions *a = read_array(rd, struct config_guard_actions, 1);
    if (!a)
        return;
    memset(a, GUARD_UNSAID, sizeof *a);
    read_fields(rd, n, fields, ARRAY_LEN(fields), a, "a key's guard");
    *ret = a;
}
