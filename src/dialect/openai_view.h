/* openai_view.h -- where the members of a body in OpenAI's form stand.
 *
 * An engine that speaks the client's dialect gets the client's own bytes, but for a few
 * spans: so the translator to OpenAI's form looks at this, and nobody else does. */
#ifndef WEIR_DIALECT_OPENAI_VIEW_H
#define WEIR_DIALECT_OPENAI_VIEW_H

#include "dialect/member.h"

struct openai_view {
    uint32_t object_at; /* offset just after the body's '{' */
    bool object_is_empty;
    struct member model_at, stream_at, stream_options_at, messages_at;
    const struct str *keys; /* what every top-level key means, for what is added */
    size_t nkeys;
};

#endif
