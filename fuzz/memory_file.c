/* SPDX-License-Identifier: MIT */
#include "memory_file.h"

#include <err.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

char memory_file_path[32];
static int fd;

void memory_file_make(void)
{
    fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0)
        err(70, "memfd_create");
    snprintf(memory_file_path, sizeof memory_file_path, "/dev/fd/%d", fd);
}

void memory_file_write(const void *bytes, size_t len)
{
    if (ftruncate(fd, 0) != 0 || pwrite(fd, bytes, len, 0) != (ssize_t)len)
        err(70, "memfd");
}
