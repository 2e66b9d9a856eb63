/* types.c -- the names and groups of types.h, from its one list. */
#include "config/types.h"

static const struct {
    const char *name;
    enum guard_group group;
} types[GUARD_NTYPES] = {
#define GUARD_TYPE_ROW(name, group) [TYPE_##name] = {#name, GROUP_##group},
    GUARD_TYPES(GUARD_TYPE_ROW)
#undef GUARD_TYPE_ROW
};

static const char *const groups[GUARD_NGROUPS] = {
    [GROUP_LOW] = "low",
    [GROUP_PERSON] = "person",
    [GROUP_CONTACT] = "contact",
    [GROUP_NETWORK] = "network",
    [GROUP_DEVICE] = "device",
    [GROUP_WORK] = "work",
    [GROUP_CRYPTO] = "crypto",
    [GROUP_SECRET] = "secret",
    [GROUP_HEALTH_ID] = "health_id",
    [GROUP_CLASSIFICATION] = "classification",
    [GROUP_CREDIT_CARD] = "credit_card",
    [GROUP_IBAN] = "iban",
    [GROUP_BANK] = "bank",
    [GROUP_NATIONAL_ID] = "national_id",
    [GROUP_GOV_DOC] = "gov_doc",
    [GROUP_CUSTOM] = "custom",
    [GROUP_SOURCE_CODE] = "source_code",
    [GROUP_CLINICAL] = "clinical",
};

const char *guard_type_name(enum guard_type t)
{
    return types[t].name;
}

enum guard_group guard_type_group(enum guard_type t)
{
    return types[t].group;
}

const char *guard_group_name(enum guard_group g)
{
    return groups[g];
}

bool guard_type_find(struct str name, enum guard_type *ret)
{
    for (size_t i = 0; i < GUARD_NTYPES; i++)
        if (str_eqz(name, types[i].name)) {
            *ret = (enum guard_type)i;
            return true;
        }
    return false;
}

bool guard_group_find(struct str name, enum guard_group *ret)
{
    for (size_t i = 0; i < GUARD_NGROUPS; i++)
        if (str_eqz(name, groups[i])) {
            *ret = (enum guard_group)i;
            return true;
        }
    return false;
}

static const char *const actions[ACTIONS] = {"clear", "mask", "local", "block"};

const char *action_name(enum action a)
{
    return actions[a];
}

bool action_parse(struct str word, enum action *ret)
{
    for (size_t i = 0; i < ACTIONS; i++)
        if (str_eqz(word, actions[i])) {
            *ret = (enum action)i;
            return true;
        }
    return false;
}
