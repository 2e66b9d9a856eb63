/* descriptors.c -- see descriptors.h. */
#include "core/descriptors.h"

#include <stdint.h>
#include <sys/resource.h>

enum { KEPT_FROM_CLIENTS = 4, KEPT_FOR_FILES = 8, MOST_FOR_FILES = 32 };

struct descriptors descriptors_ceilings(void)
{
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
    getrlimit(RLIMIT_NOFILE, &limit);
    int all = limit.rlim_cur > INT32_MAX ? INT32_MAX : (int)limit.rlim_cur;
    int files = all / KEPT_FOR_FILES;
    return (struct descriptors){
        .of_clients = all - all / KEPT_FROM_CLIENTS,
        .of_engines = all - (files < MOST_FOR_FILES ? files : MOST_FOR_FILES),
    };
}
