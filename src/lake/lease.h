/* lease.h: the right to write to a lake in a bucket: an object that says who has it, and until when.
 *
 * Where the server can put an object only if there is none, nobody overwrites another's lease; elsewhere two that
 * begin in the same moment find out by reading back. A lease is renewed in the background.
 */
#ifndef VIGIL_LAKE_LEASE_H
#define VIGIL_LAKE_LEASE_H

#include "net/s3.h"

struct lease;

/* VG_ESTATE: another process has it, and lives or lived not long ago. */
VG_MUST_USE vg_code lease_take(struct lease **lease, struct s3 *s3, const char *bucket, const char *key,
                               unsigned seconds, vg_err *err);

/* VG_ESTATE when it was lost: this machine slept too long, or the bucket was out of reach. */
VG_MUST_USE vg_code lease_check(struct lease *lease, vg_err *err);
void lease_free(struct lease *lease); /* gives it back; NULL is fine */

#endif
