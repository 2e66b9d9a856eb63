/* kv.c -- cells x bytes, layers of each kind by themselves. */
#include "estimate/kv.h"

enum { CELLS_STEP = 256, BATCH = 512 };

static uint64_t padded(uint64_t cells)
{
    return (cells + CELLS_STEP - 1) / CELLS_STEP * CELLS_STEP;
}

/* Bytes of one token in 16 bits, in the layers with a window and in the others. */
static void token_bytes(const struct model *m, uint64_t *ret_window, uint64_t *ret_full)
{
    uint64_t window = 0;
    uint64_t keeping = m->full_layers ? m->full_layers + m->window_layers : m->layers;
    if (m->window && m->window_layers) {
        window = m->window_kv_bytes;
        if (!window && keeping)
            window = m->kv_bytes_per_token / keeping * m->window_layers;
    }
    if (window > m->kv_bytes_per_token)
        window = m->kv_bytes_per_token;
    *ret_window = window;
    *ret_full = m->kv_bytes_per_token - window;
}

uint64_t kv_reserved(const struct model *m, const struct kv_ask *ask)
{
    uint64_t window = 0;
    uint64_t full = 0;
    uint64_t slots = ask->slots ? ask->slots : 1;
    uint64_t streams = ask->is_partitioned ? slots : 1;
    uint64_t cells = padded((ask->context + streams - 1) / streams);
    uint64_t sharing = ask->is_partitioned ? 1 : slots;
    uint64_t held = padded(m->window * sharing + BATCH);
    token_bytes(m, &window, &full);
    if (held > cells)
        held = cells;
    uint64_t at_16_bits = streams * (cells * full + held * window);
    return at_16_bits / KV_F16_X2 * ask->bits_x2 + slots * m->state_bytes;
}

uint64_t kv_read(const struct model *m, uint64_t tokens)
{
    uint64_t window = 0;
    uint64_t full = 0;
    token_bytes(m, &window, &full);
    uint64_t seen = m->window && tokens > m->window ? m->window : tokens;
    return tokens * full + seen * window;
}
