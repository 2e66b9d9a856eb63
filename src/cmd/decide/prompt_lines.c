/* prompt_lines.c -- reading them; every fault says in which file and line it is. */
#include "cmd/decide/prompt_lines.h"

#include "cmd/decide/scored.h"
#include "cmd/lib/lines.h"
#include "core/mem.h"

#include <math.h>

#define MAX_BYTES (2ul * 1024 * 1024 * 1024) /* of all texts and scores */
enum { MAX_LINES = 4 * 1024 * 1024 };

void prompt_lines_init(struct prompt_lines *l)
{
    *l = (struct prompt_lines){0};
    arena_init(&l->a, MAX_BYTES);
}

void prompt_lines_release(struct prompt_lines *l)
{
    mem_free(l->v);
    arena_reset(&l->a);
}

static ptrdiff_t model_index(struct prompt_lines *l, struct prompt_source *s,
                             struct str name)
{
    for (size_t i = 0; i < s->nmodels; i++)
        if (str_eq(s->models[i], name))
            return (ptrdiff_t)i;
    if (s->nmodels == LINES_MAX_MODELS)
        return -1;
    s->models[s->nmodels] = arena_strdup(&l->a, name);
    return (ptrdiff_t)s->nmodels++;
}

static void read_scores(struct prompt_lines *l, struct str raw, struct prompt_line *p,
                        struct json_cur *outer)
{
    float v[LINES_MAX_MODELS];
    struct json_cur c;
    struct json_string key;
    double x;
    for (size_t i = 0; i < LINES_MAX_MODELS; i++)
        v[i] = NAN;
    json_begin(&c, raw);
    if (json_peek(&c) != JSON_OBJECT) {
        json_fail(outer, "\"scores\" is an object: {\"MODEL\": score, ...}");
        return;
    }
    json_enter_object(&c);
    while (json_next_member(&c, &key)) {
        ptrdiff_t i = model_index(l, &l->sources[p->source], key.raw);
        if (i < 0) {
            json_fail(outer, "more than 256 models in a source");
            return;
        }
        if (json_peek(&c) == JSON_NULL) {
            json_skip(&c, NULL);
            continue;
        }
        x = 0;
        scored_read_score(&c, &x);
        v[i] = (float)x;
    }
    if (!json_ok(&c)) {
        json_fail(outer, c.problem);
        return;
    }
    float *own = arena_raw_array(&l->a, float, LINES_MAX_MODELS);
    if (own)
        memcpy(own, v, sizeof v);
    else
        json_fail(outer, "out of memory");
    p->scores = own;
}

static bool find_source(struct prompt_lines *l, struct str name, uint32_t *ret)
{
    for (size_t i = 0; i < l->nsources; i++)
        if (str_eq(l->sources[i].name, name)) {
            *ret = (uint32_t)i;
            return true;
        }
    if (l->nsources == LINES_MAX_SOURCES)
        return false;
    l->sources[l->nsources].name = arena_strdup(&l->a, name);
    *ret = (uint32_t)l->nsources++;
    return true;
}

struct members {
    struct str id, prompt, source, scores;
    double local, cloud;
    bool has_local, has_cloud;
};

static void read_source(struct json_cur *c, struct arena *a, struct str *ret)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING)
        json_fail(c, "a \"source\" is a text: where the prompt is from");
    else if (json_read_string(c, &s))
        *ret = arena_strdup(a, json_unescape(a, s));
}

static void read_member(struct prompt_lines *l, struct json_cur *c,
                        struct json_string key, struct members *m)
{
    if (json_string_is(key, "id")) {
        scored_read_id(c, &l->a, &m->id);
    } else if (json_string_is(key, "prompt")) {
        scored_read_prompt(c, &l->a, &m->prompt);
    } else if (json_string_is(key, "source")) {
        read_source(c, &l->a, &m->source);
    } else if (json_string_is(key, "local_score")) {
        m->has_local = true;
        scored_read_score(c, &m->local);
    } else if (json_string_is(key, "cloud_score")) {
        m->has_cloud = true;
        scored_read_score(c, &m->cloud);
    } else if (json_string_is(key, "scores")) {
        json_skip(c, &m->scores);
    } else {
        json_skip(c, NULL);
    }
}

static void check_members(const struct members *m, enum prompt_form form,
                          struct json_cur *c)
{
    if (!m->id.n)
        json_fail(c, "there is no \"id\"");
    else if (!m->prompt.p)
        json_fail(c, "there is no \"prompt\"");
    else if (form == FORM_PAIRS && !m->has_local)
        json_fail(c, "there is no \"local_score\"");
    else if (form == FORM_PAIRS && !m->has_cloud)
        json_fail(c, "there is no \"cloud_score\"");
    else if (form == FORM_MATRIX && !m->scores.n)
        json_fail(c, "there is no \"scores\"");
}

static int read_line(struct prompt_lines *l, struct str line, enum prompt_form form,
                     struct prompt_line *p, struct err *err)
{
    struct members m = {.source = STR("")};
    struct json_cur c;
    struct json_string key;
    json_begin(&c, line);
    if (json_peek(&c) != JSON_OBJECT)
        json_fail(&c, "a line is one JSON object");
    json_enter_object(&c);
    while (json_next_member(&c, &key))
        read_member(l, &c, key, &m);
    if (l->a.is_full)
        return err_nomem(err);
    if (json_ok(&c))
        check_members(&m, form, &c);
    *p = (struct prompt_line){m.id, m.prompt, 0, m.local, m.cloud, NULL};
    if (json_ok(&c) && !find_source(l, m.source, &p->source))
        json_fail(&c, "more than 64 sources");
    if (json_ok(&c) && form == FORM_MATRIX)
        read_scores(l, m.scores, p, &c);
    return json_finish(&c, err);
}

struct reading {
    struct prompt_lines *l;
    enum prompt_form form;
    struct id_set ids;
};

static int take_line(void *ctx, size_t number, struct str line, struct err *err)
{
    struct reading *r = ctx;
    struct prompt_lines *l = r->l;
    if (!mem_room(&l->v, sizeof *l->v, l->n, &l->cap, MAX_LINES))
        return l->n < MAX_LINES ? err_nomem(err)
                                : err_set(err, ERR_CONFIG, "prompt_line",
                                          "more than %d lines", MAX_LINES);
    if (read_line(l, line, r->form, &l->v[l->n], err) < 0 ||
        id_set_add(&r->ids, l->v[l->n].id, number, err) < 0)
        return -1;
    l->n++;
    return 0;
}

int prompt_lines_read(struct prompt_lines *l, const char *path, enum prompt_form form,
                      struct err *err)
{
    struct reading r = {.l = l, .form = form};
    size_t before = l->n;
    int rc = lines_each(path, take_line, &r, err);
    if (rc == 0 && l->n == before)
        rc = err_set(err, ERR_CONFIG, "prompt_file",
                     "%s: there is no line in it; each is one prompt with its scores",
                     path);
    id_set_release(&r.ids);
    return rc;
}
