/* env.h: the .env file: settings of a folder, below the real environment. */
#ifndef VIGIL_BASE_ENV_H
#define VIGIL_BASE_ENV_H

#include "base/buf.h"

/* Reads NAME=VALUE lines of the file into the environment, where a variable that is set already
 * stays. '#' begins a comment line, "export " is allowed, quotes around a value are taken off, nothing
 * is expanded. A missing file is fine; VG_EPARSE names the line that is none of these. */
VG_MUST_USE vg_code env_load(const char *path, vg_err *err);

#endif
