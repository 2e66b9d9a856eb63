/* talk.c -- see talk.h. */
#include "engine/talk.h"

#include <string.h>

void talk_end(struct json_writer *w, const char **open)
{
    if (!*open)
        return;
    json_array_close(w);
    json_object_close(w);
    *open = NULL;
}

void talk_open_typed(struct json_writer *w, const char *type)
{
    json_object_open(w);
    json_key(w, "type");
    json_str(w, str_of(type));
}

void talk_begin(struct json_writer *w, const struct talk_form *form, const char *role,
                const char **open)
{
    if (*open && strcmp(*open, role) == 0)
        return;
    talk_end(w, open);
    if (form->type)
        talk_open_typed(w, form->type);
    else
        json_object_open(w);
    json_key(w, "role");
    json_str(w, str_of(role));
    json_key(w, form->list);
    json_array_open(w);
    *open = role;
}

bool talk_is_said(const struct piece *p)
{
    return (p->kind != PIECE_TEXT && p->kind != PIECE_REFUSAL) ||
           !json_text_is_blank(p->text);
}
