/* script.c -- a script's file, and the rules in a message. */
#include "sim/script.h"

#include "core/mem.h"
#include "sim/file.h"
#include "sim/text.h"
#include "json/scan.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, RULES_MAX_BYTES = 256 * 1024 * 1024 };

struct sim_script {
    struct buf text;
    struct arena arena;
    struct sim_rule *first;
};

/* -- reading ---------------------------------------------------------------- */

/* Past blanks, and lines that begin with '#'. */
static struct str past_comments(struct str text)
{
    for (;;) {
        text = sim_past_blanks(text);
        if (text.n == 0 || text.p[0] != '#')
            return text;
        ptrdiff_t end = str_index(text, '\n');
        text = str_sub(text, end < 0 ? text.n : (size_t)end, text.n);
    }
}

static size_t line_of(struct str whole, const char *p)
{
    size_t line = 1;
    for (const char *q = whole.p; q < p; q++)
        line += *q == '\n';
    return line;
}

/* The first JSON object in the text, and what follows it. */
static int next_object(struct str *text, struct str *ret, struct err *err)
{
    struct json_cur c;
    json_begin(&c, *text);
    if (json_peek(&c) != JSON_OBJECT)
        return err_set(err, ERR_BAD_REQUEST, "bad_script", "a rule is a JSON object");
    if (!json_skip(&c, ret))
        return json_finish(&c, err);
    *text = str_sub(*text, json_offset(&c), text->n);
    return 0;
}

static int read_file_rules(struct sim_script *s, struct str path, struct err *err)
{
    struct str whole = str_after_mark(buf_view(&s->text)), raw;
    struct sim_rule **tail = &s->first;
    struct str rest = past_comments(whole);
    while (rest.n) {
        struct err why = {0};
        const char *from = rest.p;
        if (next_object(&rest, &raw, &why) < 0 ||
            sim_rule_read(raw, &s->arena, &tail, &why) < 0)
            return err_set(err, ERR_CONFIG, "script", "%.*s: the rule in line %zu: %s",
                           STR_ARG(path), line_of(whole, from), why.msg);
        rest = past_comments(rest);
    }
    return s->first
               ? 0
               : err_set(err, ERR_CONFIG, "script", "%.*s: has no rule", STR_ARG(path));
}

struct sim_script *sim_script_open(struct str path, struct err *err)
{
    struct sim_script *s = mem_new(struct sim_script);
    if (!s) {
        err_nomem(err);
        return NULL;
    }
    buf_init(&s->text, FILE_MAX_BYTES);
    arena_init(&s->arena, RULES_MAX_BYTES);
    if (sim_file_read(&s->text, path, "script", err) == 0 &&
        read_file_rules(s, path, err) == 0)
        return s;
    sim_script_free(s);
    return NULL;
}

void sim_script_free(struct sim_script *s)
{
    if (!s)
        return;
    sim_rules_release(s->first);
    arena_reset(&s->arena);
    buf_release(&s->text);
    mem_free(s);
}

static int read_message_rules(struct str text, struct arena *a, struct sim_rule **first,
                              struct err *err)
{
    struct sim_rule **tail = first;
    struct str inside, raw;
    while (sim_directive_next(&text, &inside)) {
        if (!str_starts(inside, STR("{")))
            continue;
        for (; inside.n; inside = sim_past_blanks(inside))
            if (next_object(&inside, &raw, err) < 0 ||
                sim_rule_read(raw, a, &tail, err) < 0)
                return -1;
    }
    return 0;
}

bool sim_script_in(struct str text)
{
    return str_find(text, STR("[[sim:{")) >= 0;
}

int sim_script_play(const struct sim_script *s, const struct sim_heard *h,
                    struct arena *a, struct sim_turn *ret, struct err *err)
{
    struct sim_rule *in_message = NULL;
    *ret = (struct sim_turn){.input = -1, .output = -1, .cached = -1, .reasoning = -1};
    int rc = read_message_rules(h->user, a, &in_message, err);
    if (rc == 0)
        rc = sim_rules_play(in_message, h, a, ret, err);
    if (rc == 0 && s)
        rc = sim_rules_play(s->first, h, a, ret, err);
    sim_rules_release(in_message);
    return rc < 0 ? -1 : 0;
}
