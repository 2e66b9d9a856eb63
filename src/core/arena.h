/* arena.h -- memory with one lifetime.
 *
 * A request owns one arena; what it parses, routes and encodes lives there and dies
 * in one arena_reset() when the ledger row is settled.  An arena has a ceiling:
 * going past it returns NULL, so a hostile body costs the client a 413 and never
 * costs us the process.  Not thread safe; one owner at a time.
 *
 * The struct is public so that it can be a member; its fields are arena.c's to set. */
#ifndef WEIR_CORE_ARENA_H
#define WEIR_CORE_ARENA_H

#include "core/str.h"

struct arena_block;
struct arena {
    struct arena_block *blocks; /* newest first */
    struct arena_block *given;  /* the caller's, last of the list; or NULL */
    size_t used_bytes;          /* what all blocks hold, for the ceiling */
    size_t ceiling_bytes;
    bool is_full; /* the ceiling, and not the lack of memory, has refused something */
};

void arena_init(struct arena *a, size_t ceiling_bytes); /* allocates nothing yet */
/* The same with the first block in the caller's memory, which outlives the arena, is
 * aligned for any type, at least 64 bytes, and not counted against the ceiling. */
void arena_init_in(struct arena *a, size_t ceiling_bytes, void *first, size_t n);
/* So many bytes more than the ceiling was. */
void arena_allow(struct arena *a, size_t more);
void arena_reset(struct arena *a); /* frees all; usable again */
/* Forgets all and keeps the memory, in one piece, for as much again. */
void arena_rewind(struct arena *a);

/* A point to go back to: what was taken since is forgotten and freed, what was taken
 * before stays. */
struct arena_mark {
    struct arena_block *block;
    size_t used, used_bytes;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_back(struct arena *a, struct arena_mark m);

/* Zeroed memory aligned for any type, or NULL at the ceiling.  Never freed alone. */
void *arena_alloc(struct arena *a, size_t size);
#define arena_new(a, T)        ((T *)arena_alloc((a), sizeof(T)))
#define arena_array(a, T, len) ((T *)arena_alloc((a), sizeof(T) * (size_t)(len)))

/* The same, not zeroed: for what is written before it is read. */
void *arena_raw(struct arena *a, size_t size);
#define arena_raw_array(a, T, len) ((T *)arena_raw((a), sizeof(T) * (size_t)(len)))

/* A copy that lives in the arena and ends in NUL (not counted in n).  p is NULL
 * when memory or the ceiling is reached. */
struct str arena_strdup(struct arena *a, struct str s);
/* The pieces in a row. */
struct str arena_join(struct arena *a, const struct str *pieces, size_t n);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
