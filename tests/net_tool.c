/* Makes the network layer callable from tests in Python; built with the tests, never installed.
 *
 *     net_tool sign     reads requests, one JSON object a line, and writes what to send, one JSON object a line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define json_string jansson_string
#include <jansson.h>
#undef json_string

#include "net/sigv4.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* [["name", "value"], …] */
static struct net_pair *pairs_of(const json_t *array, size_t *n)
{
    *n = json_array_size(array);
    struct net_pair *pairs = vg_calloc(*n, sizeof *pairs);
    for (size_t i = 0; i < *n; i++) {
        json_t *pair = json_array_get(array, i);
        pairs[i] = (struct net_pair){vg_slice_of(json_string_value(json_array_get(pair, 0))),
                                     vg_slice_of(json_string_value(json_array_get(pair, 1)))};
    }
    return pairs;
}

static void print_and_free(json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(object);
}

static json_t *sign(const json_t *line)
{
    const char *token = json_string_value(json_object_get(line, "session_token"));
    struct aws_keys keys = {(char *)text_of(line, "access_key"), (char *)text_of(line, "secret_key"), (char *)token,
                            AWS_KEYS_FOREVER};
    struct sigv4_request request = {
        .method = text_of(line, "method"),
        .host = text_of(line, "host"),
        .path = vg_slice_of(text_of(line, "path")),
        .payload_hash = text_of(line, "payload_hash"),
        .region = text_of(line, "region"),
        .service = text_of(line, "service"),
        .keys = &keys,
        .time_s = json_integer_value(json_object_get(line, "time")),
    };
    struct net_pair *query = pairs_of(json_object_get(line, "query"), &request.query_count);
    struct net_pair *headers = pairs_of(json_object_get(line, "headers"), &request.header_count);
    request.query = query;
    request.headers = headers;
    struct sigv4_signed out = {0};
    sigv4_sign(&request, &out);
    json_t *added = json_object();
    for (size_t i = 0; i < out.header_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)out.headers[i].name.n, out.headers[i].name.p);
        json_object_set_new(added, name, json_stringn(out.headers[i].value.p, out.headers[i].value.n));
    }
    json_t *result = json_pack("{s:s, s:o}", "target", out.target.data, "headers", added);
    sigv4_signed_release(&out);
    free(query);
    free(headers);
    return result;
}

static int sign_lines(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        json_error_t error;
        json_t *request = json_loads(line, 0, &error);
        if (!request) {
            fprintf(stderr, "net_tool: %s\n", error.text);
            return 2;
        }
        print_and_free(sign(request));
        json_decref(request);
    }
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "sign") == 0) return sign_lines();
    fprintf(stderr, "usage: net_tool sign\n");
    return 2;
}
