/* texts.c -- see texts.h.  One walk: what a string is depends on the zone it stands in
 * and on the name of its member.  An index may stand behind the text that it belongs to,
 * so the nodes around a text are kept until the event has been read. */
#include "mask/texts.h"

#include "core/mem.h"

enum { FIRST_CAP = 8, LABEL_BYTES = 64, TAG_LEAST = 8 };

enum zone {
    ZONE_TOP, /* beside the choices */
    ZONE_CHOICE,
    ZONE_MESSAGE,   /* a delta or a message */
    ZONE_TEXT,      /* its content, when that is no string */
    ZONE_MORE,      /* members that are not known: texts in pieces as well */
    ZONE_TOOLS,     /* calls of tools */
    ZONE_ARGUMENTS, /* ... and arguments that are an object */
    ZONE_WHOLE      /* what never comes in pieces: annotations, citations */
};

struct walk {
    struct json_cur c;
    struct texts *t;
    bool is_whole, is_message;
};

void texts_release(struct texts *t)
{
    mem_free(t->items);
    mem_free(t->nodes);
    *t = (struct texts){.has_delta = t->has_delta};
}

size_t texts_held(const struct texts *t)
{
    return t->cap * sizeof *t->items + t->cap_nodes * sizeof *t->nodes;
}

/* Room for one more of `size` bytes each. */
static bool grow(struct texts *t, void **items, size_t n, size_t *cap, size_t size)
{
    if (LIKELY(n < *cap))
        return true;
    size_t more = *cap ? *cap * 2 : FIRST_CAP;
    void *p = mem_realloc(*items, more * size);
    if (!p) {
        t->failed = true;
        return false;
    }
    *items = p;
    *cap = more;
    return true;
}

static void add(struct walk *w, struct text item)
{
    struct texts *t = w->t;
    void *items = t->items;
    if (w->is_whole && item.kind < CHANNEL_WHOLE && item.kind != CHANNEL_ARGUMENTS &&
        item.kind != CHANNEL_INPUT)
        item.kind = CHANNEL_WHOLE;
    item.is_message = w->is_message;
    if (grow(t, &items, t->n, &t->cap, sizeof *t->items)) {
        t->items = items;
        t->items[t->n++] = item;
    }
}

/* The node of the object or list at hand.  `in` is where it stands. */
static uint32_t enter(struct walk *w, const struct text *in, bool is_list)
{
    struct texts *t = w->t;
    void *nodes = t->nodes;
    if (w->is_whole || !grow(t, &nodes, t->nnodes, &t->cap_nodes, sizeof *t->nodes))
        return 0;
    t->nodes = nodes;
    t->nodes[t->nnodes] = (struct texts_node){
        .parent = in->node, .place = in->place, .name = in->name, .is_list = is_list};
    return (uint32_t)t->nnodes++;
}

/* -- names -------------------------------------------------------------------------- */

static bool is_one_of(struct str name, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(name, list[i]))
            return true;
    return false;
}

/* Never a text: a value in its place would be taken for something else. */
static bool is_label(enum zone zone, struct str name)
{
    static const struct str ids[] = {STR_INIT("id"), STR_INIT("signature"),
                                     STR_INIT("encrypted_content")};
    static const struct str labels[] = {
        STR_INIT("object"),       STR_INIT("model"),
        STR_INIT("role"),         STR_INIT("logprobs"),
        STR_INIT("usage"),        STR_INIT("finish_reason"),
        STR_INIT("service_tier"), STR_INIT("native_finish_reason"),
        STR_INIT("provider"),     STR_INIT("system_fingerprint")};
    if (zone == ZONE_ARGUMENTS)
        return false;
    if (is_one_of(name, ids, ARRAY_LEN(ids)) || str_ends(name, STR("_id")))
        return true;
    return zone <= ZONE_MESSAGE && is_one_of(name, labels, ARRAY_LEN(labels));
}

/* Comes whole in one event, and again in another: nothing of it may be held. */
static bool is_sent_whole(struct str name)
{
    static const struct str whole[] = {
        STR_INIT("type"),        STR_INIT("name"),      STR_INIT("status"),
        STR_INIT("state"),       STR_INIT("format"),    STR_INIT("stop_reason"),
        STR_INIT("annotations"), STR_INIT("citations"), STR_INIT("url_citation"),
        STR_INIT("images"),      STR_INIT("image_url"), STR_INIT("url"),
        STR_INIT("title"),       STR_INIT("sources"),   STR_INIT("search_results"),
        STR_INIT("documents"),   STR_INIT("context"),   STR_INIT("executed_tools"),
        STR_INIT("mime_type"),   STR_INIT("file"),      STR_INIT("language"),
        STR_INIT("recipient"),   STR_INIT("channel"),   STR_INIT("phase"),
        STR_INIT("metadata"),    STR_INIT("data"),      STR_INIT("b64_json")};
    return is_one_of(name, whole, ARRAY_LEN(whole)) ||
           str_starts(name, STR("content_filter"));
}

static bool is_text_name(struct str name)
{
    static const struct str texts[] = {STR_INIT("content"),    STR_INIT("text"),
                                       STR_INIT("thinking"),   STR_INIT("reasoning"),
                                       STR_INIT("summary"),    STR_INIT("delta"),
                                       STR_INIT("output"),     STR_INIT("refusal"),
                                       STR_INIT("transcript"), STR_INIT("thought")};
    return is_one_of(name, texts, ARRAY_LEN(texts)) ||
           str_starts(name, STR("reasoning_"));
}

static bool is_arguments_name(struct str name)
{
    static const struct str arguments[] = {STR_INIT("arguments"), STR_INIT("input"),
                                           STR_INIT("parameters"), STR_INIT("args"),
                                           STR_INIT("partial_json")};
    return is_one_of(name, arguments, ARRAY_LEN(arguments));
}

static bool is_calls_name(struct str name)
{
    return str_eqz(name, "tool_calls") || str_eqz(name, "function_call") ||
           str_eqz(name, "tool_call");
}

/* -- what a value is ------------------------------------------------------------------
 */

static enum channel_kind kind_in_message(struct str name)
{
    if (str_eqz(name, "content") || str_eqz(name, "refusal"))
        return CHANNEL_CONTENT;
    if (str_eqz(name, "reasoning_content") || str_eqz(name, "reasoning"))
        return CHANNEL_REASONING;
    return is_text_name(name) ? CHANNEL_THOUGHT : CHANNEL_MAYBE;
}

static enum channel_kind kind_of(enum zone zone, struct str name)
{
    switch (zone) {
    case ZONE_CHOICE:
        return str_eqz(name, "text") ? CHANNEL_CONTENT
               : is_text_name(name)  ? CHANNEL_THOUGHT
                                     : CHANNEL_MAYBE;
    case ZONE_MESSAGE:
        return kind_in_message(name);
    case ZONE_TEXT:
        return !name.p || str_eqz(name, "text") ? CHANNEL_CONTENT
               : is_text_name(name)             ? CHANNEL_THOUGHT
                                                : CHANNEL_MAYBE;
    case ZONE_MORE:
        return str_eqz(name, "transcript")     ? CHANNEL_CONTENT
               : !name.p || is_text_name(name) ? CHANNEL_THOUGHT
                                               : CHANNEL_MAYBE;
    case ZONE_TOOLS:
        return str_eqz(name, "input")    ? CHANNEL_INPUT
               : is_arguments_name(name) ? CHANNEL_ARGUMENTS
                                         : CHANNEL_MAYBE;
    case ZONE_ARGUMENTS:
        return CHANNEL_WHOLE_ARGUMENTS;
    default:
        return CHANNEL_WHOLE;
    }
}

/* Where the inside of this member is. */
static enum zone zone_of(enum zone zone, struct str name)
{
    switch (zone) {
    case ZONE_CHOICE:
        return str_eqz(name, "delta") || str_eqz(name, "message") ? ZONE_MESSAGE
               : is_sent_whole(name)                              ? ZONE_WHOLE
                                                                  : ZONE_MORE;
    case ZONE_MESSAGE:
        return is_calls_name(name)        ? ZONE_TOOLS
               : str_eqz(name, "content") ? ZONE_TEXT
               : is_sent_whole(name)      ? ZONE_WHOLE
                                          : ZONE_MORE;
    case ZONE_TEXT:
    case ZONE_MORE:
        return is_calls_name(name)   ? ZONE_TOOLS
               : is_sent_whole(name) ? ZONE_WHOLE
                                     : ZONE_MORE;
    case ZONE_TOOLS:
        return is_arguments_name(name) ? ZONE_ARGUMENTS : zone;
    case ZONE_TOP:
        return ZONE_WHOLE;
    default:
        return zone;
    }
}

/* -- the walk -------------------------------------------------------------------------
 */

static void walk_value(struct walk *w, enum zone zone, struct text at);

/* The name of a member may be a value: PersonQ7K2M has a digit, as all tags have. */
static void note_name(struct walk *w, enum zone zone, struct json_string k)
{
    bool is_arguments = zone == ZONE_ARGUMENTS;
    if (k.raw.n < TAG_LEAST || (!w->is_whole && !is_arguments))
        return;
    for (size_t i = 0; i < k.raw.n; i++)
        if (k.raw.p[i] >= '0' && k.raw.p[i] <= '9') {
            add(w, (struct text){.string = k,
                                 .kind = is_arguments ? CHANNEL_WHOLE_ARGUMENTS
                                                      : CHANNEL_WHOLE});
            return;
        }
}

/* Members that the path of a text is made of are no texts: true, the value is read. */
static bool take_member(struct walk *w, enum zone zone, uint32_t node, struct str name)
{
    bool is_index = str_eqz(name, "index"), is_type = str_eqz(name, "type");
    struct str raw;
    if (LIKELY(!is_index && !is_type) || w->is_whole || zone >= ZONE_ARGUMENTS)
        return false;
    enum json_type type = json_peek(&w->c);
    if (type == JSON_OBJECT || type == JSON_ARRAY)
        return false;
    if (!json_skip(&w->c, &raw) || type == JSON_NULL || raw.n > LABEL_BYTES)
        return true;
    if (is_index)
        w->t->nodes[node].index = raw;
    else if (type == JSON_STRING)
        w->t->nodes[node].type = raw;
    return true;
}

static void walk_member(struct walk *w, enum zone zone, struct text at)
{
    enum json_type type = json_peek(&w->c);
    bool is_holder = type == JSON_OBJECT || type == JSON_ARRAY;
    if (is_label(zone, at.name)) {
        json_skip(&w->c, NULL);
        return;
    }
    if (zone == ZONE_CHOICE && str_eqz(at.name, "delta"))
        w->t->has_delta = true;
    if (zone == ZONE_CHOICE)
        w->is_message = str_eqz(at.name, "message");
    at.kind =
        (uint8_t)(zone >= ZONE_CHOICE && zone <= ZONE_TOOLS && is_sent_whole(at.name)
                      ? CHANNEL_WHOLE
                      : kind_of(zone, at.name));
    if (zone == ZONE_TOP && type == JSON_ARRAY && str_eqz(at.name, "choices"))
        walk_value(w, ZONE_CHOICE, at);
    else
        walk_value(w, is_holder ? zone_of(zone, at.name) : zone, at);
}

static void walk_object(struct walk *w, enum zone zone, const struct text *in)
{
    struct json_string k;
    const uint32_t node = enter(w, in, false);
    json_enter_object(&w->c);
    while (!w->t->failed && json_next_member(&w->c, &k)) {
        note_name(w, zone, k);
        if (w->t->failed || !take_member(w, zone, node, k.raw))
            walk_member(w, zone, (struct text){.node = node, .name = k.raw});
    }
}

static void walk_array(struct walk *w, enum zone zone, const struct text *in)
{
    struct text at = {.node = enter(w, in, true)};
    json_enter_array(&w->c);
    for (; !w->t->failed && json_next_element(&w->c); at.place++) {
        at.kind = (uint8_t)kind_of(zone, at.name);
        walk_value(w, zone, at);
    }
}

static void walk_value(struct walk *w, enum zone zone, struct text at)
{
    switch (json_peek(&w->c)) {
    case JSON_OBJECT:
        walk_object(w, zone, &at);
        return;
    case JSON_ARRAY:
        walk_array(w, zone, &at);
        return;
    case JSON_STRING:
        if (json_read_string(&w->c, &at.string))
            add(w, at);
        return;
    default:
        json_skip(&w->c, NULL);
    }
}

bool texts_read(struct str data, bool is_whole, struct texts *ret)
{
    struct walk w = {.t = ret, .is_whole = is_whole};
    ret->n = 0;
    ret->nnodes = 0;
    json_begin(&w.c, data);
    walk_value(&w, ZONE_TOP, (struct text){.kind = CHANNEL_WHOLE});
    return json_finish(&w.c, NULL) == 0;
}
