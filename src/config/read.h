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
size_t read_count(const struct ynode *n); /* children */

/* -- values: `out` points to the type in the comment --------------------------- */
typedef void read_fn(struct reading *rd, const struct ynode *n, void *out);
read_fn read_text;        /* struct str, not empty */
read_fn read_expanded;    /* struct str, ${NAME} replaced */
read_fn read_path;        /* struct str, ${NAME} and a leading ~/ replaced */
read_fn read_duration_ms; /* uint32_t: 500ms, 10s, 5m, 1h */
read_fn read_size;        /* uint64_t: 1024, 32MiB */
read_fn read_u32;         /* uint32_t */
read_fn read_u64;         /* uint64_t */
read_fn read_text_list;   /* struct text_list */
read_fn read_nothing;     /* read elsewhere */

struct text_list {
    struct str *items;
    const struct ynode **nodes;
    size_t n;
};

/* A word of a closed set: reports the words when it is not one. */
void read_word_fault(struct reading *rd, const struct ynode *n, const char *what,
                     const char *const *words, size_t nwords);

bool read_is_scalar(struct reading *rd, const struct ynode *n);

/* The parts of config_parse(), in order. */
void read_engines(struct reading *rd, const struct ynode *n);
void read_keys(struct reading *rd, const struct ynode *n);
void read_routes(struct reading *rd, const struct ynode *roles,
                 const struct ynode *aliases);
const char *read_getenv(struct reading *rd, struct str name);

#endif
