/* paths.c -- which path means what, and what is said to who asks for another. */
#include "gateway/paths.h"

#include "gateway/pages.h"
#include "http/write.h"

static struct str path_of(const struct http_head *head)
{
    ptrdiff_t query = str_index(head->target, '?');
    struct str path = query < 0 ? head->target : str_sub(head->target, 0, (size_t)query);
    return path.n > 1 && path.p[path.n - 1] == '/' ? str_sub(path, 0, path.n - 1) : path;
}

static struct str query_of(const struct http_head *head)
{
    ptrdiff_t at = str_index(head->target, '?');
    return at < 0 ? STR("") : str_sub(head->target, (size_t)at + 1, head->target.n);
}

static bool query_has(struct str query, const char *parameter)
{
    struct str one;
    while (str_split(&query, '&', &one))
        if (str_eqz(one, parameter))
            return true;
    return false;
}

/* HEAD counts as GET: client.c leaves the body away. */
static struct str method_of(const struct http_head *head)
{
    return str_eqz(head->method, "HEAD") ? STR("GET") : head->method;
}

const struct dialect *path_dialect(const struct http_head *head)
{
    return dialect_of_path(path_of(head), NULL);
}

/* -- what is not served ----------------------------------------------------------------
 */

/* ", /v1/models": of the paths without a name in them, which say more than the others. */
static void list_path(struct buf *b, const char *path)
{
    if (!strchr(path, '{'))
        buf_printf(b, "%s%s", buf_len(b) ? ", " : "", path);
}

static void list_paths(const struct page_table *pages, struct buf *b)
{
    const struct dialect *d = dialect_first(); /* what most clients speak */
    for (size_t i = 0; i < d->npaths; i++)
        list_path(b, d->paths[i].pattern);
    for (size_t i = 0; i < pages->n; i++)
        if (pages->items[i].access < ACCESS_OPERATOR)
            list_path(b, pages->items[i].path);
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

/* Is the path this one but for its case, escapes and slashes? */
static bool is_meant(const char *own, struct str path)
{
    size_t at = 0;
    while (at < path.n && *own && *own != '{' && next_byte(path, &at) == *own)
        own++;
    bool is_end = at >= path.n || (at + 1 == path.n && path.p[at] == '/');
    return *own == '{' || (*own == '\0' && is_end);
}

static const char *path_meant(const struct page_table *pages, struct str path)
{
    for (size_t k = 0; k < dialect_count; k++)
        for (size_t i = 0; i < dialect_table[k]->npaths; i++)
            if (is_meant(dialect_table[k]->paths[i].pattern, path))
                return dialect_table[k]->paths[i].pattern;
    for (size_t i = 0; i < pages->n; i++)
        if (is_meant(pages->items[i].path, path))
            return pages->items[i].path;
    return NULL;
}

static void refuse_path(const struct page_table *pages, struct str path, struct err *err)
{
    const char *advice = NULL, *meant = path_meant(pages, path);
    char scratch[512];
    struct buf b = {.p = scratch, .cap = sizeof scratch, .max_bytes = sizeof scratch};
    int n = (int)(path.n > 80 ? 80 : path.n);
    (void)dialect_of_path(path, &advice);
    list_paths(pages, &b);
    if (meant)
        err_set(err, ERR_NOT_FOUND, "unknown_path",
                "weir has no '%.*s'; write '%s', in small letters, with single slashes "
                "and without escapes",
                n, path.p, meant);
    else if (advice)
        err_set(err, ERR_NOT_FOUND, "unknown_path", "'%.*s': %s", n, path.p, advice);
    else
        err_set(err, ERR_NOT_FOUND, "unknown_path", "weir has no '%.*s'; it serves %.*s",
                n, path.p, STR_ARG(buf_view(&b)));
}

/* -- look-ups ------------------------------------------------------------------------ */

static page_fn *page_of(enum dialect_answer answer)
{
    switch (answer) {
    case ANSWERED_BY_MODEL:
        return NULL;
    case ANSWERED_BY_LIST:
        return page_models;
    case ANSWERED_BY_ENTRY:
        return page_model;
    case ANSWERED_BY_DIALECT:
        return page_dialect;
    }
    return NULL;
}

static enum access access_of(enum dialect_access access)
{
    return access == DIALECT_FOR_ALL ? ACCESS_OPEN : ACCESS_KEY;
}

/* What the two tables know of one path. */
struct look_up {
    const struct page_table *pages;
    struct str path, query, method;
    struct path_found *ret;
    const char *pattern, *other; /* served by this method alone; NULL: not at all */
    bool is_for_eyes; /* a browser is at /, which is another path for programs */
};

static bool is_browser_at_root(struct str path, const struct http_head *head)
{
    return str_eqz(path, "/") &&
           str_contains_nocase(http_head_get(head, STR("accept")), STR("text/html"));
}

static struct path_found found_path(const struct dialect *d, const struct dialect_path *p,
                                    struct str name)
{
    return (struct path_found){.page = page_of(p->answer),
                               .access = access_of(p->access),
                               .dialect = d,
                               .path = p,
                               .name = name};
}

/* The first path of the first dialect, as most clients write it. */
static bool is_usual(const struct http_head *head)
{
    const struct dialect_path *p = &dialect_first()->paths[0];
    return str_eqz(head->target, p->pattern) && str_eqz(head->method, p->method);
}

static bool find_in(struct look_up *l, const struct dialect *d)
{
    for (size_t i = 0; i < d->npaths; i++) {
        const struct dialect_path *p = &d->paths[i];
        struct str name;
        if (!dialect_path_matches(p, l->path, &name) ||
            (p->query && !query_has(l->query, p->query)))
            continue;
        l->pattern = p->pattern;
        l->other = p->method;
        if (!str_eqz(l->method, p->method))
            continue;
        *l->ret = found_path(d, p, name);
        return true;
    }
    return false;
}

/* A pattern that ends in a star takes any one name there; *ret_name is that name. */
static bool page_matches(const char *pattern, struct str path, struct str *ret_name)
{
    size_t n = strlen(pattern);
    *ret_name = STR("");
    if (pattern[n - 1] != '*')
        return str_eqz(path, pattern);
    if (path.n < n || !str_starts(path, (struct str){pattern, n - 1}))
        return false;
    *ret_name = str_sub(path, n - 1, path.n);
    return true;
}

static bool find_page(struct look_up *l)
{
    const struct dialect *d = dialect_first();
    for (size_t i = 0; i < l->pages->n; i++) {
        const struct page *p = &l->pages->items[i];
        struct str name;
        if (!page_matches(p->path, l->path, &name))
            continue;
        l->pattern = p->path;
        l->other = p->method;
        if (!str_eqz(l->method, p->method))
            continue;
        *l->ret = (struct path_found){.page = p->fn,
                                      .access = p->access,
                                      .dialect = d,
                                      .path = dialect_path_of(d, SURFACE_CHAT),
                                      .name = name};
        return true;
    }
    return false;
}

static bool find(struct look_up *l)
{
    if (UNLIKELY(l->is_for_eyes) && find_page(l))
        return true;
    for (size_t i = 0; i < dialect_count; i++)
        if (find_in(l, dialect_table[i]))
            return true;
    return find_page(l);
}

/* Some clients try it first and take HTTP when they are told so. */
static bool wants_websocket(const struct http_head *head)
{
    return str_contains_nocase(http_head_get(head, STR("upgrade")), STR("websocket"));
}

static int refuse_method(const struct look_up *l, const struct http_head *head,
                         struct err *err)
{
    if (wants_websocket(head))
        return err_set(err, ERR_UPGRADE, "websocket_not_served",
                       "weir has no WebSocket at %s; send %s with HTTP", l->pattern,
                       l->other);
    return err_set(err, ERR_METHOD, "method_not_allowed", "%s takes %s", l->pattern,
                   l->other);
}

int path_find(const struct page_table *pages, const struct http_head *head,
              struct path_found *ret, struct err *err)
{
    if (LIKELY(is_usual(head))) {
        *ret = found_path(dialect_first(), &dialect_first()->paths[0], STR(""));
        return 0;
    }
    struct look_up l = {.pages = pages,
                        .path = path_of(head),
                        .query = query_of(head),
                        .method = method_of(head),
                        .ret = ret};
    l.is_for_eyes = is_browser_at_root(l.path, head);
    if (find(&l))
        return 0;
    if (l.pattern)
        return refuse_method(&l, head, err);
    refuse_path(pages, l.path, err);
    return -1;
}

struct path_found path_preflight(void)
{
    const struct dialect *d = dialect_first();
    return (struct path_found){.page = page_preflight,
                               .access = ACCESS_OPEN,
                               .dialect = d,
                               .path = dialect_path_of(d, SURFACE_CHAT)};
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

void path_write_allow(const struct page_table *pages, const struct http_head *head,
                      struct buf *b)
{
    struct path_found found;
    struct look_up l = {
        .pages = pages, .path = path_of(head), .method = STR(""), .ret = &found};
    if (find(&l) || !l.pattern)
        return;
    bool is_get = strcmp(l.other, "GET") == 0;
    http_write_own_field(b, STR("allow: "), is_get ? STR("GET, HEAD") : STR("POST"));
}
