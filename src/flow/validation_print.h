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

/* A line or two: whether the data are complete, and which folds' are not, or do not tell. */
void validation_coverage_line(const struct validation *v, vg_buf *out);

/* A line for each reason why the move of BTC or of ETH is not taken out; nothing when both are in every fold. */
void validation_market_lines(const struct validation *v, vg_buf *out);

/* Sentences about one fold, without an end of line: hours that are not there, the market's move, luck. */
void validation_fold_lines(const struct validation *v, size_t fold, vg_buf *out);

/* Tests, then folds, stability and luck, in the words of the page; for terminals. */
void validation_verdict_line(const struct validation *v, vg_buf *out);

#endif
