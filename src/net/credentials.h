/* credentials.h: finds AWS credentials where AWS's own tools find them, and keeps them fresh.
 *
 * Order: environment; shared files; container endpoint; instance metadata. Keys that expire are fetched again five
 * minutes before. Thread-safe: many threads share one.
 */
#ifndef VIGIL_NET_CREDENTIALS_H
#define VIGIL_NET_CREDENTIALS_H

#include "net/aws_keys.h"

struct credentials;
struct credentials *credentials_new(void);
void credentials_free(struct credentials *credentials); /* wipes; NULL is fine */

/* A copy of the keys for the caller to release. The first call looks for them and may wait for an endpoint. When
 * there are none, the error lists where they were looked for. */
VG_MUST_USE vg_code credentials_get(struct credentials *credentials, struct aws_keys *keys, vg_err *err);

#endif
