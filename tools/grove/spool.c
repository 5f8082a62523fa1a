/* SPDX-License-Identifier: MIT */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "grove.h"

FILE *spool_open(void)
{
    FILE *spool = tmpfile();

    if (spool == NULL)
        complain("%s: %s; the results need a temporary file there", P_tmpdir,
                 strerror(errno));
    else
        fcntl(fileno(spool), F_SETFD, FD_CLOEXEC); /* not for adapters */
    return spool;
}

static bool has_failed(void)
{
    complain("%s: the results cannot be stored; make room there", P_tmpdir);
    return false;
}

bool spool_rewind(FILE *spool)
{
    if (ferror(spool) || fflush(spool) != 0)
        return has_failed();
    rewind(spool);
    return true;
}

bool spool_copy(FILE *spool, size_t len, FILE *stream)
{
    char buffer[4096];

    while (len > 0) {
        const size_t part = len < sizeof buffer ? len : sizeof buffer;

        if (fread(buffer, 1, part, spool) != part)
            return has_failed();
        fwrite(buffer, 1, part, stream);
        len -= part;
    }
    return true;
}
