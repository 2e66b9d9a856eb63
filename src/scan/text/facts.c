/* facts.c -- see facts.h. */
#include "scan/text/facts.h"

#include "scan/text/buckets.h"

extern const unsigned char guard_facts_begin[], guard_facts_end[];

struct str facts_builtin(void)
{
    return (struct str){(const char *)guard_facts_begin,
                        (size_t)(guard_facts_end - guard_facts_begin)};
}

uint16_t facts_find(uint64_t word_hash)
{
    return buckets_find(facts_builtin(), word_hash);
}
