/* embedded.c -- looking up a fact file that the build put into the program. */
#include "facts/embedded.h"

struct str embedded_find(const char *name)
{
    for (size_t i = 0; i < embedded_nfiles; i++)
        if (strcmp(embedded_files[i].name, name) == 0)
            return (struct str){(const char *)embedded_files[i].bytes,
                                embedded_files[i].n};
    return (struct str){0};
}
