/* devices_rows.h -- what devices.c loads and devices_ask.c searches. */
#ifndef WEIR_FACTS_DEVICES_ROWS_H
#define WEIR_FACTS_DEVICES_ROWS_H

#include "facts/devices.h"

struct devices {
    struct arena arena;
    struct device *rows;
    size_t n;
    struct names *names;
    int64_t built_days;
};

#endif
