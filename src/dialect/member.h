/* member.h -- where a member of a JSON object stands, and taking it out or replacing
 * its value without touching any other byte. */
#ifndef WEIR_DIALECT_MEMBER_H
#define WEIR_DIALECT_MEMBER_H

#include "core/buf.h"

/* From the key's opening quote to the value's end. */
struct member {
    uint32_t at, value_at, end; /* byte offsets; end == 0: absent */
    bool first, last;           /* of its object: says which comma goes with it */
};

/* The last top-level member called `key`; false when the text is not an object, not
 * valid JSON, or has none. */
bool member_find(struct str object, const char *key, struct member *ret);
/* The same, with what is known of the bytes that it is, or is in (json/ends.h). */
struct json_ends;
bool member_find_known(struct str object, const struct json_ends *ends, const char *key,
                       struct member *ret);
static inline struct str member_value(struct str object, const struct member *m)
{
    return m->end ? (struct str){object.p + m->value_at, m->end - m->value_at}
                  : (struct str){NULL, 0};
}
/* The span that disappears with the member: itself and one comma. */
void member_span(struct str object, const struct member *m, uint32_t *ret_from,
                 uint32_t *ret_to);
/* Appends the object without the member. */
void member_cut(struct str object, const struct member *m, struct buf *out);

#endif
