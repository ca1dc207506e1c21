/* feature_value.h: one value of a feature table, of the type that feature_schema.h says. */
#ifndef VIGIL_MODEL_FEATURE_VALUE_H
#define VIGIL_MODEL_FEATURE_VALUE_H

#include <math.h>

#include "base/dec.h"

struct feature_value {
    bool null;
    union {
        int64_t integer; /* INT64, TIME (microseconds), DATE (days), BOOL */
        double number;
        __int128 decimal; /* DECIMAL, SUM */
        vg_slice text;
    };
};

static inline struct feature_value feature_int(int64_t value) { return (struct feature_value){.integer = value}; }
static inline struct feature_value feature_text(vg_slice value) { return (struct feature_value){.text = value}; }
static inline struct feature_value feature_decimal(__int128 value) { return (struct feature_value){.decimal = value}; }
static inline struct feature_value feature_null(void) { return (struct feature_value){.null = true}; }

/* NULL instead of what is no number. */
static inline struct feature_value feature_number(double value)
{
    return isfinite(value) ? (struct feature_value){.number = value} : feature_null();
}

#endif
