/* openapi.h: the table of routes as an OpenAPI 3.1 document. */
#ifndef VIGIL_SERVE_OPENAPI_H
#define VIGIL_SERVE_OPENAPI_H

#include "base/buf.h"

/* Appends the document; the same for the same version of the program. */
void openapi_print(vg_buf *out, const char *version, bool has_keys);

#endif
