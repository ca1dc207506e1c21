/* api_keys.h: who may ask: keys of which only the SHA-256 is kept.
 *
 * The file has a line for each key: a name and the hash in 64 hex digits, such as
 *
 *     dashboard 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
 *
 * Empty lines and lines that begin with '#' are skipped. `printf %s "$KEY" | sha256sum` makes the hash. A key is a long
 * random text, so a fast hash without salt is enough: it cannot be guessed.
 */
#ifndef VIGIL_SERVE_API_KEYS_H
#define VIGIL_SERVE_API_KEYS_H

#include "base/buf.h"

#define API_KEY_NAME 40 /* bytes of a name */
#define API_KEYS_MOST 1000

struct api_keys;

/* VG_EPARSE names the line; VG_EIO: no such file. */
VG_MUST_USE vg_code api_keys_load(struct api_keys **keys, const char *path, vg_err *err);
void api_keys_free(struct api_keys *keys);

/* The name that belongs to the key, NULL: none. Takes the same time whatever the key. */
const char *api_keys_find(const struct api_keys *keys, vg_slice key);

#endif
