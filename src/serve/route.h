/* route.h: what can be asked, as data: one row a route makes the router, the checks, /openapi.json and /docs. */
#ifndef VIGIL_SERVE_ROUTE_H
#define VIGIL_SERVE_ROUTE_H

#include "model/schema.h"
#include "serve/parameter.h"

#define ROUTE_PARAMETERS 20

struct api_call;

/* Columns of an answer's rows, under the name that /openapi.json gives them. */
struct row_schema {
    const char *name; /* "Trader"; lists of it are "TraderList" */
    const char *meaning;
    const struct column *(*columns)(void);
    size_t column_count;
};

enum route_flags {
    ROUTE_OPEN = 1,      /* needs no key */
    ROUTE_PAGE = 2,      /* browsers get a page */
    ROUTE_QUICK = 4,     /* answers from memory, on an event thread */
    ROUTE_DATA = 8,      /* rests on data: has coverage and an ETag, and waits for the first snapshot */
    ROUTE_CSV = 16,      /* may be had as text/csv */
    ROUTE_MAKEABLE = 32, /* 404 until a command made it */
};

struct route {
    const char *path; /* template; also below /api/v1 */
    const char *id;   /* operationId */
    const char *summary, *description;
    const struct parameter *parameters;
    size_t parameter_count;
    unsigned flags;
    const char *media;  /* of the answer: NULL: application/json */
    const char *schema; /* JSON Schema of the answer, where it is JSON */
    void (*answer)(struct api_call *call);
};

extern const struct route routes[];
extern const size_t route_count;

extern const struct row_schema row_schemas[];
extern const size_t row_schema_count;

#endif
