/* head.c -- questions about a parsed head; how it came to be is head_parse.c. */
#include "http/head.h"

struct str http_head_get(const struct http_head *h, struct str name)
{
    for (size_t i = 0; i < h->nfields; i++)
        if (str_eq_nocase(h->fields[i].name, name))
            return h->fields[i].value;
    return (struct str){NULL, 0};
}

/* RFC 9110, section 5.6.2, as a bit for each of the first 128 characters. */
bool http_is_token(struct str s)
{
    static const uint64_t allowed[2] = {
        /* !#$%&'*+-. 0-9 */ 0x03ff6cfa00000000ULL,
        /* A-Z ^_` a-z |~ */ 0x57ffffffc7fffffeULL,
    };
    for (size_t i = 0; i < s.n; i++) {
        unsigned char u = (unsigned char)s.p[i];
        if (u >= 128 || !(allowed[u / 64] >> (u % 64) & 1))
            return false;
    }
    return s.n > 0;
}
