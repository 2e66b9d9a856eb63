/* net_model.h -- the net of net.h while it learns, in floats; inside train/ only. */
#ifndef WEIR_SCAN_NER_TRAIN_NET_MODEL_H
#define WEIR_SCAN_NER_TRAIN_NET_MODEL_H

#include "core/buf.h"
#include "scan/ner/net.h"

enum { MODEL_ROOM = NET_PASSAGE + 2 * NET_AROUND };

typedef float net_vec[NET_WIDTH];

/* A block of weights, and what Adam keeps of each. */
struct learnt {
    float *w, *grad, *first, *second; /* owned, `n` each */
    size_t n;
};

struct model {
    struct learnt table;  /* nrows x NET_WIDTH */
    struct learnt layers; /* NET_LAYERS x NET_IN x NET_WIDTH, then biases, then output */
    uint32_t nrows;
    uint32_t *touched; /* rows with a gradient; owned */
    uint8_t *is_touched;
    size_t ntouched;
    uint64_t step;
    float turned[NET_LAYERS][NET_WIDTH * NET_IN]; /* the layers, inputs side by side */
};

/* One passage: what the layers made of it. */
struct pass {
    size_t n, first, end; /* pieces, and those that are judged */
    uint32_t row[MODEL_ROOM][PIECE_ROWS];
    uint8_t nrow[MODEL_ROOM];
    net_vec keep[MODEL_ROOM]; /* of the sums of rows: 1, or 0 for what is dropped */
    net_vec x[NET_LAYERS + 1][MODEL_ROOM + 2 * NET_FAR];
    net_vec y[NET_LAYERS][MODEL_ROOM];   /* of the layers, negative ones cut off */
    net_vec d[MODEL_ROOM + 2 * NET_FAR]; /* gradients on their way back */
    net_vec dy[MODEL_ROOM];
    float logit[MODEL_ROOM][NET_CLASSES];
};

bool model_init(struct model *m, uint32_t nrows, uint64_t seed);
void model_release(struct model *m);
/* Rows and nrow are set; fills x, y and logit. */
void model_forward(const struct model *m, struct pass *p);
/* `dlogit` of the pieces judged; adds to the gradients. */
void model_backward(struct model *m, struct pass *p, const float (*dlogit)[NET_CLASSES]);
/* A step of Adam with what was added since the last one. */
void model_step(struct model *m, float rate);
/* Appends the bytes of net.h. */
bool model_write(const struct model *m, const int32_t lean[NET_SCRIPTS], struct buf *ret);

/* e to the x, the same on every machine. */
float model_exp(float x);

#endif
