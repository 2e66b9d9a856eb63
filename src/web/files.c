/* files.c -- the page's own files: known again by their ETag, so that a second visit
 * loads none of them. */
#include "web/files.h"

#include "gateway/pages.h"
#include "web/room.h"

#include <stdio.h>

enum { FIELDS_BYTES = 256 };

static const struct web_file *find(struct str name)
{
    if (name.n == 0)
        name = STR("index.html");
    for (size_t i = 0; i < web_nfiles; i++)
        if (str_eqz(name, web_files[i].name))
            return &web_files[i];
    return NULL;
}

static void send_file(struct request *r, const struct web_file *f)
{
    char fields[FIELDS_BYTES];
    bool is_html = strncmp(f->type, "text/html", 9) == 0;
    struct buf body = {0};
    buf_init(&body, f->n + 1);
    buf_append(&body, (struct str){(const char *)f->gzip, f->n});
    snprintf(fields, sizeof fields,
             "cache-control: %s\r\netag: %s\r\nvary: accept-encoding\r\n"
             "content-encoding: gzip\r\n",
             is_html ? "no-store" : "no-cache", f->etag);
    page_answer_with(r, body.failed ? 500 : 200, str_of(f->type), str_of(fields), &body);
    buf_release(&body);
}

void web_file(struct request *r)
{
    const struct web_file *f = find(r->head->name);
    char fields[FIELDS_BYTES];
    struct err err;
    err_init(&err);
    if (!f) {
        err_set(&err, ERR_NOT_FOUND, "unknown_path", "the page has no '%.*s'",
                (int)(r->head->name.n > 80 ? 80 : r->head->name.n), r->head->name.p);
        web_fail(r, &err);
    } else if (str_contains_nocase(r->head->etag, str_of(f->etag))) {
        snprintf(fields, sizeof fields, "cache-control: no-cache\r\netag: %s\r\n",
                 f->etag);
        page_answer_with(r, 304, STR(""), str_of(fields), NULL);
    } else if (!r->head->takes_gzip) {
        err_set(
            &err, ERR_UNSUPPORTED, "gzip_only",
            "the page's files are kept compressed: send 'accept-encoding: gzip' (curl "
            "--compressed)");
        web_fail(r, &err);
    } else {
        send_file(r, f);
    }
}

void web_root(struct request *r)
{
    page_answer_with(r, 302, STR(""), STR("location: /weir/\r\nvary: accept\r\n"), NULL);
}
