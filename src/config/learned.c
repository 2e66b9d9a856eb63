/* learned.c -- the section `learned:`: what policy learned is to keep to. */
#include "config/read.h"

/* "20%", "0.5%". */
static void read_percent(struct reading *rd, const struct ynode *n, const char *name,
                         double *ret)
{
    struct str text = n->kind == YNODE_SCALAR ? n->text : STR("");
    double v = -1;
    if (!str_ends(text, STR("%")) || !str_to_double(str_sub(text, 0, text.n - 1), &v) ||
        v < 0 || v > 100)
        fault_at(rd->faults, n,
                 "learned: %s is '%.*s'; it must be 0%% to 100%%, like 20%%", name,
                 STR_ARG(text));
    else
        *ret = v / 100;
}

static void read_cloud_share(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_learned *l = out;
    l->wish = LEARNED_SHARE;
    read_percent(rd, n, "cloud_share", &l->value);
}

static void read_quality(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_learned *l = out;
    l->wish = LEARNED_QUALITY;
    read_percent(rd, n, "quality", &l->value);
}

/* "$50" or "50": US dollars. */
static void read_month(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_learned *l = out;
    struct str text = n->kind == YNODE_SCALAR ? n->text : STR("");
    double v = -1;
    l->wish = LEARNED_MONTH;
    if (!str_to_double(str_sub(text, str_starts(text, STR("$")), text.n), &v) || v < 0 ||
        v > 1e9)
        fault_at(rd->faults, n,
                 "learned: month is '%.*s'; it must be US dollars a month, like $50",
                 STR_ARG(text));
    else
        l->value = v;
}

static void read_weights(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_learned *l = out;
    read_path(rd, n, &l->weights);
    l->weights_line = n->line;
    l->weights_column = n->column;
}

static void read_adapter(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_learned *l = out;
    read_path(rd, n, &l->adapter);
    l->adapter_line = n->line;
    l->adapter_column = n->column;
}

static void read_learn(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {
        [LEARN_OFF] = "off", [LEARN_ROWS] = "rows", [LEARN_ON] = "on"};
    struct config_learned *l = out;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (n->kind == YNODE_SCALAR && str_eqz(n->text, words[i])) {
            l->learn = (enum learned_learn)i;
            return;
        }
    read_word_fault(rd, n, "learned: learn", words, ARRAY_LEN(words));
}

static void read_keep_side(struct reading *rd, const struct ynode *n, void *out)
{
    static const char *const words[] = {"on", "off"};
    struct config_learned *l = out;
    l->moves_freely = n->kind == YNODE_SCALAR && str_eqz(n->text, words[1]);
    if (!l->moves_freely && !(n->kind == YNODE_SCALAR && str_eqz(n->text, words[0])))
        read_word_fault(rd, n, "learned: keep_side", words, ARRAY_LEN(words));
}

enum { MOST_EXPLORED_PPM = 100 * 1000 };

static void read_explore(struct reading *rd, const struct ynode *n, void *out)
{
    struct config_learned *l = out;
    double share = 0;
    read_percent(rd, n, "explore", &share);
    l->explore_ppm = (uint32_t)(share * 1e6 + 0.5);
    if (l->explore_ppm > MOST_EXPLORED_PPM)
        fault_at(rd->faults, n,
                 "learned: explore can be at most 10%%: these turns get the side that is "
                 "held to be the worse one");
}

void read_learned(struct reading *rd, const struct ynode *n)
{
    static const struct field fields[] = {
        {"cloud_share", read_cloud_share, 0},
        {"quality", read_quality, 0},
        {"month", read_month, 0},
        {"weights", read_weights, 0},
        {"keep_side", read_keep_side, 0},
        {"explore", read_explore, 0},
        {"learn", read_learn, 0},
        {"adapter", read_adapter, 0},
    };
    struct config_learned *l = &rd->config->learned;
    *l = (struct config_learned){.wish = LEARNED_SHARE, .value = 0.2};
    if (!n || !read_fields(rd, n, fields, ARRAY_LEN(fields), l, "learned"))
        return;
    int wishes = !!read_child(n, "cloud_share") + !!read_child(n, "quality") +
                 !!read_child(n, "month");
    if (wishes > 1)
        fault_at(
            rd->faults, n,
            "learned takes one wish: cloud_share, quality or month; the others follow "
            "from it");
}
