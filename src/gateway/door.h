/* door.h -- who may open the page: by a link that works once, then by a cookie.
 *
 *   weir page, weir up   ask for a link, as the operator; it works once, for 60 seconds:
 *                        http://127.0.0.1:4141/weir/#in=...  (what stands behind # is
 * sent to no server, so it is in no log) the page             posts it to /weir/api/enter
 * and gets a cookie: HttpOnly, SameSite=Strict, for seven days the cookie           says
 * its role and when it ends, under an HMAC of the key in state_dir/page.key (0600), so it
 * holds through a restart; a new key ends all of them
 *
 * A browser sends a cookie to every port of a host, so also to a server of somebody else
 * on this machine.  Therefore it opens nothing alone: with it the page sends x-weir-page,
 * a mark that /weir/api/enter told it, and which it keeps where scripts of this port
 * alone can read it.
 * A report (/weir/report/...) is shown in a frame, which can send no header: there a
 * pass in the query does, which opens reports and nothing else.
 *
 * Two roles: view sees everything, operate may change what the page can change.  The key
 * of an app opens nothing here, and a cookie opens no path of an app.
 *
 * A browser is also used by pages of strangers.  So each request to /weir is asked: does
 * it come from this machine, is its Host a name of this machine (else 421: a stranger's
 * name may point here), was it sent by weir's own page (Sec-Fetch-Site, Origin), and did
 * no proxy pass it on.
 *
 * With `page: {behind: https://NAME}` a proxy on this machine speaks TLS to browsers.
 * Then Host must be that NAME and Origin that address, the proxy may say for whom it
 * asks, and the cookie is __Host-weir, which browsers send by TLS alone.  The operator's
 * token is not taken from there; scripts on this machine show it to weir's own address,
 * as ever.  With `page: off` there is no page. */
#ifndef WEIR_GATEWAY_DOOR_H
#define WEIR_GATEWAY_DOOR_H

#include "core/err.h"
#include "gateway/page.h"
#include "http/head.h"

struct client;
struct config;
struct server;
struct door;

enum door_role { DOOR_NONE, DOOR_VIEW, DOOR_OPERATE };
const char *door_role_name(enum door_role r); /* "view" */

enum {
    DOOR_LINK_TEXT = 65,
    DOOR_COOKIE_TEXT = 160,
    DOOR_MARK_TEXT = 65,
    DOOR_LINK_S = 60,
    DOOR_LINKS = 16
};
#define DOOR_COOKIE_S (7 * 24 * 60 * 60)

/* Reads state_dir/page.key, or makes it.  NULL: no memory.  When the file can be neither
 * read nor written a key of this run stands for it, which *err then says. */
struct door *door_create(const char *state_dir, struct err *err);
void door_free(struct door *d); /* NULL is fine */

/* A link's secret; the oldest of DOOR_LINKS makes room.  False: no random source. */
bool door_make_link(struct door *d, enum door_role role, uint64_t now_ms,
                    char ret[DOOR_LINK_TEXT]);
/* Uses it up.  DOOR_NONE: there is no such link, or no more. */
enum door_role door_use_link(struct door *d, struct str secret, uint64_t now_ms);
/* A cookie's value; false: no random source. */
bool door_make_cookie(struct door *d, enum door_role role, uint64_t now_s,
                      char ret[DOOR_COOKIE_TEXT]);
enum door_role door_role_of(struct door *d, struct str cookie, uint64_t now_s);
/* Of a cookie that opens: which visit it is, and until when. */
void door_visit_of(struct str cookie, struct page_visit *ret);
/* What must be shown with that cookie; false: no memory. */
bool door_mark_of(struct door *d, struct str cookie, char ret[DOOR_MARK_TEXT]);
bool door_pass_of(struct door *d, struct str cookie, char ret[DOOR_MARK_TEXT]);
/* A new key: no cookie and no link works any more.  -1: the file cannot be written, and
 * they still do. */
int door_forget_all(struct door *d, struct err *err);
/* How often that was done since weir began: whoever came in before is out. */
uint64_t door_turns(const struct door *d);

/* Is it a path of the page? */
bool door_is_path(struct str target);
/* Does it come through the proxy that the configuration names (page: {behind: ...})? */
bool door_is_behind(const struct config *cfg, const struct http_head *head);
/* Where a request to /weir comes from; see above. */
int door_check_head(const struct client *c, const struct http_head *head,
                    enum access access, struct err *err);
/* Has it the cookie, or the operator's token, for this? */
int door_check_access(const struct server *s, const struct config *cfg,
                      const struct http_head *head, enum access access,
                      struct page_visit *ret, struct err *err);

/* Under which address browsers reach it: "http://127.0.0.1:4141". */
void door_address(const struct server *s, const struct config *cfg, char *ret, size_t n);

/* POST /v1/page {"role":"view"}: a link; {"end":"all"}: see door_forget_all().  The
 * operator's. */
void page_link(struct request *r);
/* POST /weir/api/enter {"link":"..."}: sets the cookie, and tells its mark and pass. */
void page_enter(struct request *r);

#endif
