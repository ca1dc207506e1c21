/* xml.h: walks small XML answers element by element, on expat.
 *
 * Texts and depth are bounded; a document type or entities of its own are refused. Namespaces are not looked at:
 * S3 servers do not agree on theirs.
 */
#ifndef VIGIL_NET_XML_H
#define VIGIL_NET_XML_H

#include "base/buf.h"

#define XML_MAX_DEPTH 8
#define XML_MAX_TEXT (16 << 10) /* bytes of one element's own text */
#define XML_MAX_PATH 256        /* bytes of "Root/Child/Grandchild" */

/* Called when an element ends: its path from the root ("ListBucketResult/Contents/Key") and its own text, which
 * live until the callback returns. A failure ends the walk. */
typedef vg_code (*xml_visit)(void *ctx, const char *path, vg_slice text, vg_err *err);

/* Blanks before the document are skipped. VG_EPARSE: not well-formed, or a document type; VG_ELIMIT: too deep or too
 * long. */
VG_MUST_USE vg_code xml_walk(vg_slice document, xml_visit visit, void *ctx, vg_err *err);

#endif
