/* forward.c -- see forward.h.
 *
 * Sources: LiteLLM's own list of what a client may not say (proxy/auth/auth_utils.py,
 * _BANNED_REQUEST_BODY_PARAMS, and _supported_callback_params) and its client-side
 * fallbacks (docs.litellm.ai, proxy/client_side_fallbacks); OpenRouter's `models`,
 * `route`, `provider`, `plugins`; Vercel's providerOptions.gateway; Bifrost's
 * `fallbacks`; vLLM's kv_transfer_params.remote_host and SGLang's bootstrap_host. */
#include "dialect/forward.h"

#include "dialect/names.h"

typedef const char *const *words_t;
enum { MAX_DEPTH = 4 };

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
        RETURN_WORDS("aws*", "azure*", "arize*");
    case 'b':
        RETURN_WORDS("braintrust*");
    case 'c':
        RETURN_WORDS("customllmprovider", "contextwindowfallback*",
                     "contentpolicyfallback*");
    case 'd':
        RETURN_WORDS("datasources", "ddsite", "defaultheaders");
    case 'e':
        RETURN_WORDS("extraheaders");
    case 'f':
        RETURN_WORDS("fallback*");
    case 'g':
        RETURN_WORDS("gateway", "gcs*");
    case 'h':
        RETURN_WORDS("headers", "humanloop*");
    case 'k':
        RETURN_WORDS("kvtransferparams");
    case 'l':
        RETURN_WORDS("langfuse*", "langsmith*", "lunary*", "litellmparams",
                     "litellmmetadata", "litellmembeddingconfig",
                     "litellmcredentialname");
    case 'm':
        RETURN_WORDS("models", "modellist", "mirror*", "mocktesting*");
    case 'o':
        RETURN_WORDS("opik*");
    case 'p':
        RETURN_WORDS("plugins", "preset", "provider", "providers", "provideroptions",
                     "proxy", "proxies", "phoenix*", "posthog*");
    case 'r':
        RETURN_WORDS("redirect*", "route", "router", "routerconfig", "routing");
    case 't':
        RETURN_WORDS("targets");
    case 'u':
        RETURN_WORDS("upstream*", "url", "userconfig");
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
        RETURN_WORDS("apibase");
    case 'y':
        RETURN_WORDS("apikey");
    case 'l':
        RETURN_WORDS("apiurl", "baseurl", "callbackurl", "endpointurl", "proxyurl",
                     "serverurl", "targeturl", "upstreamurl", "webhookurl");
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

/* In a client's own metadata common words are labels of its own; an address, or the name
 * of a server's product, is not. */
static bool is_forwarding_inside(struct str name, bool is_metadata)
{
    static const char *const unmistakable[] = {
        "langfuse*", "langsmith*", "litellm*", "gcs*", "ddsite", "userconfig", NULL};
    return is_forwarding(name) &&
           (!is_metadata || has_address_end(name) || is_one_of(name, unmistakable));
}

/* Servers unpack it into the request. */
static bool is_container(struct str name)
{
    return name.n && name.p[0] == 'e' && is_word(name, "extrabody");
}

static struct str find_inside(struct str object, bool is_metadata, unsigned depth);

/* Of a member that is looked into. */
static struct str find_deeper(struct str name, struct str value, unsigned depth)
{
    bool is_metadata = str_eqz(name, "metadata");
    if (depth < MAX_DEPTH && (is_metadata || is_container(name)))
        return find_inside(value, is_metadata, depth + 1);
    return (struct str){NULL, 0};
}

static struct str find_inside(struct str object, bool is_metadata, unsigned depth)
{
    char room[NAME_FOLDED_BYTES];
    struct json_cur c;
    struct json_string k;
    struct str value;
    json_begin(&c, object);
    if (json_peek(&c) != JSON_OBJECT || !json_enter_object(&c))
        return (struct str){NULL, 0};
    while (json_next_member(&c, &k) && json_skip(&c, &value)) {
        struct str name = read_name(k, room), deeper = find_deeper(name, value, depth);
        if (deeper.p)
            return deeper;
        if (is_forwarding_inside(name, is_metadata) && !is_empty(value))
            return k.raw;
    }
    return (struct str){NULL, 0};
}

bool forward_may_be(struct json_string name)
{
    char room[NAME_FOLDED_BYTES];
    struct str s = read_name(name, room);
    return is_forwarding(s) || is_container(s);
}

struct str forward_find(struct json_string name, struct str value)
{
    char room[NAME_FOLDED_BYTES];
    struct str s = read_name(name, room);
    if (str_eqz(s, "metadata") || is_container(s))
        return find_deeper(s, value, 0);
    return is_empty(value) ? (struct str){NULL, 0} : name.raw;
}
