/* paths.c -- the table of paths, and what is said to who asks for another. */
#include "gateway/paths.h"

#include "gateway/operator.h"
#include "gateway/pages.h"
#include "http/write.h"

static const struct path_row paths[] = {
    {"POST", "/v1/chat/completions", NULL, ACCESS_KEY, SURFACE_CHAT, false},
    {"POST", "/v1/completions", NULL, ACCESS_KEY, SURFACE_COMPLETIONS, false},
    {"POST", "/v1/embeddings", NULL, ACCESS_KEY, SURFACE_EMBEDDINGS, false},
    {"GET", "/v1/models", page_models, ACCESS_KEY, SURFACE_CHAT, false},
    {"GET", "/v1/models/", page_model, ACCESS_KEY, SURFACE_CHAT, true},
    {"POST", "/v1/decision", page_decision, ACCESS_KEY, SURFACE_CHAT, false},
    {"POST", "/v1/label", page_label, ACCESS_OPERATOR, SURFACE_CHAT, false},
    {"GET", "/metrics", page_metrics, ACCESS_KEY, SURFACE_CHAT, false},
    {"GET", "/health", page_health, ACCESS_OPEN, SURFACE_CHAT, false},
    {"GET", "/ready", page_ready, ACCESS_OPEN, SURFACE_CHAT, false},
};

static struct str path_of(const struct http_head *head)
{
    ptrdiff_t query = str_index(head->target, '?');
    struct str path = query < 0 ? head->target : str_sub(head->target, 0, (size_t)query);
    return path.n > 1 && path.p[path.n - 1] == '/' ? str_sub(path, 0, path.n - 1) : path;
}

static bool is_at(const struct path_row *row, struct str path)
{
    return row->is_prefix ? str_starts(path, str_of(row->path))
                          : str_eqz(path, row->path);
}

/* -- other APIs ---------------------------------------------------------------------- */

struct foreign {
    const char *prefix, *advice;
    enum error_shape shape;
};

static const struct foreign foreign[] = {
    {"/v1/responses",
     "weir does not serve OpenAI's Responses API yet; set this client to chat "
     "completions "
     "(openai-chat, useResponsesApi: false, OpenAIChatModel, or what it calls that)",
     SHAPE_OPENAI},
    {"/v1/messages",
     "weir does not serve Anthropic's API yet; use a client of OpenAI's chat "
     "completions, "
     "with the base URL http://HOST:PORT/v1",
     SHAPE_ANTHROPIC},
    {"/v1beta/",
     "weir does not serve Google's API yet; use a client of OpenAI's chat completions, "
     "with the base URL http://HOST:PORT/v1",
     SHAPE_GOOGLE},
    {"/api/",
     "weir does not serve Ollama's own API yet; use a client of OpenAI's chat "
     "completions, with the base URL http://HOST:PORT/v1",
     SHAPE_OLLAMA},
    {"/openai/",
     "weir has no paths of Azure's deployments; use a client of OpenAI (not "
     "AzureOpenAI), "
     "with the base URL http://HOST:PORT/v1 and the model's name in the body",
     SHAPE_OPENAI},
    {"/v1/v1/", "the base URL ends in /v1 and the client adds its own: leave one out",
     SHAPE_OPENAI},
    {"/chat/completions", "the base URL of weir ends in /v1: http://HOST:PORT/v1",
     SHAPE_OPENAI},
    {"/completions", "the base URL of weir ends in /v1: http://HOST:PORT/v1",
     SHAPE_OPENAI},
    {"/embeddings", "the base URL of weir ends in /v1: http://HOST:PORT/v1",
     SHAPE_OPENAI},
    {"/models", "the base URL of weir ends in /v1: http://HOST:PORT/v1", SHAPE_OPENAI},
};

static const struct foreign *foreign_of(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        if (str_starts(path, str_of(foreign[i].prefix)))
            return &foreign[i];
    return NULL;
}

enum error_shape path_error_shape(const struct http_head *head)
{
    const struct foreign *f = foreign_of(path_of(head));
    return f ? f->shape : SHAPE_OPENAI;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at *at, an escape undone; steps over it and over slashes behind a slash. */
static char next_byte(struct str path, size_t *at)
{
    size_t i = *at;
    bool is_escape = path.p[i] == '%' && i + 2 < path.n && hex(path.p[i + 1]) >= 0 &&
                     hex(path.p[i + 2]) >= 0;
    char c = (char)(is_escape ? hex(path.p[i + 1]) * 16 + hex(path.p[i + 2]) : path.p[i]);
    for (i += is_escape ? 3 : 1; c == '/' && i < path.n && path.p[i] == '/';)
        i++;
    *at = i;
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The path of weir's own that this one is but for its case, escapes and slashes. */
static const char *path_meant(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        const char *own = paths[i].path;
        size_t at = 0;
        while (at < path.n && *own && next_byte(path, &at) == *own)
            own++;
        bool is_end = at >= path.n || (at + 1 == path.n && path.p[at] == '/');
        if (*own == '\0' && (is_end || paths[i].is_prefix))
            return paths[i].path;
    }
    return NULL;
}

static void refuse_path(struct str path, struct err *err)
{
    const struct foreign *f = foreign_of(path);
    const char *meant = path_meant(path);
    int n = (int)(path.n > 80 ? 80 : path.n);
    if (meant)
        err_set(err, ERR_NOT_FOUND, "unknown_path",
                "weir has no '%.*s'; write '%s', in small letters, with single slashes "
                "and without escapes",
                n, path.p, meant);
    else if (f)
        err_set(err, ERR_NOT_FOUND, "unknown_path", "'%.*s': %s", n, path.p, f->advice);
    else
        err_set(err, ERR_NOT_FOUND, "unknown_path",
                "weir has no '%.*s'; it serves /v1/chat/completions, /v1/completions, "
                "/v1/embeddings, /v1/models, /v1/decision, /metrics, /health and /ready",
                n, path.p);
}

/* -- look-ups ------------------------------------------------------------------------ */

const struct path_row *path_find(const struct http_head *head, struct str *ret_name,
                                 struct err *err)
{
    struct str path = path_of(head);
    struct str method = head->method;
    if (str_eqz(method, "HEAD"))
        method = STR("GET"); /* client.c leaves the body away */
    const struct path_row *other_method = NULL;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (!is_at(&paths[i], path))
            continue;
        *ret_name = str_sub(path, strlen(paths[i].path), path.n);
        if (str_eqz(method, paths[i].method))
            return &paths[i];
        other_method = &paths[i];
    }
    if (other_method)
        err_set(err, ERR_METHOD, "method_not_allowed", "%s takes %s", other_method->path,
                other_method->method);
    else
        refuse_path(path, err);
    return NULL;
}

struct str path_unescape(struct str name, struct arena *a)
{
    char *out = arena_alloc(a, name.n + 1);
    size_t n = 0;
    if (!out)
        return STR("");
    for (size_t i = 0; i < name.n; i++) {
        bool is_escape = name.p[i] == '%' && i + 2 < name.n && hex(name.p[i + 1]) >= 0 &&
                         hex(name.p[i + 2]) >= 0;
        int byte = is_escape ? hex(name.p[i + 1]) * 16 + hex(name.p[i + 2]) : name.p[i];
        out[n++] = (char)byte;
        i += is_escape ? 2 : 0;
    }
    return (struct str){out, n};
}

void path_write_allow(const struct http_head *head, struct buf *b)
{
    struct str path = path_of(head);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        if (!is_at(&paths[i], path))
            continue;
        bool is_get = strcmp(paths[i].method, "GET") == 0;
        http_write_own_field(b, STR("allow: "), is_get ? STR("GET, HEAD") : STR("POST"));
        return;
    }
}
