/* credentials_endpoint.h: credentials that the machine hands out over HTTP: to a container, or to an instance.
 *
 * No proxy is used, waits are short, and answers are at most 64 KiB.
 */
#ifndef VIGIL_NET_CREDENTIALS_ENDPOINT_H
#define VIGIL_NET_CREDENTIALS_ENDPOINT_H

#include "net/aws_keys.h"

/* Whether the environment names a container endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI. */
bool container_endpoint_named(void);

/* Asks it, with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN where set. Over plain
 * http only this machine and the addresses of ECS and EKS are asked: VG_EUSAGE for others. */
VG_MUST_USE vg_code container_endpoint_ask(struct aws_keys *keys, vg_err *err);

/* False with AWS_EC2_METADATA_DISABLED=true. */
bool instance_endpoint_allowed(void);

/* Asks instance metadata, version 2: token, name of the role, its keys. AWS_EC2_METADATA_SERVICE_ENDPOINT beats
 * the address that instances know. */
VG_MUST_USE vg_code instance_endpoint_ask(struct aws_keys *keys, vg_err *err);

#endif
