/* trader_print.h: one trader's numbers, as JSON and as words. */
#ifndef VIGIL_CMD_TRADER_PRINT_H
#define VIGIL_CMD_TRADER_PRINT_H

#include "flow/traders_flow.h"

void trader_print_json(const struct trader *trader, vg_buf *out);

/* `"coverage":{…}`: what every answer that rests on data carries. */
void coverage_print_json(const struct traders_coverage *coverage, vg_buf *out);

/* "Fills from … to …, 23 of 24 hours." */
void coverage_print_text(const struct traders_coverage *coverage, vg_buf *out);

#endif
