/* tree.h -- a YAML file as a tree in which every node knows its line and column.
 *
 * One document; no anchors, aliases or tags (nothing in a weir.yaml needs them, and an
 * alias bomb needs nothing else); depth and size bounded; duplicate keys are faults. */
#ifndef WEIR_CONFIG_TREE_H
#define WEIR_CONFIG_TREE_H

#include "config/faults.h"

enum { YAML_MAX_BYTES = 1 << 20, YAML_MAX_DEPTH = 16 };

enum ynode_kind { YNODE_SCALAR, YNODE_MAP, YNODE_LIST };

struct ynode {
    enum ynode_kind kind;
    unsigned line, column; /* from 1 */
    struct str text;       /* SCALAR */
    bool is_plain;         /* SCALAR without quotes: may be a number, bool or null */
    struct ynode *key;     /* of a MAP's child */
    struct ynode *first, *last, *next; /* children; siblings */
};

/* The root, in the arena, or NULL with faults.  An empty file gives an empty map. */
struct ynode *yaml_read(struct str text, struct arena *a, struct config_faults *faults);

/* What a node is, in words: "a list". */
const char *ynode_kind_name(const struct ynode *n);

#endif
