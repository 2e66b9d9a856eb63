/* chunk.h -- inside http/: the framing of chunked bodies, stricter than llhttp's.
 *
 * llhttp 8 lets a chunk pass without the CRLF after its data and bounds no extension;
 * both make two readers of the same bytes disagree.  Here a size is bare hexadecimal
 * digits, an extension starts at once with ';', lines end in CRLF, and one size line
 * has at most CHUNK_MAX_LINE_BYTES. */
#ifndef WEIR_HTTP_CHUNK_H
#define WEIR_HTTP_CHUNK_H

#include "core/str.h"

enum { CHUNK_MAX_LINE_BYTES = 1024, CHUNK_MAX_TRAILER_BYTES = 8 * 1024 };

enum chunk_result {
    CHUNK_MORE, /* the input is used up                       */
    CHUNK_DATA, /* *ret_data is a piece of body, never empty  */
    CHUNK_END,  /* the last chunk and its blank line are read */
    CHUNK_BAD
};

struct chunk_reader {
    uint64_t left;       /* bytes of the current chunk still to come     */
    unsigned line_bytes; /* of the current size line, or of all trailers */
    unsigned char state;
    bool skips_trailers; /* responses: read over them; requests: refuse  */
};

void chunk_begin(struct chunk_reader *c, bool skips_trailers);
/* Takes framing and at most one piece of data off *in. */
enum chunk_result chunk_next(struct chunk_reader *c, struct str *in,
                             struct str *ret_data);

#endif
