/* names_list.h -- inside dialect/: how the lists of names.c are written, for those that a
 * dialect has in a file of its own. */
#ifndef WEIR_DIALECT_NAMES_LIST_H
#define WEIR_DIALECT_NAMES_LIST_H

#include "dialect/names.h"

struct known_name {
    struct str name;
    enum shape inner;
};

struct name_list {
    const struct known_name *v;
    size_t n;          /* at most 64: bits of *seen */
    const char *where; /* for errors: "a message" */
};

#define NAME_PLAIN(lit)                                                                  \
    {                                                                                    \
        STR_INIT(lit), SHAPE_NONE                                                        \
    }
#define NAME_SHAPED(lit, a_shape)                                                        \
    {                                                                                    \
        STR_INIT(lit), SHAPE_##a_shape                                                   \
    }
#define NAME_LIST(of, a_where)                                                           \
    {                                                                                    \
        of, ARRAY_LEN(of), a_where                                                       \
    }

/* Those that stand in such a file. */
extern const struct name_list responses_body_names, responses_item_names,
    responses_tool_names, responses_text_names;
extern const struct name_list anthropic_body_names, anthropic_message_names,
    anthropic_block_names, anthropic_source_names, anthropic_tool_names,
    anthropic_choice_names, anthropic_output_names, anthropic_format_names,
    anthropic_thinking_names;
/* ollama_names.c */
extern const struct name_list ollama_body_names, ollama_message_names,
    ollama_options_names;

#endif
