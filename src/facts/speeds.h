/* speeds.h -- decode speeds that somebody measured, each with its source.
 *
 * They are the regression set of the speed model (estimate/speed.h) and the comparison a
 * claim is shown against. */
#ifndef WEIR_FACTS_SPEEDS_H
#define WEIR_FACTS_SPEEDS_H

#include "core/err.h"
#include "core/str.h"

struct speed_row {
    struct str set; /* who collected it: "public", "crowd", "field", ...; or "" */
    struct str gpu, model, quant;
    uint64_t gpus;
    double bandwidth_gbs; /* of one GPU; 0: as the device list has it */
    double depth_tokens;  /* mean tokens already in the context */
    double tok_s;
    struct str flag;   /* "" or why the row is doubtful */
    struct str engine; /* "llamacpp", "mlx", "ollama"; or "" */
    bool is_split;     /* part of the model was in main memory */
    struct str source;
    int64_t source_days; /* days since 1970; 0: not said */
};

struct speeds; /* opaque: speeds.c; immutable after loading */

/* Reads a file with "rows"; the head of a fact file is not asked for, so that a bare
 * collection can be evaluated too. */
int speeds_load(struct str json, struct speeds **ret, struct err *err) NODISCARD;
void speeds_free(struct speeds *s);

size_t speeds_count(const struct speeds *s);
const struct speed_row *speeds_at(const struct speeds *s, size_t i);

#endif
