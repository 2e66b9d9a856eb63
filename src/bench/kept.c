/* kept.c -- see kept.h. */
#include "bench/kept.h"

#include "core/arena.h"
#include "core/buf.h"
#include "core/clock.h"
#include "core/mem.h"
#include "json/scan.h"
#include "json/write.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, MOST_BYTES = 4 << 20, LINE_BYTES = 2048, DIR_MODE = 0700 };

/* The members that are texts, numbers of things, and figures. */
static const struct {
    const char *name;
    size_t at, size;
} texts[] = {
#define TEXT_OF(m)                                                                       \
    {                                                                                    \
#m, offsetof(struct bench_kept_row, m), sizeof((struct bench_kept_row *)0)->m    \
    }
    TEXT_OF(engine), TEXT_OF(model), TEXT_OF(workload), TEXT_OF(load), TEXT_OF(as)};
static const struct {
    const char *name;
    size_t at;
} counts[] = {{"id", offsetof(struct bench_kept_row, id)},
              {"at_ms", offsetof(struct bench_kept_row, at_ms)},
              {"done", offsetof(struct bench_kept_row, done)},
              {"failed", offsetof(struct bench_kept_row, failed)}};
static const struct {
    const char *name;
    size_t at;
} figures[] = {
#define FIGURE_OF(m)                                                                     \
    {                                                                                    \
#m, offsetof(struct bench_kept_row, m)                                           \
    }
    FIGURE_OF(ttft_cold_ms),    FIGURE_OF(ttft_ms_p50), FIGURE_OF(ttft_ms_p90),
    FIGURE_OF(ttft_ms_p99),     FIGURE_OF(itl_ms_p50),  FIGURE_OF(itl_ms_p99),
    FIGURE_OF(stream_tok_s),    FIGURE_OF(all_tok_s),   FIGURE_OF(good_per_s),
    FIGURE_OF(joules_per_token)};

/* -- a line ------------------------------------------------------------------------- */

static void write_row(const struct bench_kept_row *row, struct buf *out)
{
    const char *base = (const char *)row;
    char number[64], at[32];
    struct json_writer w;
    json_writer_init(&w, out);
    json_object_open(&w);
    clock_format_utc(row->at_ms, at);
    json_key(&w, "at");
    json_str(&w, str_of(at));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        json_key(&w, counts[i].name);
        json_u64(&w, *(const uint64_t *)(const void *)(base + counts[i].at));
    }
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        json_key(&w, texts[i].name);
        json_str(&w, str_of(base + texts[i].at));
    }
    json_key(&w, "side");
    json_str(&w, str_of(row->is_local ? "local" : "cloud"));
    json_key(&w, "streams");
    json_u64(&w, row->streams);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        double v = *(const double *)(const void *)(base + figures[i].at);
        if (!isfinite(v))
            continue; /* unknown: not written */
        snprintf(number, sizeof number, "%.4f", v);
        json_key(&w, figures[i].name);
        json_raw(&w, str_of(number));
    }
    json_object_close(&w);
    buf_byte(out, '\n');
}

static bool read_number(struct str line, const char *key, double *ret)
{
    char text[64], *end;
    struct str raw = json_get(line, key);
    if (raw.n == 0 || raw.n >= sizeof text)
        return false;
    memcpy(text, raw.p, raw.n);
    text[raw.n] = '\0';
    *ret = strtod(text, &end);
    return *end == '\0' && isfinite(*ret);
}

static void read_text(struct str line, const char *key, char *to, size_t size)
{
    struct json_cur c;
    struct json_string s;
    struct arena a;
    arena_init(&a, 2 * LINE_BYTES);
    json_begin(&c, json_get(line, key));
    if (json_read_string(&c, &s)) {
        struct str plain = json_unescape(&a, s);
        snprintf(to, size, "%.*s", STR_ARG(plain));
    }
    arena_reset(&a);
}

static bool read_row(struct str line, struct bench_kept_row *row)
{
    char *base = (char *)row, side[16] = "";
    double n;
    struct json_cur c;
    *row = (struct bench_kept_row){.id = 0};
    json_begin(&c, line);
    if (json_peek(&c) != JSON_OBJECT || !json_skip(&c, NULL))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        if (read_number(line, counts[i].name, &n) && n >= 0)
            *(uint64_t *)(void *)(base + counts[i].at) = (uint64_t)n;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        read_text(line, texts[i].name, base + texts[i].at, texts[i].size);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
        double *to = (double *)(void *)(base + figures[i].at);
        if (!read_number(line, figures[i].name, to))
            *to = NAN;
    }
    read_text(line, "side", side, sizeof side);
    row->is_local = strcmp(side, "local") == 0;
    row->streams =
        read_number(line, "streams", &n) && n >= 0 && n < 65536 ? (uint32_t)n : 0;
    return row->id > 0 && row->model[0];
}

/* -- the file ----------------------------------------------------------------------- */

static void path_in(const char *state_dir, const char *name, char ret[PATH_BYTES])
{
    snprintf(ret, PATH_BYTES, "%s/%s", state_dir, name);
}

int bench_kept_read(const char *state_dir, struct bench_kept_row **ret, size_t *ret_n,
                    struct err *err)
{
    char path[PATH_BYTES], line[LINE_BYTES];
    *ret = NULL;
    *ret_n = 0;
    path_in(state_dir, "bench.jsonl", path);
    FILE *f = fopen(path, "re");
    if (!f)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : err_sys(err, ERR_INTERNAL, "bench_kept", "cannot read %s", path);
    struct bench_kept_row *rows = mem_zalloc(BENCH_KEPT_ROWS * sizeof *rows);
    while (rows && *ret_n < BENCH_KEPT_ROWS && fgets(line, sizeof line, f))
        *ret_n += read_row(str_trim(str_of(line)), &rows[*ret_n]);
    fclose(f);
    *ret = rows;
    return rows ? 0 : err_nomem(err);
}

static int make_dirs(const char *state_dir)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s", state_dir);
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(path, DIR_MODE) < 0 && errno != EEXIST)
            return -1;
        *p = '/';
    }
    return mkdir(path, DIR_MODE) < 0 && errno != EEXIST ? -1 : 0;
}

static bool write_all(int fd, struct str s)
{
    while (s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            s = str_sub(s, (size_t)n, s.n);
    }
    return fsync(fd) == 0;
}

static int replace(const char *state_dir, struct str all, struct err *err)
{
    char path[PATH_BYTES], fresh[PATH_BYTES];
    path_in(state_dir, "bench.jsonl", path);
    path_in(state_dir, "bench.jsonl.new", fresh);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_done = fd >= 0 && write_all(fd, all);
    if (fd >= 0)
        is_done = close(fd) == 0 && is_done;
    if (is_done && rename(fresh, path) == 0)
        return 0;
    err_sys(err, ERR_INTERNAL, "bench_kept", "cannot write %s", path);
    unlink(fresh);
    return -1;
}

static int add_locked(const char *state_dir, struct bench_kept_row *rows, size_t n,
                      struct err *err)
{
    struct bench_kept_row *old;
    struct buf all;
    size_t nold;
    if (bench_kept_read(state_dir, &old, &nold, err) < 0)
        return -1;
    uint64_t id = nold ? old[nold - 1].id : 0;
    size_t from = nold + n > BENCH_KEPT_ROWS ? nold + n - BENCH_KEPT_ROWS : 0;
    buf_init(&all, MOST_BYTES);
    for (size_t i = from; i < nold; i++)
        write_row(&old[i], &all);
    for (size_t i = 0; i < n; i++) {
        rows[i].id = ++id;
        write_row(&rows[i], &all);
    }
    int rc = all.failed ? err_nomem(err) : replace(state_dir, buf_view(&all), err);
    buf_release(&all);
    mem_free(old);
    return rc;
}

int bench_kept_add(const char *state_dir, struct bench_kept_row *rows, size_t n,
                   struct err *err)
{
    char path[PATH_BYTES];
    path_in(state_dir, "bench.lock", path);
    int lock =
        make_dirs(state_dir) < 0 ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) < 0) {
        err_sys(err, ERR_INTERNAL, "bench_kept", "cannot write to %s", state_dir);
        if (lock >= 0)
            close(lock);
        return -1;
    }
    int rc = add_locked(state_dir, rows, n, err);
    close(lock);
    return rc;
}

const struct bench_kept_row *
bench_kept_newest(const struct bench_kept_row *rows, size_t n,
                  bool (*is_it)(const void *ctx, const struct bench_kept_row *row),
                  const void *ctx)
{
    for (size_t i = n; i-- > 0;)
        if (rows[i].streams == 1 && !isnan(rows[i].stream_tok_s) &&
            strcmp(rows[i].as, "weir") == 0 && is_it(ctx, &rows[i]))
            return &rows[i];
    return NULL;
}
