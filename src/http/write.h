/* write.h -- writing HTTP/1.1 heads and chunk frames into a buffer.
 *
 * Field values are checked: CR, LF and NUL never reach the wire.  Such a field, and one
 * that the buffer has no room for, is dropped whole and false returned. */
#ifndef WEIR_HTTP_WRITE_H
#define WEIR_HTTP_WRITE_H

#include "core/buf.h"

void http_write_request_line(struct buf *b, struct str method, struct str target);
void http_write_status_line(struct buf *b, int status); /* with its reason phrase */
/* False, and nothing is written, when name or value could break the head. */
bool http_write_field(struct buf *b, struct str name, struct str value);
/* The same of a name of weir's own with its colon and blank: "x-weir-side: ". */
bool http_write_own_field(struct buf *b, struct str name_colon, struct str value);
void http_write_field_u64(struct buf *b, struct str name, uint64_t value);
void http_write_head_end(struct buf *b);
/* "1a3\r\n" into out (at least 20 bytes); returns its length.  The data and a CRLF
 * follow; the last chunk is the literal "0\r\n\r\n". */
size_t http_write_chunk_size(char *out, size_t data_bytes);
const char *http_reason(int status);

#endif
