/* folder.h -- removing a test's folder with all that is in it. */
#ifndef WEIR_TESTS_FOLDER_H
#define WEIR_TESTS_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

static inline int folder_remove_one(const char *path, const struct stat *st, int kind,
                                    struct FTW *f)
{
    (void)st;
    (void)kind;
    (void)f;
    return remove(path);
}

/* 0, or what nftw(3) says. */
static inline int folder_remove(const char *dir)
{
    return nftw(dir, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
