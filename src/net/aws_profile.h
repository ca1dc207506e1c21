/* aws_profile.h: the profile of AWS's shared files that the environment chooses.
 *
 * Files: ~/.aws/credentials (AWS_SHARED_CREDENTIALS_FILE) with sections [name], and ~/.aws/config
 * (AWS_CONFIG_FILE) with sections [default] and [profile name]. Profile: AWS_PROFILE, else default.
 * Source: "Configuration and credential file settings" of the AWS CLI User Guide.
 */
#ifndef VIGIL_NET_AWS_PROFILE_H
#define VIGIL_NET_AWS_PROFILE_H

#include "net/aws_keys.h"

struct aws_profile {
    char *name;
    bool found;           /* in one of the files */
    struct aws_keys keys; /* access_key is NULL when the profile has none */
    char *region;         /* NULL: not said */
    char *other_means;    /* the setting that names another way to credentials (role_arn, …); NULL: none */
};

/* Missing files are empty. VG_EUSAGE when AWS_PROFILE names a profile that is nowhere, or when only half of a pair
 * of keys is there; VG_EPARSE with file and line. Release follows in any case. */
VG_MUST_USE vg_code aws_profile_load(struct aws_profile *profile, vg_err *err);
void aws_profile_release(struct aws_profile *profile);

#endif
