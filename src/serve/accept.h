/* accept.h: what a client wants to be answered with (RFC 9110, 12.5: Accept and Accept-Encoding). */
#ifndef VIGIL_SERVE_ACCEPT_H
#define VIGIL_SERVE_ACCEPT_H

#include "base/buf.h"

enum media { MEDIA_JSON, MEDIA_CSV, MEDIA_HTML, MEDIA_KINDS };

/* The kind that the header prefers, where wild cards mean JSON; JSON, too, when there is no header or nothing in it can
 * be had. A kind that is named beats JSON by wild card at the same weight: browsers name text/html and accept all. */
enum media accept_media(vg_slice header);

/* Whether the content coding, such as gzip, may be used. */
bool accept_coding(vg_slice header, const char *coding);

#endif
