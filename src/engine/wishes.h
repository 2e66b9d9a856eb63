/* wishes.h -- inside engine/: what a client says beside messages and tools, as
 * translators into any form look at it, and how they put it into a request. */
#ifndef WEIR_ENGINE_WISHES_H
#define WEIR_ENGINE_WISHES_H

#include "engine/translator.h"
#include "json/write.h"

/* One of c->others, raw; p == NULL: it is not there. */
struct str wish_of(const struct conversation *c, const char *name);

/* The value asks for what is done anyway: it is empty, or the rule. */
bool wish_is_usual(struct str name, struct str value);

/* Each of c->others that is neither in `carried` nor usual is noted as lost where it is
 * in `lost`, and refused where it is in neither.  Lists end in NULL; in one a name that
 * ends in '.' stands for all that begin so. */
int wishes_check(const struct engine_asking *q, const struct conversation *c,
                 const char *form, const char *const *carried, const char *const *lost,
                 struct err *err);

/* engine_refuse() of what stands in a message. */
int asking_refuse_in(const struct engine_asking *q, const struct conversation *c,
                     const char *form, const struct message *m, const char *what,
                     struct err *err);

/* A place for a request's body: `write` fills it. */
typedef int body_fn(void *ctx, struct json_writer *w);
int asking_body(const struct engine_asking *q, struct arena *a, body_fn *write, void *ctx,
                struct str *ret, struct err *err);
/* The head of it and this body. */
int asking_finish(const struct engine_asking *q, struct str base, struct str path,
                  struct str body, struct arena *a, struct http_message *ret,
                  struct engine_plan *ret_plan, struct err *err);

/* The url's path without `end`. */
struct str base_without(struct str base, const char *end);

/* A member: its name, and its raw value. */
void write_member(struct json_writer *w, struct str name, struct str value);
/* A model's arguments as an object: what is none becomes one of one text. */
void write_object_of(struct json_writer *w, const struct tool_call *call);
/* The schema of what a tool takes, an object at its top. */
void write_parameters(struct json_writer *w, const struct tool *t);
/* The operator's `defaults.params`, at the end of an object: each member that is not in
 * `own` (ends in NULL), nor one of those that the object has from the byte `from` on. */
void write_defaults(struct json_writer *w, struct str params, const char *const *own,
                    size_t from);

/* The id itself, if it has only letters, digits, '_' and '-', and at most `most` bytes;
 * else one made of it, the same for the same id.  p == NULL: no memory. */
struct str id_within(struct str id, size_t most, struct arena *a);

/* Nothing but blanks. */
bool is_blank(struct str text);

#endif
