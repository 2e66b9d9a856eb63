/* head.c -- questions about a parsed head; how it came to be is head_parse.c. */
#include "http/head.h"

#include "http/head_parse.h"

struct str http_head_get(const struct http_head *h, struct str name)
{
    for (size_t i = 0; i < h->nfields; i++)
        if (str_eq_nocase(h->fields[i].name, name))
            return h->fields[i].value;
    return (struct str){NULL, 0};
}

bool http_all_in(struct str s, const uint64_t set[4])
{
    uint64_t all = 1;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char u = (unsigned char)s.p[i];
        all &= set[u >> 6] >> (u & 63);
    }
    return all;
}

/* RFC 9110, section 5.6.2. */
bool http_is_token(struct str s)
{
    static const uint64_t tchar[4] = {
        0x03ff6cfa00000000, /* !#$%&'*+-. 0-9  */
        0x57ffffffc7fffffe, /* A-Z ^_` a-z |~ */
    };
    return s.n > 0 && http_all_in(s, tchar);
}
