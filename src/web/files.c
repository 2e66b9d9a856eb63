/* files.c -- the page's own files. All but its HTML have a digest in their names and are
 * kept by browsers, so that a second visit loads none of them. */
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
             "cache-control: %s\r\nvary: accept-encoding\r\ncontent-encoding: gzip\r\n",
             is_html ? "no-store" : "max-age=31536000, immutable");
    page_answer_with(r, body.failed ? 500 : 200, str_of(f->type), str_of(fields), &body);
    buf_release(&body);
}

void web_file(struct request *r)
{
    const struct web_file *f = find(r->head->name);
    struct err err;
    err_init(&err);
    if (!f) {
        err_set(&err, ERR_NOT_FOUND, "unknown_path", "the page has no '%.*s'",
                (int)(r->head->name.n > 80 ? 80 : r->head->name.n), r->head->name.p);
        web_fail(r, &err);
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
