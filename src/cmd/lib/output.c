/* output.c -- writing reports; the only place that knows where they go. */
#include "cmd/lib/output.h"

#include "core/buf.h"

#include <errno.h>
#include <unistd.h>

enum { OUTPUT_MAX = 32 << 20 };

static int write_page(const struct options *o, const struct report *r, const char *path)
{
    struct buf page;
    buf_init(&page, OUTPUT_MAX);
    int rc = report_print_html(r, &page);
    FILE *f = rc == 0 ? fopen(path, "wb") : NULL;
    bool ok = f && fwrite(page.p, 1, page.n, f) == page.n;
    if (f)
        ok = fclose(f) == 0 && ok;
    buf_release(&page);
    if (!ok)
        return options_fault(o->command, "--html: cannot write %s", path);
    fprintf(stderr, "weir %s: wrote %s\n", o->command->name, path);
    return 0;
}

int output_report(const struct options *o, struct report *r, int exit_code)
{
    struct buf text;
    const char *path = options_get(o, "--html");
    buf_init(&text, OUTPUT_MAX);
    int rc = options_has(o, "--json") ? report_print_json(r, &text)
                                      : report_print_text(r, &text);
    if (rc == 0) {
        struct str all = buf_view(&text);
        fwrite(all.p, 1, all.n, stdout);
        output_finish();
    }
    if (rc == 0 && path)
        rc = write_page(o, r, path);
    buf_release(&text);
    report_free(r);
    return rc == 0 ? exit_code : EXIT_NO;
}

int output_finish(void)
{
    static int why;
    if (fflush(stdout) != 0 && !why)
        why = errno;
    if (ferror(stdout) && !why)
        why = EIO;
    return why;
}

bool output_write(const char *path, struct str s)
{
    char tmp[4096];
    int n = snprintf(tmp, sizeof tmp, "%s.new", path);
    FILE *f = n > 0 && (size_t)n < sizeof tmp ? fopen(tmp, "wb") : NULL;
    if (!f)
        return false;
    bool ok = fwrite(s.p, 1, s.n, f) == s.n;
    ok &= fclose(f) == 0;
    if (ok && rename(tmp, path) == 0)
        return true;
    int why = errno;
    unlink(tmp);
    errno = why;
    return false;
}
