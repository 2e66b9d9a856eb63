/* prompt_lines.c -- reading them; every fault says in which file and line it is. */
#include "cmd/decide/prompt_lines.h"

#include "core/buf.h"
#include "core/mem.h"
#include "json/scan.h"

#include <math.h>
#include <stdio.h>

enum { MAX_FILE_BYTES = 1024 * 1024 * 1024, MAX_LINES = 4 * 1024 * 1024 };

void prompt_lines_init(struct prompt_lines *l)
{
    *l = (struct prompt_lines){0};
    arena_init(&l->a, 2 * (size_t)MAX_FILE_BYTES);
}

void prompt_lines_release(struct prompt_lines *l)
{
    mem_free(l->v);
    arena_reset(&l->a);
}

static bool read_file(const char *path, struct buf *b)
{
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t n = 1;
    while (f && n > 0 && buf_reserve(b, 1 << 16)) {
        n = fread(b->p + b->n, 1, 1 << 16, f);
        b->n += n;
    }
    bool ok = f && !ferror(f) && !b->failed;
    if (f && f != stdin)
        fclose(f);
    return ok;
}

static void read_number(struct json_cur *c, double *ret)
{
    struct str raw;
    if (json_peek(c) != JSON_NUMBER)
        json_fail(c, "a score is a number");
    else if (json_skip(c, &raw) && !(str_to_double(raw, ret) && fabs(*ret) <= 1e6))
        json_fail(c, "a score is out of range");
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
        read_number(&c, &x);
        v[i] = (float)x;
    }
    if (!json_ok(&c)) {
        json_fail(outer, "\"scores\" is an object of numbers");
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

static void read_member(struct prompt_lines *l, struct json_cur *c,
                        struct json_string key, struct members *m)
{
    struct json_string s;
    struct {
        const char *name;
        struct str *to;
    } texts[] = {{"id", &m->id}, {"prompt", &m->prompt}, {"source", &m->source}};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (json_string_is(key, texts[i].name)) {
            if (json_read_string(c, &s)) /* the file's bytes go */
                *texts[i].to = arena_strdup(&l->a, json_unescape(&l->a, s));
            return;
        }
    if (json_string_is(key, "local_score")) {
        m->has_local = true;
        read_number(c, &m->local);
    } else if (json_string_is(key, "cloud_score")) {
        m->has_cloud = true;
        read_number(c, &m->cloud);
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
    json_enter_object(&c);
    while (json_next_member(&c, &key))
        read_member(l, &c, key, &m);
    if (json_ok(&c))
        check_members(&m, form, &c);
    *p = (struct prompt_line){m.id, m.prompt, 0, m.local, m.cloud, NULL};
    if (json_ok(&c) && !find_source(l, m.source, &p->source))
        json_fail(&c, "more than 64 sources");
    if (json_ok(&c) && form == FORM_MATRIX)
        read_scores(l, m.scores, p, &c);
    return json_finish(&c, err);
}

static bool grow(struct prompt_lines *l)
{
    if (l->n < l->cap)
        return true;
    size_t cap = l->cap ? 2 * l->cap : 4096;
    struct prompt_line *v = cap > MAX_LINES ? NULL : mem_realloc(l->v, cap * sizeof *v);
    if (!v)
        return false;
    l->v = v;
    l->cap = cap;
    return true;
}

int prompt_lines_read(struct prompt_lines *l, const char *path, enum prompt_form form,
                      struct err *err)
{
    struct buf b;
    buf_init(&b, MAX_FILE_BYTES);
    if (!read_file(path, &b)) {
        buf_release(&b);
        return err_set(err, ERR_CONFIG, "prompt_file", "cannot read %s", path);
    }
    struct str rest = buf_view(&b), line;
    int rc = 0;
    if (rest.n >= 2 && rest.p[0] == '\x1f' && rest.p[1] == '\x8b')
        rc = err_set(err, ERR_CONFIG, "prompt_file",
                     "%s is compressed; unpack it first: gunzip -k FILE", path);
    for (size_t no = 1; rc == 0 && str_split(&rest, '\n', &line); no++) {
        struct err why = {0};
        if (str_trim(line).n == 0)
            continue;
        if (!grow(l))
            rc = err_nomem(err);
        else if (read_line(l, line, form, &l->v[l->n], &why) < 0)
            rc = err_set(err, ERR_CONFIG, "prompt_line", "%s:%zu: %s", path, no, why.msg);
        else
            l->n++;
    }
    buf_release(&b);
    return rc;
}
