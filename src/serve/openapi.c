#include "serve/openapi.h"

#include "base/json.h"
#include "serve/problem.h"
#include "serve/route.h"
#include "serve/row_print.h"

static void add_text(vg_buf *out, const char *name, const char *text)
{
    vg_buf_addf(out, "\"%s\":", name);
    json_add_string(out, vg_slice_of(text));
}

static void add_parameters(vg_buf *out, const struct route *route)
{
    vg_buf_adds(out, ",\"parameters\":[");
    for (size_t i = 0; i < route->parameter_count; i++) {
        const struct parameter *p = &route->parameters[i];
        vg_buf_addf(out, "%s{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,", i ? "," : "", p->name,
                    p->in_path ? "path" : "query", p->in_path || p->required ? "true" : "false");
        add_text(out, "description", p->meaning);
        vg_buf_adds(out, ",\"schema\":");
        parameter_schema(p, out);
        vg_buf_addc(out, '}');
    }
    vg_buf_addc(out, ']');
}

static void add_problem(vg_buf *out, int status, const char *when)
{
    vg_buf_addf(out, ",\"%d\":{", status);
    add_text(out, "description", when);
    vg_buf_adds(out, ",\"content\":{\"application/problem+json\":{\"schema\":{\"$ref\":"
                     "\"#/components/schemas/Problem\"}}}}");
}

static void add_answers(vg_buf *out, const struct route *route)
{
    vg_buf_addf(out, ",\"responses\":{\"200\":{\"description\":\"The answer.\",\"content\":{\"%s\":{\"schema\":",
                route->media ? route->media : "application/json");
    vg_buf_adds(out, route->schema ? route->schema : "{\"type\":\"string\"}");
    vg_buf_addc(out, '}');
    if (route->flags & ROUTE_CSV) vg_buf_adds(out, ",\"text/csv\":{\"schema\":{\"type\":\"string\"}}");
    vg_buf_adds(out, "}}");
    if (route->flags & ROUTE_DATA)
        vg_buf_adds(out, ",\"304\":{\"description\":\"If-None-Match names the ETag of this answer.\"}");
    add_problem(out, 400, "A parameter is malformed or unknown: the document names it and says what is allowed.");
    if (!(route->flags & ROUTE_OPEN)) add_problem(out, 401, "The server wants an API key.");
    if (strchr(route->path, '{') || route->flags & ROUTE_MAKEABLE) add_problem(out, 404, "There is no such thing.");
    add_problem(out, 429, "Too many requests: Retry-After says when to come back.");
    add_problem(out, 503, "The data cannot be had now.");
    vg_buf_addc(out, '}');
}

static void add_route(vg_buf *out, const struct route *route)
{
    vg_buf_addf(out, "\"%s\":{\"get\":{\"operationId\":\"%s\",", route->path, route->id);
    add_text(out, "summary", route->summary);
    vg_buf_addc(out, ',');
    add_text(out, "description", route->description);
    if (route->flags & ROUTE_OPEN) vg_buf_adds(out, ",\"security\":[]");
    add_parameters(out, route);
    add_answers(out, route);
    vg_buf_adds(out, "}}");
}

static void add_rows(vg_buf *out, const struct row_schema *rows)
{
    const struct column *columns = rows->columns();
    vg_buf_addf(out, "\"%s\":{\"type\":\"object\",", rows->name);
    add_text(out, "description", rows->meaning);
    vg_buf_adds(out, ",\"additionalProperties\":false,\"properties\":{");
    for (size_t i = 0; i < rows->column_count; i++) {
        vg_buf_addf(out, "%s\"%s\":", i ? "," : "", columns[i].name);
        row_print_schema(out, &columns[i]);
    }
    vg_buf_adds(out, "},\"required\":[");
    for (size_t i = 0; i < rows->column_count; i++)
        vg_buf_addf(out, "%s\"%s\"", i ? "," : "", columns[i].name);
    vg_buf_addf(
        out,
        "]},\"%sList\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"coverage\",\"items\","
        "\"next_cursor\"],\"properties\":{\"coverage\":{\"$ref\":\"#/components/schemas/Coverage\"},\"items\":{"
        "\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/%s\"}},\"next_cursor\":{\"type\":["
        "\"string\",\"null\"],\"description\":\"for the parameter cursor; null: this was the last page\"}}}",
        rows->name, rows->name);
}

static const char common[] =
    "\"Coverage\":{\"type\":\"object\",\"description\":\"The time that the answer covers; complete: no hour is "
    "missing in between and nothing waits to be computed.\",\"additionalProperties\":false,"
    "\"required\":[\"from\",\"to\",\"complete\"],\"properties\":{\"from\":{\"type\":\"string\",\"format\":\"date-"
    "time\"},"
    "\"to\":{\"type\":\"string\",\"format\":\"date-time\"},\"complete\":{\"type\":\"boolean\"}}},"
    "\"Problem\":{\"type\":\"object\",\"description\":\"RFC "
    "9457\",\"additionalProperties\":false,\"required\":[\"type\","
    "\"title\",\"status\",\"detail\",\"instance\"],\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":"
    "\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},\"instance\":{\"type\":\"string\"},"
    "\"parameter\":{\"type\":\"string\",\"description\":\"which is wrong\"},\"allowed\":{\"type\":\"string\","
    "\"description\":\"what it may be\"}}},"
    "\"EmptyList\":{\"type\":\"object\",\"description\":\"A list whose content later versions compute: empty until "
    "then.\",\"additionalProperties\":false,\"required\":[\"coverage\",\"items\",\"next_cursor\"],\"properties\":{"
    "\"coverage\":{\"$ref\":\"#/components/schemas/Coverage\"},\"items\":{\"type\":\"array\",\"maxItems\":0},"
    "\"next_cursor\":{\"type\":\"null\"}}}";

void openapi_print(vg_buf *out, const char *version, bool has_keys)
{
    vg_buf_adds(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Vigil\",");
    add_text(out, "version", version);
    vg_buf_adds(out, ",\"summary\":\"Traders, coins and fills of the Hyperliquid exchange\",");
    add_text(
        out, "description",
        "Money and other exact numbers are decimal strings, times are UTC. Every answer that rests on data carries "
        "`coverage`. Lists are read page by page: hand `next_cursor` back as `cursor`. All paths are also served "
        "below /api/v1. Errors are application/problem+json.");
    vg_buf_adds(out, "},\"servers\":[{\"url\":\"/api/v1\"},{\"url\":\"/\"}],");
    if (has_keys) vg_buf_adds(out, "\"security\":[{\"bearer\":[]},{\"header\":[]}],");
    vg_buf_adds(out, "\"paths\":{");
    for (size_t i = 0; i < route_count; i++) {
        if (i) vg_buf_addc(out, ',');
        add_route(out, &routes[i]);
    }
    vg_buf_adds(out, "},\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
                     "\"header\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\"}},\"schemas\":{");
    vg_buf_adds(out, common);
    for (size_t i = 0; i < row_schema_count; i++) {
        vg_buf_addc(out, ',');
        add_rows(out, &row_schemas[i]);
    }
    vg_buf_adds(out, "}}}\n");
}
