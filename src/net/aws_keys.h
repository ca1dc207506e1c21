/* aws_keys.h: who signs a request to AWS: an access key, its secret, and the token of a session.
 *
 * The texts are owned; release wipes them. No function here ever puts a key into an error.
 */
#ifndef VIGIL_NET_AWS_KEYS_H
#define VIGIL_NET_AWS_KEYS_H

#include "base/buf.h"

#define AWS_KEYS_FOREVER INT64_MAX

struct aws_keys {
    char *access_key, *secret_key;
    char *session_token; /* NULL for long-term keys */
    int64_t expires_s;   /* since 1970; AWS_KEYS_FOREVER */
};

void aws_keys_copy(struct aws_keys *to, const struct aws_keys *from);
void aws_keys_release(struct aws_keys *keys); /* wipes; a zeroed struct is fine */

/* Wipes the bytes of a buffer that held a secret, and releases it. */
void aws_wipe(vg_buf *secret);

/* VG_EUSAGE when a key is missing, empty, or holds a blank or anything else that no header may hold; `where` says
 * in the error where it came from. */
VG_MUST_USE vg_code aws_keys_check(const struct aws_keys *keys, const char *where, vg_err *err);

/* Reads the JSON that container and instance endpoints answer: AccessKeyId, SecretAccessKey, Token, Expiration.
 * Sources: "Task IAM role" of the ECS Developer Guide, "Retrieve security credentials" of the EC2 User Guide.
 * VG_EPARSE; VG_ESTATE when its Code is not Success. */
VG_MUST_USE vg_code aws_keys_parse(vg_slice json, struct aws_keys *keys, vg_err *err);

#endif
