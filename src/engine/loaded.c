/* loaded.c -- see loaded.h. */
#include "engine/loaded.h"

#include "core/arena.h"
#include "core/clean.h"
#include "facts/date.h"
#include "json/scan.h"

enum { NAME_ARENA = 64 << 10, DATE_CHARS = 10, YEAR_OF_NO_END = 2200 };

size_t loaded_questions(enum engine_kind k, struct loaded_question ret[LOADED_QUESTIONS])
{
    static const struct loaded_question ps = {"/api/ps", true},
                                        lm_studio = {"/api/v0/models", true},
                                        props = {"/props", true},
                                        list = {"/models", false};
    ret[1] = (struct loaded_question){NULL, false};
    switch (k) {
    case ENGINE_OLLAMA:
    case ENGINE_SIM:
        ret[0] = ps;
        return 1;
    case ENGINE_LM_STUDIO:
        ret[0] = lm_studio;
        return 1;
    case ENGINE_LLAMA_SERVER:
        ret[0] = list;
        ret[1] = props;
        return 2;
    case ENGINE_VLLM:
        ret[0] = list;
        return 1;
    default:
        ret[0] = ret[1];
        return 0;
    }
}

/* -- values ---------------------------------------------------------------------------
 */

static uint64_t number_of(struct str object, const char *key)
{
    struct str raw = json_get(object, key);
    int64_t n = 0;
    return raw.p && json_to_i64(raw, &n) && n > 0 ? (uint64_t)n : 0;
}

/* The text between the quotes, as it is written; n 0: it is no text. */
static struct str text_of(struct str object, const char *key)
{
    struct str raw = object.p ? json_get(object, key) : STR("");
    return raw.n > 2 && raw.p[0] == '"' ? str_sub(raw, 1, raw.n - 1) : STR("");
}

static void keep_name(struct str raw, char ret[LOADED_NAME])
{
    struct arena a;
    arena_init(&a, NAME_ARENA);
    struct str name = json_unescape(&a, (struct json_string){raw, true});
    size_t n = name.p ? name.n : 0;
    if (n >= LOADED_NAME)
        for (n = LOADED_NAME - 1; n > 0 && ((unsigned char)name.p[n] & 0xc0) == 0x80;)
            n--;
    if (n)
        memcpy(ret, name.p, n);
    n = clean_in_place(ret, n);
    ret[n] = '\0';
    arena_reset(&a);
}

static bool two_digits(struct str s, size_t at, uint64_t most, uint64_t *ret)
{
    return s.n >= at + 2 && str_to_u64(str_sub(s, at, at + 2), ret) && *ret <= most;
}

/* "2026-11-30T09:40:00.5-07:00".  False: it is no such moment. */
static bool parse_moment(struct str s, int64_t *ret_s)
{
    int64_t days;
    uint64_t h, m, sec, zone_h = 0, zone_m = 0;
    if (s.n < 20 || !date_parse(str_sub(s, 0, DATE_CHARS), &days) ||
        (s.p[DATE_CHARS] != 'T' && s.p[DATE_CHARS] != 't') ||
        !two_digits(s, 11, 23, &h) || s.p[13] != ':' || !two_digits(s, 14, 59, &m) ||
        s.p[16] != ':' || !two_digits(s, 17, 60, &sec))
        return false;
    size_t at = 19;
    if (s.p[at] == '.')
        for (at++; at < s.n && s.p[at] >= '0' && s.p[at] <= '9';)
            at++;
    struct str zone = str_sub(s, at, s.n);
    bool is_utc = str_eq_nocase(zone, STR("Z"));
    if (!is_utc &&
        (zone.n != 6 || (zone.p[0] != '+' && zone.p[0] != '-') || zone.p[3] != ':' ||
         !two_digits(zone, 1, 23, &zone_h) || !two_digits(zone, 4, 59, &zone_m)))
        return false;
    int64_t east = (int64_t)(zone_h * 3600 + zone_m * 60);
    *ret_s = days * 86400 + (int64_t)(h * 3600 + m * 60 + sec) -
             (!is_utc && zone.p[0] == '-' ? -east : east);
    return true;
}

/* One that never goes has an end centuries away. */
static void keep_end(struct str at, struct loaded_model *m)
{
    uint64_t year;
    int64_t s;
    m->stays = at.n > 4 && str_to_u64(str_sub(at, 0, 4), &year) && year >= YEAR_OF_NO_END;
    if (!m->stays && parse_moment(at, &s) && s > 0)
        m->until_ms = (uint64_t)s * 1000;
}

/* -- lists ----------------------------------------------------------------------------
 */

typedef bool entry_fn(struct str entry, struct loaded_model *ret);

/* Each entry that `read` says is loaded.  False: there is no such list. */
static bool read_list(struct str body, const char *list, const char *name, entry_fn *read,
                      struct loaded *ret)
{
    struct json_cur c;
    struct str entries = json_get(body, list), entry;
    if (!entries.p || entries.p[0] != '[')
        return false;
    json_begin(&c, entries);
    json_enter_array(&c);
    while (json_next_element(&c) && json_skip(&c, &entry)) {
        struct loaded_model m = {.bytes = 0};
        struct str called = entry.p[0] == '{' ? text_of(entry, name) : STR("");
        if (!called.n || !read(entry, &m))
            continue;
        keep_name(called, m.name);
        if (ret->n == LOADED_MOST)
            ret->more++;
        else
            ret->items[ret->n++] = m;
    }
    return true;
}

static bool read_ps(struct str entry, struct loaded_model *ret)
{
    struct str gpu = json_get(entry, "size_vram");
    int64_t n;
    ret->bytes = number_of(entry, "size");
    if (ret->bytes && gpu.p && json_to_i64(gpu, &n) && n >= 0) {
        ret->has_gpu = true;
        ret->gpu_bytes = (uint64_t)n < ret->bytes ? (uint64_t)n : ret->bytes;
    }
    keep_end(text_of(entry, "expires_at"), ret);
    return true;
}

static bool read_state(struct str entry, struct loaded_model *ret)
{
    (void)ret;
    return str_eqz(text_of(entry, "state"), "loaded");
}

/* A router says of each whether it is loaded; one server has its one model. */
static bool read_status(struct str entry, struct loaded_model *ret)
{
    struct str status = json_get(entry, "status"), meta = json_get(entry, "meta");
    if (status.p && status.p[0] == '{' && !str_eqz(text_of(status, "value"), "loaded"))
        return false;
    ret->weights_bytes = meta.p && meta.p[0] == '{' ? number_of(meta, "size") : 0;
    return true;
}

static bool read_served(struct str entry, struct loaded_model *ret)
{
    (void)entry;
    (void)ret;
    return true;
}

static bool is_whole(struct str body)
{
    struct json_cur c;
    struct err ignored;
    json_begin(&c, body);
    return body.n && json_peek(&c) == JSON_OBJECT && json_skip(&c, NULL) &&
           json_finish(&c, &ignored) == 0;
}

bool loaded_read(enum engine_kind k, const struct str bodies[LOADED_QUESTIONS],
                 struct loaded *ret)
{
    struct str props = is_whole(bodies[1]) ? bodies[1] : STR("{}");
    *ret = (struct loaded){.n = 0};
    if (!is_whole(bodies[0]))
        return false;
    switch (k) {
    case ENGINE_OLLAMA:
    case ENGINE_SIM:
        return read_list(bodies[0], "models", "name", read_ps, ret);
    case ENGINE_LM_STUDIO:
        return read_list(bodies[0], "data", "id", read_state, ret);
    case ENGINE_VLLM:
        return read_list(bodies[0], "data", "id", read_served, ret);
    case ENGINE_LLAMA_SERVER:
        if (str_eqz(json_get(props, "is_sleeping"), "true"))
            return true;
        /* Of a router that does not say it of its models nobody knows. */
        if (str_eqz(text_of(props, "role"), "router") &&
            str_find(bodies[0], STR("\"status\"")) < 0)
            return false;
        return read_list(bodies[0], "data", "id", read_status, ret);
    default:
        return false;
    }
}
