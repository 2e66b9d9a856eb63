/* said.c -- cutting the parts of a choice, into pieces and to a length. */
#include "sim/said.h"

#include "sim/text.h"

static struct str next_of(const struct sim_part *part, size_t *at, size_t npieces)
{
    if (part->nsizes == 0)
        return sim_next_token(part->text, at);
    size_t i = npieces < part->nsizes ? npieces : part->nsizes - 1;
    size_t from = *at, to = from + part->sizes[i];
    while (to < part->text.n && ((unsigned char)part->text.p[to] & 0xC0) == 0x80)
        to++;
    *at = to < part->text.n ? to : part->text.n;
    return str_sub(part->text, from, *at);
}

struct str sim_part_next(struct sim_part *part)
{
    struct str piece = next_of(part, &part->sent, part->npieces);
    part->npieces++;
    return piece;
}

static uint64_t part_length(const struct sim_part *part)
{
    uint64_t n = 0;
    for (size_t at = 0; at < part->text.n; n++)
        next_of(part, &at, n);
    return n ? n : 1; /* what is empty takes a step as well */
}

uint64_t sim_choice_length(const struct sim_choice *choice)
{
    uint64_t n = 0;
    for (size_t i = 0; i < choice->nparts; i++)
        n += part_length(&choice->parts[i]);
    return n;
}

void sim_choice_cut(struct sim_choice *choice, uint64_t max_tokens)
{
    for (size_t i = 0; i < choice->nparts; i++) {
        struct sim_part *part = &choice->parts[i];
        struct str cut = sim_cut_tokens(part->text, max_tokens);
        uint64_t used = sim_count_tokens(cut);
        if (cut.n < part->text.n || (max_tokens == 0 && i > 0)) {
            choice->finish = "length";
            choice->stopped_by = STR("");
            part->text = cut;
            choice->nparts = cut.n || i == 0 ? i + 1 : i;
            return;
        }
        max_tokens -= used;
    }
}

uint64_t sim_choice_tokens(const struct sim_choice *choice, enum sim_part_kind kind)
{
    uint64_t n = 0;
    for (size_t i = 0; i < choice->nparts; i++)
        if (choice->parts[i].kind == kind)
            n += sim_count_tokens(choice->parts[i].text);
    return n;
}

bool sim_choice_only_calls(const struct sim_choice *choice)
{
    return choice->nparts > 0 && choice->parts[0].kind == SIM_CALL;
}
