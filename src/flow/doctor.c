#include "flow/doctor.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ingest/lines.h"
#include "lake/lake.h"
#include "lake/query.h"
#include "lake/remote.h"
#include "net/credentials.h"

void doctor_versions(struct library_version libraries[DOCTOR_LIBRARIES])
{
    libraries[0] = (struct library_version){"duckdb", query_library_version()};
    libraries[1] = (struct library_version){"lz4", lines_library_version()};
    libraries[2] = (struct library_version){"openssl", lake_library_version()};
}

static void check_database(struct doctor_check *check)
{
    vg_err err = {0};
    check->name = "database";
    check->ok = query_self_test(&err) == VG_OK;
    if (check->ok)
        vg_buf_addf(&check->detail, "DuckDB %s opens and computes", query_library_version());
    else
        vg_buf_adds(&check->detail, err.msg);
}

static void check_lake(const char *root, struct doctor_check *check)
{
    struct lake lake;
    vg_err err = {0};
    struct stat info;
    check->name = "lake";
    if (!remote_is(root) && stat(root, &info) != 0 && errno == ENOENT) {
        check->ok = true;
        vg_buf_addf(&check->detail, "%s: not there yet; `vigil fetch` makes it", root);
        return;
    }
    check->ok = lake_open(&lake, root, LAKE_READ, &err) == VG_OK;
    if (check->ok) {
        vg_buf_addf(&check->detail, "%s: %zu objects", root, lake.manifest.n);
        lake_close(&lake);
    } else {
        vg_buf_adds(&check->detail, err.msg);
    }
}

/* The nearest folder above `path` that exists. */
static char *existing_parent(const char *path)
{
    char *parent = vg_strdup(path);
    while (access(parent, F_OK) != 0) {
        char *slash = strrchr(parent, '/');
        if (!slash || slash == parent) {
            free(parent);
            return vg_strdup(slash ? "/" : ".");
        }
        *slash = '\0';
    }
    return parent;
}

static void check_disk(const char *root, struct doctor_check *check)
{
    struct statvfs disk;
    char *mirror = remote_is(root) ? remote_mirror(root) : NULL, *folder = existing_parent(mirror ? mirror : root);
    check->name = "disk";
    check->ok = statvfs(folder, &disk) == 0;
    double free_gb = check->ok ? (double)disk.f_bavail * (double)disk.f_frsize / 1e9 : 0;
    if (check->ok && access(folder, W_OK) != 0) {
        check->ok = false;
        vg_buf_addf(&check->detail, "%s cannot be written", folder);
    } else if (check->ok) {
        check->ok = free_gb >= 1;
        vg_buf_addf(&check->detail, "%s: %.1f GB free%s", folder, free_gb, check->ok ? "" : ": less than 1 GB");
    } else {
        vg_buf_addf(&check->detail, "%s: no information", folder);
    }
    free(mirror);
    free(folder);
}

static void check_memory(struct doctor_check *check)
{
    double gb = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / 1e9;
    check->name = "memory";
    check->ok = gb >= 1;
    vg_buf_addf(&check->detail, "%.1f GB; fetch needs at most 0.5", gb);
}

/* Only of a lake in a bucket: looking may mean to wait for an endpoint that is not there. */
static void check_keys(const char *lake, struct doctor_check *check)
{
    check->name = "aws keys";
    check->ok = true;
    if (!remote_is(lake)) {
        vg_buf_adds(&check->detail, "not looked for: the lake is on disk");
        return;
    }
    vg_err err = {0};
    struct aws_keys keys = {0};
    struct credentials *credentials = credentials_new();
    check->ok = credentials_get(credentials, &keys, &err) == VG_OK;
    if (check->ok)
        vg_buf_addf(&check->detail, "found: %.4s…", keys.access_key);
    else
        vg_buf_adds(&check->detail, err.msg);
    aws_keys_release(&keys);
    credentials_free(credentials);
}

void doctor_run(const char *lake, struct doctor_check checks[DOCTOR_CHECKS])
{
    memset(checks, 0, DOCTOR_CHECKS * sizeof *checks);
    check_database(&checks[0]);
    check_lake(lake, &checks[1]);
    check_disk(lake, &checks[2]);
    check_memory(&checks[3]);
    check_keys(lake, &checks[4]);
}
