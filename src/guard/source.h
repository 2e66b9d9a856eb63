/* source.h -- which sources this program was built from, as far as they decide. */
#ifndef WEIR_GUARD_SOURCE_H
#define WEIR_GUARD_SOURCE_H

/* SHA-256 in hexadecimal digits over the scanner's code and lists, the code that reads
 * requests and configuration before it, and the code that acts on what it found; see
 * meson.build for the places.  Two builds that could decide differently differ in it,
 * and the same sources give the same one on every machine. */
extern const char guard_source_digest[];

#endif
