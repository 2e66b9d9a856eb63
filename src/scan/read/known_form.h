/* known_form.h -- values whose form says what they are, and that is nothing secret: the
 * numbers of public registers, colours, addresses that servers listen at, files.  Inside
 * read/ only; pure. */
#ifndef WEIR_SCAN_READ_KNOWN_FORM_H
#define WEIR_SCAN_READ_KNOWN_FORM_H

#include "core/str.h"

/* "CVE-2016-6304", "RFC 7230", "ISO-8859-1", "PKCS#12", "X509", "GPL-2.0": what a
 * register or a standard numbers for everybody. */
bool is_of_register(struct str s);
/* "S-1-5-21-3623811015-...": an account of Windows, as its rights name it. */
bool is_security_id(struct str s);
/* "#d2b48c", "#fa0" */
bool is_colour(struct str s);
/* "127.0.0.1:9000" */
bool is_endpoint(struct str s);
/* "gdb.arch/break-line.exp": folders and a file with an extension. */
bool is_file_of_folder(struct str s);
/* A file that a program or its manual is written in, by its extension. */
bool is_source_file(struct str s);
/* The last word of `label` is a place in a table of characters: "92CF". */
bool ends_in_code_point(struct str label);

#endif
