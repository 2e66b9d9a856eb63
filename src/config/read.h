/* read.h -- reading a mapping into a struct through a table of its keys.
 *
 * A reader function checks one value and stores it at `out`; on a fault it reports and
 * stores nothing, so that reading goes on and every fault is found at once. */
#ifndef WEIR_CONFIG_READ_H
#define WEIR_CONFIG_READ_H

#include "config/tree.h"

struct reading {
    struct arena *arena; /* of the snapshot */
    struct config_faults *faults;
    config_getenv_fn *getenv_fn;
    struct config *config;
};

struct field {
    const char *name;
    void (*read)(struct reading *rd, const struct ynode *n, void *out);
    size_t offset; /* of the member in the struct read into */
};

/* false when n is not a mapping.  `where` names it in messages: "engines[0]". */
bool read_fields(struct reading *rd, const struct ynode *n, const struct field *fields,
                 size_t nfields, void *out, const char *where);
/* The value of a key, or NULL. */
const struct ynode *read_child(const struct ynode *map, const char *name);
const struct ynode *read_child_str(const struct ynode *map, struct str name);
size_t read_count(const struct ynode *n); /* children */

/* -- values: `out` points to the type in the comment --------------------------- */
typedef void read_fn(struct reading *rd, const struct ynode *n, void *out);
read_fn read_text;        /* struct str, not empty */
read_fn read_name;        /* struct str: letters, digits, - _ . and at most 64 of them */
read_fn read_prose;       /* struct str, may have several lines */
read_fn read_expanded;    /* struct str, ${NAME} replaced */
read_fn read_path;        /* struct str, ${NAME} and a leading ~/ replaced */
read_fn read_keep_ms;     /* uint64_t: 12h, 400d, 52w; forever is 0 */
read_fn read_duration_ms; /* uint32_t: 500ms, 10s, 5m, 1h */
read_fn read_size;        /* uint64_t: 1024, 32MiB */
read_fn read_u32;         /* uint32_t, at most 1000000 */
read_fn read_u64;         /* uint64_t */
read_fn read_text_list;   /* struct text_list */
read_fn read_policy;      /* enum policy */
read_fn read_sensitivity; /* enum sensitivity */
read_fn read_params;      /* struct str: JSON object text */
read_fn read_secret;      /* struct str: ${NAME}, file:/path, or the key itself */
read_fn read_nothing;     /* read elsewhere */
read_fn read_guard;       /* struct config_guard; n may be NULL */
read_fn read_key_guard;   /* const struct config_guard_actions * */
bool read_side_word(struct reading *rd, const struct ynode *n, enum side *ret);

struct text_list {
    struct str *items;
    const struct ynode **nodes;
    size_t n;
};

/* A word of a closed set: reports the words when it is not one. */
void read_word_fault(struct reading *rd, const struct ynode *n, const char *what,
                     const char *const *words, size_t nwords);

bool read_is_scalar(struct reading *rd, const struct ynode *n);

/* Text with each ${NAME} replaced (and a leading ~/), copied; false after a fault. */
bool read_expand(struct reading *rd, const struct ynode *n, struct str text,
                 struct str *ret);
bool read_expand_path(struct reading *rd, const struct ynode *n, struct str text,
                      struct str *ret);

/* Zeroed memory of the snapshot; NULL after a fault: a list that could not be held must
 * not become an empty one. */
void *read_alloc(struct reading *rd, size_t size);
#define read_array(rd, T, len) ((T *)read_alloc((rd), sizeof(T) * (size_t)(len)))

/* Everything under the root, and the parts it is made of. */
void read_top(struct reading *rd, const struct ynode *root);
void read_engines(struct reading *rd, const struct ynode *n);
void read_models(struct reading *rd, const struct ynode *n, struct config_engine *e);
void read_keys(struct reading *rd, const struct ynode *n);
void read_mirror(struct reading *rd, const struct ynode *n);   /* may be NULL */
void read_escalate(struct reading *rd, const struct ynode *n); /* may be NULL */
void read_learned(struct reading *rd, const struct ynode *n);  /* may be NULL */
/* A model by name, engine/name or role, of either side; NULL: a fault says why. */
const struct config_model *read_any_model(struct reading *rd, const struct ynode *n);
void read_routes(struct reading *rd, const struct ynode *roles,
                 const struct ynode *aliases);
const char *read_getenv(struct reading *rd, struct str name);

#endif
