/* checksum.h: what tells one content of a file from another. */
#ifndef VIGIL_LAKE_CHECKSUM_H
#define VIGIL_LAKE_CHECKSUM_H

#include "base/buf.h"

/* SHA-256 of a file as 64 hex digits, and its size. */
VG_MUST_USE vg_code lake_checksum(const char *path, char sha256[65], uint64_t *bytes, vg_err *err);

#endif
