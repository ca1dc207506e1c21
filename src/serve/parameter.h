/* parameter.h: the parameters of a route as data: checked, documented and defaulted from one row each. */
#ifndef VIGIL_SERVE_PARAMETER_H
#define VIGIL_SERVE_PARAMETER_H

#include "base/dec.h"

enum parameter_type {
    PARAMETER_ADDRESS,   /* 0x and 40 hex digits; told on in lower case */
    PARAMETER_BEGINNING, /* 0x and up to 40 hex digits: of an address; told on in lower case */
    PARAMETER_COIN,      /* a coin's name: BTC, xyz:NVDA, @107, PURR/USDC, #1 */
    PARAMETER_NAME,      /* letters, digits, '_', '-', '.', ':' */
    PARAMETER_CHOICE,    /* one of `choice` */
    PARAMETER_INTEGER,   /* from least to most */
    PARAMETER_AMOUNT,    /* an exact decimal, not negative */
    PARAMETER_DAY,       /* 2025-11-01 */
    PARAMETER_TIME,      /* 2025-11-01T00:00:00Z, or a day: its beginning */
    PARAMETER_CURSOR,    /* next_cursor of the answer before */
};

struct parameter {
    const char *name;
    enum parameter_type type;
    bool in_path, required;
    const char *meaning;
    int64_t least, most;
    const char *otherwise;           /* the default, written as a client would; NULL: none */
    const char *(*choice)(size_t i); /* NULL behind the last */
};

struct argument {
    bool given;      /* by the client, or by the default */
    char text[44];   /* ADDRESS, COIN, NAME */
    vg_slice cursor; /* CURSOR: as long as the request lives */
    int64_t number;  /* INTEGER; CHOICE: which; DAY: day number; TIME: ns since 1970 */
    vg_dec20 amount; /* AMOUNT */
};

/* False: the text is no such value. */
VG_MUST_USE bool parameter_parse(const struct parameter *parameter, vg_slice text, struct argument *argument);

/* Appends what is allowed: "a whole number from 1 to 1000". */
void parameter_allowed(const struct parameter *parameter, vg_buf *out);

/* Appends the type as JSON Schema. */
void parameter_schema(const struct parameter *parameter, vg_buf *out);

#endif
