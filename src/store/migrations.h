/* migrations.h: the texts of sql/postgres, which the build puts into the binary (tools/embed-sql). Private to
 * src/store. */
#ifndef VIGIL_STORE_MIGRATIONS_H
#define VIGIL_STORE_MIGRATIONS_H

#include <stddef.h>

enum migration_kind { MIGRATION_ANY, MIGRATION_PLAIN, MIGRATION_TIMESCALE };

struct migration {
    int number;
    const char *name; /* of the file */
    enum migration_kind kind;
    const char *sha256, *sql;
};

extern const struct migration migrations[]; /* ordered by number */
extern const size_t migration_count;
extern const char migration_views[];

#endif
