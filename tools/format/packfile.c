/* SPDX-License-Identifier: MIT */
#include "packfile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool is_packed(const char *path)
{
    const size_t len = strlen(path);

    return len >= 3 && strcmp(path + len - 3, ".gz") == 0;
}

bool packfile_open(struct packfile *file, const char *path)
{
    file->packed = NULL;
    if (!outfile_open(&file->out, path))
        return false;
    if (!is_packed(path))
        return true;
    file->packed = gzdopen(dup(fileno(file->out.stream)), "wb9");
    return file->packed != NULL || outfile_abandon(&file->out);
}

bool packfile_write(struct packfile *file, const char *text, size_t len)
{
    const bool good =
        file->packed != NULL
            ? len == 0 || gzwrite(file->packed, text, (unsigned)len) == (int)len
            : fwrite(text, 1, len, file->out.stream) == len;

    if (!good)
        packfile_abandon(file);
    return good;
}

bool packfile_commit(struct packfile *file)
{
    if (file->packed != NULL && gzclose(file->packed) != Z_OK)
        return outfile_abandon(&file->out);
    return outfile_commit(&file->out);
}

void packfile_abandon(struct packfile *file)
{
    const int error = errno;

    if (file->packed != NULL)
        gzclose(file->packed);
    errno = error;
    outfile_abandon(&file->out);
}
