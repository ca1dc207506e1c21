/* gzip.h: bytes compressed as `Content-Encoding: gzip` wants them (RFC 1952). */
#ifndef VIGIL_SERVE_GZIP_H
#define VIGIL_SERVE_GZIP_H

#include "base/buf.h"

#define GZIP_WORTH 1024 /* bytes: below, a packet is not shorter for it */

/* Appends the compressed bytes; the same for the same bytes. */
void gzip_add(vg_buf *out, vg_slice bytes);

#endif
