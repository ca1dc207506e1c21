#include <stdio.h>

#include "cmd/cmd.h"
#include "flow/load.h"

void command_help(const struct command *self, const struct vg_option *options)
{
    vg_buf text = {0};
    vg_buf_addf(&text, "vigil %s %s\n\n%s\n", self->name, self->usage, self->help);
    if (options && options->name) {
        vg_buf_adds(&text, "\noptions:\n");
        vg_opt_help(options, &text);
    }
    fputs(text.data, stdout);
    vg_buf_release(&text);
}

int command_options(const struct command *self, const struct vg_option *options, int argc, char **argv,
                    int *positionals)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            command_help(self, options);
            return EXIT_DONE;
        }
    vg_err err = {0};
    if (vg_opt_parse(options, argc, argv, positionals, &err) == VG_OK) return -1;
    fprintf(stderr, "vigil %s: %s\nusage: vigil %s %s   (vigil help %s tells more)\n", self->name, err.msg, self->name,
            self->usage, self->name);
    return EXIT_WRONG_USAGE;
}

int command_fail(const struct command *self, const vg_err *err)
{
    fprintf(stderr, "vigil %s: %s\n", self->name, err->msg);
    return err->code == VG_EUSAGE ? EXIT_WRONG_USAGE : EXIT_FAILED;
}

int command_usage(const struct command *self, const char *what)
{
    fprintf(stderr, "vigil %s: %s\nusage: vigil %s %s   (vigil help %s tells more)\n", self->name, what, self->name,
            self->usage, self->name);
    return EXIT_WRONG_USAGE;
}

int command_days(const struct command *self, int32_t date, int32_t *from, int32_t *to)
{
    bool bounded = *from != VG_NO_DATE || *to != VG_NO_DATE;
    if (date != VG_NO_DATE && bounded) return command_usage(self, "--date, or --start and --end, not both");
    if (date != VG_NO_DATE) *from = *to = date;
    if (*from != VG_NO_DATE && *to != VG_NO_DATE && *from > *to)
        return command_usage(self, "--start is a later day than --end");
    return -1;
}

const char *command_lake(const char *flag, vg_buf *storage)
{
    if (flag && *flag) return flag;
    const char *lake = getenv("VIGIL_LAKE"), *home = getenv("VIGIL_HOME"), *bucket = getenv("VIGIL_S3_BUCKET");
    if (lake && *lake) return lake;
    if (bucket && *bucket)
        vg_buf_addf(storage, "s3://%s/lake", bucket);
    else
        vg_buf_addf(storage, "%s/lake", home && *home ? home : "vigil-data");
    return storage->data;
}

int command_database(const struct command *self, const char **url)
{
    if (*url && load_url_has_password(*url))
        return command_usage(self, "--database: a command line is no place for a password: put the URL into "
                                   "DATABASE_URL, or the password into ~/.pgpass or PGPASSWORD");
    if (!*url) *url = getenv("DATABASE_URL");
    return -1;
}

int command_print(const struct command *self, const vg_buf *text)
{
    /* A long text bypasses stdio's buffer: then fwrite fails, and there is nothing left to flush. */
    bool written = fwrite(vg_buf_str(text), 1, text->len, stdout) == text->len;
    if (fflush(stdout) == 0 && written) return EXIT_DONE;
    fprintf(stderr, "vigil %s: standard output could not be written\n", self->name);
    return EXIT_FAILED;
}
