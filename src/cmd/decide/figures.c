/* figures.c -- see figures.h. */
#include "cmd/decide/figures.h"

#include "cmd/lib/command.h"
#include "cmd/lib/say.h"

#include <errno.h>
#include <math.h>
#include <time.h>

enum { PIECE_BYTES = 1 << 16 };

const char *figure_text(char room[FIGURE_TEXT], int decimals, double v, const char *unit)
{
    if (isfinite(v))
        snprintf(room, FIGURE_TEXT, "%.*f%s", decimals, v, unit);
    else
        snprintf(room, FIGURE_TEXT, "unknown");
    return room;
}

int figures_open_router(const char *path, struct buf *b, struct router *r,
                        struct err *err)
{
    size_t n = 1;
    struct err why = {0};
    if (!path)
        return router_open(r, router_builtin(), err);
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_set(err, ERR_CONFIG, "weights_file", "%s: %s", path, strerror(errno));
    while (n > 0 && buf_reserve(b, PIECE_BYTES)) {
        n = fread(b->p + b->n, 1, PIECE_BYTES, f);
        b->n += n;
    }
    bool ok = !ferror(f);
    fclose(f);
    if (!ok)
        return err_set(err, ERR_CONFIG, "weights_file", "%s: it cannot be read", path);
    if (router_open(r, buf_view(b), &why) == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "weights_file", "%s: %s", path, why.msg);
}

double figures_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int figures_print_json(struct buf *out)
{
    int code = buf_view(out).p && !out->failed ? EXIT_YES : EXIT_NO;
    if (code == EXIT_YES)
        say_json(stdout, buf_view(out));
    buf_release(out);
    return code;
}

int figures_tell(const char *verb, const struct err *err)
{
    say(stderr, "weir %s: %s", verb, err->msg);
    return err->kind == ERR_INTERNAL ? EXIT_NO : EXIT_USAGE;
}
