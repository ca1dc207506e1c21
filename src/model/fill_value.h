/* fill_value.h: one value of a batch of fills in the form that values have everywhere else. */
#ifndef VIGIL_MODEL_FILL_VALUE_H
#define VIGIL_MODEL_FILL_VALUE_H

#include "model/feature_value.h"
#include "model/fill_batch.h"

/* Texts are the batch's. */
struct feature_value fill_value(const struct fill_batch *batch, enum fill_column column, size_t row);

#endif
