/* made.c -- see made.h. */
#include "engine/made.h"

#include "dialect/openai_usage.h"
#include "engine/members.h"
#include "json/plain.h"
#include "json/scan.h"
#include "json/write.h"

enum { MAX_NAMES_BYTES = 64 * 1024, SPARE_BYTES = 4096 };

void made_release(struct made *m)
{
    buf_release(&m->names);
}

void made_flat(struct buf *out, struct str raw)
{
    struct str line, part;
    while (str_split(&raw, '\n', &line))
        while (str_split(&line, '\r', &part))
            buf_append(out, part);
}

/* An id that the engine gave to nobody, with its quotes: a number of the answer's, then
 * others that tell its parts apart. */
static void write_own_id(struct buf *out, struct str start, uint64_t id,
                         const uint32_t *parts, size_t n)
{
    buf_append(out, start);
    buf_id(out, id);
    for (size_t i = 0; i < n; i++) {
        buf_byte(out, '_');
        buf_u64(out, parts[i]);
    }
    buf_byte(out, '"');
}

void made_name(struct made *m, const struct engine_naming *naming, struct str id,
               int64_t created, struct str model)
{
    buf_release(&m->names);
    buf_init(&m->names, MAX_NAMES_BYTES);
    buf_lit(&m->names, "\"id\":");
    if (is_json_string(id) && id.n > 2)
        buf_append(&m->names, id);
    else
        write_own_id(&m->names, STR("\"chatcmpl-"), naming->id, NULL, 0);
    buf_lit(&m->names, ",\"object\":\"chat.completion.chunk\",\"created\":");
    buf_i64(&m->names, created);
    buf_lit(&m->names, ",\"model\":");
    buf_append(&m->names, is_json_string(model) ? model : STR("\"\""));
}

/* -- chunks ---------------------------------------------------------------------------
 */

static uint32_t place_of_choice(uint32_t choice)
{
    return choice < MADE_CHOICES ? choice : MADE_CHOICES - 1;
}

static void open_event(const struct made *m, struct buf *out)
{
    buf_lit(out, "data: {");
    buf_append(out, buf_view(&m->names));
    out->failed |= m->names.failed;
}

/* Up to the delta's first member. */
static void open_delta(struct made *m, struct buf *out, uint32_t choice)
{
    uint64_t bit = (uint64_t)1 << place_of_choice(choice);
    open_event(m, out);
    buf_lit(out, ",\"choices\":[{\"index\":");
    buf_u64(out, choice);
    buf_lit(out, ",\"delta\":{");
    if (!(m->spoken & bit))
        buf_lit(out, "\"role\":\"assistant\"");
    m->spoken |= bit;
}

static void key(struct buf *out, const char *name)
{
    if (out->n && out->p[out->n - 1] != '{')
        buf_byte(out, ',');
    buf_byte(out, '"');
    buf_append(out, str_of(name));
    buf_lit(out, "\":");
}

static void close_delta(struct buf *out)
{
    buf_lit(out, "},\"finish_reason\":null}]}\n\n");
}

void made_text(struct made *m, struct buf *out, uint32_t choice, const char *member,
               struct str raw)
{
    if (!is_json_string(raw) || raw.n == 2)
        return;
    open_delta(m, out, choice);
    key(out, member);
    m->text_at = out->n + 1;
    buf_append(out, raw);
    close_delta(out);
    if (strcmp(member, "content") == 0)
        m->nchars[place_of_choice(choice)] += made_count_chars(raw);
}

void made_likely_text(struct made *m, struct buf *out, uint32_t choice, struct str raw,
                      struct str logprobs)
{
    if (!is_json_string(raw) || json_is_empty(logprobs)) {
        made_text(m, out, choice, "content", raw);
        return;
    }
    open_delta(m, out, choice);
    key(out, "content");
    buf_append(out, raw);
    buf_lit(out, "},\"logprobs\":{\"content\":");
    made_flat(out, logprobs);
    buf_lit(out, "},\"finish_reason\":null}]}\n\n");
    m->nchars[place_of_choice(choice)] += made_count_chars(raw);
}

void made_image(struct made *m, struct buf *out, uint32_t choice, struct str type,
                struct str data)
{
    open_delta(m, out, choice);
    key(out, "images");
    buf_lit(out, "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:");
    buf_append(out, string_inside(type));
    buf_lit(out, ";base64,");
    buf_append(out, string_inside(data));
    buf_lit(out, "\"}}]");
    close_delta(out);
}

void made_seal(struct made *m, struct buf *out, uint32_t choice, const struct seal *s)
{
    open_delta(m, out, choice);
    if (out->n && out->p[out->n - 1] != '{')
        buf_byte(out, ',');
    seal_write_member(s, out);
    close_delta(out);
}

uint32_t made_call(struct made *m, struct buf *out, uint32_t choice,
                   const struct engine_naming *naming, struct str id, struct str name,
                   struct str arguments)
{
    uint32_t call = m->ncalls[place_of_choice(choice)]++;
    open_delta(m, out, choice);
    key(out, "tool_calls");
    const uint32_t parts[] = {choice, call}, skipped = choice ? 0 : 1;
    buf_lit(out, "[{\"index\":");
    buf_u64(out, call);
    buf_lit(out, ",\"id\":");
    if (is_json_string(id) && id.n > 2)
        buf_append(out, id);
    else
        write_own_id(out, STR("\"call_"), naming->id, parts + skipped,
                     ARRAY_LEN(parts) - skipped);
    buf_lit(out, ",\"type\":\"function\",\"function\":{\"name\":");
    buf_append(out, name);
    buf_lit(out, ",\"arguments\":");
    if (is_json_string(arguments))
        buf_append(out, arguments);
    else
        json_write_string(out, arguments);
    buf_lit(out, "}}]");
    close_delta(out);
    return call;
}

void made_arguments(struct made *m, struct buf *out, uint32_t choice, uint32_t call,
                    struct str raw)
{
    if (!is_json_string(raw) || raw.n == 2)
        return;
    open_delta(m, out, choice);
    key(out, "tool_calls");
    buf_lit(out, "[{\"index\":");
    buf_u64(out, call);
    buf_lit(out, ",\"function\":{\"arguments\":");
    m->text_at = out->n + 1;
    buf_append(out, raw);
    buf_lit(out, "}}]");
    close_delta(out);
}

void made_whole_arguments(struct made *m, struct buf *out, uint32_t choice, uint32_t call,
                          struct str raw)
{
    struct buf text;
    if (is_json_string(raw)) {
        made_arguments(m, out, choice, call, raw);
        return;
    }
    buf_init(&text, 8 * raw.n + SPARE_BYTES);
    json_write_string(&text, raw);
    out->failed |= text.failed;
    made_arguments(m, out, choice, call, buf_view(&text));
    buf_release(&text);
}

void made_citations(struct made *m, struct buf *out, uint32_t choice,
                    const struct made_source *s, size_t n)
{
    if (n == 0)
        return;
    open_delta(m, out, choice);
    key(out, "annotations");
    buf_byte(out, '[');
    for (size_t i = 0; i < n; i++) {
        buf_append(out, i ? STR(",") : STR(""));
        buf_lit(out, "{\"type\":\"url_citation\",\"url_citation\":{\"url\":");
        buf_append(out, s[i].url);
        buf_lit(out, ",\"title\":");
        buf_append(out, is_json_string(s[i].title) ? s[i].title : STR("\"\""));
        buf_printf(out, ",\"start_index\":%llu,\"end_index\":%llu}}",
                   (unsigned long long)s[i].start, (unsigned long long)s[i].end);
    }
    buf_byte(out, ']');
    close_delta(out);
}

void made_finish(struct made *m, struct buf *out, uint32_t choice, struct str word,
                 struct str stop)
{
    open_delta(m, out, choice);
    buf_lit(out, "},\"finish_reason\":");
    m->finished |= (uint64_t)1 << place_of_choice(choice);
    buf_append(out, word);
    if (is_json_string(stop)) {
        buf_lit(out, ",\"stop_reason\":");
        buf_append(out, stop);
    }
    buf_lit(out, "}]}\n\n");
}

void made_as_it_is(struct buf *out, struct str data)
{
    buf_lit(out, "data: ");
    made_flat(out, data);
    buf_lit(out, "\n\n");
}

/* -- usage ----------------------------------------------------------------------------
 */

static void write_tier(const struct usage_report *r, struct buf *out)
{
    if (!r->has_tier)
        return;
    buf_printf(out, ",\"service_tier\":\"%s\"",
               r->tier == TIER_STANDARD ? "default" : service_tier_name(r->tier));
}

void made_begin(struct made *m, struct buf *out, uint32_t choice,
                const struct usage_report *r)
{
    open_delta(m, out, choice);
    buf_lit(out, "},\"finish_reason\":null}]");
    if (r && usage_report_is_known(r)) {
        struct usage u = usage_resolve(r, false);
        buf_lit(out, ",\"usage\":{\"prompt_tokens\":");
        buf_u64(out, u.input_tokens);
        buf_lit(out, ",\"prompt_tokens_details\":{\"cached_tokens\":");
        buf_u64(out, u.cached_tokens);
        buf_lit(out, ",\"cache_write_tokens\":");
        buf_u64(out, u.cache_write_tokens);
        buf_lit(out, "}}");
    }
    buf_lit(out, "}\n\n");
}

/* What has no price in any list is said, so that the cost is not taken for known. */
static void write_unpriced(const struct usage_report *r, struct buf *out)
{
    if (r->n[COUNT_CACHE_LONG])
        buf_printf(out,
                   ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":%llu,"
                   "\"ephemeral_1h_input_tokens\":%llu}",
                   (unsigned long long)r->n[COUNT_CACHE_SHORT],
                   (unsigned long long)r->n[COUNT_CACHE_LONG]);
    if (r->n[COUNT_UNPRICED])
        buf_printf(out, ",\"server_tool_use\":{\"web_search_requests\":%llu}",
                   (unsigned long long)r->n[COUNT_UNPRICED]);
}

void made_usage(struct made *m, struct buf *out, const struct usage_report *r)
{
    if (!usage_report_is_known(r))
        return;
    struct usage u = usage_resolve(r, false);
    open_event(m, out);
    write_tier(r, out);
    buf_lit(out, ",\"choices\":[],\"usage\":");
    usage_write(&u, out);
    if (r->n[COUNT_CACHE_LONG] || r->n[COUNT_UNPRICED]) {
        out->n -= out->n > 0 && !out->failed; /* its '}' */
        write_unpriced(r, out);
        buf_byte(out, '}');
    }
    buf_lit(out, "}\n\n");
}

/* -- the rest --------------------------------------------------------------------------
 */

static uint64_t count_chars(struct str s)
{
    uint64_t n = 0;
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        const char *run = p;
        p = json_plain_run(p, end);
        n += (uint64_t)(p - run);
        if (p == end)
            break;
        bool is_escape = *p == '\\' && end - p > 1;
        bool is_hex = is_escape && p[1] == 'u' && end - p > 5;
        /* \uDC00 to \uDFFF is the second half of one. */
        bool is_half = is_hex && (p[2] | 0x20) == 'd' && strchr("cdefCDEF", p[3]) != NULL;
        n += !is_half && ((unsigned char)*p & 0xC0) != 0x80;
        p += is_hex ? 6 : is_escape ? 2 : 1;
    }
    return n;
}

static uint64_t count_bytes(struct str s)
{
    uint64_t n = 0;
    char bytes[4];
    const char *p = s.p, *end = p + s.n;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        n += (uint64_t)((escape ? escape : end) - p);
        p = escape ? escape : end;
        if (escape)
            n += json_take_escape(&p, end, bytes);
    }
    return n;
}

uint64_t made_count_chars(struct str raw)
{
    return count_chars(string_inside(raw));
}

uint64_t made_count_bytes(struct str raw)
{
    return count_bytes(string_inside(raw));
}

uint64_t made_known_chars(const struct known_said *said)
{
    return said->is_plain ? said->text.n : count_chars(said->text);
}

uint64_t made_known_bytes(const struct known_said *said)
{
    return said->is_plain ? said->text.n : count_bytes(said->text);
}

/* They are weir's own, one line each: nothing in them is to be looked for. */
static int collect(struct engine_collector *k, struct str events, struct err *err)
{
    const struct str lead = STR("data: ");
    struct str line;
    while (str_split(&events, '\n', &line)) {
        const struct event e = {.kind = EVENT_NOTE,
                                .data = str_sub(line, lead.n, line.n)};
        if (str_starts(line, lead) && engine_collect(k, &e, err) != 0)
            return -1;
    }
    return 0;
}

int made_collect(const struct made *m, struct str events, struct buf *out,
                 struct err *err)
{
    if (!m->finished || m->spoken & ~m->finished)
        return err_set(err, ERR_UPSTREAM, "upstream_truncated",
                       "the engine's answer ends before it is complete");
    struct engine_collector *k =
        engine_collector_create(SURFACE_CHAT, 2 * events.n + SPARE_BYTES);
    if (!k)
        return err_nomem(err);
    int rc = collect(k, events, err);
    if (rc == 0)
        rc = engine_collector_finish(k, NULL, out, err);
    engine_collector_free(k);
    return rc;
}
