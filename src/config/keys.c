/* keys.c -- the list of clients that may call, checked.  What a key is: key.c. */
#include "config/read.h"

static const char hash_prefix[] = "sha256:";
enum { PREFIX_BYTES = sizeof hash_prefix - 1 };

struct key_draft {
    struct config_key k;
    bool has_hash;
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool parse_hash(struct str text, unsigned char hash[CONFIG_KEY_HASH_BYTES])
{
    if (text.n != PREFIX_BYTES + 2 * CONFIG_KEY_HASH_BYTES ||
        !str_starts(text, str_of(hash_prefix)))
        return false;
    for (size_t i = 0; i < CONFIG_KEY_HASH_BYTES; i++) {
        int hi = hex_digit(text.p[PREFIX_BYTES + 2 * i]);
        int lo = hex_digit(text.p[PREFIX_BYTES + 2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        hash[i] = (unsigned char)(hi << 4 | lo);
    }
    return true;
}

/* The value is not quoted in the fault: it may be the key itself, pasted by mistake. */
static void read_hash(struct reading *rd, const struct ynode *n, void *out)
{
    struct key_draft *d = CONTAINER_OF(out, struct key_draft, k.hash);
    d->has_hash = n->kind == YNODE_SCALAR && parse_hash(n->text, d->k.hash);
    if (!d->has_hash)
        fault_at(rd->faults, n,
                 "hash must be 'sha256:' and 64 hexadecimal digits; make one with: weir "
                 "key new NAME");
}

static void read_key_policy(struct reading *rd, const struct ynode *n, void *out)
{
    CONTAINER_OF(out, struct key_draft, k.policy)->k.has_policy = true;
    read_policy(rd, n, out);
}

static void read_key_escalate(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"on", "off"};
    struct key_draft *d = CONTAINER_OF(out, struct key_draft, k.escalate);
    d->k.has_escalate = true;
    d->k.escalate = n->kind == YNODE_SCALAR && str_eqz(n->text, words[0]);
    if (!d->k.escalate && !(n->kind == YNODE_SCALAR && str_eqz(n->text, words[1])))
        read_word_fault(rd, n, "a key's escalate", words, ARRAY_LEN(words));
    else if (d->k.escalate && !rd->config->escalate.may_ask)
        fault_at(rd->faults, n,
                 "escalate: on needs the section `escalate:` at the top of the file");
}

static const struct field key_fields[] = {
    {"name", read_name, offsetof(struct key_draft, k.name)},
    {"hash", read_hash, offsetof(struct key_draft, k.hash)},
    {"sensitivity", read_sensitivity, offsetof(struct key_draft, k.sensitivity)},
    {"policy", read_key_policy, offsetof(struct key_draft, k.policy)},
    {"guard", read_key_guard, offsetof(struct key_draft, k.guard)},
    {"escalate", read_key_escalate, offsetof(struct key_draft, k.escalate)},
};

static void refuse_twins(struct reading *rd, const struct ynode *n,
                         const struct key_draft *d, const struct config_key *before,
                         size_t nbefore)
{
    for (size_t i = 0; i < nbefore; i++) {
        if (d->k.name.n && str_eq(before[i].name, d->k.name))
            fault_at(rd->faults, read_child(n, "name"), "two keys are called '%.*s'",
                     STR_ARG(d->k.name));
        if (d->has_hash && memcmp(before[i].hash, d->k.hash, sizeof d->k.hash) == 0)
            fault_at(rd->faults, read_child(n, "hash"),
                     "this hash is listed twice, first for '%.*s'",
                     STR_ARG(before[i].name));
    }
}

void read_keys(struct reading *rd, const struct ynode *n)
{
    struct config *c = rd->config;
    if (n->kind != YNODE_LIST) {
        fault_at(rd->faults, n, "keys must be a list, like [{name: NAME, hash: ...}]");
        return;
    }
    struct config_key *keys = read_array(rd, struct config_key, read_count(n) + 1);
    if (!keys)
        return;
    for (const struct ynode *k = n->first; k; k = k->next) {
        struct key_draft d = {.has_hash = false};
        if (!read_fields(rd, k, key_fields, ARRAY_LEN(key_fields), &d, "a key"))
            continue;
        if (!read_child(k, "name") || !read_child(k, "hash"))
            fault_at(rd->faults, k,
                     "a key needs a name and a hash; make them with: weir key new NAME");
        refuse_twins(rd, k, &d, keys, c->nkeys);
        d.k.id = (uint32_t)c->nkeys + 1;
        keys[c->nkeys++] = d.k;
    }
    c->keys = keys;
}
