/* dashboard.h: the pages for people: files that are part of the program, made from web/ when Vigil is built.
 *
 * There is one page, which finds out by its address what to show; browsers get it wherever a route says so, and, with
 * status 404, where there is nothing. Its parts are below /static/ under names that hold a digest of their content.
 */
#ifndef VIGIL_SERVE_DASHBOARD_H
#define VIGIL_SERVE_DASHBOARD_H

#include "serve/api_call.h"

/* One file in each form that it is sent in: as it is, and compressed (RFC 1952, RFC 7932). */
struct dashboard_file {
    const char *name; /* "index.html"; others: below /static/ */
    const char *type; /* of its content */
    vg_slice plain, gzip, brotli;
};

/* Written by web/tools/pack.mjs. */
extern const struct dashboard_file dashboard_files[];
extern const size_t dashboard_file_count;

/* Answers with the page. */
void dashboard_page(struct api_call *call, int status);

/* Whether the client is a browser that wants to show something. */
bool dashboard_is_wanted(const struct web_request *request);

#endif
