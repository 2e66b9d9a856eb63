/* classify.c -- what an engine means when it does not answer.
 *
 * Shapes met in the field: {"error":{message,type,code}} (OpenAI, llama-server with a
 * number as code), {"error":"text"} (Ollama), {"object":"error","message":...} (vLLM,
 * Mistral, whose message may be an object), {"detail":...} (FastAPI), an array around
 * any of them (Gemini), plain text and HTML (whatever stands in front).
 *
 * The kind decides whether another engine may be tried, so a 4xx is the client's own
 * only when the words do not blame the operator's key, quota or model list.  What is
 * passed on to the client is cleaned: bounded, valid UTF-8, without anything that
 * looks like a key. */
#include "engine/classify.h"

#include "core/arena.h"
#include "engine/engine.h"
#include "json/scan.h"

enum { MESSAGE_BYTES = 280, MIN_KEY_BYTES = 6 };

/* What an error body says. */
struct said {
    struct json_string message, type, code;
    struct str text; /* when it is no JSON */
    int status;      /* a number in it that looks like an HTTP status, or 0 */
};

static void read_said(struct json_cur *c, struct said *s, unsigned depth);

static void read_word(struct json_cur *c, struct said *s, struct json_string *ret)
{
    struct str raw;
    uint64_t n;
    if (json_peek(c) == JSON_STRING) {
        json_read_string(c, ret);
    } else if (json_peek(c) == JSON_NUMBER) {
        if (json_skip(c, &raw) && str_to_u64(raw, &n) && n >= 100 && n <= 599)
            s->status = (int)n;
    } else {
        json_skip(c, NULL);
    }
}

/* A message is a string, or again an object or array with one inside. */
static void read_message(struct json_cur *c, struct said *s, unsigned depth)
{
    if (json_peek(c) == JSON_STRING) {
        struct json_string text;
        if (json_read_string(c, &text) && !s->message.raw.n)
            s->message = text;
    } else {
        read_said(c, s, depth);
    }
}

static bool is_message_key(struct json_string k)
{
    return json_string_is(k, "message") || json_string_is(k, "error") ||
           json_string_is(k, "detail") || json_string_is(k, "msg");
}

static void read_members(struct json_cur *c, struct said *s, unsigned depth)
{
    struct json_string k;
    json_enter_object(c);
    while (json_next_member(c, &k)) {
        if (is_message_key(k))
            read_message(c, s, depth + 1);
        else if (json_string_is(k, "type"))
            read_word(c, s, &s->type);
        else if (json_string_is(k, "code") || json_string_is(k, "status"))
            read_word(c, s, &s->code);
        else
            json_skip(c, NULL);
    }
}

static void read_said(struct json_cur *c, struct said *s, unsigned depth)
{
    enum json_type t = json_peek(c);
    if (depth > 4 || (t != JSON_OBJECT && t != JSON_ARRAY)) {
        json_skip(c, NULL);
        return;
    }
    if (t == JSON_OBJECT) {
        read_members(c, s, depth);
        return;
    }
    json_enter_array(c);
    while (json_next_element(c))
        read_message(c, s, depth + 1);
}

static struct said said_of(struct str body)
{
    struct json_cur c;
    struct said s = {0};
    json_begin(&c, body);
    read_message(&c, &s, 0);
    if (json_finish(&c, NULL) == 0)
        return s;
    s = (struct said){.text = str_trim(body)};
    if (s.text.n && s.text.p[0] == '<')
        s.text.n = 0; /* a proxy's HTML page helps nobody */
    return s;
}

static bool is_key_char(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' || ch == '*' || ch == '.';
}

/* Length of the prefix at s that announces a key, or 0. */
static size_t key_prefix(struct str s)
{
    static const char *const prefixes[] = {"sk-", "gsk_", "AIza",   "xai-",
                                           "hf_", "wk_",  "Bearer "};
    for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
        if (str_starts(s, str_of(prefixes[i])))
            return strlen(prefixes[i]);
    return 0;
}

/* n, less the bytes of a character at the end that is not whole. */
static size_t whole_chars(const char *p, size_t n)
{
    size_t start = n;
    while (start && ((unsigned char)p[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return 0;
    unsigned char lead = (unsigned char)p[--start];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return n - start < need ? start : n;
}

/* Copies for people: no control bytes, no keys, cut to fit. */
static void copy_clean(struct str from, char to[MESSAGE_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < from.n && n + 1 < MESSAGE_BYTES; i++) {
        size_t prefix = key_prefix(str_sub(from, i, from.n));
        size_t end = i + prefix;
        while (prefix && end < from.n && is_key_char(from.p[end]))
            end++;
        if (prefix && end - i - prefix >= MIN_KEY_BYTES) {
            for (size_t j = 0; j < 3 && n + 1 < MESSAGE_BYTES; j++)
                to[n++] = '*';
            i = end - 1;
            continue;
        }
        unsigned char u = (unsigned char)from.p[i];
        bool is_control = u < 0x20 || u == 0x7F;
        to[n] = from.p[i];
        if (is_control)
            to[n] = ' ';
        n++;
    }
    n = whole_chars(to, n);
    to[n] = '\0';
}

/* JSON strings were checked by the scanner; other text may hold anything. */
static void copy_text(struct str from, char to[MESSAGE_BYTES])
{
    copy_clean(from, to);
    for (char *p = to; *p; p++)
        if ((unsigned char)*p >= 0x80)
            *p = '?';
}

static void copy_message(const struct said *s, char to[MESSAGE_BYTES])
{
    struct arena a;
    if (!s->message.raw.n) {
        copy_text(s->text, to);
        return;
    }
    arena_init(&a, 2 * s->message.raw.n + 4096);
    struct str text = json_unescape(&a, s->message);
    copy_clean(text.p ? text : (struct str){"", 0}, to);
    arena_reset(&a);
}

static bool says(const struct said *s, const char *word)
{
    return str_contains_nocase(s->type.raw, str_of(word)) ||
           str_contains_nocase(s->code.raw, str_of(word));
}

static bool tells_one_of(const struct said *s, const char *const *words, size_t n)
{
    struct str text = s->message.raw.n ? s->message.raw : s->text;
    for (size_t i = 0; i < n; i++)
        if (str_contains_nocase(text, str_of(words[i])))
            return true;
    return false;
}

static bool is_context_overflow(const struct said *s)
{
    static const char *const words[] = {"maximum context length", "context size",
                                        "context window",         "prompt is too long",
                                        "context length",         "input is too long"};
    return says(s, "exceed_context_size") || says(s, "context_length_exceeded") ||
           tells_one_of(s, words, ARRAY_LEN(words));
}

/* Gemini answers 400 to a wrong key; the client can do nothing about it. */
static bool blames_the_key(const struct said *s)
{
    static const char *const words[] = {"api key not valid", "invalid api key",
                                        "incorrect api key", "api key expired"};
    return says(s, "api_key") || tells_one_of(s, words, ARRAY_LEN(words));
}

/* For an error inside a 200: the status it would have had. */
static int guess_status(const struct said *s)
{
    static const struct {
        const char *word;
        int status;
    } words[] = {
        {"rate_limit", 429},     {"quota", 429},           {"resource_exhausted", 429},
        {"overloaded", 503},     {"unavailable", 503},     {"timeout", 504},
        {"authentication", 401}, {"invalid_api_key", 401}, {"permission", 403},
        {"invalid", 400},        {"BadRequest", 400},      {"not_found", 404},
        {"exceed_context", 400}, {"context_length", 400},
    };
    if (s->status)
        return s->status;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (says(s, words[i].word))
            return words[i].status;
    return 502;
}

struct meaning {
    enum err_kind kind;
    const char *code;
};

static struct meaning meaning_of(int status, const struct said *s)
{
    switch (status) {
    case 400:
    case 413:
    case 422:
        if (is_context_overflow(s))
            return (struct meaning){ERR_BAD_REQUEST, "context_length_exceeded"};
        if (says(s, "content_filter") || says(s, "content_policy"))
            return (struct meaning){ERR_BAD_REQUEST, "content_filter"};
        if (blames_the_key(s))
            return (struct meaning){ERR_UPSTREAM, "upstream_auth"};
        return (struct meaning){ERR_BAD_REQUEST, "upstream_rejected"};
    case 401:
    case 403:
        return (struct meaning){ERR_UPSTREAM, "upstream_auth"};
    case 402:
        return (struct meaning){ERR_UPSTREAM, "upstream_payment"};
    case 404:
        return (struct meaning){ERR_UPSTREAM, "upstream_not_found"};
    case 408:
    case 504:
        return (struct meaning){ERR_TIMEOUT, "upstream_timeout"};
    case 429:
        return (struct meaning){ERR_RATE_LIMIT, says(s, "quota") ? "upstream_quota"
                                                                 : "upstream_rate_limit"};
    case 503:
    case 529:
        return (struct meaning){ERR_OVERLOAD, "upstream_overloaded"};
    default:
        return (struct meaning){ERR_UPSTREAM, "upstream_error"};
    }
}

static void describe(int status, const struct said *s, struct err *ret)
{
    char message[MESSAGE_BYTES];
    struct meaning m = meaning_of(status, s);
    copy_message(s, message);
    if (m.code && strcmp(m.code, "upstream_auth") == 0)
        /* Such messages like to quote the key. */
        err_set(ret, m.kind, m.code, "the engine refused weir's credentials (HTTP %d)",
                status);
    else if (message[0])
        err_set(ret, m.kind, m.code, "%s", message);
    else
        err_set(ret, m.kind, m.code, "the engine answered HTTP %d without a reason",
                status);
}

void engine_classify(int status, struct str body, struct err *ret)
{
    struct said s = said_of(body);
    describe(status, &s, ret);
}

void classify_value(struct str value, struct err *ret)
{
    struct said s = said_of(value);
    describe(guess_status(&s), &s, ret);
}
