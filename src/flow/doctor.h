/* doctor.h: what this vigil runs with, and whether it can. */
#ifndef VIGIL_FLOW_DOCTOR_H
#define VIGIL_FLOW_DOCTOR_H

#include "base/buf.h"

#define DOCTOR_LIBRARIES 3

struct library_version {
    const char *name, *version;
};

/* Versions of the libraries as loaded. Texts are static. */
void doctor_versions(struct library_version libraries[DOCTOR_LIBRARIES]);

struct doctor_check {
    const char *name;
    bool ok;
    vg_buf detail;
};

#define DOCTOR_CHECKS 5

/* Tries the database library, the lake, its disk, memory, and the keys to buckets. Details are the caller's
 * to release. */
void doctor_run(const char *lake, struct doctor_check checks[DOCTOR_CHECKS]);

#endif
