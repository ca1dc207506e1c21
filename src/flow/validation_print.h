/* validation_print.h: the report of `vigil validate` as JSON, and as a page for a browser. */
#ifndef VIGIL_FLOW_VALIDATION_PRINT_H
#define VIGIL_FLOW_VALIDATION_PRINT_H

#include "flow/validate.h"

#define VALIDATION_JSON_PATH "outputs/validation.json"
#define VALIDATION_HTML_PATH "outputs/validation.html"
#define VALIDATION_LABELS_PATH "outputs/point_in_time_labels.csv"

/* One line. What is not known is null. */
void validation_print_json(const struct validation *v, const struct validate_options *options, vg_buf *out);

/* One page without script or anything from elsewhere. */
void validation_print_html(const struct validation *v, const struct validate_options *options, vg_buf *out);

/* Tests, then folds, stability and luck, in the words of the page; for terminals. */
void validation_verdict_line(const struct validation *v, vg_buf *out);

#endif
