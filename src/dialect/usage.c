/* usage.c -- reading what engines say of tokens, and what it comes to. */
#include "dialect/usage.h"

#include "json/scan.h"

static const uint64_t ABSURD_TOKENS = UINT64_C(1000000000000);
/* No model thinks longer: a total further away is of something else. */
static const uint64_t MOST_HIDDEN_TOKENS = 10 * 1000 * 1000;

/* -- numbers ------------------------------------------------------------------------ */

/* "12" within quotes: the number that it spells, if it is one from end to end. */
static struct str unquoted(struct str raw)
{
    struct json_cur c;
    struct str inner = str_sub(raw, 1, raw.n - 1), number;
    json_begin(&c, inner);
    if (inner.n == 0 || json_peek(&c) != JSON_NUMBER || !json_skip(&c, &number) ||
        number.n != inner.n || json_finish(&c, NULL) != 0)
        return (struct str){NULL, 0};
    return number;
}

static bool count_of(struct str raw, uint64_t *ret)
{
    uint64_t n;
    int64_t v;
    if (LIKELY(str_to_u64(raw, &n) && n <= ABSURD_TOKENS)) {
        *ret = n; /* digits alone, as nearly always */
        return true;
    }
    if (raw.n > 1 && raw.p[0] == '"')
        raw = unquoted(raw);
    if (raw.n == 0 || raw.p[0] < '0' || raw.p[0] > '9' || !json_to_i64(raw, &v) ||
        v > (int64_t)ABSURD_TOKENS)
        return false;
    *ret = (uint64_t)v;
    return true;
}

static void set(struct usage_report *r, enum usage_count c, uint64_t n)
{
    /* Two names for one thing: the larger one, as one of them is often left at 0. */
    if (n >= r->n[c])
        r->n[c] = n;
    r->given |= 1U << c;
}

/* The value under the cursor. */
static bool read_count(struct json_cur *c, struct usage_report *r, enum usage_count as)
{
    struct str raw;
    uint64_t n;
    if (!json_skip(c, &raw) || !count_of(raw, &n))
        return false;
    set(r, as, n);
    return true;
}

/* -- names -------------------------------------------------------------------------- */

enum { LONGEST_NAME = 64 };

struct name {
    struct str name;
    enum usage_count as;
};

/* Those that nearly every answer has come first. */
static const struct name top_names[] = {
    {STR_INIT("prompt_tokens"), COUNT_PROMPT},
    {STR_INIT("completion_tokens"), COUNT_OUTPUT},
    {STR_INIT("total_tokens"), COUNT_TOTAL},
    {STR_INIT("input_tokens"), COUNT_INPUT},
    {STR_INIT("output_tokens"), COUNT_OUTPUT},
    {STR_INIT("prompt_cache_hit_tokens"), COUNT_CACHED},
    {STR_INIT("prompt_cache_miss_tokens"), COUNT_MISS},
    {STR_INIT("cached_tokens"), COUNT_CACHED},
    {STR_INIT("cache_read_input_tokens"), COUNT_CACHE_READ},
    {STR_INIT("cache_creation_input_tokens"), COUNT_CACHE_CREATION},
    {STR_INIT("cache_write_tokens"), COUNT_CACHE_WRITE},
    {STR_INIT("reasoning_tokens"), COUNT_REASONING},
    {STR_INIT("prompt_eval_count"), COUNT_PROMPT},
    {STR_INIT("eval_count"), COUNT_OUTPUT},
    {STR_INIT("tokens_evaluated"), COUNT_PROMPT},
    {STR_INIT("tokens_predicted"), COUNT_OUTPUT},
    {STR_INIT("promptTokenCount"), COUNT_PROMPT},
    {STR_INIT("candidatesTokenCount"), COUNT_OUTPUT},
    {STR_INIT("totalTokenCount"), COUNT_TOTAL},
    {STR_INIT("cachedContentTokenCount"), COUNT_CACHED},
    {STR_INIT("thoughtsTokenCount"), COUNT_THOUGHTS},
    {STR_INIT("toolUsePromptTokenCount"), COUNT_TOOL_INPUT},
    {STR_INIT("prompt_token_count"), COUNT_PROMPT},
    {STR_INIT("candidates_token_count"), COUNT_OUTPUT},
    {STR_INIT("total_token_count"), COUNT_TOTAL},
    {STR_INIT("cached_content_token_count"), COUNT_CACHED},
    {STR_INIT("thoughts_token_count"), COUNT_THOUGHTS},
    {STR_INIT("tool_use_prompt_token_count"), COUNT_TOOL_INPUT},
    {STR_INIT("promptTokens"), COUNT_PROMPT},
    {STR_INIT("completionTokens"), COUNT_OUTPUT},
    {STR_INIT("totalTokens"), COUNT_TOTAL},
    {STR_INIT("inputTokens"), COUNT_INPUT},
    {STR_INIT("outputTokens"), COUNT_OUTPUT},
    {STR_INIT("inputTokenCount"), COUNT_INPUT},
    {STR_INIT("outputTokenCount"), COUNT_OUTPUT},
    {STR_INIT("cacheReadInputTokens"), COUNT_CACHE_READ},
    {STR_INIT("cacheWriteInputTokens"), COUNT_CACHE_CREATION},
    {STR_INIT("cacheReadInputTokenCount"), COUNT_CACHE_READ},
    {STR_INIT("cacheWriteInputTokenCount"), COUNT_CACHE_CREATION},
    {STR_INIT("cached_prompt_tokens"), COUNT_CACHED},
    {STR_INIT("cached_input_tokens"), COUNT_CACHED},
    {STR_INIT("cache_read_tokens"), COUNT_CACHED},
    {STR_INIT("cache_creation_tokens"), COUNT_CACHE_WRITE},
    {STR_INIT("cache_write_input_tokens"), COUNT_CACHE_WRITE},
    {STR_INIT("thinking_tokens"), COUNT_REASONING},
    {STR_INIT("input_audio_tokens"), COUNT_AUDIO_INPUT},
    {STR_INIT("prompt_audio_tokens"), COUNT_AUDIO_INPUT},
    {STR_INIT("output_audio_tokens"), COUNT_AUDIO_OUTPUT},
    {STR_INIT("completion_audio_tokens"), COUNT_AUDIO_OUTPUT},
    {STR_INIT("num_search_queries"), COUNT_UNPRICED},
    {STR_INIT("num_sources_used"), COUNT_UNPRICED},
    {STR_INIT("citation_tokens"), COUNT_UNPRICED},
};

static const struct name input_names[] = {
    {STR_INIT("cached_tokens"), COUNT_CACHED},
    {STR_INIT("audio_tokens"), COUNT_AUDIO_INPUT},
    {STR_INIT("cache_write_tokens"), COUNT_CACHE_WRITE},
    {STR_INIT("cache_read_tokens"), COUNT_CACHED},
    {STR_INIT("cache_read_input_tokens"), COUNT_CACHED},
    {STR_INIT("cache_creation_tokens"), COUNT_CACHE_WRITE},
    {STR_INIT("cache_creation_input_tokens"), COUNT_CACHE_WRITE},
    {STR_INIT("cache_read"), COUNT_CACHED},
    {STR_INIT("cache_creation"), COUNT_CACHE_WRITE},
    {STR_INIT("audio"), COUNT_AUDIO_INPUT},
    {STR_INIT("total"), COUNT_PROMPT}, /* AI SDK: inputTokens.total has the cache in it */
    {STR_INIT("cache_write"), COUNT_CACHE_WRITE},
};

static const struct name output_names[] = {
    {STR_INIT("reasoning_tokens"), COUNT_REASONING},
    {STR_INIT("audio_tokens"), COUNT_AUDIO_OUTPUT},
    {STR_INIT("thinking_tokens"), COUNT_REASONING},
    {STR_INIT("reasoning"), COUNT_REASONING},
    {STR_INIT("audio"), COUNT_AUDIO_OUTPUT},
    {STR_INIT("image_tokens"), COUNT_UNPRICED},
    {STR_INIT("image"), COUNT_UNPRICED},
    {STR_INIT("total"), COUNT_OUTPUT},
};

/* Cohere (docs.cohere.com, "how does Cohere's pricing work" and the chat reference):
 * billed_units is what is charged; tokens counts what it adds to the prompt as well. */
static const struct name unit_names[] = {
    {STR_INIT("input_tokens"), COUNT_PROMPT},
    {STR_INIT("output_tokens"), COUNT_OUTPUT},
    {STR_INIT("search_units"), COUNT_UNPRICED},
};

static const struct name creation_names[] = {
    {STR_INIT("ephemeral_5m_input_tokens"), COUNT_CACHE_SHORT},
    {STR_INIT("ephemeral_1h_input_tokens"), COUNT_CACHE_LONG},
    {STR_INIT("ttl_12h_tokens"), COUNT_UNPRICED},
};

static const struct name tool_names[] = {
    {STR_INIT("web_search_requests"), COUNT_UNPRICED},
};

static const struct name timing_names[] = {
    {STR_INIT("prompt_n"), COUNT_MISS},
    {STR_INIT("predicted_n"), COUNT_OUTPUT},
    {STR_INIT("cache_n"), COUNT_CACHED},
};

/* promptTokensDetails as prompt_tokens_details; itself when it has no capital. */
static struct str in_small(struct str raw, char room[LONGEST_NAME])
{
    size_t n = 0, capitals = 0;
    for (size_t i = 0; i < raw.n && n + 2 < LONGEST_NAME; i++) {
        bool is_capital = raw.p[i] >= 'A' && raw.p[i] <= 'Z';
        if (is_capital && i)
            room[n++] = '_';
        room[n++] = is_capital ? (char)(raw.p[i] | 0x20) : raw.p[i];
        capitals += is_capital;
    }
    return capitals ? (struct str){room, n} : raw;
}

static const struct name *find_exact(struct str raw, const struct name *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(raw, names[i].name))
            return &names[i];
    return NULL;
}

static const struct name *find(struct str raw, const struct name *names, size_t n)
{
    char room[LONGEST_NAME];
    const struct name *known = find_exact(raw, names, n);
    if (LIKELY(known))
        return known;
    struct str small = in_small(raw, room);
    return small.p == raw.p ? NULL : find_exact(small, names, n);
}

static void read_names(struct json_cur *c, struct usage_report *r,
                       const struct name *names, size_t n)
{
    struct json_string k;
    const struct name *known;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k))
        if ((known = find(k.raw, names, n)))
            (void)read_count(c, r, known->as);
        else
            json_skip(c, NULL);
}

/* Gemini: [{"modality": "AUDIO", "tokenCount": 12}, ...] */
static void read_modality(struct json_cur *c, struct usage_report *r, enum usage_count as,
                          bool is_output)
{
    struct json_string k, what = {STR(""), false};
    struct str raw;
    uint64_t n = 0;
    if (!json_object_or_skip(c))
        return;
    while (json_next_member(c, &k)) {
        if (str_eqz(k.raw, "modality") && json_peek(c) == JSON_STRING)
            (void)json_read_string(c, &what);
        else if (json_skip(c, &raw) &&
                 (str_eqz(k.raw, "tokenCount") || str_eqz(k.raw, "token_count")))
            (void)count_of(raw, &n);
    }
    if (str_eq_nocase(what.raw, STR("audio")))
        set(r, as, n);
    else if (is_output && str_eq_nocase(what.raw, STR("image")))
        set(r, COUNT_UNPRICED, n);
}

static void read_input_details(struct json_cur *c, struct usage_report *r)
{
    if (json_peek(c) != JSON_ARRAY) {
        read_names(c, r, input_names, ARRAY_LEN(input_names));
        return;
    }
    json_enter_array(c);
    while (json_next_element(c))
        read_modality(c, r, COUNT_AUDIO_INPUT, false);
}

static void read_output_details(struct json_cur *c, struct usage_report *r)
{
    if (json_peek(c) != JSON_ARRAY) {
        read_names(c, r, output_names, ARRAY_LEN(output_names));
        return;
    }
    json_enter_array(c);
    while (json_next_element(c))
        read_modality(c, r, COUNT_AUDIO_OUTPUT, true);
}

static void read_units(struct json_cur *c, struct usage_report *r, bool is_billed)
{
    struct usage_report units = {.given = 0};
    read_names(c, &units, unit_names, ARRAY_LEN(unit_names));
    for (size_t i = 0; i < USAGE_COUNTS; i++)
        if (units.given & 1U << i && (is_billed || !(r->given & 1U << i)))
            r->n[i] = units.n[i];
    r->given |= units.given;
}

static void read_billed(struct json_cur *c, struct usage_report *r)
{
    read_units(c, r, true);
}

static void read_processed(struct json_cur *c, struct usage_report *r)
{
    read_units(c, r, false);
}

static void read_creation(struct json_cur *c, struct usage_report *r)
{
    if (json_peek(c) == JSON_OBJECT)
        read_names(c, r, creation_names, ARRAY_LEN(creation_names));
    else
        json_skip(c, NULL);
}

static void read_tools(struct json_cur *c, struct usage_report *r)
{
    read_names(c, r, tool_names, ARRAY_LEN(tool_names));
}

static void read_tier(struct json_cur *c, struct usage_report *r)
{
    struct json_string s;
    if (json_peek(c) != JSON_STRING) {
        json_skip(c, NULL);
        return;
    }
    enum service_tier was = r->tier;
    if (!json_read_string(c, &s) || s.raw.n == 0)
        return;
    r->tier = service_tier_of(s.raw);
    /* Of `service_tier` and `speed` the one that is out of the ordinary. */
    if (r->has_tier && r->tier == TIER_STANDARD)
        r->tier = was;
    r->has_tier = true;
}

/* Perplexity charges each request by how much it searched. */
static void read_search(struct json_cur *c, struct usage_report *r)
{
    if (json_peek(c) == JSON_STRING)
        set(r, COUNT_UNPRICED, 1);
    json_skip(c, NULL);
}

static const struct {
    struct str name;
    void (*read)(struct json_cur *c, struct usage_report *r);
} parts[] = {
    {STR_INIT("prompt_tokens_details"), read_input_details},
    {STR_INIT("completion_tokens_details"), read_output_details},
    {STR_INIT("input_tokens_details"), read_input_details},
    {STR_INIT("output_tokens_details"), read_output_details},
    {STR_INIT("input_token_details"), read_input_details},
    {STR_INIT("output_token_details"), read_output_details},
    {STR_INIT("candidates_tokens_details"), read_output_details},
    {STR_INIT("prompt_token_details"), read_input_details},
    {STR_INIT("completion_token_details"), read_output_details},
    {STR_INIT("cache_creation"), read_creation},
    {STR_INIT("cache_write_tokens_details"), read_creation},
    {STR_INIT("server_tool_use"), read_tools},
    {STR_INIT("service_tier"), read_tier},
    {STR_INIT("speed"), read_tier},
    {STR_INIT("search_context_size"), read_search},
    {STR_INIT("billed_units"), read_billed},
    {STR_INIT("tokens"), read_processed},
};

static bool read_part(struct json_cur *c, struct str given, struct usage_report *r)
{
    char room[LONGEST_NAME];
    struct str name = in_small(given, room);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_eq(name, parts[i].name)) {
            parts[i].read(c, r);
            return true;
        }
    return false;
}

/* A number, or its parts: {"total":9,"cacheRead":4} (AI SDK). */
static void read_whole(struct json_cur *c, struct usage_report *r, enum usage_count as)
{
    if (LIKELY(json_peek(c) != JSON_OBJECT))
        (void)read_count(c, r, as);
    else if (as == COUNT_INPUT || as == COUNT_PROMPT)
        read_input_details(c, r);
    else if (as == COUNT_OUTPUT)
        read_output_details(c, r);
    else
        json_skip(c, NULL);
}

static void read_member(struct json_cur *c, struct str name, struct usage_report *r)
{
    const struct name *known = NULL;
    if (str_ends(name, STR("_details")) && read_part(c, name, r))
        return;
    if ((known = find(name, top_names, ARRAY_LEN(top_names))))
        read_whole(c, r, known->as);
    else if (!read_part(c, name, r))
        json_skip(c, NULL);
}

bool usage_report_read_at(struct json_cur *c, struct usage_report *ret)
{
    struct json_string k;
    if (!json_object_or_skip(c))
        return false;
    memset(ret, 0, sizeof *ret);
    while (json_next_member(c, &k))
        read_member(c, k.raw, ret);
    bool has_counts = usage_report_is_known(ret) || ret->given & 1U << COUNT_TOTAL;
    return json_ok(c) && has_counts;
}

bool usage_report_read(struct str object, struct usage_report *ret)
{
    struct json_cur c;
    json_begin(&c, object);
    return usage_report_read_at(&c, ret) && json_finish(&c, NULL) == 0;
}

bool usage_report_read_timings(struct str object, struct usage_report *ret)
{
    struct json_cur c;
    struct usage_report r = {0};
    json_begin(&c, object);
    read_names(&c, &r, timing_names, ARRAY_LEN(timing_names));
    if (json_finish(&c, NULL) != 0 || !usage_report_is_known(&r))
        return false;
    *ret = r;
    return true;
}

bool usage_report_add(struct usage_report *r, struct str name, struct str value)
{
    uint64_t n;
    const struct name *known = find(name, top_names, ARRAY_LEN(top_names));
    if (!known || !count_of(value, &n))
        return false;
    set(r, known->as, n);
    return true;
}

void usage_report_merge(struct usage_report *sum, const struct usage_report *later)
{
    for (size_t i = 0; i < USAGE_COUNTS; i++)
        if (later->n[i] > sum->n[i])
            sum->n[i] = later->n[i];
    sum->given |= later->given;
    if (later->has_tier) {
        sum->has_tier = true;
        sum->tier = later->tier;
    }
}

void usage_report_fill(struct usage_report *r, const struct usage_report *more)
{
    for (size_t i = 0; i < USAGE_COUNTS; i++)
        if (r->n[i] == 0)
            r->n[i] = more->n[i];
    r->given |= more->given;
    if (!r->has_tier) {
        r->has_tier = more->has_tier;
        r->tier = more->tier;
    }
}

/* Of the prompt, and not of what was made. */
static bool is_of_prompt(size_t count)
{
    return count != COUNT_OUTPUT && count != COUNT_REASONING && count != COUNT_THOUGHTS &&
           count != COUNT_AUDIO_OUTPUT && count != COUNT_UNPRICED;
}

void usage_report_add_choice(struct usage_report *sum, const struct usage_report *choice)
{
    for (size_t i = 0; i < USAGE_COUNTS; i++) {
        uint64_t n = choice->n[i];
        if (is_of_prompt(i))
            sum->n[i] = n > sum->n[i] ? n : sum->n[i];
        else
            sum->n[i] += n;
    }
    sum->n[COUNT_TOTAL] = 0; /* of one choice */
    sum->given = (sum->given | choice->given) & ~(1U << COUNT_TOTAL);
}

bool usage_report_is_known(const struct usage_report *r)
{
    const uint32_t counts =
        1U << COUNT_PROMPT | 1U << COUNT_INPUT | 1U << COUNT_MISS | 1U << COUNT_OUTPUT;
    return (r->given & counts) != 0;
}

/* -- what it comes to --------------------------------------------------------------- */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Does the input leave out what the cache gave and took?  What adds up to the total
 * decides; without one, the names do. */
static bool is_cache_apart(const struct usage_report *r, const struct usage *u,
                           uint64_t apart)
{
    uint64_t shown = u->input_tokens + u->output_tokens, total = r->n[COUNT_TOTAL];
    bool has_name = r->n[COUNT_CACHE_READ] || r->n[COUNT_CACHE_CREATION];
    if (apart == 0)
        return false;
    if (total && total == shown + apart)
        return true;
    if (total && (total == shown || total == shown + u->reasoning_tokens))
        return has_name && apart > u->input_tokens;
    return has_name && (r->n[COUNT_PROMPT] == 0 || apart > u->input_tokens);
}

static void resolve_input(const struct usage_report *r, struct usage *u)
{
    u->cached_tokens = larger(r->n[COUNT_CACHED], r->n[COUNT_CACHE_READ]);
    u->cache_write_tokens =
        larger(larger(r->n[COUNT_CACHE_WRITE], r->n[COUNT_CACHE_CREATION]),
               r->n[COUNT_CACHE_SHORT] + r->n[COUNT_CACHE_LONG]);
    u->input_tokens = r->n[COUNT_PROMPT] ? r->n[COUNT_PROMPT] : r->n[COUNT_INPUT];
    if (u->input_tokens == 0 && r->n[COUNT_MISS])
        u->input_tokens = r->n[COUNT_MISS] + u->cached_tokens;
    u->input_tokens += r->n[COUNT_TOOL_INPUT];
    if (u->input_tokens == 0 && r->n[COUNT_TOTAL] > u->output_tokens)
        u->input_tokens = r->n[COUNT_TOTAL] - u->output_tokens;
    uint64_t apart = u->cached_tokens + u->cache_write_tokens;
    if (is_cache_apart(r, u, apart))
        u->input_tokens += apart;
}

/* Reasoning that is not in the output, as the total or its own count says. */
static void resolve_hidden(const struct usage_report *r, struct usage *u)
{
    uint64_t shown = u->input_tokens + u->output_tokens, total = r->n[COUNT_TOTAL];
    if (total > shown && total - shown <= MOST_HIDDEN_TOKENS) {
        u->output_tokens += total - shown;
        if (u->reasoning_tokens == 0)
            u->reasoning_tokens = total - shown;
    } else if (total < shown && u->reasoning_tokens > u->output_tokens) {
        u->output_tokens += u->reasoning_tokens;
    }
}

/* Parts are never larger than their whole: what does not fit is not believed. */
static void fit_parts(struct usage *u)
{
    uint64_t rest = u->input_tokens;
    if (u->cached_tokens > rest)
        u->cached_tokens = rest;
    rest -= u->cached_tokens;
    if (u->cache_write_tokens > rest)
        u->cache_write_tokens = rest;
    rest -= u->cache_write_tokens;
    if (u->reasoning_tokens > u->output_tokens)
        u->reasoning_tokens = u->output_tokens;
    /* Sound from the cache has a price that no list gives. */
    u->has_unpriced |= u->audio_input_tokens > rest;
    if (u->audio_input_tokens > u->input_tokens)
        u->audio_input_tokens = u->input_tokens;
    u->has_unpriced |= u->audio_output_tokens > u->output_tokens - u->reasoning_tokens;
    if (u->audio_output_tokens > u->output_tokens)
        u->audio_output_tokens = u->output_tokens;
}

struct usage usage_resolve(const struct usage_report *r, bool is_embedding)
{
    struct usage u = {
        .output_tokens = r->n[COUNT_OUTPUT] + r->n[COUNT_THOUGHTS],
        .reasoning_tokens = larger(r->n[COUNT_REASONING], r->n[COUNT_THOUGHTS]),
        .audio_input_tokens = r->n[COUNT_AUDIO_INPUT],
        .audio_output_tokens = r->n[COUNT_AUDIO_OUTPUT],
        .tier = r->tier,
        .is_known = usage_report_is_known(r),
        .has_unpriced = r->n[COUNT_UNPRICED] || r->n[COUNT_CACHE_LONG],
    };
    if (is_embedding && r->n[COUNT_TOTAL])
        u.is_known = true; /* some say nothing else of them */
    if (!u.is_known)
        return (struct usage){.tier = r->tier};
    resolve_input(r, &u);
    if (!is_embedding)
        resolve_hidden(r, &u);
    fit_parts(&u);
    return u;
}

void usage_add_choice(struct usage *sum, const struct usage *choice)
{
    if (!choice->is_known)
        return;
    sum->is_known = true;
    sum->output_tokens += choice->output_tokens;
    sum->reasoning_tokens += choice->reasoning_tokens;
    sum->audio_output_tokens += choice->audio_output_tokens;
    sum->input_tokens = larger(sum->input_tokens, choice->input_tokens);
    sum->cached_tokens = larger(sum->cached_tokens, choice->cached_tokens);
    sum->cache_write_tokens = larger(sum->cache_write_tokens, choice->cache_write_tokens);
    sum->audio_input_tokens = larger(sum->audio_input_tokens, choice->audio_input_tokens);
    sum->has_unpriced |= choice->has_unpriced;
}
