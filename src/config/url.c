/* url.c -- scheme://host[:port][/path], nothing else: no credentials, no query. */
#include "config/url.h"

#include <arpa/inet.h>

static bool parse_v4(struct str host, unsigned char out[4])
{
    char copy[INET_ADDRSTRLEN];
    if (host.n == 0 || host.n >= sizeof copy)
        return false;
    memcpy(copy, host.p, host.n);
    copy[host.n] = '\0';
    return inet_pton(AF_INET, copy, out) == 1;
}

static bool parse_v6(struct str host, unsigned char out[16])
{
    char copy[INET6_ADDRSTRLEN];
    if (host.n == 0 || host.n >= sizeof copy)
        return false;
    memcpy(copy, host.p, host.n);
    copy[host.n] = '\0';
    return inet_pton(AF_INET6, copy, out) == 1;
}

bool url_host_is_loopback(struct str host)
{
    static const unsigned char one[16] = {[15] = 1};
    unsigned char a[16];
    if (str_eq_nocase(host, STR("localhost")))
        return true;
    if (parse_v4(host, a))
        return a[0] == 127;
    return parse_v6(host, a) && memcmp(a, one, 16) == 0;
}

static uint64_t port_of_listen(struct str listen)
{
    uint64_t port = 0;
    size_t at = listen.n;
    while (at > 0 && listen.p[at - 1] != ':')
        at--;
    return str_to_u64(str_sub(listen, at, listen.n), &port) ? port : 0;
}

bool url_is_at(const struct config_engine *e, const struct config_listen *l)
{
    struct str own = l->host;
    bool is_any = str_eqz(own, "0.0.0.0") || str_eqz(own, "::");
    bool is_localhost =
        str_eq_nocase(e->host, STR("localhost")) || str_eq_nocase(own, STR("localhost"));
    if (e->host.n == 0 || e->port != port_of_listen(l->address))
        return false;
    return str_eq_nocase(e->host, own) || (is_any && url_host_is_loopback(e->host)) ||
           str_eqz(e->host, "0.0.0.0") || str_eqz(e->host, "::") ||
           (is_localhost && url_host_is_loopback(e->host) && url_host_is_loopback(own));
}

bool url_is_own(const struct config_engine *e, const struct config *c)
{
    for (size_t i = 0; i < c->nlistens; i++)
        if (!c->listens[i].if_free && url_is_at(e, &c->listens[i]))
            return true;
    return false;
}

bool url_host_is_private(struct str host)
{
    static const struct str suffixes[] = {STR_INIT(".local"), STR_INIT(".lan"),
                                          STR_INIT(".internal"), STR_INIT(".home.arpa"),
                                          STR_INIT(".localhost")};
    unsigned char a[16];
    if (url_host_is_loopback(host))
        return true;
    if (parse_v4(host, a))
        return a[0] == 10 || (a[0] == 172 && (a[1] & 0xF0) == 16) ||
               (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254);
    if (parse_v6(host, a))
        return (a[0] & 0xFE) == 0xFC || (a[0] == 0xFE && (a[1] & 0xC0) == 0x80);
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (host.n > suffixes[i].n &&
            str_eq_nocase(str_sub(host, host.n - suffixes[i].n, host.n), suffixes[i]))
            return true;
    /* A bare word is a name of this network; a bare number is an address written in
     * a way that hides which. */
    return str_index(host, '.') < 0 && !(host.p[0] >= '0' && host.p[0] <= '9');
}

static bool read_authority(struct str authority, struct config_engine *e)
{
    struct str port = {NULL, 0};
    uint64_t number = e->is_tls ? 443 : 80;
    if (authority.n && authority.p[0] == '[') {
        unsigned char ignored[16];
        ptrdiff_t end = str_index(authority, ']');
        if (end < 0)
            return false;
        e->host = str_sub(authority, 1, (size_t)end);
        port = str_sub(authority, (size_t)end + 1, authority.n);
        if (!parse_v6(e->host, ignored))
            return false;
    } else {
        ptrdiff_t colon = str_index(authority, ':');
        e->host = str_sub(authority, 0, colon < 0 ? authority.n : (size_t)colon);
        port = colon < 0 ? STR("") : str_sub(authority, (size_t)colon, authority.n);
    }
    for (size_t i = 0; i < e->host.n; i++) {
        char c = e->host.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                  (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' || c == ':';
        if (!ok)
            return false;
    }
    if (port.n && (port.p[0] != ':' || !str_to_u64(str_sub(port, 1, port.n), &number) ||
                   number == 0 || number > 65535))
        return false;
    e->port = (uint16_t)number;
    return e->host.n > 0 && e->host.n < 254;
}

static bool is_path(struct str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] <= ' ' || path.p[i] >= 0x7f || path.p[i] == '?' || path.p[i] == '#')
            return false;
    return true;
}

/* People copy the address of a request, of which the base is wanted: weir adds the
 * endpoint itself.  Other surfaces of the same server have their OpenAI one under /v1. */
static struct str without_endpoint(struct reading *rd, const struct ynode *n,
                                   struct str path)
{
    static const struct {
        const char *end, *instead;
    } rows[] = {
        {"/chat/completions", ""}, {"/completions", ""},
        {"/embeddings", ""},       {"/models", ""},
        {"/responses", ""},        {"/messages", ""},
        {"/api/chat", "/v1"},      {"/api/generate", "/v1"},
        {"/api/embed", "/v1"},     {"/api/embeddings", "/v1"},
        {"/api/tags", "/v1"},      {"/api/v0", "/v1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str end = str_of(rows[i].end);
        if (!str_ends(path, end))
            continue;
        struct str base = arena_printf(rd->arena, "%.*s%s", (int)(path.n - end.n), path.p,
                                       rows[i].instead);
        warn_at(rd->faults, n,
                "url ends in %s, which weir adds itself where it is wanted: '%.*s' is "
                "taken as its path",
                rows[i].end, STR_ARG(base.n ? base : STR("/v1")));
        return base.p ? base : path;
    }
    return path;
}

void url_read(struct reading *rd, const struct ynode *n, struct config_engine *e)
{
    struct str rest = e->url;
    bool is_https = str_starts_nocase(rest, STR("https://"));
    if (!is_https && !str_starts_nocase(rest, STR("http://"))) {
        fault_at(rd->faults, n, "url must begin with http:// or https://");
        return;
    }
    e->is_tls = is_https;
    rest = str_sub(rest, is_https ? 8 : 7, rest.n);
    ptrdiff_t slash = str_index(rest, '/');
    struct str authority = str_sub(rest, 0, slash < 0 ? rest.n : (size_t)slash);
    struct str path = slash < 0 ? STR("") : str_sub(rest, (size_t)slash, rest.n);
    if (str_index(authority, '@') >= 0) {
        fault_at(rd->faults, n, "url must not hold credentials; use api_key");
        e->host.n = 0;
        return;
    }
    if (!read_authority(authority, e) || !is_path(path)) {
        fault_at(rd->faults, n, "url must be scheme://host:port/path without a query");
        e->host = STR("");
        return;
    }
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    path = without_endpoint(rd, n, path);
    e->base_path = path.n ? path : STR("/v1");
}

/* What stands in the url behind its authority. */
static struct str path_of(struct str url)
{
    ptrdiff_t at = str_find(url, STR("://"));
    struct str rest = at < 0 ? STR("") : str_sub(url, (size_t)at + 3, url.n);
    ptrdiff_t slash = str_index(rest, '/');
    return slash < 0 ? STR("") : str_sub(rest, (size_t)slash, rest.n);
}

/* Anthropic's two forms share /v1: there the shorter url, or that of the endpoint, is its
 * own. */
enum engine_speech url_speech(const struct config_engine *e)
{
    struct str path = path_of(e->url);
    while (path.n && path.p[path.n - 1] == '/')
        path.n--;
    if (str_eq_nocase(e->host, STR("api.anthropic.com")) &&
        (path.n == 0 || str_ends(path, STR("/messages"))))
        return SPEECH_ANTHROPIC;
    if (str_eq_nocase(e->host, STR("generativelanguage.googleapis.com")) &&
        str_find(path, STR("/openai")) < 0)
        return SPEECH_GEMINI;
    return SPEECH_OPENAI;
}
