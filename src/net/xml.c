#include "net/xml.h"

#include <limits.h>

#include <expat.h>

struct walk {
    XML_Parser parser;
    xml_visit visit;
    void *ctx;
    vg_err *err;
    vg_code rc;
    unsigned depth;
    vg_buf path;
    size_t text_at[XML_MAX_DEPTH]; /* where in `text` each open element's own text begins */
    vg_buf text;
};

static void stop(struct walk *walk, vg_code rc)
{
    walk->rc = rc;
    XML_StopParser(walk->parser, XML_FALSE);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    (void)attributes;
    struct walk *walk = ctx;
    if (walk->rc) return;
    if (walk->depth == XML_MAX_DEPTH || walk->path.len + 1 + strlen(name) > XML_MAX_PATH) {
        stop(walk, vg_fail(walk->err, VG_ELIMIT, "XML: elements are nested too deep, or their names are too long"));
        return;
    }
    walk->text_at[walk->depth++] = walk->text.len;
    if (walk->path.len) vg_buf_addc(&walk->path, '/');
    vg_buf_adds(&walk->path, name);
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct walk *walk = ctx;
    if (walk->rc) return;
    size_t at = walk->text_at[--walk->depth];
    vg_slice text = {vg_buf_str(&walk->text) + at, walk->text.len - at};
    vg_code rc = walk->visit(walk->ctx, walk->path.data, text, walk->err);
    walk->text.len = at;
    walk->path.len -= strlen(name) + (walk->depth > 0);
    walk->path.data[walk->path.len] = '\0';
    if (rc) stop(walk, rc);
}

static void on_text(void *ctx, const XML_Char *bytes, int n)
{
    struct walk *walk = ctx;
    if (walk->rc || walk->depth == 0) return;
    if (walk->text.len - walk->text_at[walk->depth - 1] + (size_t)n > XML_MAX_TEXT)
        stop(walk, vg_fail(walk->err, VG_ELIMIT, "XML: the text of %s is longer than %d bytes", walk->path.data,
                           XML_MAX_TEXT));
    else
        vg_buf_add(&walk->text, bytes, (size_t)n);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    struct walk *walk = ctx;
    stop(walk, vg_fail(walk->err, VG_EPARSE, "XML: a document type is not expected here"));
}

vg_code xml_walk(vg_slice document, xml_visit visit, void *ctx, vg_err *err)
{
    while (document.n > 0 && strchr(" \t\r\n", document.p[0]) && document.p[0]) /* S3 sends blanks while it works */
        document = (vg_slice){document.p + 1, document.n - 1};
    if (document.n > INT_MAX) return vg_fail(err, VG_ELIMIT, "XML: the document is too long");
    struct walk walk = {.parser = XML_ParserCreate("UTF-8"), .visit = visit, .ctx = ctx, .err = err};
    VG_ASSERT(walk.parser);
    XML_SetUserData(walk.parser, &walk);
    XML_SetElementHandler(walk.parser, on_start, on_end);
    XML_SetCharacterDataHandler(walk.parser, on_text);
    XML_SetStartDoctypeDeclHandler(walk.parser, on_doctype);
    if (XML_Parse(walk.parser, document.p, (int)document.n, 1) == XML_STATUS_ERROR && !walk.rc)
        walk.rc = vg_fail(err, VG_EPARSE, "XML, line %lu: %s", XML_GetCurrentLineNumber(walk.parser),
                          XML_ErrorString(XML_GetErrorCode(walk.parser)));
    XML_ParserFree(walk.parser);
    vg_buf_release(&walk.path);
    vg_buf_release(&walk.text);
    return walk.rc;
}
