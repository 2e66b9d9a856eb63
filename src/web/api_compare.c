/* api_compare.c -- what Compare needs besides /weir/api/ask:
 *
 *   GET  /weir/api/models   the models of the configuration, to choose from
 *   POST /weir/api/agree    {"prompt": "...", "answers": ["...", null, ...]}: which of
 * them end in the same answer, as weir compare sees it
 *
 * Nothing of what is sent is kept. */
#include "gateway/pages.h"
#include "judge/final.h"
#include "web/later.h"
#include "json/scan.h"

enum { MODELS_BYTES = 1 << 20, ANSWERS = 16 };

static void write_model(struct json_writer *w, const struct config_model *m)
{
    json_object_open(w);
    web_key_str(w, "engine", m->engine->name);
    web_key_str(w, "name", m->name);
    web_key_str(w, "side", str_of(side_name(m->is_cloud ? SIDE_CLOUD : SIDE_LOCAL)));
    web_key_str(w, "price", m->price);
    json_object_close(w);
}

void web_models(struct request *r)
{
    const struct config *cfg = r->setup->config;
    struct json_writer w;
    struct buf out;
    buf_init(&out, MODELS_BYTES);
    json_writer_init(&w, &out);
    json_object_open(&w);
    json_key(&w, "models");
    json_array_open(&w);
    for (size_t i = 0; i < cfg->nmodels; i++)
        write_model(&w, cfg->models[i]);
    json_array_close(&w);
    json_object_close(&w);
    page_answer_with(r, out.failed ? 500 : 200, STR("application/json"),
                     STR("cache-control: no-store\r\n"), &out);
    buf_release(&out);
}

/* -- do they say the same? --------------------------------------------------------------
 */

struct answers {
    struct str prompt, items[ANSWERS]; /* p NULL: there is none */
    size_t n;
};

static bool read_answers(struct json_cur *c, struct arena *a, struct answers *ret)
{
    struct json_string text;
    if (!json_enter_array(c))
        return false;
    while (json_next_element(c)) {
        bool is_null = json_peek(c) == JSON_NULL;
        if (ret->n == ANSWERS ||
            !(is_null ? json_skip(c, NULL) : json_read_string(c, &text)))
            return false;
        ret->items[ret->n++] = is_null ? (struct str){NULL, 0} : json_unescape(a, text);
    }
    return json_ok(c);
}

static bool read_body(struct later *l, struct answers *ret)
{
    struct json_cur c;
    struct json_string name, text;
    struct err ignored;
    json_begin(&c, l->body);
    bool ok = json_enter_object(&c);
    while (ok && json_next_member(&c, &name)) {
        if (json_string_is(name, "answers")) {
            ok = read_answers(&c, &l->arena, ret);
        } else if (json_string_is(name, "prompt")) {
            ok = json_read_string(&c, &text);
            if (ok)
                ret->prompt = json_unescape(&l->arena, text);
        } else {
            ok = json_skip(&c, NULL);
        }
    }
    return ok && json_finish(&c, &ignored) == 0 && ret->prompt.p;
}

static int make_agree(struct later *l, struct err *err)
{
    struct answers all = {.prompt = {NULL, 0}};
    int groups[ANSWERS];
    struct json_writer w;
    if (!read_body(l, &all))
        return err_set(err, ERR_BAD_REQUEST, "invalid_json",
                       "send {\"prompt\":\"...\",\"answers\":[\"...\",null]}, at most %d "
                       "answers",
                       ANSWERS);
    if (final_groups(task_of(all.prompt, false), all.items, all.n, &l->arena, groups) < 0)
        return err_nomem(err);
    json_writer_init(&w, &l->out);
    json_object_open(&w);
    json_key(&w, "groups");
    json_array_open(&w);
    for (size_t i = 0; i < all.n; i++)
        if (groups[i])
            json_u64(&w, (uint64_t)groups[i]);
        else
            json_write_null(&w);
    json_array_close(&w);
    json_object_close(&w);
    return 0;
}

void web_agree(struct request *r)
{
    later_answer(r, make_agree);
}
