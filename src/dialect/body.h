/* body.h -- inside dialect/: what the first reading of a body comes to in every dialect.
 *
 * Functions that return int: 0, or -1 with *err set.  A fault of the JSON itself is the
 * cursor's: then they return 0, and json_finish() says what and where. */
#ifndef WEIR_DIALECT_BODY_H
#define WEIR_DIALECT_BODY_H

#include "dialect/chat.h"
#include "dialect/names.h"

/* Of the request's own members, in their order.  Set `n` and `seen` to 0 and `has_odd` to
 * false; the rest need not be cleared. */
enum { BODY_MAX_MEMBERS = 256 };
struct body_names {
    struct str raw[BODY_MAX_MEMBERS];
    size_t n;
    uint64_t seen; /* names of the list, by place */
    bool has_odd;  /* one of the unknown names is not all small letters */
};
/* The place of the name in the shape's list, as name_find().  Of two unknown names, too,
 * that are one to a reader without case the second is refused: engines may know them. */
int body_note_name(struct body_names *b, enum shape s, struct json_string name,
                   struct err *err);

int body_bad_field(struct err *err, const char *key, const char *expected);
int body_missing(struct err *err, const char *key);

/* The name of a model, unescaped. */
int body_read_model(struct json_cur *c, struct arena *a, struct str *ret,
                    struct err *err);
/* true, false or null; null reads as false. */
int body_read_flag(struct json_cur *c, const char *key, bool *ret, struct err *err);
/* An integer within int64, also as 100.0 or 1e2, which are integers as JSON Schema and
 * most readers see it; null reads as absent (*ret_given false). */
int body_read_integer(struct json_cur *c, const char *key, int64_t *ret, bool *ret_given,
                      struct err *err);
/* An array that the model reads, such as its tools; its objects have this shape. */
int body_read_tools(struct json_cur *c, const char *key, enum shape s, struct chat *chat,
                    struct err *err);
/* The choice among them, whose shape is `s`: whether it demands a call. */
int body_read_choice(struct json_cur *c, enum shape s, struct chat *chat,
                     struct err *err);

/* A member nobody here knows: whether by it the request would go elsewhere (forward.h).
 */
void body_note_forwarding(struct chat *chat, struct json_string name, struct str value,
                          struct arena *a);

/* A member that its reader does not want, at the cursor; `place` as of
 * body_note_name(). */
int body_step_over(struct json_cur *c, enum shape s, int place, struct json_string name,
                   struct chat *chat, struct arena *a, struct err *err);

/* Refuses what is not UTF-8 from its first bytes on, and what is too large to be read. */
int body_check_bytes(struct str body, struct err *err);
/* The cursor enters the body, which is an object; else -1. */
int body_enter(struct json_cur *c, struct err *err);

/* What a user said, and what came first after it. */
int body_add_turn(struct chat *chat, struct arena *a, struct str user, struct err *err);
void body_note_reply(struct chat *chat, struct str reply);

/* Of a part of a message that weir does not know (`raw`: a member's value): the bytes of
 * its strings that are media, a data: URL in base64 or a long run of base64, and no text.
 */
uint64_t body_media_bytes(struct str raw);
/* Bytes outside ASCII. */
uint64_t body_wide_bytes(struct str s);

#endif
