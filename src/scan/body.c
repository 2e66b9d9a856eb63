/* body.c -- every string and number of a JSON body, with the name it has.
 *
 * Nothing is skipped for being unknown: what goes to a provider is scanned, whether it
 * is a message, a tool's schema, an argument, a metadata value or a member nobody has
 * heard of.  The member's name is put before the value, because "pin": "4821" says
 * more than 4821.  JSON inside a string needs no second walk: its quotes are plain
 * characters once the string is decoded, and the detectors read keys and values as
 * they stand.
 *
 * A body says the same short things again and again ("role": "tool"): what was read in
 * it with nothing found is not read again.  All other strings are in the scanner's cache,
 * from one request to the next.  Media are noted, not read: by the members that hold
 * them, by data: URLs, and, inside of any text, by base64 that is no text (encoded.c). */
#include "core/mem.h"
#include "scan/agent_id.h"
#include "scan/detect.h"
#include "scan/media.h"
#include "scan/names/mentions.h"
#include "scan/numbers.h"
#include "scan/references.h"
#include "scan/scan.h"
#include "scan/scan_cache.h"
#include "scan/scanner.h"
#include "scan/sealed.h"
#include "scan/text/shown.h"
#include "scan/tool_names.h"
#include "json/scan.h"

enum {
    MAX_KEY_BYTES = 64,
    REPEATED_LEAST = 64 * 1024,
    REPEATED_TIMES = 4,
    MAX_BODY_STRINGS = 1 << 20,
    CLEAN_SLOTS = 128,
    CLEAN_MOST = 255,  /* bytes */
    MIN_KEY_BYTES = 6, /* a shorter name or number hides nothing by itself */
    MAX_DIGITS = 40    /* no identifier has as many */
};

/* A string of the body in which nothing was found, with its member's name; both are
 * bytes of the body. */
struct clean {
    struct str key, text;
};

struct walk {
    const struct scanner *sc;
    struct body_scan *out;
    struct str body;
    struct json_cur c;
    struct arena a; /* one string's worth */
    struct scan_room room;
    struct clean *clean; /* CLEAN_SLOTS; none is read before its bit is set */
    uint64_t has_clean[CLEAN_SLOTS / 64];
    struct numbers numbers; /* those that may be a text */
    enum media media, list; /* what the value at hand may be; the list it stands in */
    unsigned *object;       /* what it stands in has said of itself: media.h */
    const struct json_cur
        *inside;        /* where that object begins; NULL: it stands in a list */
    bool is_element;    /* it stands in a list */
    bool is_media;      /* its name and what is around it say that it is media */
    bool has_agent_ids; /* it stands in a member that does */
    struct tool_names *tools;
    size_t repeated; /* bytes of names that were read before values */
    struct err *err;
    bool failed;
};

/* Names that say nothing about their value and are in every request. */
static bool is_dull_key(struct str key)
{
    static const char *const dull[] = {"content",  "role",        "text",      "type",
                                       "model",    "input",       "arguments", "prompt",
                                       "messages", "description", "tool_name"};
    for (size_t i = 0; i < ARRAY_LEN(dull); i++)
        if (str_eqz(key, dull[i]))
            return true;
    return false;
}

/* The same bytes under the same rules hold the same. */
static int scan_joined(struct walk *w, struct str joined, struct span_list *ret)
{
    struct scan_cache *cache = w->sc->cache;
    if (!cache)
        return scan_text_in(w->sc, joined, &w->room, ret, w->err);
    struct scan_key key = scan_cache_key(cache, joined);
    if (scan_cache_get(cache, key, ret))
        return 0;
    int rc = scan_text_in(w->sc, joined, &w->room, ret, w->err);
    if (rc == 0)
        scan_cache_put(cache, key, ret);
    return rc;
}

/* A name is read before each element of its list: no more of that than four times the
 * body, else what it says of them is not known. */
static bool may_repeat(struct walk *w, size_t bytes)
{
    w->repeated += bytes;
    if (LIKELY(w->repeated <= REPEATED_LEAST + REPEATED_TIMES * w->body.n))
        return true;
    w->out->spans.is_unsure = true;
    return false;
}

/* The name before the value, when it says something; p == NULL when memory is out. */
static struct str join(struct walk *w, struct str key, struct str text,
                       size_t *ret_prefix)
{
    *ret_prefix = 0;
    if (!key.n || key.n > MAX_KEY_BYTES || is_dull_key(key) || !may_repeat(w, key.n))
        return text;
    char *both = arena_raw(&w->a, key.n + 2 + text.n + 1);
    if (!both)
        return (struct str){NULL, 0};
    memcpy(both, key.p, key.n);
    memcpy(both + key.n, ": ", 2);
    if (text.n)
        memcpy(both + key.n + 2, text.p, text.n);
    if (UNLIKELY(w->has_agent_ids))
        agent_id_rename(both + key.n + 2, text.n);
    *ret_prefix = key.n + 2;
    return (struct str){both, key.n + 2 + text.n};
}

/* Where it was that something could not be read. */
static void note_first(struct walk *w, const char *at)
{
    struct body_scan *b = w->out;
    uint32_t here = (uint32_t)(at - w->body.p);
    if (!b->first.media && (b->found.has_media || b->spans.has_blob))
        b->first.media = here;
    if (!b->first.odd && b->found.is_undecodable)
        b->first.odd = here;
    if (!b->first.unsure && b->spans.is_unsure)
        b->first.unsure = here;
}

/* Spans that something is done about. */
static size_t ntelling(const struct span_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += guard_type_group((enum guard_type)l->v[i].type) != GROUP_LOW;
    return n;
}

/* Whatever is seen in a text without what is not shown, and not in the text as it is: the
 * next reader may see it too. */
static void scan_shown(struct walk *w, struct str key, struct str text)
{
    struct span_list all = {0}, shown = {0};
    size_t prefix;
    struct str joined = join(w, key, text, &prefix);
    char *copy = arena_raw(&w->a, joined.n + 1);
    if (!joined.p || !copy) {
        w->failed = true;
        return;
    }
    size_t n = shown_only(joined, copy);
    if (scan_joined(w, joined, &all) < 0 ||
        scan_joined(w, (struct str){copy, n}, &shown) < 0)
        w->failed = true;
    w->out->found.is_undecodable |= ntelling(&shown) > ntelling(&all);
    span_list_release(&all);
    span_list_release(&shown);
}

/* What different readers of a string would not read alike. */
static void note_odd(struct walk *w, struct str key, struct json_string s,
                     struct str plain)
{
    unsigned odd = s.has_escapes ? json_odd_escapes(s) : 0;
    if (UNLIKELY(odd & JSON_LONE_SURROGATE))
        w->out->found.has_half_pair = w->out->found.is_undecodable = true;
    if (plain.n < MIN_KEY_BYTES)
        return;
    if (UNLIKELY(odd & JSON_CONTROL || memchr(plain.p, 0x7F, plain.n)))
        scan_shown(w, key, plain);
}

static bool add_located(struct walk *w, struct located l)
{
    struct body_scan *b = w->out;
    if (b->nat == b->cap_at) {
        size_t cap = b->cap_at ? 2 * b->cap_at : 16;
        struct located *v =
            cap > MAX_BODY_STRINGS ? NULL : mem_realloc(b->at, cap * sizeof *v);
        if (!v)
            return false;
        b->at = v;
        b->cap_at = cap;
    }
    b->at[b->nat++] = l;
    return true;
}

static bool is_of_body(const struct walk *w, struct str s)
{
    return s.n == 0 || (uintptr_t)s.p - (uintptr_t)w->body.p < w->body.n;
}

/* In the name of this member something was found, together with its value. */
static bool note_name(struct walk *w, struct str key)
{
    struct located at = {.is_key = true, .first = (uint32_t)w->out->spans.n};
    if (!is_of_body(w, key))
        return true;
    at.raw_start = (uint32_t)(key.p - w->body.p);
    at.raw_end = at.raw_start + (uint32_t)key.n;
    return add_located(w, at);
}

/* Moves the spans of "key: value" back by the key; those in the key are counted. */
static bool keep_spans(struct walk *w, const struct span_list *l, struct str key,
                       size_t prefix, struct located at)
{
    struct span_list *all = &w->out->spans;
    at.first = (uint32_t)all->n;
    for (size_t i = 0; i < l->n; i++) {
        struct span s = l->v[i];
        bool low = guard_type_group((enum guard_type)s.type) == GROUP_LOW;
        if (prefix && s.end <= prefix) {
            w->out->found.key_hits |= !low && !s.is_alone;
            if (!low && !note_name(w, key))
                return false;
            continue;
        }
        s.start = s.start < prefix ? 0 : s.start - (uint32_t)prefix;
        s.end -= (uint32_t)prefix;
        if (all->n == all->cap) {
            size_t cap = all->cap ? 2 * all->cap : 32;
            struct span *v = mem_realloc(all->v, cap * sizeof *v);
            if (!v)
                return false;
            all->v = v;
            all->cap = cap;
        }
        all->v[all->n++] = s;
    }
    at.n = (uint32_t)all->n - at.first;
    return at.n == 0 || add_located(w, at);
}

/* Where a short string without escapes would be remembered, NULL for others. */
static struct clean *clean_slot(struct walk *w, struct str key, struct str text)
{
    if (text.n == 0 || text.n > CLEAN_MOST || !is_of_body(w, text) || !is_of_body(w, key))
        return NULL;
    size_t last = text.n - 1;
    size_t h = text.n + 31 * key.n + 7 * (unsigned char)text.p[0] +
               61 * (unsigned char)text.p[last / 2] + 17 * (unsigned char)text.p[last];
    struct clean *slot = &w->clean[h % CLEAN_SLOTS];
    uint64_t *bits = &w->has_clean[h % CLEAN_SLOTS / 64], bit = UINT64_C(1) << (h & 63);
    if (!(*bits & bit))
        *slot = (struct clean){{NULL, 0}, {NULL, 0}};
    *bits |= bit;
    return slot;
}

/* Of the name of a tool: somebody named Bash is not meant. */
static void drop_persons(struct span_list *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (guard_type_group((enum guard_type)l->v[i].type) != GROUP_PERSON)
            l->v[n++] = l->v[i];
    l->n = n;
}

static void scan_value(struct walk *w, struct str key, struct str text, struct str raw,
                       bool is_key)
{
    if (UNLIKELY(w->has_agent_ids))
        key = agent_id_name(key, text);
    struct clean *clean = clean_slot(w, key, text);
    struct span_list l = {0};
    size_t prefix;
    w->out->found.bytes_scanned += text.n;
    if (clean && str_eq(clean->text, text) && str_eq(clean->key, key)) {
        arena_rewind(&w->a);
        return;
    }
    struct str joined = join(w, key, text, &prefix);
    if (text.n && !joined.p) {
        w->failed = true;
        return;
    }
    struct located at = {.raw_start = (uint32_t)(raw.p - w->body.p),
                         .raw_end = (uint32_t)(raw.p + raw.n - w->body.p),
                         .is_key = is_key};
    if (scan_joined(w, joined, &l) < 0)
        w->failed = true;
    if (UNLIKELY(l.n > 0) && !is_key && tool_names_have(w->tools, w->body, key, text))
        drop_persons(&l);
    if (!w->failed && !keep_spans(w, &l, key, prefix, at))
        w->failed = true;
    for (size_t i = 0; i < l.n; i++)
        if (is_key && guard_type_group((enum guard_type)l.v[i].type) > GROUP_PERSON)
            w->out->found.key_hits = 1;
    w->out->spans.is_clinical |= l.is_clinical;
    w->out->spans.is_unsure |= l.is_unsure;
    w->out->spans.has_blob |= l.has_blob;
    rule_set_join(&w->out->spans.rules, &l.rules);
    if (clean && !w->failed && span_list_is_clean(&l))
        *clean = (struct clean){key, text};
    span_list_release(&l);
    arena_rewind(&w->a);
}

/* As its digits: 4.11e3 is 4110 to whoever reads it. */
static void scan_number(struct walk *w, struct str key, struct str raw)
{
    char room[MAX_DIGITS];
    struct str digits = {0};
    size_t before = w->out->spans.n;
    if (!json_is_plain_integer(raw))
        digits = json_plain_integer(raw, room, sizeof room);
    if (!digits.p) {
        scan_value(w, key, raw, raw, false);
        return;
    }
    scan_value(w, key, digits, raw, false);
    /* A number is masked whole: of its spans only the types count. */
    for (size_t i = before; i < w->out->spans.n; i++) {
        w->out->spans.v[i].start = (uint32_t)(i - before);
        w->out->spans.v[i].end = (uint32_t)(i - before) + 1;
    }
}

static void walk_value(struct walk *w, struct str key);

static void add_reference(struct walk *w, struct str raw)
{
    struct body_scan *b = w->out;
    if (!reference_is_value(raw))
        return;
    if (b->nrefers == b->cap_refers) {
        size_t cap = b->cap_refers ? 2 * b->cap_refers : 8;
        struct str *v =
            cap > MAX_BODY_STRINGS ? NULL : mem_realloc(b->refers, cap * sizeof *v);
        if (!v) {
            w->failed = true;
            return;
        }
        b->refers = v;
        b->cap_refers = cap;
    }
    b->refers[b->nrefers++] = raw;
}

/* A string, strings in a list, or the id of an object; of a prompt the object's alone. */
static void note_reference(struct walk *w, struct str name)
{
    struct json_cur c = w->c;
    struct json_string s;
    enum json_type type = json_peek(&c);
    if (LIKELY(!reference_is_name(name)))
        return;
    if (type == JSON_OBJECT) {
        struct str raw;
        if (json_skip(&c, &raw) && (raw = json_get(raw, "id")).n > 2 && raw.p[0] == '"')
            add_reference(w, str_sub(raw, 1, raw.n - 1));
    } else if (type == JSON_STRING && !str_eqz(name, "prompt")) {
        if (json_read_string(&c, &s))
            add_reference(w, s.raw);
    } else if (type == JSON_ARRAY && !str_eqz(name, "prompt") && json_enter_array(&c)) {
        while (json_next_element(&c))
            if (json_peek(&c) == JSON_STRING && json_read_string(&c, &s))
                add_reference(w, s.raw);
            else
                json_skip(&c, NULL);
    }
}

/* {"type": "item_reference", "id": "msg_1"} */
static void note_item(struct walk *w, struct str key, struct str plain)
{
    struct str raw;
    if (LIKELY(!str_eqz(plain, "item_reference") || !str_eqz(key, "type") || !w->inside))
        return;
    struct json_cur c = *w->inside;
    if (json_skip(&c, &raw) && (raw = json_get(raw, "id")).n > 2 && raw.p[0] == '"')
        add_reference(w, str_sub(raw, 1, raw.n - 1));
}

/* A member that makes the object around it media, or says what its value may be. */
static void note_media(struct walk *w, struct str name, enum media outer)
{
    enum json_type type = json_peek(&w->c);
    w->media = media_of_member(name, type);
    w->is_media = type == JSON_STRING && (w->media == MEDIA_OF_NAME ||
                                          (outer != MEDIA_NONE && media_is_holder(name)));
    w->out->found.has_media |= w->is_media;
    w->list = MEDIA_NONE;
    w->is_element = false;
    note_first(w, w->c.p);
}

/* A string of an object that says by its other members that it is media. */
static void note_object(struct walk *w, struct str key, struct str plain)
{
    if (w->is_element || !w->object || !key.n)
        return;
    bool is_media = media_note(w->object, key, plain, &w->a);
    w->out->found.has_media |= is_media;
    w->is_media |= is_media || media_is_object(*w->object);
}

/* A file that is text: scanned as what it says; the surest of what is to be hidden in it
 * stands for all. */
static bool scan_inside(struct walk *w, struct str plain, struct str raw)
{
    struct span_list l = {0};
    struct str inside;
    struct span best = {.score = 0};
    if (LIKELY(!text_in_file(plain, &w->a, &inside)))
        return false;
    w->failed |= scan_text_in(w->sc, inside, &w->room, &l, w->err) < 0;
    for (size_t i = 0; i < l.n; i++)
        if (guard_type_group((enum guard_type)l.v[i].type) != GROUP_LOW &&
            l.v[i].score > best.score)
            best = l.v[i];
    for (size_t i = 0; i < l.n; i++)
        best.is_checked |= l.v[i].is_checked;
    w->out->spans.is_clinical |= l.is_clinical;
    w->out->spans.is_unsure |= l.is_unsure;
    w->out->spans.has_blob |= l.has_blob;
    rule_set_join(&w->out->spans.rules, &l.rules);
    w->out->found.bytes_scanned += inside.n;
    span_list_release(&l);
    best.start = 0;
    best.end = (uint32_t)plain.n;
    best.evidence = SAW_DECODED;
    best.is_alone = false;
    struct span_list one = {.v = &best, .n = best.score > 0};
    struct located at = {.raw_start = (uint32_t)(raw.p - w->body.p),
                         .raw_end = (uint32_t)(raw.p + raw.n - w->body.p)};
    w->failed |= !keep_spans(w, &one, STR(""), 0, at);
    arena_rewind(&w->a);
    return true;
}

static void walk_object(struct walk *w)
{
    struct json_string name;
    struct str no_key = {0};
    const enum media media = w->media;
    const struct numbers outer = w->numbers;
    const struct json_cur begin = w->c;
    unsigned object = 0;
    if (!json_enter_object(&w->c))
        return;
    while (!w->failed && json_next_member(&w->c, &name)) {
        struct str raw = name.raw;
        char own[MAX_KEY_BYTES];
        struct str plain = json_unescape(&w->a, name);
        if (!plain.p) {
            w->failed = true;
            return;
        }
        struct str kept = str_sub(plain, 0, sizeof own);
        if (kept.n && name.has_escapes) {
            memcpy(own, kept.p, kept.n);
            kept.p = own;
        }
        note_media(w, plain, media);
        note_reference(w, plain);
        note_odd(w, no_key, name, plain);
        note_first(w, name.raw.p);
        bool has_more = w->c.p < w->c.end && (*w->c.p == '[' || *w->c.p == '{');
        if (w->c.depth == 1)
            w->has_agent_ids = agent_ids_are_in(plain);
        if (has_more)
            numbers_enter(&w->numbers, &outer, plain, w->c.depth == 1);
        if (plain.n >= MIN_KEY_BYTES)
            scan_value(w, no_key, plain, raw, true);
        else
            arena_rewind(&w->a);
        w->object = &object;
        w->inside = &begin;
        walk_value(w, kept);
        numbers_leave(&w->numbers, &outer);
    }
    w->object = NULL;
    w->inside = NULL;
    w->out->found.has_media |= media_is_object(object);
    note_first(w, begin.p);
}

static void walk_array(struct walk *w, struct str key)
{
    const enum media media = w->media;
    if (!json_enter_array(&w->c))
        return;
    w->numbers.lists++;
    while (!w->failed && json_next_element(&w->c)) {
        /* Only objects right in the list are media, not those in lists in it. */
        bool is_object = json_peek(&w->c) == JSON_OBJECT;
        w->media = is_object && media >= MEDIA_LIST ? MEDIA_PART : MEDIA_NONE;
        w->list = media;
        w->is_element = true;
        w->is_media = false;
        w->inside = NULL;
        walk_value(w, key);
    }
    w->numbers.lists--;
}

static void walk_string(struct walk *w, struct str key, struct json_string s)
{
    struct str plain = json_unescape(&w->a, s);
    if (!plain.p) {
        w->failed = true;
        return;
    }
    w->is_media |= media_is_data_url(plain) ||
                   (w->list >= MEDIA_LIST && media_is_element(s.raw, w->list));
    w->out->found.has_media |= w->is_media;
    note_object(w, key, plain);
    note_item(w, key, plain);
    note_odd(w, key, s, plain);
    bool is_blob = false;
    if (UNLIKELY(agent_id_is(key, plain) || sealed_is(key, plain, w->inside))) {
        is_blob = true;
    } else if (scan_inside(w, plain, s.raw)) {
        return;
    } else if (text_is_blob(plain, &w->a) ||
               (w->is_media && text_is_bytes(plain, &w->a))) {
        is_blob = w->out->found.has_media = true;
    }
    if (!is_blob) {
        scan_value(w, key, plain, s.raw, false);
        return;
    }
    w->out->found.bytes_scanned += plain.n;
    arena_rewind(&w->a);
}

static void walk_number(struct walk *w, struct str key, struct str raw)
{
    if (numbers_note(&w->numbers, raw, w->is_element))
        w->out->found.has_token_ids = w->out->found.is_undecodable = true;
    if (raw.n >= MIN_KEY_BYTES)
        scan_number(w, key, raw);
}

static void walk_value(struct walk *w, struct str key)
{
    struct str raw;
    struct json_string s;
    switch (json_peek(&w->c)) {
    case JSON_OBJECT:
        walk_object(w);
        return;
    case JSON_ARRAY:
        walk_array(w, key);
        return;
    case JSON_STRING:
        if (!json_read_string(&w->c, &s))
            return;
        walk_string(w, key, s);
        note_first(w, s.raw.p);
        return;
    case JSON_NUMBER:
        if (!json_skip(&w->c, &raw))
            return;
        walk_number(w, key, raw);
        note_first(w, raw.p);
        return;
    default:
        json_skip(&w->c, NULL);
    }
}

int guard_scan_body(const struct scanner *s, struct str body, struct body_scan *ret,
                    struct err *err)
{
    struct clean clean[CLEAN_SLOTS]; /* 4 KB: most bodies use a few of them */
    struct tool_names tools;         /* 4 KB as well */
    struct walk w = {
        .sc = s, .out = ret, .body = body, .clean = clean, .tools = &tools, .err = err};
    struct err ignored = {0};
    if (body.n > GUARD_MAX_TEXT_BYTES)
        return err_set(err, ERR_TOO_LARGE, "text_too_large",
                       "a body of %zu bytes is past the scanner's %d", body.n,
                       GUARD_MAX_TEXT_BYTES);
    tool_names_init(&tools);
    arena_init(&w.a, 6 * body.n + 4096);
    scan_room_init(&w.room);
    w.room.watch = ret->watch;
    json_begin(&w.c, body);
    walk_value(&w, (struct str){0});
    arena_reset(&w.a);
    scan_room_release(&w.room);
    if (w.failed)
        return err && err->kind ? -1 : err_nomem(err);
    if (json_finish(&w.c, &ignored) < 0)
        ret->found.is_undecodable = true;
    if (!mentions_in_body(ret, body))
        return err_nomem(err);
    findings_add(&ret->found, &ret->spans);
    return 0;
}

void body_scan_release(struct body_scan *b)
{
    span_list_release(&b->spans);
    mem_free(b->at);
    mem_free(b->refers);
    *b = (struct body_scan){0};
}
