/* clean.h -- an engine's words, made fit for a client; inside this folder only.
 *
 * Bounded, valid UTF-8, without control bytes, without anything that looks like a key,
 * and without the folders of the engine's machine: of /home/x/venv/app.py the client
 * sees app.py.  What is too long is cut at a blank and ends in "...". */
#ifndef WEIR_ENGINE_CLEAN_H
#define WEIR_ENGINE_CLEAN_H

#include "core/str.h"

enum { CLEAN_BYTES = 280 };

/* is_text: `from` is not from JSON, whose strings the scanner has checked. */
void clean_message(struct str from, bool is_text, char to[CLEAN_BYTES]);

#endif
