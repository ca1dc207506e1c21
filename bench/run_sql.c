/* run_sql.c: runs a file of SQL in DuckDB, in memory, on two threads, and prints nothing. For benchmarks.
 *
 *     run_sql FILE.sql [NAME=VALUE…]        every ${NAME} in the file becomes VALUE
 *
 * Exit code 0, or 1 with the message on stderr; the file makes a check fail with error('…').
 */
#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = NULL;
    size_t n = 0, got;
    do {
        text = realloc(text, n + 65537);
        if (!text) abort();
        got = fread(text + n, 1, 65536, file);
        n += got;
    } while (got > 0);
    text[n] = '\0';
    fclose(file);
    return text;
}

/* The value of NAME (n bytes) among NAME=VALUE words, or NULL. */
static const char *lookup(char **words, const char *name, size_t n)
{
    for (; *words; words++)
        if (strncmp(*words, name, n) == 0 && (*words)[n] == '=') return *words + n + 1;
    return NULL;
}

static char *substitute(const char *text, char **words)
{
    char *result = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&result, &n);
    if (!out) abort();
    const char *mark, *end;
    while ((mark = strstr(text, "${")) && (end = strchr(mark, '}'))) {
        const char *value = lookup(words, mark + 2, (size_t)(end - mark - 2));
        if (!value) {
            fprintf(stderr, "run_sql: no value for %.*s\n", (int)(end + 1 - mark), mark);
            exit(1);
        }
        fwrite(text, 1, (size_t)(mark - text), out);
        fputs(value, out);
        text = end + 1;
    }
    fputs(text, out);
    fclose(out);
    return result;
}

static int run(duckdb_connection connection, const char *sql)
{
    duckdb_result result;
    duckdb_state state = duckdb_query(connection, sql, &result);
    if (state == DuckDBError) fprintf(stderr, "run_sql: %s\n", duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return state == DuckDBError;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: run_sql FILE.sql [NAME=VALUE...]\n", stderr);
        return 1;
    }
    char *text = read_file(argv[1]);
    if (!text) {
        perror(argv[1]);
        return 1;
    }
    char *sql = substitute(text, argv + 2);
    duckdb_database database;
    duckdb_connection connection;
    if (duckdb_open(NULL, &database) == DuckDBError || duckdb_connect(database, &connection) == DuckDBError) {
        fputs("run_sql: DuckDB does not start\n", stderr);
        return 1;
    }
    int failed = run(connection, "SET threads = 2") || run(connection, sql);
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    free(sql);
    free(text);
    return failed;
}
