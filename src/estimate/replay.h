/* replay.h -- the size of a GGUF file from a model's shape, tensor by tensor. */
#ifndef WEIR_ESTIMATE_REPLAY_H
#define WEIR_ESTIMATE_REPLAY_H

#include "estimate/quant.h"

/* False when the shape is not understood: its weights must add up to the model's
 * parameters within 1.5 %. */
bool replay_size(const struct model *m, enum quant q, struct model_size *ret);

#endif
