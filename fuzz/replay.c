/* SPDX-License-Identifier: MIT */
/*
 * An engine without mutations: it runs a target on files and on all files of
 * folders. So each corpus is a test, for any compiler and sanitizer.
 */
#include <err.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "target.h"

/* The name is printed first, since a failure ends the program. */
static void run_file(const char *path, size_t size)
{
    uint8_t *data = malloc(size);
    FILE *stream = fopen(path, "re");

    if (stream == NULL)
        err(2, "%s: give inputs or folders of them", path);
    if (data == NULL && size != 0)
        err(70, "%s", path);
    if (fread(data, 1, size, stream) != size || getc(stream) != EOF)
        errx(2, "%s: its size changes; give a file at rest", path);
    fclose(stream);
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static size_t run_all(char **paths)
{
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    const FTSENT *entry;
    size_t count = 0;

    if (tree == NULL)
        err(2, "%s", paths[0]);
    while ((entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_F) {
            run_file(entry->fts_accpath, (size_t)entry->fts_statp->st_size);
            count++;
        } else if (entry->fts_info != FTS_D && entry->fts_info != FTS_DP) {
            errx(2, "%s: %s; give inputs or folders of them", entry->fts_path,
                 strerror(entry->fts_errno));
        }
    }
    fts_close(tree);
    return count;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        errx(2, "usage: %s FILE|FOLDER...", argv[0]);
    target_make();
    printf("%zu inputs held\n", run_all(argv + 1));
    return 0;
}
