/* docs_page.h: the page at /docs, made from docs.html when Vigil is built. */
#ifndef VIGIL_SERVE_DOCS_PAGE_H
#define VIGIL_SERVE_DOCS_PAGE_H

#include <stddef.h>

extern const char docs_page[];
extern const size_t docs_page_size;

#endif
