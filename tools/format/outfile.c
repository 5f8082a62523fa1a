/* SPDX-License-Identifier: MIT */
/* Writes a file beside the old one and then renames it. */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* mkostemp() makes a private file; this gives it the usual permissions. */
static void set_usual_mode(int fd)
{
    mode_t mask = umask(0);

    umask(mask);
    fchmod(fd, 0666 & ~mask);
}

/* Closes `fd` and forgets the temporary file. False, with errno kept. */
static bool give_up(struct outfile *out, int fd)
{
    int error = errno;

    if (fd >= 0)
        close(fd);
    if (out->temporary != NULL)
        unlink(out->temporary);
    free(out->temporary);
    errno = error;
    return false;
}

bool outfile_open(struct outfile *out, const char *path)
{
    struct stat status;
    int fd;

    *out = (struct outfile){.path = path};
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        out->stream = fopen(path, "we");
        return out->stream != NULL;
    }
    if (asprintf(&out->temporary, "%s.XXXXXX", path) < 0) {
        out->temporary = NULL;
        return false;
    }
    fd = mkostemp(out->temporary, O_CLOEXEC);
    if (fd < 0) {
        free(out->temporary);
        return false;
    }
    set_usual_mode(fd);
    out->stream = fdopen(fd, "w");
    return out->stream != NULL || give_up(out, fd);
}

bool outfile_abandon(struct outfile *out)
{
    int error = errno;

    fclose(out->stream);
    errno = error;
    return give_up(out, -1);
}

bool outfile_commit(struct outfile *out)
{
    bool failed = ferror(out->stream) != 0;

    if (fclose(out->stream) != 0 || failed)
        return give_up(out, -1);
    if (out->temporary != NULL && rename(out->temporary, out->path) != 0)
        return give_up(out, -1);
    free(out->temporary);
    return true;
}
