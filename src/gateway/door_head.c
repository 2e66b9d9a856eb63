/* door_head.c -- what the head of a request to the page must look like; see door.h. */
#include "config/url.h"
#include "core/clock.h"
#include "gateway/door.h"
#include "gateway/operator.h"
#include "gateway/pages.h"
#include "json/write.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/socket.h>

enum { COOKIE_NAME = 24, URL_BYTES = 400 };

bool door_is_path(struct str target)
{
    return str_starts(target, STR("/weir")) &&
           (target.n == 5 || target.p[5] == '/' || target.p[5] == '?');
}

/* -- where it comes from --------------------------------------------------------------
 */

static bool is_loopback(const struct sockaddr_storage *at)
{
    if (at->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
        return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    }
    if (at->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
        const unsigned char *b = v6->sin6_addr.s6_addr;
        return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) && b[12] == 127);
    }
    return false;
}

static bool is_from_here(const struct client *c)
{
    struct sockaddr_storage peer = {0};
    socklen_t n = sizeof peer;
    return getpeername(c->conn.fd, (struct sockaddr *)&peer, &n) == 0 &&
           is_loopback(&peer);
}

static bool was_passed_on(const struct http_head *head)
{
    static const char *const marks[] = {
        "forwarded",   "x-real-ip",        "via",
        "x-client-ip", "cf-connecting-ip", "true-client-ip"};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (http_head_get(head, str_of(marks[i])).p)
            return true;
    for (size_t i = 0; i < head->nfields; i++)
        if (str_starts_nocase(head->fields[i].name, STR("x-forwarded")))
            return true;
    return false;
}

bool door_is_behind(const struct config *cfg, const struct http_head *head)
{
    return cfg->page == CONFIG_PAGE_BEHIND &&
           str_eq_nocase(http_head_get(head, STR("host")), cfg->page_host);
}

/* A browser says from where it was sent.  Whoever says nothing is no browser, or so old
 * that its Origin must do. */
static bool is_own_page(const struct http_head *head, enum access access,
                        struct str scheme)
{
    struct str site = http_head_get(head, STR("sec-fetch-site"));
    struct str origin = http_head_get(head, STR("origin"));
    struct str host = http_head_get(head, STR("host"));
    bool is_navigation =
        access == ACCESS_SHELL &&
        str_eqz(http_head_get(head, STR("sec-fetch-mode")), "navigate") &&
        str_eqz(http_head_get(head, STR("sec-fetch-dest")), "document") &&
        str_eqz(head->method, "GET");
    if (site.p && !str_eqz(site, "same-origin") && !str_eqz(site, "none") &&
        !is_navigation)
        return false;
    if (!origin.p)
        return true;
    return str_starts(origin, scheme) &&
           str_eq_nocase(str_sub(origin, scheme.n, origin.n), host);
}

/* The proxy says by what its client came; one that also takes plain HTTP must not pass
 * that on. */
static bool came_in_clear(const struct http_head *head)
{
    struct str proto = http_head_get(head, STR("x-forwarded-proto"));
    return proto.p && !str_eq_nocase(proto, STR("https"));
}

static int check_behind(const struct http_head *head, enum access access, struct err *err)
{
    if (came_in_clear(head))
        return err_set(err, ERR_FORBIDDEN, "page_needs_tls",
                       "the page is shown by TLS alone: let the proxy send http:// to "
                       "https://");
    if (!is_own_page(head, access, STR("https://")))
        return err_set(err, ERR_FORBIDDEN, "cross_site",
                       "only weir's own page may ask this");
    return 0;
}

static bool shows_token(const struct http_head *head)
{
    return http_head_get(head, STR("authorization")).n > 0;
}

static int refuse_off(struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "page_off",
                   "there is no page here: weir.yaml says page: off");
}

int door_check_head(const struct client *c, const struct http_head *head,
                    enum access access, struct err *err)
{
    const struct config *cfg = c->worker->setup->config;
    struct str host = http_head_get(head, STR("host"));
    bool is_behind = door_is_behind(cfg, head);
    if (cfg->page == CONFIG_PAGE_OFF)
        return refuse_off(err);
    if (!is_from_here(c) || (!is_behind && was_passed_on(head)))
        return err_set(err, ERR_FORBIDDEN, "page_is_local",
                       "the page is for this machine's own browsers: open it on weir's "
                       "machine, or through a tunnel (ssh -L 4141:127.0.0.1:4141 HOST), "
                       "or name the proxy before it (page: {behind: https://NAME})");
    if (is_behind)
        return check_behind(head, access, err);
    if (cfg->page == CONFIG_PAGE_BEHIND && !shows_token(head))
        return err_set(err, ERR_MISDIRECTED, "host_not_allowed",
                       "the page is shown as %.*s/weir/, by the proxy that weir.yaml "
                       "names",
                       STR_ARG(cfg->page_origin));
    if (!url_host_is_loopback(http_host_alone(host)))
        return err_set(err, ERR_MISDIRECTED, "host_not_allowed",
                       "'%.*s' is no name of this machine; open the page as "
                       "http://127.0.0.1:%u/weir/",
                       (int)(host.n > 80 ? 80 : host.n), host.p, c->worker->server->port);
    if (!is_own_page(head, access, STR("http://")))
        return err_set(err, ERR_FORBIDDEN, "cross_site",
                       "only weir's own page may ask this");
    return 0;
}

/* -- what it shows --------------------------------------------------------------------
 */

/* Browsers send a host's cookies to all its ports: the port is in the name.  One whose
 * name begins with __Host- is taken by TLS alone, for one host and all its paths (RFC
 * 6265bis, 4.1.3.2). */
static void cookie_name(const struct server *s, bool is_behind, char ret[COOKIE_NAME])
{
    if (is_behind)
        snprintf(ret, COOKIE_NAME, "__Host-weir");
    else
        snprintf(ret, COOKIE_NAME, "weir_%u", s->port);
}

/* Of the cookies of one line the first that opens: a server on another port may have
 * given the browser one of the same name, which must not shut this one's out. */
static enum door_role role_in(const struct server *s, const char *want, struct str all,
                              struct str *ret_cookie)
{
    struct str one, name;
    uint64_t now_s = clock_wall_ms() / 1000;
    while (str_split(&all, ';', &one)) {
        one = str_trim(one);
        enum door_role role = str_split(&one, '=', &name) && str_eqz(name, want)
                                  ? door_role_of(s->door, one, now_s)
                                  : DOOR_NONE;
        if (role != DOOR_NONE) {
            *ret_cookie = one;
            return role;
        }
    }
    return DOOR_NONE;
}

static enum door_role role_of(const struct server *s, bool is_behind,
                              const struct http_head *head, struct str *ret_cookie)
{
    char want[COOKIE_NAME];
    enum door_role role = DOOR_NONE;
    cookie_name(s, is_behind, want);
    for (size_t i = 0; i < head->nfields && role == DOOR_NONE; i++)
        if (str_eq_nocase(head->fields[i].name, STR("cookie")))
            role = role_in(s, want, head->fields[i].value, ret_cookie);
    return role;
}

static struct str pass_in(struct str target)
{
    ptrdiff_t at = str_index(target, '?');
    struct str query = at < 0 ? STR("") : str_sub(target, (size_t)at + 1, target.n), one;
    while (str_split(&query, '&', &one))
        if (str_starts(one, STR("pass=")))
            return str_sub(one, strlen("pass="), one.n);
    return STR("");
}

static bool is_same(struct str said, const char *want)
{
    return said.n == DOOR_MARK_TEXT - 1 && CRYPTO_memcmp(said.p, want, said.n) == 0;
}

static bool shows_mark(const struct server *s, const struct http_head *head,
                       struct str cookie)
{
    char want[DOOR_MARK_TEXT];
    bool is_report = str_starts(head->target, STR("/weir/report/"));
    return (door_mark_of(s->door, cookie, want) &&
            is_same(http_head_get(head, STR("x-weir-page")), want)) ||
           (is_report && door_pass_of(s->door, cookie, want) &&
            is_same(pass_in(head->target), want));
}

int door_check_access(const struct server *s, const struct config *cfg,
                      const struct http_head *head, enum access access,
                      struct page_visit *ret, struct err *err)
{
    bool is_behind = door_is_behind(cfg, head);
    bool takes_cookie = is_behind || cfg->page != CONFIG_PAGE_BEHIND;
    struct str bearer = http_head_get(head, STR("authorization"));
    enum door_role role = DOOR_NONE;
    struct str cookie = {NULL, 0};
    struct err ignored;
    *ret = (struct page_visit){0};
    if (access == ACCESS_SHELL)
        return 0;
    err_init(&ignored);
    if (!is_behind && bearer.n && operator_check(s, bearer, &ignored) == 0)
        role = DOOR_OPERATE;
    else if (takes_cookie)
        role = role_of(s, is_behind, head, &cookie);
    if (cookie.n && !shows_mark(s, head, cookie))
        return err_set(
            err, ERR_AUTH, "page_mark_missing",
            "the cookie alone opens nothing: x-weir-page must say the mark that "
            "came with it, and this browser has it no more; run weir page on "
            "this machine, and open the link it prints");
    if (cookie.n)
        door_visit_of(cookie, ret);
    ret->may_operate = role == DOOR_OPERATE;
    if (role == DOOR_NONE)
        return err_set(err, ERR_AUTH, "page_closed",
                       "this browser has not come in yet, or its time is over: run weir "
                       "page on this machine, and open the link it prints");
    if (access == ACCESS_OPERATE && role != DOOR_OPERATE)
        return err_set(err, ERR_FORBIDDEN, "page_views_only",
                       "this link was for looking only; for this run: weir page --role "
                       "operate");
    return 0;
}

/* -- coming in ------------------------------------------------------------------------
 */

static void answer(struct request *r, const struct err *err, struct str fields,
                   struct buf *out)
{
    if (err->kind)
        r->dialect->encode_error(err, out);
    page_answer_with(r, err->kind ? dialect_error_status(r->dialect, err) : 200,
                     STR("application/json"), fields, out);
    buf_release(out);
}

void door_address(const struct server *s, const struct config *cfg, char *ret, size_t n)
{
    char here[URL_BYTES];
    operator_address(s, here, sizeof here);
    if (cfg->page == CONFIG_PAGE_BEHIND)
        snprintf(ret, n, "%.*s", STR_ARG(cfg->page_origin));
    else
        snprintf(ret, n, "http://%s", here);
}

static int make_link(struct request *r, struct str role, struct buf *out, struct err *err)
{
    struct server *s = r->worker->server;
    const struct config *cfg = r->setup->config;
    char secret[DOOR_LINK_TEXT], address[URL_BYTES];
    bool is_view = !role.p || str_eqz(role, "view");
    if (!is_view && !str_eqz(role, "operate"))
        return err_set(err, ERR_BAD_REQUEST, "invalid_role",
                       "role is view (looks) or operate (may also pause the cloud, stop "
                       "an engine, lower a label and ask models)");
    if (!door_make_link(s->door, is_view ? DOOR_VIEW : DOOR_OPERATE, clock_mono_ms(),
                        secret))
        return err_set(err, ERR_INTERNAL, "no_random", "the system has no random source");
    door_address(s, cfg, address, sizeof address);
    buf_printf(out, "{\"url\":\"%s/weir/#in=%s\",\"role\":\"%s\",\"seconds\":%d}",
               address, secret, is_view ? "view" : "operate", DOOR_LINK_S);
    return 0;
}

void page_link(struct request *r)
{
    struct str role = {NULL, 0}, end = {NULL, 0};
    const struct page_text texts[] = {{"role", &role}, {"end", &end}};
    struct err err = {0};
    struct buf out;
    buf_init(&out, 4096);
    if (r->setup->config->page == CONFIG_PAGE_OFF)
        (void)refuse_off(&err);
    else if (!page_read_texts(r, texts, ARRAY_LEN(texts)) ||
             (end.p && !str_eqz(end, "all")))
        err_set(&err, ERR_BAD_REQUEST, "invalid_json",
                "send {\"role\":\"view\"}, {\"role\":\"operate\"} or {\"end\":\"all\"}");
    else if (!end.p)
        (void)make_link(r, role, &out, &err);
    else if (door_forget_all(r->worker->server->door, &err) == 0)
        buf_lit(&out, "{\"ended\":\"all\"}");
    answer(r, &err, STR(""), &out);
}

void page_enter(struct request *r)
{
    struct server *s = r->worker->server;
    struct str secret = {NULL, 0};
    const struct page_text texts[] = {{"link", &secret}};
    char name[COOKIE_NAME], value[DOOR_COOKIE_TEXT], mark[DOOR_MARK_TEXT],
        pass[DOOR_MARK_TEXT], fields[512];
    struct err err = {0};
    struct buf out;
    enum door_role role = DOOR_NONE;
    buf_init(&out, 4096);
    fields[0] = '\0';
    if (page_read_texts(r, texts, ARRAY_LEN(texts)))
        role = door_use_link(s->door, secret, clock_mono_ms());
    if (role == DOOR_NONE ||
        !door_make_cookie(s->door, role, clock_wall_ms() / 1000, value) ||
        !door_mark_of(s->door, str_of(value), mark) ||
        !door_pass_of(s->door, str_of(value), pass)) {
        err_set(&err, ERR_AUTH, "link_used",
                "this link has been used, or its %d seconds are over: run weir page "
                "again",
                DOOR_LINK_S);
    } else {
        bool is_behind = r->head->is_secure;
        cookie_name(s, is_behind, name);
        snprintf(fields, sizeof fields,
                 "set-cookie: %s=%s; Path=%s; HttpOnly; SameSite=Strict; "
                 "Max-Age=%d%s\r\n",
                 name, value, is_behind ? "/" : "/weir/", DOOR_COOKIE_S,
                 is_behind ? "; Secure" : "");
        buf_printf(&out, "{\"role\":\"%s\",\"mark\":\"%s\",\"pass\":\"%s\"}",
                   door_role_name(role), mark, pass);
    }
    answer(r, &err, str_of(fields), &out);
}
