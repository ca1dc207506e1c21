/* driver.h: what a store is made of. Private to src/store. */
#ifndef VIGIL_STORE_DRIVER_H
#define VIGIL_STORE_DRIVER_H

#include "store/store.h"

struct store_driver {
    void (*close)(struct store *store);
    vg_code (*ping)(struct store *store, vg_err *err);
    vg_code (*coverage)(struct store *store, struct store_coverage *coverage, vg_err *err);
    vg_code (*hours)(struct store *store, struct day_hours **days, size_t *n, struct store_coverage *coverage,
                     vg_err *err);
    /* The question has been checked, and its timeout set. */
    vg_code (*rows)(struct store *store, const struct store_query *query, const struct store_sink *sink,
                    struct store_coverage *coverage, vg_err *err);
};

/* The first member of every store. */
struct store {
    const struct store_driver *driver;
    char *name; /* owned */
};

vg_code embedded_open(struct store **store, const char *lake, vg_err *err);
vg_code postgres_open(struct store **store, const char *url, vg_err *err);

#endif
