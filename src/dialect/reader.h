/* reader.h -- inside dialect/: how a chat request of any dialect is read into a
 * conversation (conversation.h).
 *
 * Nothing is dropped without a word: a member that is not known, and a value that is not
 * of the right form, is refused by its name and place unless it is empty.  What has no
 * meaning for the answer is in a list of its own and is left out.
 *
 * Functions return 0, or -1 with *err set: ERR_BAD_REQUEST "not_expressible", or no
 * memory. */
#ifndef WEIR_DIALECT_READER_H
#define WEIR_DIALECT_READER_H

#include "dialect/conversation.h"
#include "json/ends.h"
#include "json/scan.h"

struct reader {
    struct arena *arena;
    struct conversation *c;
    struct err *err;
    const struct json_ends *ends; /* of the body, or NULL */
};

/* Where a value stands: "messages[3].content[0].text".  Written out only in errors. */
enum { NO_INDEX = -1 };
struct place {
    const struct place *in; /* NULL: the request */
    struct str name;
    ptrdiff_t index; /* of the element in it, or NO_INDEX */
};
static inline struct place place_of(const struct place *in, const char *name)
{
    return (struct place){in, str_of(name), NO_INDEX};
}

/* "'messages[3].content' cannot be translated for this engine: WHY" */
int reader_refuse(const struct reader *r, const struct place *at, const char *why);
int reader_refuse_member(const struct reader *r, const struct place *in, const char *name,
                         const char *why);

/* That place as it stands in an error; p == NULL: no memory, and *err says so. */
struct str reader_name(const struct reader *r, const struct place *in, const char *name);

/* An array that may stay empty; NULL: no memory, and *err says so. */
void *reader_room(const struct reader *r, size_t n, size_t size);

static inline bool raw_is(struct str raw, char first)
{
    return raw.n > 0 && raw.p[0] == first;
}

/* What is left out although an answer might use it is named for the client, once: the
 * place of a member, without the numbers of elements ("tools.defer_loading"); or a name.
 */
int reader_lose(const struct reader *r, const struct place *in, struct str member);
int reader_lose_name(const struct reader *r, struct str name);

/* The members of one kind of object: the first `nread` are read; the others are left out
 * and, but for those that say nothing in any dialect (ids, types, ...), named as lost. */
struct fields {
    const char *const *names;
    size_t n, nread;
};
/* Fills ret[0..nread): raw values; p == NULL where there is none, or null.  Any other
 * member must be empty.  The first steps over the object at the cursor. */
int reader_fields_at(const struct reader *r, const struct place *at, struct json_cur *c,
                     const struct fields *f, struct str *ret);
int reader_fields(const struct reader *r, const struct place *at, struct str object,
                  const struct fields *f, struct str *ret);

/* One that is left out: named as lost, unless it says nothing. */
int reader_leave_out(const struct reader *r, const struct place *at, struct json_string k,
                     struct str value);

/* A text, unescaped; p == NULL: none is given. */
int reader_text(const struct reader *r, const struct place *in, const char *name,
                struct str raw, struct str *ret);
/* The same, escapes as they are written: raw.p == NULL: none is given. */
int reader_words(const struct reader *r, const struct place *in, const char *name,
                 struct str raw, struct json_text *ret);
/* What a member must be.  A value that is null or not given is good for each. */
enum reader_kind { KIND_NUMBER, KIND_FLAG, KIND_STRING, KIND_OBJECT, KIND_ARRAY };
int reader_check(const struct reader *r, const struct place *in, const char *name,
                 struct str raw, enum reader_kind kind);
/* A member that goes on under OpenAI's name (struct other_member), where it is known what
 * that must be.  One that is empty says nothing, whatever it is. */
int reader_check_other(const struct reader *r, struct json_string k, struct str value);
/* One of c->sampling, under these names (NULL: the dialect has none): 1.  0: it is none
 * of them. */
int reader_sampling(const struct reader *r, const struct place *in,
                    const char *const names[SAMPLING_COUNT], struct json_string k,
                    struct str value);

/* The same thing may be said under several names, but not two different things. */
int reader_agreeing(const struct reader *r, const struct place *in, const char *name,
                    struct str raw, struct str *text);

/* The raw value of a member of an object that has been found valid, the last of that
 * name; p == NULL: it has none. */
struct str reader_get(const struct reader *r, struct str object, const char *name);

/* Where a picture or file is: "data:image/png;base64,AAAA", or an address. */
void reader_address(struct piece *p, struct str url);

/* The elements of a raw array, one after another. */
bool array_begin(struct json_cur *c, struct str raw); /* false: it is none */
bool array_next(struct json_cur *c, struct str *ret);
size_t array_count(struct str raw);
/* The same of what is in the body, and may be long. */
bool reader_array(const struct reader *r, struct json_cur *c, struct str raw);
size_t reader_count(const struct reader *r, struct str raw);

#endif
