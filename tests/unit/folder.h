/* folder.h -- copying and removing a test's folder with all that is in it. */
#ifndef WEIR_TESTS_FOLDER_H
#define WEIR_TESTS_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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

static inline int folder_copy_file(const char *from, const char *to)
{
    char bytes[65536];
    ssize_t n = 0, m = 0;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    while (in >= 0 && out >= 0 && n == m && (n = read(in, bytes, sizeof bytes)) > 0)
        m = write(out, bytes, (size_t)n);
    int failed = in < 0 || out < 0 || n != 0;
    close(in);
    close(out);
    return failed ? -1 : 0;
}

/* `to` is made.  0, or -1. */
static inline int folder_copy(const char *from, const char *to)
{
    struct stat st;
    DIR *d = opendir(from);
    int failed = d ? mkdir(to, 0700) : -1;
    for (struct dirent *e; !failed && (e = readdir(d));) {
        char a[2048], b[2048];
        snprintf(a, sizeof a, "%s/%s", from, e->d_name);
        snprintf(b, sizeof b, "%s/%s", to, e->d_name);
        if (e->d_name[0] == '.')
            continue;
        failed = stat(a, &st) < 0      ? -1
                 : S_ISDIR(st.st_mode) ? folder_copy(a, b)
                                       : folder_copy_file(a, b);
    }
    if (d)
        closedir(d);
    return failed;
}

#endif
