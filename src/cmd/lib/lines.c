/* lines.c -- see lines.h. */
#include "cmd/lib/lines.h"

#include "core/buf.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { LINE_BYTES = 64 * 1024 * 1024, PIECE_BYTES = 64 * 1024 };

struct reader {
    const char *path;
    FILE *f;
    struct buf b;
    size_t looked; /* so many unread bytes have no line end */
    size_t number; /* of the line read last */
    line_sink *sink;
    void *ctx;
};

static int fault(const struct reader *r, struct err *err, const char *what)
{
    return err_set(err, ERR_CONFIG, "lines_file", "%s: %s", r->path, what);
}

/* What a file's first bytes give away. */
static int check_head(struct reader *r, struct err *err)
{
    struct str head = buf_view(&r->b);
    buf_consume(&r->b, head.n - str_after_mark(head).n);
    if (str_starts(head, STR("\x1f\x8b")))
        return fault(r, err, "it is compressed; unpack it first: gunzip -k FILE");
    else if (str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("\xfe\xff")))
        return fault(r, err,
                     "it is UTF-16; save it as UTF-8 first: iconv -f UTF-16 -t "
                     "UTF-8 FILE");
    return 0;
}

static int give_line(struct reader *r, struct str line, struct err *err)
{
    struct err why = {0};
    r->number++;
    if (str_ends(line, STR("\r")))
        line.n--;
    if (str_trim(line).n == 0 || r->sink(r->ctx, r->number, line, &why) == 0)
        return 0;
    if (why.kind != ERR_INTERNAL)
        return err_set(err, ERR_CONFIG, "line", "%s:%zu: %s", r->path, r->number,
                       why.msg);
    *err = why;
    return -1;
}

/* The whole lines of what is there; at the end of the file also the last one. */
static int give_lines(struct reader *r, bool is_end, struct err *err)
{
    for (;;) {
        struct str all = buf_view(&r->b);
        ptrdiff_t at = str_index(str_sub(all, r->looked, all.n), '\n');
        size_t n = at < 0 ? all.n : r->looked + (size_t)at;
        if (at < 0 && (!is_end || n == 0)) {
            r->looked = n;
            return 0;
        }
        r->looked = 0;
        if (give_line(r, str_sub(all, 0, n), err) < 0)
            return -1;
        buf_consume(&r->b, at < 0 ? n : n + 1);
    }
}

static int no_room(const struct reader *r, struct err *err)
{
    if (buf_len(&r->b) <= LINE_BYTES)
        return err_nomem(err);
    return err_set(err, ERR_CONFIG, "lines_file",
                   "%s:%zu: the line is longer than 64 MiB; each line is one JSON object",
                   r->path, r->number + 1);
}

static int read_all(struct reader *r, struct err *err)
{
    bool is_first = true;
    for (size_t n = 1; n > 0;) {
        if (!buf_reserve(&r->b, PIECE_BYTES))
            return no_room(r, err);
        n = fread(r->b.p + r->b.n, 1, PIECE_BYTES, r->f);
        r->b.n += n;
        if (ferror(r->f))
            return fault(r, err, "it cannot be read");
        if (is_first && check_head(r, err) < 0)
            return -1;
        is_first = false;
        if (give_lines(r, n == 0, err) < 0)
            return -1;
    }
    return 0;
}

int lines_each(const char *path, line_sink *sink, void *ctx, struct err *err)
{
    struct reader r = {.path = path, .sink = sink, .ctx = ctx};
    struct stat st;
    r.f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!r.f)
        return fault(&r, err, strerror(errno));
    buf_init(&r.b, LINE_BYTES + 2 * PIECE_BYTES);
    int rc = fstat(fileno(r.f), &st) == 0 && S_ISDIR(st.st_mode)
                 ? fault(&r, err, "it is a folder, and a file is needed")
                 : read_all(&r, err);
    buf_release(&r.b);
    if (r.f != stdin)
        fclose(r.f);
    return rc;
}
