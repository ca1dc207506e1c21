/* What a client sends and we take apart: paths, queries, parameters, headers of preference, cursors, problem documents.
 */
#include "base/json.h"
#include "oracle.h"
#include "serve/accept.h"
#include "serve/cursor.h"
#include "serve/parameter.h"
#include "serve/problem.h"
#include "serve/query_string.h"
#include "serve/request_path.h"
#include "serve/route.h"

static void check_path(vg_slice text)
{
    struct request_path path = {0};
    vg_slice captured[PATH_SEGMENTS];
    if (request_path_parse(&path, text)) {
        CHECK(path.n <= PATH_SEGMENTS && text.n <= PATH_LIMIT);
        for (size_t i = 0; i < path.n; i++)
            CHECK(path.segments[i].n > 0 && request_text_is_clean(path.segments[i]));
        for (size_t i = 0; i < route_count; i++)
            if (path_template_match(routes[i].path, &path, 0, captured)) CHECK(path.n <= 3);
    }
    request_path_release(&path);
}

/* Every value for every parameter: what is taken is within its bounds. */
static void check_parameters(vg_slice text)
{
    for (size_t r = 0; r < route_count; r++)
        for (size_t i = 0; i < routes[r].parameter_count; i++) {
            const struct parameter *p = &routes[r].parameters[i];
            struct argument a = {0};
            if (!parameter_parse(p, text, &a)) continue;
            CHECK(memchr(a.text, '\0', sizeof a.text));
            if (p->type == PARAMETER_INTEGER) CHECK(a.number >= p->least && a.number <= p->most);
            if (p->type == PARAMETER_CHOICE) CHECK(vg_slice_is(text, p->choice((size_t)a.number)));
            if (p->type == PARAMETER_ADDRESS) CHECK(strlen(a.text) == 42);
            if (p->type == PARAMETER_AMOUNT) CHECK(a.amount >= 0);
        }
}

static void check_query(vg_slice text)
{
    struct query_string query = {0};
    if (query_string_parse(&query, text) == QUERY_FINE) {
        CHECK(query.n <= QUERY_PAIRS);
        for (size_t i = 0; i < query.n; i++) {
            CHECK(request_text_is_clean(query.pairs[i].name) && request_text_is_clean(query.pairs[i].value));
            check_parameters(query.pairs[i].value);
        }
    }
    query_string_release(&query);
}

/* There is one text for each cursor. */
static void check_cursor(vg_slice text)
{
    static const enum column_type shapes[][CURSOR_VALUES] = {{COLUMN_SUM, COLUMN_TEXT},
                                                             {COLUMN_DOUBLE, COLUMN_TEXT},
                                                             {COLUMN_INT64, COLUMN_DATE},
                                                             {COLUMN_TEXT, COLUMN_TIME}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct cursor cursor = {.n = 2};
        vg_buf again = {0};
        memcpy(cursor.types, shapes[i], sizeof cursor.types);
        if (cursor_parse(&cursor, 7, text)) {
            cursor_print(&cursor, 7, &again);
            CHECK(vg_slice_eq(vg_buf_view(&again), text));
        }
        vg_buf_release(&again);
    }
}

static void check_problem(vg_slice text)
{
    struct web_request request = {.path = text};
    struct web_response response = {0};
    problem_answer(&response, &request, &(struct problem){.status = 400}, "%.*s", (int)text.n, text.p);
    CHECK(!utf8_valid(text.p, text.n) || jansson_says(response.body.data, response.body.len) == 1);
    web_response_release(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vg_slice text = {(const char *)data, size};
    check_path(text);
    check_query(text);
    check_cursor(text);
    check_problem(text);
    accept_media(text);
    accept_coding(text, "gzip");
    return 0;
}
