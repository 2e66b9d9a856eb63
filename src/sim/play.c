/* play.c -- the turn that a rule makes: templates filled, tools chosen. */
#include "sim/play.h"

#include "core/hash.h"
#include "core/random.h"
#include "sim/text.h"
#include "sim/value.h"
#include "json/scan.h"
#include "json/write.h"

#include <stdio.h>

enum { TEXT_MAX_BYTES = 64 * 1024 * 1024, MAX_CALLS = 64 };

/* -- templates -------------------------------------------------------------- */

struct play {
    const struct sim_rule *rule;
    const struct sim_heard *heard;
    struct sim_caught caught;
    struct arena *arena;
    struct sim_turn *turn;
    uint64_t seed;
    uint32_t ncalls;
};

/* What stands for the name; p == NULL: it is none of ours, and stays as it is. */
static struct str value_of(const struct play *p, struct str name)
{
    if (name.n == 1 && name.p[0] >= '1' && (size_t)(name.p[0] - '0') <= p->caught.n)
        return p->caught.texts[name.p[0] - '0'];
    if (str_eqz(name, "user"))
        return p->heard->user;
    if (str_eqz(name, "result"))
        return p->heard->result;
    if (str_eqz(name, "model"))
        return p->heard->model;
    if (str_eqz(name, "results"))
        return arena_printf(p->arena, "%llu", (unsigned long long)p->heard->results);
    return (struct str){NULL, 0};
}

/* With the values of "${...}"; in JSON they are written as the inside of a string. */
static int fill(const struct play *p, struct str template, bool is_json, struct str *ret,
                struct err *err)
{
    struct buf b;
    buf_init(&b, TEXT_MAX_BYTES);
    while (template.n) {
        ptrdiff_t open = str_find(template, STR("${"));
        struct str rest =
            open < 0 ? STR("") : str_sub(template, (size_t)open, template.n);
        ptrdiff_t close = str_index(rest, '}');
        buf_append(&b, str_sub(template, 0, template.n - rest.n));
        if (rest.n == 0)
            break;
        struct str value = {NULL, 0};
        if (close > 0)
            value = value_of(p, str_sub(rest, 2, (size_t)close));
        size_t used = value.p ? (size_t)close + 1 : 2;
        if (!value.p)
            buf_lit(&b, "${");
        else if (is_json)
            json_write_inside(&b, value);
        else
            buf_append(&b, value);
        template = str_sub(rest, used, rest.n);
    }
    *ret = b.failed ? (struct str){NULL, 0} : arena_strdup(p->arena, buf_view(&b));
    buf_release(&b);
    return ret->p ? 0 : err_nomem(err);
}

/* -- parts ------------------------------------------------------------------ */

static struct sim_part *add_part(struct play *p, enum sim_part_kind kind)
{
    struct sim_part *part = &p->turn->parts[p->turn->nparts++];
    *part = (struct sim_part){
        .kind = kind, .sizes = p->rule->sizes, .nsizes = p->rule->nsizes};
    return part;
}

static int say(struct play *p, enum sim_part_kind kind, struct str template,
               struct err *err)
{
    return template.p ? fill(p, template, false, &add_part(p, kind)->text, err) : 0;
}

static const struct tool *offered(const struct play *p, struct str names)
{
    const struct conversation *said = p->heard->said;
    struct str one;
    while (str_split(&names, '|', &one))
        for (size_t i = 0; i < said->ntools; i++)
            if (str_eq(str_trim(one), said->tools[i].name))
                return &said->tools[i];
    return NULL;
}

/* As many as there is room for. */
static void list(char *to, size_t room, const char *between, struct str name)
{
    size_t n = strlen(to);
    snprintf(to + n, room - n, "%s%.*s", n ? between : "", STR_ARG(name));
}

static int no_tool(const struct play *p, struct str call, struct err *err)
{
    char wanted[160] = "", there[120] = "";
    const struct conversation *said = p->heard->said;
    struct json_cur c;
    struct json_string key;
    json_begin(&c, call);
    json_enter_object(&c);
    while (json_next_member(&c, &key) && json_skip(&c, NULL))
        list(wanted, sizeof wanted, "|", key.raw);
    for (size_t i = 0; i < said->ntools; i++)
        list(there, sizeof there, ", ", said->tools[i].name);
    return err_set(err, ERR_BAD_REQUEST, "script_tool",
                   "the script calls %s, and the request offers %s", wanted,
                   said->ntools ? there : "no tools");
}

/* The arguments: an object as it is written; a text is taken as it is, so that they may
 * be broken JSON; true: values of the tool's own schema. */
static int arguments_of(const struct play *p, const struct tool *tool, struct str raw,
                        struct str *ret, struct err *err)
{
    struct buf b;
    struct str text;
    if (raw.p[0] == '{')
        return fill(p, raw, true, ret, err);
    if (raw.p[0] == '"' && tool->kind != TOOL_CUSTOM) {
        struct json_string s = {str_sub(raw, 1, raw.n - 1), true};
        text = json_unescape(p->arena, s);
        return text.p ? fill(p, text, false, ret, err) : err_nomem(err);
    }
    buf_init(&b, TEXT_MAX_BYTES);
    int rc = 0;
    if (raw.p[0] == '"') { /* the input of a tool that takes any text */
        rc = fill(p, raw, true, &text, err);
        buf_lit(&b, "{\"" CUSTOM_TOOL_INPUT "\":");
        buf_append(&b, rc == 0 ? text : STR(""));
        buf_byte(&b, '}');
    } else if (str_eqz(raw, "true")) {
        sim_value(&b, tool->parameters, p->seed);
    } else {
        rc = err_set(err, ERR_BAD_REQUEST, "bad_script",
                     "the arguments of '%.*s' must be an object, a text or true",
                     STR_ARG(tool->name));
    }
    if (rc == 0) {
        *ret = b.failed ? (struct str){NULL, 0} : arena_strdup(p->arena, buf_view(&b));
        rc = ret->p ? 0 : err_nomem(err);
    }
    buf_release(&b);
    return rc;
}

/* One call: the first tool that is offered, in the order of the rule. */
static int call(struct play *p, struct str alternatives, struct err *err)
{
    struct json_cur c;
    struct json_string key;
    struct str raw;
    if (p->ncalls == MAX_CALLS)
        return err_set(err, ERR_BAD_REQUEST, "bad_script", "at most %d calls at once",
                       MAX_CALLS);
    json_begin(&c, alternatives);
    json_enter_object(&c);
    while (json_next_member(&c, &key) && json_skip(&c, &raw)) {
        struct str names = json_unescape(p->arena, key);
        const struct tool *tool = names.p ? offered(p, names) : NULL;
        if (!tool)
            continue;
        struct sim_part *part = add_part(p, SIM_CALL);
        part->name = tool->name;
        part->index = p->ncalls++;
        part->id = random_next(&p->seed);
        return arguments_of(p, tool, raw, &part->text, err);
    }
    return no_tool(p, alternatives, err);
}

static int call_all(struct play *p, struct str raw, struct err *err)
{
    struct json_cur c;
    struct str one;
    if (!raw.p)
        return 0;
    if (raw.p[0] == '{')
        return call(p, raw, err);
    json_begin(&c, raw);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &one))
        if (call(p, one, err) < 0)
            return -1;
    return 0;
}

static int make_turn(struct play *p, struct err *err)
{
    const struct sim_rule *r = p->rule;
    struct sim_turn *t = p->turn;
    *t = (struct sim_turn){.parts = arena_array(p->arena, struct sim_part, MAX_CALLS + 3),
                           .input = r->input,
                           .output = r->output,
                           .cached = r->cached,
                           .reasoning = r->reasoning,
                           .asked = r->asked};
    if (!t->parts)
        return err_nomem(err);
    if (say(p, SIM_THOUGHT, r->think, err) < 0 || say(p, SIM_TEXT, r->say, err) < 0 ||
        call_all(p, r->calls, err) < 0)
        return -1;
    if (t->nparts == 0)
        add_part(p, SIM_TEXT)->text = STR("");
    t->finish = r->finish ? r->finish : p->ncalls ? "tool_calls" : "stop";
    return 0;
}

int sim_rules_play(const struct sim_rule *first, const struct sim_heard *h,
                   struct arena *a, struct sim_turn *ret, struct err *err)
{
    static const struct siphash_key key = {0x7765697273696d31, 0x7363726970742d31};
    struct play p = {.heard = h, .arena = a, .turn = ret};
    p.seed = siphash_once(key, h->user) + h->said->nmessages;
    for (const struct sim_rule *r = first; r; r = r->next) {
        int rc = sim_rule_holds(r, h, &p.caught, err);
        if (rc == 0)
            continue;
        p.rule = r;
        return rc < 0 || make_turn(&p, err) < 0 ? -1 : 1;
    }
    return 0;
}
