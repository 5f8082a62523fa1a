/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Large reads take half of the time of the usual ones. */
#define BUFFER ((size_t)1 << 17)

/*
 * After a stop, the writer of a pipe may still have to write its last packets:
 * Ctrl-C reaches tcpdump and its reader at once. So long, in milliseconds, is
 * read on.
 */
#define LAST_MS 500

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether a stopped source has more, within the time that is left. */
static bool await_last(struct source *source)
{
    struct pollfd bytes = {.fd = source->fd, .events = POLLIN};
    int64_t left;

    if (!source->stopped)
        source->end_ms = now_ms() + LAST_MS;
    source->stopped = true;
    left = source->end_ms - now_ms();
    return source->live && left >= 0 && poll(&bytes, 1, (int)left) > 0;
}

/* Whether more may be read; waits for it. */
static bool await(struct source *source)
{
    struct pollfd polls[] = {{.fd = source->fd, .events = POLLIN},
                             {.fd = source->stop, .events = POLLIN}};

    if (source->stop < 0)
        return true;
    while (poll(polls, 2, -1) < 0)
        if (errno != EINTR)
            return true;
    return polls[1].revents == 0 || await_last(source);
}

static ssize_t take_bytes(struct source *source, char *buffer, size_t room)
{
    ssize_t len;

    do {
        if (!await(source))
            return 0;
        len = read(source->fd, buffer, room);
    } while (len < 0 && errno == EINTR);
    return len;
}

/* The stream begins with the bytes that source_open() has read. */
static ssize_t read_source(void *cookie, char *buffer, size_t room)
{
    struct source *source = cookie;
    ssize_t len;

    if (source->position < source->head_len) {
        const size_t left = source->head_len - (size_t)source->position;

        len = (ssize_t)(left < room ? left : room);
        memcpy(buffer, source->head + source->position, (size_t)len);
    } else {
        len = take_bytes(source, buffer, room);
    }
    if (len > 0)
        source->position += (uint64_t)len;
    return len;
}

/* Only tells the position, for ftell(). */
static int seek_source(void *cookie, off64_t *offset, int whence)
{
    const struct source *source = cookie;

    if (whence != SEEK_CUR || *offset != 0) {
        errno = ESPIPE;
        return -1;
    }
    *offset = (off64_t)source->position;
    return 0;
}

static int close_source(void *cookie)
{
    struct source *source = cookie;

    source->stream = NULL;
    return source->fd == STDIN_FILENO ? 0 : close(source->fd);
}

static bool read_head(struct source *source)
{
    while (source->head_len < SOURCE_HEAD) {
        char *at = (char *)source->head + source->head_len;
        const ssize_t len =
            take_bytes(source, at, SOURCE_HEAD - source->head_len);

        if (len < 0)
            return false;
        if (len == 0)
            break;
        source->head_len += (size_t)len;
    }
    return true;
}

static bool open_stream(struct source *source)
{
    static const cookie_io_functions_t functions = {
        .read = read_source, .seek = seek_source, .close = close_source};
    struct stat status;

    source->live = fstat(source->fd, &status) != 0 || !S_ISREG(status.st_mode);
    if (!read_head(source))
        return false;
    source->stream = fopencookie(source, "r", functions);
    if (source->stream == NULL)
        return false;
    source->buffer = malloc(BUFFER);
    return source->buffer != NULL &&
           setvbuf(source->stream, source->buffer, _IOFBF, BUFFER) == 0;
}

bool source_open(struct source *source, const char *path, int stop)
{
    int error;

    *source = (struct source){.stop = stop};
    source->fd = strcmp(path, "-") == 0 ? STDIN_FILENO
                                        : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0)
        return false;
    if (open_stream(source))
        return true;
    error = errno;
    if (source->stream == NULL)
        close_source(source);
    source_close(source);
    errno = error;
    return false;
}

void source_close(struct source *source)
{
    if (source->stream != NULL)
        fclose(source->stream);
    free(source->buffer);
    source->buffer = NULL;
}
