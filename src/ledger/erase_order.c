/* erase_order.c -- see erase_order.h. */
#include "ledger/erase_order.h"

#include "core/clock.h"
#include "core/hash.h"
#include "ledger/log/lock.h"
#include "ledger/log/sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MODE = 0600, PATH_BYTES = 4096, LINE_BYTES = 600, UNFINISHED_S = 60 };

static const char *path_of(const char *state_dir, const char *name, char ret[PATH_BYTES])
{
    int n = snprintf(ret, PATH_BYTES, "%s/erase/%s", state_dir, name);
    if (n < 0 || n >= PATH_BYTES)
        ret[0] = '\0';
    return ret;
}

/* -- asking ---------------------------------------------------------------------------
 */

static bool new_id(char ret[ERASE_ORDER_NAME])
{
    uint64_t random;
    if (!random_bytes(&random, sizeof random))
        return false;
    snprintf(ret, ERASE_ORDER_NAME, "%012llx-%016llx",
             (unsigned long long)clock_wall_ms(), (unsigned long long)random);
    return true;
}

/* An order of root's is for the weir that lives there, whoever runs it. */
static void give_to_owner(const char *state_dir, const char *path)
{
    struct stat st;
    if (geteuid() == 0 && stat(state_dir, &st) == 0 && st.st_uid != 0 &&
        lchown(path, st.st_uid, st.st_gid) < 0)
        errno = 0; /* then that weir says that it cannot read it */
}

/* It gets its name when it is whole. */
static bool write_order(const char *state_dir, struct str text, struct erase_order *o)
{
    char id[ERASE_ORDER_NAME - 8], fresh_name[ERASE_ORDER_NAME];
    char fresh[PATH_BYTES], path[PATH_BYTES];
    if (!new_id(o->name))
        return false;
    snprintf(id, sizeof id, "%.*s", (int)sizeof id - 1, o->name);
    snprintf(fresh_name, sizeof fresh_name, "%s.new", id);
    snprintf(o->name, sizeof o->name, "%s.order", id);
    o->fd = open(path_of(state_dir, fresh_name, fresh),
                 O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, MODE);
    if (o->fd < 0)
        return false;
    give_to_owner(state_dir, fresh);
    bool ok = write(o->fd, text.p, text.n) == (ssize_t)text.n && sync_file(o->fd) == 0 &&
              rename(fresh, path_of(state_dir, o->name, path)) == 0;
    int sys = errno;
    if (!ok) {
        (void)unlink(fresh);
        erase_order_close(o);
    }
    errno = sys;
    return ok;
}

int erase_order_place(const char *state_dir, struct str text, struct erase_order *ret,
                      struct err *err)
{
    char dir[PATH_BYTES];
    *ret = (struct erase_order){.fd = -1};
    if (lock_make_dirs(path_of(state_dir, "", dir)) == 0) {
        give_to_owner(state_dir, dir);
        if (write_order(state_dir, text, ret))
            return 0;
    }
    return err_sys(err, ERR_INTERNAL, "not_erased", "cannot write an order into %s", dir);
}

/* -- reading --------------------------------------------------------------------------
 */

static struct str read_all(int fd, char out[ERASE_ORDER_BYTES])
{
    ssize_t n = pread(fd, out, ERASE_ORDER_BYTES, 0);
    return (struct str){out, n > 0 ? (size_t)n : 0};
}

static bool read_number(struct str *text, uint64_t *ret)
{
    struct str word = *text;
    ptrdiff_t at = str_index(*text, ' ');
    if (at >= 0)
        word = str_sub(*text, 0, (size_t)at);
    *text = str_sub(*text, word.n + (at >= 0), text->n);
    return str_to_u64(word, ret);
}

static void read_note(struct str line, struct erase_report *r)
{
    struct str rest = str_sub(line, str_starts(line, STR("ok ")) ? 3 : 6, line.n);
    uint64_t rows = 0, uid = 0;
    if (str_starts(line, STR("begun ")) && read_number(&rest, &rows) &&
        read_number(&rest, &uid)) {
        *r = (struct erase_report){.state = ERASE_BEGUN, .rows = rows, .last_uid = uid};
    } else if (str_starts(line, STR("ok ")) && read_number(&rest, &rows)) {
        r->state = ERASE_DONE;
        r->rows = rows;
    } else if (str_starts(line, STR("error ")) || str_starts(line, STR("waits "))) {
        if (line.p[0] == 'e')
            r->state = ERASE_FAILED;
        snprintf(r->why, sizeof r->why, "%.*s", STR_ARG(rest));
    }
}

/* Lines that are whole, behind the order's own two. */
static struct erase_report read_report(struct str text, struct str *ret_order)
{
    struct erase_report r = {.state = ERASE_WAITING};
    struct str line, all = text;
    size_t n = 0;
    *ret_order = text;
    while (str_index(text, '\n') >= 0 && str_split(&text, '\n', &line)) {
        if (++n > 2)
            read_note(line, &r);
        else
            *ret_order = str_sub(all, 0, (size_t)(line.p + line.n + 1 - all.p));
    }
    return r;
}

struct erase_report erase_order_look(const struct erase_order *o)
{
    char bytes[ERASE_ORDER_BYTES];
    struct str order;
    struct stat st;
    /* The name goes last: what is read after it was gone is all there will be. */
    bool is_gone = fstat(o->fd, &st) < 0 || st.st_nlink == 0;
    struct erase_report r = read_report(read_all(o->fd, bytes), &order);
    if (is_gone && r.state != ERASE_DONE && r.state != ERASE_FAILED)
        r.state = ERASE_LOST;
    return r;
}

/* -- doing ----------------------------------------------------------------------------
 */

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

/* Of a command that was killed before its order was whole. */
static void drop_unfinished(const char *state_dir, const char *name)
{
    char path[PATH_BYTES];
    struct stat st;
    if (stat(path_of(state_dir, name, path), &st) == 0 &&
        st.st_mtime + UNFINISHED_S < time(NULL))
        (void)unlink(path);
}

/* The first name behind `after`. */
static bool find_next(const char *state_dir, const char *after,
                      char ret[ERASE_ORDER_NAME])
{
    char dir[PATH_BYTES];
    struct dirent *e;
    DIR *d = opendir(path_of(state_dir, "", dir));
    ret[0] = '\0';
    while (d && (e = readdir(d))) {
        if (ends_with(e->d_name, ".new"))
            drop_unfinished(state_dir, e->d_name);
        if (ends_with(e->d_name, ".order") && strlen(e->d_name) < ERASE_ORDER_NAME &&
            strcmp(e->d_name, after) > 0 && (!ret[0] || strcmp(e->d_name, ret) < 0))
            memcpy(ret, e->d_name, strlen(e->d_name) + 1);
    }
    if (d)
        closedir(d);
    return ret[0] != '\0';
}

bool erase_order_next(const char *state_dir, struct erase_order *ret,
                      char text[ERASE_ORDER_BYTES], struct str *ret_text,
                      struct erase_report *report)
{
    char path[PATH_BYTES], last[ERASE_ORDER_NAME] = "";
    for (; find_next(state_dir, last, ret->name); memcpy(last, ret->name, sizeof last)) {
        ret->fd = open(path_of(state_dir, ret->name, path),
                       O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (ret->fd < 0)
            continue; /* somebody else's: it must not hold up the others */
        struct str all = read_all(ret->fd, text);
        if (all.n && !str_ends(all, STR("\n"))) /* weir died while it wrote a line */
            (void)erase_order_note(ret, "%s", "");
        *report = read_report(all, ret_text);
        if (report->state == ERASE_WAITING || report->state == ERASE_BEGUN)
            return true;
        erase_order_close(ret); /* a life of weir ended before the name was gone */
        (void)unlink(path);
    }
    return false;
}

bool erase_order_note(const struct erase_order *o, const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line - 1, fmt, ap);
    va_end(ap);
    if (n < 0)
        return false;
    size_t len = (size_t)n < sizeof line - 1 ? (size_t)n : sizeof line - 2;
    for (size_t i = 0; i < len; i++)
        if (line[i] == '\n')
            line[i] = ' ';
    line[len++] = '\n';
    return write(o->fd, line, len) == (ssize_t)len;
}

void erase_order_remove(const char *state_dir, const struct erase_order *o)
{
    char path[PATH_BYTES];
    (void)unlink(path_of(state_dir, o->name, path));
}

void erase_order_close(struct erase_order *o)
{
    if (o->fd >= 0)
        close(o->fd);
    o->fd = -1;
}

void erase_mark_set(const char *state_dir)
{
    char path[PATH_BYTES];
    int fd =
        open(path_of(state_dir, "clean", path), O_WRONLY | O_CREAT | O_CLOEXEC, MODE);
    if (fd >= 0)
        close(fd);
}

void erase_mark_remove(const char *state_dir)
{
    char path[PATH_BYTES];
    (void)unlink(path_of(state_dir, "clean", path));
}

bool erase_mark_is_set(const char *state_dir)
{
    char path[PATH_BYTES];
    return access(path_of(state_dir, "clean", path), F_OK) == 0;
}
