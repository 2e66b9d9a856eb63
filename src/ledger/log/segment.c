/* segment.c -- see segment.h. */
#include "ledger/log/segment.h"

#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char magic[8] = {'w', 'e', 'i', 'r', 'l', 'o', 'g', '\n'};

enum { CRC_AT = 28, LIST_FIRST = 16, MODE = 0600 };

void segment_name(uint32_t worker, uint32_t segment, char out[SEGMENT_NAME])
{
    snprintf(out, SEGMENT_NAME, "w%u-%08u.log", worker, segment);
}

const char *segment_path(const char *log_dir, uint32_t worker, uint32_t segment,
                         char out[SEGMENT_PATH])
{
    char name[SEGMENT_NAME];
    segment_name(worker, segment, name);
    snprintf(out, SEGMENT_PATH, "%s/%s", log_dir, name);
    return out;
}

int state_dir_check(struct str state_dir, struct err *err)
{
    enum { MOST = SEGMENT_PATH - SEGMENT_NAME - 8 };
    if (state_dir.n > 0 && state_dir.n <= MOST)
        return 0;
    return err_set(err, ERR_CONFIG, "bad_state_dir",
                   "state_dir must have a name of 1 to %d bytes", MOST);
}

static void put_le(unsigned char *p, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t get_le(const unsigned char *p, int bytes)
{
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static void fill_head(unsigned char head[SEGMENT_HEAD_BYTES], uint32_t worker,
                      uint32_t segment)
{
    memcpy(head, magic, sizeof magic);
    put_le(head + 8, SEGMENT_VERSION, 4);
    put_le(head + 12, worker, 4);
    put_le(head + 16, segment, 4);
    put_le(head + 20, clock_wall_ms(), 8);
    put_le(head + CRC_AT, crc32c(0, (struct str){(const char *)head, CRC_AT}), 4);
}

int segment_create(const char *log_dir, uint32_t worker, uint32_t segment)
{
    unsigned char head[SEGMENT_HEAD_BYTES];
    char path[SEGMENT_PATH];
    segment_path(log_dir, worker, segment, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
    if (fd < 0)
        return -1;
    fill_head(head, worker, segment);
    errno = ENOSPC;
    if (write(fd, head, sizeof head) == (ssize_t)sizeof head)
        return fd;
    int sys = errno;
    close(fd);
    unlink(path);
    errno = sys;
    return -1;
}

uint32_t segment_head_version(struct str bytes, uint32_t worker, uint32_t segment)
{
    const unsigned char *u = (const unsigned char *)bytes.p;
    bool is_good = bytes.n >= SEGMENT_HEAD_BYTES && memcmp(u, magic, sizeof magic) == 0 &&
                   get_le(u + 12, 4) == worker && get_le(u + 16, 4) == segment &&
                   get_le(u + CRC_AT, 4) == crc32c(0, str_sub(bytes, 0, CRC_AT));
    return is_good ? (uint32_t)get_le(u + 8, 4) : 0;
}

bool segment_head_is_good(struct str bytes, uint32_t worker, uint32_t segment)
{
    uint32_t version = segment_head_version(bytes, worker, segment);
    return version > 0 && version <= SEGMENT_VERSION;
}

static bool parse_name(const char *name, struct segment_id *ret)
{
    struct str rest = str_of(name);
    struct str worker;
    uint64_t w, s;
    if (!str_starts(rest, STR("w")) || !str_ends(rest, STR(".log")))
        return false;
    rest = str_sub(rest, 1, rest.n - 4);
    if (!str_split(&rest, '-', &worker) || !str_to_u64(worker, &w) ||
        !str_to_u64(rest, &s) || w >= LEDGER_MAX_WORKERS || s == 0 || s > UINT32_MAX)
        return false;
    *ret = (struct segment_id){(uint32_t)w, (uint32_t)s};
    return true;
}

static int compare_ids(const void *a, const void *b)
{
    const struct segment_id *x = a, *y = b;
    if (x->worker != y->worker)
        return x->worker < y->worker ? -1 : 1;
    return (x->segment > y->segment) - (x->segment < y->segment);
}

static bool list_add(struct segment_list *l, size_t *cap, struct segment_id id)
{
    if (l->n == *cap) {
        size_t more = *cap ? *cap * 2 : LIST_FIRST;
        void *p = mem_realloc(l->items, more * sizeof *l->items);
        if (!p)
            return false;
        l->items = p;
        *cap = more;
    }
    l->items[l->n++] = id;
    return true;
}

int segment_list(const char *log_dir, struct segment_list *ret, struct err *err)
{
    size_t cap = 0;
    *ret = (struct segment_list){0};
    DIR *d = opendir(log_dir);
    if (!d && errno == ENOENT)
        return 0;
    if (!d)
        return err_sys(err, ERR_INTERNAL, "ledger_unreadable", "cannot list %s", log_dir);
    for (struct dirent *e; (e = readdir(d));) {
        struct segment_id id;
        if (parse_name(e->d_name, &id) && !list_add(ret, &cap, id)) {
            closedir(d);
            segment_list_release(ret);
            return err_nomem(err);
        }
    }
    closedir(d);
    if (ret->n)
        qsort(ret->items, ret->n, sizeof *ret->items, compare_ids);
    return 0;
}

void segment_list_release(struct segment_list *l)
{
    mem_free(l->items);
    *l = (struct segment_list){0};
}

uint32_t segment_after(const struct segment_list *l, uint32_t worker, uint32_t after)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].worker == worker && l->items[i].segment > after)
            return l->items[i].segment;
    return 0;
}
