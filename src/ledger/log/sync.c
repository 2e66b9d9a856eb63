/* sync.c -- see sync.h. */
#include "ledger/log/sync.h"

#include "core/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef WEIR_TEST_HOOKS
static bool must_fail(void)
{
    const char *path = getenv("WEIR_FAIL_SYNC");
    return path && access(path, F_OK) == 0;
}
#else
static inline bool must_fail(void)
{
    return false;
}
#endif

int sync_file(int fd)
{
    int rc;
    if (must_fail()) {
        errno = EIO;
        return -1;
    }
    do {
        rc = fdatasync(fd);
    } while (rc < 0 && errno == EINTR);
    return rc;
}

int sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int rc = fsync(fd);
    int sys = errno;
    close(fd);
    errno = sys;
    return rc;
}
