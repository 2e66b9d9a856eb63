/* chain.c -- see chain.h. */
#include "ledger/audit/chain.h"

#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"
#include "ledger/log/lock.h"
#include "ledger/log/sync.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0600, LIST_FIRST = 16, FIRST_DIGITS = 12, ASIDE_MOST = 1000 };

void chain_init(struct chain *c, const char *state_dir)
{
    *c = (struct chain){.state_dir = state_dir, .fd = -1, .first = 1};
    audit_hash_zero(c->hash);
}

void chain_release(struct chain *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    mem_wipe(c->key, sizeof c->key);
}

void chain_name(uint64_t first, char ret[CHAIN_NAME])
{
    snprintf(ret, CHAIN_NAME, "/chain-%0*llu", FIRST_DIGITS, (unsigned long long)first);
}

/* -- which files there are ---------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool add(struct chain_list *l, size_t *cap, uint64_t first)
{
    if (l->n == *cap) {
        size_t more = *cap ? *cap * 2 : LIST_FIRST;
        void *p = mem_realloc(l->first, more * sizeof *l->first);
        if (!p)
            return false;
        l->first = p;
        *cap = more;
    }
    l->first[l->n++] = first;
    return true;
}

int chain_list(const char *state_dir, struct chain_list *ret, struct err *err)
{
    char dir[AUDIT_PATH];
    size_t cap = 0;
    *ret = (struct chain_list){0};
    DIR *d = opendir(audit_path(state_dir, "", dir));
    if (!d)
        return errno == ENOENT ? 0
                               : err_sys(err, ERR_INTERNAL, "audit_unreadable",
                                         "cannot list %s/audit", state_dir);
    for (struct dirent *e; (e = readdir(d));) {
        struct str name = str_of(e->d_name);
        uint64_t first;
        if (str_starts(name, STR("chain-")) && name.n == 6 + FIRST_DIGITS &&
            str_to_u64(str_sub(name, 6, name.n), &first) && !add(ret, &cap, first)) {
            closedir(d);
            chain_list_release(ret);
            return err_nomem(err);
        }
    }
    closedir(d);
    if (ret->n)
        qsort(ret->first, ret->n, sizeof *ret->first, compare);
    return 0;
}

void chain_list_release(struct chain_list *l)
{
    mem_free(l->first);
    *l = (struct chain_list){0};
}

int chain_first_line(int fd, char *out, size_t size, struct str *ret)
{
    ssize_t n = pread(fd, out, size, 0);
    const char *end = n > 0 ? memchr(out, '\n', (size_t)n) : NULL;
    if (!end)
        return -1;
    *ret = (struct str){out, (size_t)(end - out)};
    return 0;
}

/* -- opening ------------------------------------------------------------------------ */

/* 1: it was there; 0: it was made; -1.  A key that is not whole is not made anew: the
 * digests in the chain would no longer be those of the same requests. */
static int load_key(const char *path, unsigned char key[CHAIN_KEY_BYTES], struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && random_bytes(key, CHAIN_KEY_BYTES))
        return 0;
    ssize_t n = fd < 0 ? -1 : read(fd, key, CHAIN_KEY_BYTES);
    int sys = errno;
    if (fd >= 0)
        close(fd);
    if (n == CHAIN_KEY_BYTES)
        return 1;
    errno = sys;
    if (n < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable",
                       "cannot read the key of the chain, %s", path);
    return err_set(
        err, ERR_INTERNAL, "audit_unwritable",
        "%s has %zd bytes, and the key of the chain has %d; put it back from a "
        "backup, or move it away, and a new one is made",
        path, n, CHAIN_KEY_BYTES);
}

static int save_key(const char *path, const unsigned char key[CHAIN_KEY_BYTES])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    bool is_written =
        write(fd, key, CHAIN_KEY_BYTES) == CHAIN_KEY_BYTES && sync_file(fd) == 0;
    int sys = errno;
    close(fd);
    if (!is_written)
        unlink(path);
    errno = sys;
    return is_written ? 0 : -1;
}

/* The folder and the key, also when somebody removed them under a running weir: digests
 * go on under the key that was there. */
static int make_place(struct chain *c, bool *ret_was_there, struct err *err)
{
    char dir[AUDIT_PATH], key[AUDIT_PATH];
    int loaded = 1;
    audit_path(c->state_dir, "", dir);
    audit_path(c->state_dir, "/key", key);
    if (lock_make_dirs(dir) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot use %s", dir);
    if (!c->has_key && (loaded = load_key(key, c->key, err)) < 0)
        return -1;
    if ((c->has_key || !loaded) && save_key(key, c->key) < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot write %s", key);
    *ret_was_there = loaded;
    c->has_key = true;
    return 0;
}

/* A life that ended between two renames: the new file takes its place now. */
static void finish_begin(struct chain *c)
{
    char chain[AUDIT_PATH], fresh[AUDIT_PATH];
    struct chain_list list;
    audit_path(c->state_dir, "/chain", chain);
    if (access(audit_path(c->state_dir, "/chain.new", fresh), F_OK) < 0 ||
        chain_list(c->state_dir, &list, NULL) < 0)
        return;
    if (list.n && access(chain, F_OK) < 0)
        (void)rename(fresh, chain);
    else
        (void)unlink(fresh);
    chain_list_release(&list);
}

static int open_locked(const char *path, int flags, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | flags, MODE);
    if (fd < 0)
        return err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    err_sys(err, ERR_INTERNAL, "audit_locked", "another weir writes to %s", path);
    close(fd);
    return -1;
}

/* The file is empty: what does it go on from? */
static int find_before(struct chain *c, bool had_key, struct err *err)
{
    struct chain_list list;
    char name[CHAIN_NAME], path[AUDIT_PATH] = "";
    if (chain_list(c->state_dir, &list, err) < 0)
        return -1;
    uint64_t last = list.n ? list.first[list.n - 1] : 0;
    chain_list_release(&list);
    c->missing = last || had_key ? "audit/chain was missing when weir started" : NULL;
    if (!last)
        return 0;
    chain_name(last, name);
    int own = c->fd;
    c->fd = open(audit_path(c->state_dir, name, path), O_RDWR | O_CLOEXEC);
    int failed =
        c->fd < 0 ? err_sys(err, ERR_INTERNAL, "audit_unwritable", "cannot open %s", path)
                  : chain_find_end(c, err);
    if (c->fd >= 0)
        close(c->fd);
    c->fd = own;
    c->end = 0;
    c->first_ms = 0;
    c->first = c->count + 1;
    return failed;
}

int chain_open(struct chain *c, struct err *err)
{
    char path[AUDIT_PATH];
    bool had_key = false;
    if (make_place(c, &had_key, err) < 0)
        return -1;
    finish_begin(c);
    c->fd = open_locked(audit_path(c->state_dir, "/chain", path), 0, err);
    if (c->fd < 0)
        return -1;
    c->count = c->newest_ms = 0;
    c->first = 1;
    c->missing = NULL;
    audit_hash_zero(c->hash);
    int failed = chain_find_end(c, err);
    c->is_new = c->end == 0;
    if (!failed && c->is_new)
        failed = find_before(c, had_key, err);
    if (failed) {
        close(c->fd);
        c->fd = -1;
    }
    return failed;
}

/* -- is it still ours --------------------------------------------------------------- */

/* Nothing is known of the file, so it is neither trusted nor put aside. */
static const char unseen[] = "audit/chain cannot be looked at";

const char *chain_trouble_quick(const struct chain *c)
{
    struct stat st;
    if (c->fd < 0)
        return "audit/chain is not open";
    if (fstat(c->fd, &st) < 0)
        return unseen;
    if (st.st_nlink == 0)
        return "audit/chain was removed while weir ran";
    return (uint64_t)st.st_size != c->end
               ? "audit/chain was changed by somebody else while weir ran"
               : NULL;
}

const char *chain_trouble(const struct chain *c)
{
    char path[AUDIT_PATH];
    struct stat st, own;
    const char *quick = chain_trouble_quick(c);
    if (quick || c->fd < 0)
        return quick;
    if (stat(audit_path(c->state_dir, "/chain", path), &st) < 0)
        return errno == ENOENT ? "audit/chain was moved away while weir ran" : unseen;
    if (fstat(c->fd, &own) < 0)
        return unseen;
    if (st.st_ino != own.st_ino || st.st_dev != own.st_dev)
        return "audit/chain was replaced while weir ran";
    return NULL;
}

/* -- a new file ---------------------------------------------------------------------- */

static bool free_aside_name(const struct chain *c, char ret[CHAIN_NAME])
{
    char path[AUDIT_PATH];
    for (unsigned i = 1; i < ASIDE_MOST; i++) {
        snprintf(ret, CHAIN_NAME, "/chain.aside-%u", i);
        if (access(audit_path(c->state_dir, ret, path), F_OK) < 0)
            return errno == ENOENT;
    }
    return false;
}

/* The name for what is at audit/chain now; "" when nothing is. */
static bool name_old(const struct chain *c, char ret[CHAIN_NAME])
{
    char path[AUDIT_PATH];
    struct stat st;
    ret[0] = '\0';
    if (stat(audit_path(c->state_dir, "/chain", path), &st) < 0)
        return errno == ENOENT; /* what cannot be looked at is not replaced */
    if (st.st_size == 0)
        return true;
    const char *trouble = chain_trouble(c);
    if (trouble == unseen)
        return false;
    if (c->count < c->first || trouble)
        return free_aside_name(c, ret);
    chain_name(c->first, ret);
    if (access(audit_path(c->state_dir, ret, path), F_OK) == 0)
        return free_aside_name(c, ret);
    return errno == ENOENT;
}

static bool put_old_away(const struct chain *c, const char *name)
{
    char from[AUDIT_PATH], to[AUDIT_PATH];
    return !name[0] || rename(audit_path(c->state_dir, "/chain", from),
                              audit_path(c->state_dir, name, to)) == 0;
}

/* The first line in a file of its own, on the disk. */
static int write_first(const char *path, struct str line, struct err *err)
{
    (void)unlink(path); /* of a life that did not come to the end of this */
    int fd = open_locked(path, O_EXCL, err);
    if (fd < 0)
        return -1;
    if (write(fd, line.p, line.n) == (ssize_t)line.n && sync_file(fd) == 0)
        return fd;
    err_sys(err, ERR_OVERLOAD, "audit_unwritable", "cannot begin a new audit/chain");
    close(fd);
    (void)unlink(path);
    return -1;
}

static void put_first(const struct chain *c, struct audit_record *head, uint64_t lost,
                      char hash[AUDIT_HASH_TEXT], struct buf *out)
{
    struct buf rest;
    head->decision = AUDIT_CONTINUED;
    head->ts_ms = head->ts_ms ? head->ts_ms : clock_wall_ms();
    head->head = str_of(c->hash);
    head->before = c->count;
    head->newest_ms = c->newest_ms;
    buf_init(&rest, AUDIT_LINE_BYTES);
    audit_put_record(head, &rest);
    memcpy(hash, c->hash, AUDIT_HASH_TEXT);
    audit_put_line(c->count + 1, lost, buf_view(&rest), hash, out);
    out->failed |= rest.failed;
    buf_release(&rest);
}

static int swap_files(struct chain *c, struct str line, char old[CHAIN_NAME],
                      struct err *err)
{
    char fresh[AUDIT_PATH], chain[AUDIT_PATH], dir[AUDIT_PATH];
    bool ignored;
    if (make_place(c, &ignored, err) < 0)
        return -1;
    audit_path(c->state_dir, "/chain.new", fresh);
    audit_path(c->state_dir, "/chain", chain);
    audit_path(c->state_dir, "", dir);
    if (!name_old(c, old))
        return err_set(
            err, ERR_INTERNAL, "audit_unwritable",
            "audit/chain cannot be put aside: it cannot be looked at, or there "
            "is no name left for it");
    int fd = write_first(fresh, line, err);
    if (fd < 0)
        return -1;
    if (!put_old_away(c, old) || rename(fresh, chain) < 0) {
        err_sys(err, ERR_OVERLOAD, "audit_unwritable", "cannot begin a new audit/chain");
        close(fd);
        return -1;
    }
    (void)sync_directory(
        dir); /* the file itself is synced: a crash finds it by its name */
    if (c->fd >= 0)
        close(c->fd);
    c->fd = fd;
    return 0;
}

int chain_begin(struct chain *c, struct audit_record *head, uint64_t lost,
                char ret_old[CHAIN_NAME], struct err *err)
{
    char hash[AUDIT_HASH_TEXT];
    struct buf line;
    int failed = -1;
    ret_old[0] = '\0';
    buf_init(&line, AUDIT_LINE_BYTES);
    put_first(c, head, lost, hash, &line);
    if (line.failed)
        err_nomem(err);
    else
        failed = swap_files(c, buf_view(&line), ret_old, err);
    if (!failed) {
        memcpy(c->hash, hash, sizeof hash);
        c->first = ++c->count;
        c->first_ms = head->ts_ms;
        c->end = buf_len(&line);
        if (head->ts_ms > c->newest_ms)
            c->newest_ms = head->ts_ms;
    }
    buf_release(&line);
    return failed;
}
