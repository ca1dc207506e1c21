/* Prints /openapi.json as a server without keys has it. */
#include <stdio.h>

#include "serve/openapi.h"

int main(void)
{
    vg_buf document = {0};
    openapi_print(&document, "", false);
    fwrite(document.data, 1, document.len, stdout);
    vg_buf_release(&document);
    return fflush(stdout) ? 1 : 0;
}
