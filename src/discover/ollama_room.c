/* ollama_room.c -- see ollama_room.h. */
#include "discover/ollama_room.h"

#include "core/str.h"

enum { LEAST = 4096, MOST = 32768, WHERE_UNKNOWN = 8192, HALF_PRECISION_BYTES = 2 };
static const uint64_t ALWAYS_FINE_BYTES = UINT64_C(1) << 30;

/* "llama.block_count": the architecture is part of the name.  0: it does not say, or it
 * has a list of them, one for each layer. */
static uint64_t number_at(json_t *info, const char *end)
{
    const char *key;
    json_t *value;
    json_object_foreach(info, key, value)
    {
        if (str_ends(str_of(key), str_of(end)) && json_integer_value(value) > 0)
            return (uint64_t)json_integer_value(value);
    }
    return 0;
}

/* What one token of a conversation takes: keys and values of every layer. */
static uint64_t bytes_a_token(json_t *info)
{
    uint64_t layers = number_at(info, ".block_count"),
             heads = number_at(info, ".attention.head_count_kv"),
             all_heads = number_at(info, ".attention.head_count"),
             width = number_at(info, ".embedding_length"),
             key = number_at(info, ".attention.key_length"),
             value = number_at(info, ".attention.value_length");
    uint64_t each = all_heads ? width / all_heads : 0;
    if (!heads)
        heads = all_heads;
    return HALF_PRECISION_BYTES * layers * heads *
           ((key ? key : each) + (value ? value : each));
}

uint64_t ollama_room(json_t *info, uint64_t weights_bytes, uint64_t trained_tokens)
{
    uint64_t each = bytes_a_token(info), room = LEAST, budget = weights_bytes / 2;
    if (budget < ALWAYS_FINE_BYTES)
        budget = ALWAYS_FINE_BYTES;
    if (!each)
        room = WHERE_UNKNOWN;
    else
        while (room < MOST && 2 * room * each <= budget)
            room *= 2;
    return trained_tokens && room > trained_tokens ? trained_tokens : room;
}
