/* newer.c -- see newer.h. */
#include "ledger/index/newer.h"

#include "ledger/index/index.h"
#include "ledger/log/segment.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int check_store(const char *state_dir, const char *name, struct err *err)
{
    char path[SEGMENT_PATH + 16];
    sqlite3 *db = NULL;
    int failed = 0;
    snprintf(path, sizeof path, "%s/%s", state_dir, name);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK)
        failed = index_refuse_newer(index_version(db), path, err);
    sqlite3_close(db);
    return failed;
}

static uint32_t version_of(const char *log_dir, struct segment_id id)
{
    char path[SEGMENT_PATH], head[SEGMENT_HEAD_BYTES];
    int fd =
        open(segment_path(log_dir, id.worker, id.segment, path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, head, sizeof head) : -1;
    if (fd >= 0)
        close(fd);
    return n == sizeof head ? segment_head_version((struct str){head, sizeof head},
                                                   id.worker, id.segment)
                            : 0;
}

static int check_log(const char *state_dir, struct err *err)
{
    char log_dir[SEGMENT_PATH], name[SEGMENT_NAME];
    struct segment_list list;
    int failed = 0;
    snprintf(log_dir, sizeof log_dir, "%.*s/log", SEGMENT_PATH - 8, state_dir);
    if (segment_list(log_dir, &list, NULL) < 0)
        return 0;
    for (size_t i = 0; i < list.n && !failed; i++) {
        uint32_t version = version_of(log_dir, list.items[i]);
        if (version <= SEGMENT_VERSION)
            continue;
        segment_name(list.items[i].worker, list.items[i].segment, name);
        failed =
            err_set(err, ERR_INTERNAL, "ledger_newer",
                    "%s/%s has version %u, and this weir knows versions up to %d: a "
                    "newer weir wrote it. Use that one, or another state_dir; nothing "
                    "was changed",
                    log_dir, name, version, SEGMENT_VERSION);
    }
    segment_list_release(&list);
    return failed;
}

int newer_check(const char *state_dir, struct err *err)
{
    if (check_store(state_dir, "ledger.sqlite", err) < 0 ||
        check_store(state_dir, "ledger.backup", err) < 0)
        return -1;
    return check_log(state_dir, err);
}
