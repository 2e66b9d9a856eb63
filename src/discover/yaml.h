/* yaml.h -- a discovery as the text of a weir.yaml. */
#ifndef WEIR_DISCOVER_YAML_H
#define WEIR_DISCOVER_YAML_H

#include "core/buf.h"
#include "discover/discover.h"

/* Appends a configuration that config_parse() takes without an error.  `listen` may be
 * empty.  No secret is written: api_key names the environment variable.  The same
 * discovery gives the same bytes, and what does not change how weir serves (whether a
 * model happens to be loaded) is not in it: so equal text means nothing to reload. */
void discover_yaml(const struct discovery *d, struct str listen, struct buf *out);
/* The same facts as one JSON object. */
void discover_json(const struct discovery *d, struct buf *out);

#endif
