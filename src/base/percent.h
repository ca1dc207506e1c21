/* percent.h: percent-encoding as RFC 3986 and AWS want it. */
#ifndef VIGIL_BASE_PERCENT_H
#define VIGIL_BASE_PERCENT_H

#include "base/buf.h"

/* Appends the bytes; all but letters, digits and "-._~" become %XX. With keep_slash '/' stays, too. */
void percent_add(vg_buf *out, vg_slice bytes, bool keep_slash);

/* Appends the decoded bytes. In forms '+' is a space: queries are forms, S3 writes keys so; paths are none. False when
 * a '%' is not followed by two hexadecimal digits; what was appended until then stays. */
VG_MUST_USE bool percent_decode(vg_buf *out, vg_slice text, bool is_form);

#endif
