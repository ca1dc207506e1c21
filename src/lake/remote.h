/* remote.h: a lake in a bucket, and its mirror on this machine.
 *
 * s3://bucket/prefix holds the same files as a lake on disk, under the same names, and the same commit: a record
 * appears after the parts it names. Work is done on a mirror, a folder of this machine: what is made there is put
 * into the bucket; records are pulled when the lake is opened, parts when they are read. What the mirror has of
 * parts is only a cache, checked by checksum and bounded in size.
 *
 * One process writes: it holds `.lock` in the bucket, a lease that it renews, and that ends by itself some minutes
 * after the process has died.
 */
#ifndef VIGIL_LAKE_REMOTE_H
#define VIGIL_LAKE_REMOTE_H

#include "base/buf.h"
#include "net/s3_budget.h"

#define REMOTE_LEASE_S 600

struct remote;

/* Whether the name of a lake means a bucket. */
bool remote_is(const char *name);

/* Where its mirror would be; NULL: no such name. The caller frees. */
char *remote_mirror(const char *name);

/* Where the mirror is: VIGIL_MIRROR, else VIGIL_HOME/mirror, else vigil-data/mirror, and below it a folder for this
 * lake. *mirror is the caller's. Nothing is asked of the network yet. */
VG_MUST_USE vg_code remote_new(struct remote **remote, const char *name, char **mirror, vg_err *err);
void remote_free(struct remote *remote); /* gives the lease back; NULL is fine */

const struct s3_budget *remote_budget(const struct remote *remote);

/* Whether the bucket has something of this name; *size may be NULL. */
VG_MUST_USE vg_code remote_find(struct remote *remote, const char *relative, bool *found, vg_err *err);

/* Whether there is nothing at all below the prefix. */
VG_MUST_USE vg_code remote_is_empty(struct remote *remote, bool *empty, vg_err *err);

/* Takes the lease. VG_ESTATE: another process has it. */
VG_MUST_USE vg_code remote_lock(struct remote *remote, vg_err *err);

/* Makes a folder of small files in the mirror what it is in the bucket. */
VG_MUST_USE vg_code remote_pull(struct remote *remote, const char *folder, vg_err *err);

/* One file of the mirror into the bucket, replacing what is there. */
VG_MUST_USE vg_code remote_put(struct remote *remote, const char *relative, vg_err *err);
VG_MUST_USE vg_code remote_put_bytes(struct remote *remote, const char *relative, vg_slice bytes, vg_err *err);

/* Makes sure that the mirror has the file with just this content; bytes 0: of any size. VG_ESTATE: the bucket has none,
 * or another. */
VG_MUST_USE vg_code remote_need(struct remote *remote, const char *relative, uint64_t bytes, const char *sha256,
                                vg_err *err);

VG_MUST_USE vg_code remote_remove(struct remote *remote, const char *relative, vg_err *err);

/* Names and sizes of all files below a folder, in any order. */
VG_MUST_USE vg_code remote_list(struct remote *remote, const char *folder,
                                void (*visit)(void *ctx, const char *relative, uint64_t bytes), void *ctx, vg_err *err);

/* Remembers the names and sizes of the files of fills, blocks and quarantine. */
VG_MUST_USE vg_code remote_index(struct remote *remote, vg_err *err);

/* Whether the file was there then, with that size (0: any); without an index true. */
bool remote_has(const struct remote *remote, const char *relative, uint64_t bytes);

/* Removes what was there then and has no name now. */
VG_MUST_USE vg_code remote_remove_unnamed(struct remote *remote,
                                          bool (*is_named)(const void *ctx, const char *relative), const void *ctx,
                                          vg_err *err);

/* Removes what uploads of killed writers left behind; only for who has the lease. */
VG_MUST_USE vg_code remote_abort_uploads(struct remote *remote, vg_err *err);

#endif
