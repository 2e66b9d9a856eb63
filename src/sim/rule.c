/* rule.c -- reading a rule, and whether it holds. */
#include "sim/rule.h"

#include "json/scan.h"

static int bad(struct err *err, const char *what)
{
    return err_set(err, ERR_BAD_REQUEST, "bad_script", "%s", what);
}

/* -- values ----------------------------------------------------------------- */

static int read_text(struct str raw, const char *name, struct arena *a, struct str *ret,
                     struct err *err)
{
    struct json_cur c;
    struct json_string s;
    json_begin(&c, raw);
    if (!json_read_string(&c, &s))
        return err_set(err, ERR_BAD_REQUEST, "bad_script", "'%s' must be a text", name);
    *ret = json_unescape(a, s);
    return ret->p ? 0 : err_nomem(err);
}

static int read_number(struct str raw, const char *name, int64_t *ret, struct err *err)
{
    if (!json_to_i64(raw, ret) || *ret < 0 || *ret > INT32_MAX)
        return err_set(err, ERR_BAD_REQUEST, "bad_script",
                       "'%s' must be a whole number from 0", name);
    return 0;
}

/* Plain text, or "/a regular expression/". */
static int read_pattern(struct str raw, const char *name, struct arena *a,
                        struct sim_pattern *p, struct err *err)
{
    return read_text(raw, name, a, &p->text, err) < 0 ? -1
                                                      : sim_pattern_compile(p, name, err);
}

static int read_finish(struct str raw, const char **ret, struct err *err)
{
    static const char *const words[] = {"stop", "length", "tool_calls", "content_filter"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (raw.n == strlen(words[i]) + 2 &&
            str_eqz(str_sub(raw, 1, raw.n - 1), words[i])) {
            *ret = words[i];
            return 0;
        }
    return bad(err, "'stop' must be stop, length, tool_calls or content_filter");
}

static int read_sizes(struct str raw, struct sim_rule *r, struct err *err)
{
    struct json_cur c;
    int64_t size;
    json_begin(&c, raw);
    if (!json_enter_array(&c))
        return bad(err, "'pieces' must be a list of sizes");
    while (json_next_element(&c)) {
        if (r->nsizes == SIM_MAX_SIZES || !json_read_i64(&c, &size) || size < 1 ||
            size > INT32_MAX)
            return bad(err, "'pieces' must be at most 32 whole numbers from 1");
        r->sizes[r->nsizes++] = (uint32_t)size;
    }
    return r->nsizes ? 0 : bad(err, "'pieces' must not be empty");
}

/* -- objects ---------------------------------------------------------------- */

typedef int read_member(struct sim_rule *r, struct json_string key, struct str raw,
                        struct arena *a, struct err *err);

static int read_object(struct sim_rule *r, struct str raw, const char *name,
                       read_member *read, struct arena *a, struct err *err)
{
    struct json_cur c;
    struct json_string key;
    struct str value;
    json_begin(&c, raw);
    if (!json_enter_object(&c))
        return err_set(err, ERR_BAD_REQUEST, "bad_script", "%s must be an object", name);
    while (json_next_member(&c, &key) && json_skip(&c, &value))
        if (read(r, key, value, a, err) < 0)
            return -1;
    return json_ok(&c) ? 0 : json_finish(&c, err);
}

static int unknown(const char *where, struct json_string key, struct err *err)
{
    return err_set(err, ERR_BAD_REQUEST, "bad_script", "%s has no '%.*s'", where,
                   STR_ARG(key.raw));
}

static int read_when(struct sim_rule *r, struct json_string key, struct str raw,
                     struct arena *a, struct err *err)
{
    static const char *const names[] = {"user", "result", "system", "model"};
    for (size_t i = 0; i < SIM_ON_COUNT; i++)
        if (json_string_is(key, names[i]))
            return read_pattern(raw, names[i], a, &r->on[i], err);
    if (json_string_is(key, "results"))
        return read_number(raw, "results", &r->results, err);
    if (json_string_is(key, "turn"))
        return read_number(raw, "turn", &r->turn, err);
    if (json_string_is(key, "offers"))
        return read_text(raw, "offers", a, &r->offers, err);
    return unknown("'when'", key, err);
}

static int read_usage(struct sim_rule *r, struct json_string key, struct str raw,
                      struct arena *a, struct err *err)
{
    (void)a;
    if (json_string_is(key, "input"))
        return read_number(raw, "input", &r->input, err);
    if (json_string_is(key, "output"))
        return read_number(raw, "output", &r->output, err);
    if (json_string_is(key, "cached"))
        return read_number(raw, "cached", &r->cached, err);
    if (json_string_is(key, "reasoning"))
        return read_number(raw, "reasoning", &r->reasoning, err);
    return unknown("'usage'", key, err);
}

static int read_fault(struct sim_rule *r, struct str raw, struct arena *a,
                      struct err *err)
{
    struct str words;
    if (read_text(raw, "fault", a, &words, err) < 0)
        return -1;
    return sim_directives_add(&r->asked, words, err);
}

static int read_calls(struct sim_rule *r, struct str raw, struct err *err)
{
    struct json_cur c;
    struct str one;
    r->calls = raw;
    if (raw.p[0] == '{')
        return 0;
    json_begin(&c, raw);
    if (json_enter_array(&c))
        while (json_next_element(&c) && json_skip(&c, &one))
            if (one.p[0] != '{')
                break;
    return json_ok(&c) && c.depth == 0
               ? 0
               : bad(err, "'call' must be an object of tools and their arguments, or a "
                          "list of such");
}

static int read_part(struct sim_rule *r, struct json_string key, struct str raw,
                     struct arena *a, struct err *err)
{
    if (json_string_is(key, "when"))
        return raw.p[0] == '"' ? read_pattern(raw, "when", a, &r->on[SIM_ON_USER], err)
                               : read_object(r, raw, "'when'", read_when, a, err);
    if (json_string_is(key, "think"))
        return read_text(raw, "think", a, &r->think, err);
    if (json_string_is(key, "say"))
        return read_text(raw, "say", a, &r->say, err);
    if (json_string_is(key, "call"))
        return read_calls(r, raw, err);
    if (json_string_is(key, "pieces"))
        return read_sizes(raw, r, err);
    if (json_string_is(key, "stop"))
        return read_finish(raw, &r->finish, err);
    if (json_string_is(key, "usage"))
        return read_object(r, raw, "'usage'", read_usage, a, err);
    if (json_string_is(key, "fault"))
        return read_fault(r, raw, a, err);
    if (json_string_is(key, "steps") || json_string_is(key, "name"))
        return 0;
    return unknown("a rule", key, err);
}

/* `${3}` in a template, although the patterns have two groups. */
static int check_names(const struct sim_rule *r, struct str template, struct err *err)
{
    size_t groups = 0;
    for (size_t i = 0; i < SIM_ON_COUNT; i++)
        groups += r->on[i].groups;
    for (size_t i = 0; i + 3 < template.n; i++)
        if (template.p[i] == '$' && template.p[i + 1] == '{' &&
            template.p[i + 2] >= '1' && template.p[i + 2] <= '9' &&
            template.p[i + 3] == '}' && (size_t)(template.p[i + 2] - '0') > groups)
            return err_set(err, ERR_BAD_REQUEST, "bad_script",
                           "${%c}: the patterns of 'when' catch %zu texts",
                           template.p[i + 2], groups);
    return 0;
}

static int check(const struct sim_rule *r, struct err *err)
{
    if (r->finish && str_eqz(str_of(r->finish), "tool_calls") && !r->calls.p)
        return bad(err, "'stop' is tool_calls, and nothing is called");
    return check_names(r, r->think, err) < 0 || check_names(r, r->say, err) < 0 ||
                   check_names(r, r->calls, err) < 0
               ? -1
               : 0;
}

static struct sim_rule *add(struct sim_rule ***tail, struct arena *a, struct err *err)
{
    struct sim_rule *r = arena_new(a, struct sim_rule);
    if (!r) {
        err_nomem(err);
        return NULL;
    }
    *r = (struct sim_rule){.results = -1,
                           .turn = -1,
                           .input = -1,
                           .output = -1,
                           .cached = -1,
                           .reasoning = -1};
    **tail = r;
    *tail = &r->next;
    return r;
}

/* A rule, or one of its steps: the step's own members come last. */
static int read_one(struct str whole, struct str step, int64_t turn, struct arena *a,
                    struct sim_rule ***tail, struct err *err)
{
    struct sim_rule *r = add(tail, a, err);
    if (!r || read_object(r, whole, "a rule", read_part, a, err) < 0)
        return -1;
    if (step.p) {
        if (r->turn >= 0 || r->calls.p || r->say.p || r->think.p)
            return bad(err, "a rule with 'steps' says nothing itself, and has no 'turn'");
        if (json_get(step, "when").p || json_get(step, "steps").p)
            return bad(err, "a step has no 'when' and no 'steps'");
        r->turn = turn;
        if (read_object(r, step, "a step", read_part, a, err) < 0)
            return -1;
    }
    return check(r, err);
}

int sim_rule_read(struct str raw, struct arena *a, struct sim_rule ***tail,
                  struct err *err)
{
    struct json_cur c;
    struct str steps = json_get(raw, "steps"), step;
    int64_t turn = 0;
    if (!steps.p)
        return read_one(raw, steps, -1, a, tail, err);
    struct sim_rule **first = *tail;
    json_begin(&c, steps);
    if (json_enter_array(&c))
        while (json_next_element(&c) && json_skip(&c, &step))
            if (read_one(raw, step, turn++, a, tail, err) < 0)
                return -1;
    if (!json_ok(&c) || turn == 0)
        return bad(err, "'steps' must be a list of what is said turn by turn");
    for (struct sim_rule *r = *first; r; r = r->next)
        r->is_last = r->next == NULL;
    return 0;
}

void sim_rules_release(struct sim_rule *first)
{
    for (struct sim_rule *r = first; r; r = r->next)
        for (size_t i = 0; i < SIM_ON_COUNT; i++)
            sim_pattern_release(&r->on[i]);
}

/* -- holding ---------------------------------------------------------------- */

bool sim_names_have(struct str names, struct str name)
{
    struct str one;
    while (str_split(&names, '|', &one))
        if (str_eq(str_trim(one), name))
            return true;
    return false;
}

static bool is_offered(const struct sim_rule *r, const struct conversation *said)
{
    for (size_t i = 0; i < said->ntools; i++)
        if (sim_names_have(r->offers, said->tools[i].name))
            return true;
    return r->offers.p == NULL;
}

int sim_rule_holds(const struct sim_rule *r, const struct sim_heard *h,
                   struct sim_caught *ret, struct err *err)
{
    const struct str texts[SIM_ON_COUNT] = {h->user, h->result, h->system, h->model};
    ret->n = 0;
    if ((r->results >= 0 && (uint64_t)r->results != h->results) ||
        (r->turn >= 0 &&
         (r->is_last ? h->turns < (uint64_t)r->turn : h->turns != (uint64_t)r->turn)) ||
        !is_offered(r, h->said))
        return 0;
    for (size_t i = 0; i < SIM_ON_COUNT; i++) {
        const struct sim_pattern *p = &r->on[i];
        int rc = p->text.p ? sim_pattern_find(p, texts[i], ret, err) : 1;
        if (rc <= 0)
            return rc;
    }
    return 1;
}
