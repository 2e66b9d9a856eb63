/* forward.c -- see forward.h.
 *
 * Sources: LiteLLM's own list of what a client may not say (proxy/auth/auth_utils.py,
 * _BANNED_REQUEST_BODY_PARAMS, and _supported_callback_params), its client-side fallbacks
 * (docs.litellm.ai, proxy/client_side_fallbacks), router_settings_override, stored
 * prompts that name a model (prompt_id, dotprompt_content) and guardrails with an
 * extra_body; OpenRouter's `models`, `route`, `provider`, `plugins`; Vercel's
 * providerOptions.gateway; Bifrost's `fallbacks`; TensorZero's extra_body, extra_headers
 * and credentials; Open WebUI's tool_servers; vLLM's kv_transfer_params.remote_host and
 * SGLang's bootstrap_host. */
#include "dialect/forward.h"

#include "dialect/names.h"

typedef const char *const *words_t;

/* Where a name stands decides what it means. */
enum place {
    AT_TOP,
    IN_EXTRA_BODY, /* servers unpack it into the request */
    IN_METADATA,   /* a client's own, but some servers read settings there */
    IN_GUARDRAILS, /* of each, its extra_body */
};

#define RETURN_WORDS(...)                                                                \
    do {                                                                                 \
        static const char *const words[] = {__VA_ARGS__, NULL};                          \
        return words;                                                                    \
    } while (0)

static bool is_joint(char c)
{
    return c == '_' || c == '-';
}

/* Whether `name` is `word`, or begins so where that ends in a star. */
static bool is_word(struct str name, const char *word)
{
    for (size_t i = 0; i < name.n; i++) {
        if (is_joint(name.p[i]))
            continue;
        if (*word == '*')
            return true;
        if (name.p[i] != *word++)
            return false;
    }
    return *word == '\0' || *word == '*';
}

static bool ends_in(struct str name, const char *word)
{
    size_t left = strlen(word);
    for (size_t i = name.n; i && left; i--) {
        if (is_joint(name.p[i - 1]))
            continue;
        if (name.p[i - 1] != word[--left])
            return false;
    }
    return left == 0;
}

/* -- the names ----------------------------------------------------------------------- */

/* By the first letter.  With a star: all that begin so. */
static words_t names_with(char first)
{
    switch (first) {
    case 'a':
        RETURN_WORDS("agentops*", "argilla*", "arize*", "athina*", "aws*", "azure*");
    case 'b':
        RETURN_WORDS("bitbucket*", "braintrust*");
    case 'c':
        RETURN_WORDS("customllmprovider", "contextwindowfallback*",
                     "contentpolicyfallback*");
    case 'd':
        RETURN_WORDS("datadog*", "datasources", "ddagent*", "ddenv", "ddservice",
                     "ddsite", "ddsource", "ddtags", "defaultheaders", "deployment*",
                     "dotprompt*");
    case 'e':
        RETURN_WORDS("extraheaders");
    case 'f':
        RETURN_WORDS("fallback*");
    case 'g':
        RETURN_WORDS("galileo*", "gateway", "gcs*", "gitlab*");
    case 'h':
        RETURN_WORDS("headers", "helicone*", "humanloop*");
    case 'k':
        RETURN_WORDS("kvtransferparams");
    case 'l':
        RETURN_WORDS("langfuse*", "langsmith*", "langtrace*", "literalai*", "logfire*",
                     "lunary*", "litellmparams", "litellmmetadata",
                     "litellmembeddingconfig", "litellmcredentialname");
    case 'm':
        RETURN_WORDS("mcpservers", "mirror*", "mlflow*", "mocktesting*", "modelgroup*",
                     "modelitem", "modellist", "models");
    case 'n':
        RETURN_WORDS("newrelic*");
    case 'o':
        RETURN_WORDS("openmeter*", "opik*", "otel*");
    case 'p':
        RETURN_WORDS("plugins", "preset", "provider", "providers", "provideroptions",
                     "proxy", "proxies", "phoenix*", "posthog*", "promptid",
                     "promptintegration", "promptlayer*");
    case 'r':
        RETURN_WORDS("redirect*", "route", "router*", "routing*");
    case 's':
        RETURN_WORDS("slack*", "specificdeployment", "supabase*");
    case 't':
        RETURN_WORDS("targets", "tensorzero::credential*", "tensorzero::extra*",
                     "tensorzero::internal*", "tensorzero::provider*",
                     "tensorzero::variant*", "toolservers", "traceloop*");
    case 'u':
        RETURN_WORDS("upstream*", "uri", "url", "userconfig", "uselitellm*");
    case 'v':
        RETURN_WORDS("vertex*");
    case 'w':
        RETURN_WORDS("wandb*", "weave*", "webhook*");
    default:
        return NULL;
    }
}

/* By the last letter. */
static words_t ends_with(char last)
{
    switch (last) {
    case 'e':
        RETURN_WORDS("apibase", "hostname");
    case 'y':
        RETURN_WORDS("apikey");
    case 'l':
        RETURN_WORDS("apiurl", "baseurl", "callbackurl", "deploymenturl", "endpointurl",
                     "notifyurl", "proxyurl", "remoteurl", "serverurl", "targeturl",
                     "upstreamurl", "webhookurl");
    case 'i':
        RETURN_WORDS("apiuri", "baseuri", "callbackuri", "endpointuri", "notifyuri",
                     "remoteuri", "serveruri", "targeturi", "webhookuri");
    case 'k':
        RETURN_WORDS("callback", "webhook");
    case 's':
        RETURN_WORDS("callbacks", "endpoints", "fallbacks", "hosts", "webhooks");
    case 't':
        RETURN_WORDS("endpoint", "host");
    default:
        return NULL;
    }
}

static bool is_one_of(struct str name, words_t words)
{
    for (; words && *words; words++)
        if (is_word(name, *words))
            return true;
    return false;
}

static bool ends_in_one_of(struct str name, words_t words)
{
    for (; words && *words; words++)
        if (ends_in(name, *words))
            return true;
    return false;
}

/* As readers without regard to case have it. */
static struct str read_name(struct json_string name, char room[NAME_FOLDED_BYTES])
{
    return UNLIKELY(name_is_odd(name)) ? name_fold(name, room) : name.raw;
}

static bool has_address_end(struct str name)
{
    return ends_in_one_of(name, ends_with(name.p[name.n - 1]));
}

static bool is_forwarding(struct str name)
{
    return name.n && (is_one_of(name, names_with(name.p[0])) || has_address_end(name));
}

/* In a client's own metadata common words are labels of its own; an address, or the name
 * of a server's product, is not. */
static bool is_forwarding_label(struct str name)
{
    static const char *const unmistakable[] = {
        "ddagent*", "ddsite",      "dotprompt*", "gcs*",    "langfuse*",  "langsmith*",
        "litellm*", "modelgroup*", "newrelic*",  "router*", "userconfig", NULL};
    return name.n && (has_address_end(name) ||
                      (is_forwarding(name) && is_one_of(name, unmistakable)));
}

/* What weir reads of a request: given once more inside extra_body it would replace what
 * weir has read. */
static bool is_read_by_weir(struct str name)
{
    static const char *const read[] = {"model",
                                       "messages",
                                       "prompt",
                                       "input",
                                       "stream",
                                       "n",
                                       "streamoptions",
                                       "tools",
                                       "functions",
                                       "responseformat",
                                       "maxtokens",
                                       "maxcompletiontokens",
                                       NULL};
    return is_one_of(name, read);
}

/* What a member's value is to be looked into as; `at` itself: it is not. */
static enum place place_inside(struct str name, enum place at)
{
    if (name.n == 0)
        return at;
    if (name.p[0] == 'e' && is_word(name, "extrabody"))
        return IN_EXTRA_BODY;
    if (name.p[0] == 'g' && is_word(name, "guardrails"))
        return IN_GUARDRAILS;
    return name.p[name.n - 1] == 'a' && ends_in(name, "metadata") ? IN_METADATA : at;
}

static bool is_looked_into(struct str name)
{
    return place_inside(name, AT_TOP) != AT_TOP;
}

/* -- values -------------------------------------------------------------------------- */

static bool is_empty(struct str raw)
{
    static const char *const empty[] = {"null", "false", "0", "\"\"", "[]", "{}"};
    for (size_t i = 0; i < ARRAY_LEN(empty); i++)
        if (str_eqz(raw, empty[i]))
            return true;
    if (raw.n < 2 || (raw.p[0] != '[' && raw.p[0] != '{' && raw.p[0] != '"'))
        return false;
    return str_trim(str_sub(raw, 1, raw.n - 1)).n == 0; /* [ ] */
}

enum verdict { PLAIN, LOOK_INTO, FORWARDS, REPLACES };

/* What a member inside one that is looked into is; *at becomes where its value stands. */
static enum verdict judge(struct json_string key, enum place *at)
{
    char room[NAME_FOLDED_BYTES];
    struct str name = read_name(key, room);
    enum place here = *at;
    bool forwards =
        here == IN_EXTRA_BODY ? is_forwarding(name) : is_forwarding_label(name);
    if (is_looked_into(name)) {
        *at = place_inside(name, here);
        return forwards ? FORWARDS : LOOK_INTO; /* litellm_metadata: as a whole */
    }
    if (forwards)
        return FORWARDS;
    if (here == IN_GUARDRAILS)
        return LOOK_INTO;
    return here == IN_EXTRA_BODY && is_read_by_weir(name) ? REPLACES : PLAIN;
}

/* One search.  `holder` is the name that is told where a text cannot be read. */
struct search {
    struct arena *arena;
    struct str holder;
    unsigned texts; /* JSON inside a string inside a string */
};
enum { MAX_TEXTS = 4 };

static struct str find_in(struct search *s, struct json_cur *c, enum place at);

static struct str trim_lines(struct str s)
{
    while (s.n && memchr(" \t\r\n", s.p[0], 4))
        s = str_sub(s, 1, s.n);
    return s;
}

/* JSON inside a string, as some servers unpack it.  What has no escape in it has no
 * member either. */
static struct str find_in_text(struct search *s, struct json_string text, enum place at)
{
    struct json_cur c;
    struct str found, plain = {NULL, 0};
    if (!text.has_escapes)
        return plain;
    if (s->texts == MAX_TEXTS || !(plain = json_unescape(s->arena, text)).p)
        return s->holder; /* nobody looked */
    plain = trim_lines(plain);
    if (plain.n == 0 || (plain.p[0] != '{' && plain.p[0] != '['))
        return (struct str){NULL, 0};
    s->texts++;
    json_begin(&c, plain);
    found = find_in(s, &c, at);
    s->texts--;
    /* Laxer readers than weir's may see more in it. */
    return found.p || json_finish(&c, NULL) == 0 ? found : s->holder;
}

static struct str find_in_member(struct search *s, struct json_cur *c,
                                 struct json_string key, enum place at)
{
    struct str value;
    enum verdict v = judge(key, &at);
    if (v == LOOK_INTO)
        return find_in(s, c, at);
    if (!json_skip(c, &value) || v == PLAIN)
        return (struct str){NULL, 0};
    if (v == REPLACES) /* an empty one, too */
        return str_eqz(value, "null") ? (struct str){NULL, 0} : s->holder;
    return is_empty(value) ? (struct str){NULL, 0} : key.raw;
}

static struct str find_in(struct search *s, struct json_cur *c, enum place at)
{
    struct json_string k;
    struct str found = {NULL, 0};
    switch (json_peek(c)) {
    case JSON_OBJECT:
        json_enter_object(c);
        while (!found.p && json_next_member(c, &k))
            found = find_in_member(s, c, k, at);
        return found;
    case JSON_ARRAY:
        json_enter_array(c);
        while (!found.p && json_next_element(c))
            found = find_in(s, c, at);
        return found;
    case JSON_STRING:
        return json_read_string(c, &k) ? find_in_text(s, k, at) : found;
    default:
        json_skip(c, NULL);
        return found;
    }
}

/* A request's own member may have more names than those for an address that are known:
 * whatever is called so is one, but for what the engine is to look at. */
static bool is_address(struct str name)
{
    static const char *const seen[] = {"imageurl", "audiourl", "videourl", "fileurl",
                                       "imageuri", "audiouri", "videouri", "fileuri"};
    if (name.n < 3 || (!ends_in(name, "url") && !ends_in(name, "uri")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        if (ends_in(name, seen[i]))
            return false;
    return true;
}

bool forward_may_be(struct json_string name)
{
    char room[NAME_FOLDED_BYTES];
    struct str s = read_name(name, room);
    return is_forwarding(s) || is_looked_into(s) || is_address(s);
}

struct str forward_find(struct json_string name, struct str value, struct arena *a)
{
    char room[NAME_FOLDED_BYTES];
    struct json_cur c;
    struct str s = read_name(name, room);
    if (!is_looked_into(s) || is_forwarding(s))
        return is_empty(value) ? (struct str){NULL, 0} : name.raw;
    struct search search = {.arena = a, .holder = name.raw};
    json_begin(&c, value);
    return find_in(&search, &c, place_inside(s, AT_TOP));
}
