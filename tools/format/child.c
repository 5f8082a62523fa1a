/* SPDX-License-Identifier: MIT */
/* A child process with two pipes. It can neither block nor kill its parent. */
#include "child.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapter.h"

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int left_ms(long long deadline)
{
    long long left = deadline - now_ms();

    return left < 0 ? 0 : (int)left;
}

/* Runs in its own process group, so that its children can be killed, too. */
static int spawn(pid_t *pid, const char *command, int in, int out)
{
    char shell[] = "sh";
    char option[] = "-c";
    char *script = strdup(command);
    char *argv[] = {shell, option, script, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t pipe_only;
    int error;

    if (script == NULL)
        return errno;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigdefault(&attributes, &pipe_only);
    error = posix_spawn(pid, "/bin/sh", &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    free(script);
    return error;
}

static void close_pipe(const int pipe[2])
{
    close(pipe[0]);
    close(pipe[1]);
}

int child_start(struct child *child, const char *command)
{
    int to[2];
    int from[2];
    int error;

    *child = (struct child){0};
    if (pipe2(to, O_CLOEXEC) != 0)
        return errno;
    if (pipe2(from, O_CLOEXEC) != 0) {
        error = errno;
        close_pipe(to);
        return error;
    }
    /* Writing to a child that died must not kill this process. */
    signal(SIGPIPE, SIG_IGN);
    error = spawn(&child->pid, command, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    child->to = to[1];
    child->from = from[0];
    if (error != 0) {
        close(child->to);
        close(child->from);
        child->pid = 0;
        return error;
    }
    fcntl(child->to, F_SETFL, O_NONBLOCK);
    fcntl(child->from, F_SETFL, O_NONBLOCK);
    return 0;
}

/* Writes what fits into the pipe. A dead reader closes the other pipe. */
static void write_some(const struct child *child, const char **text,
                       size_t *len)
{
    ssize_t written = write(child->to, *text, *len);

    if (written > 0) {
        *text += written;
        *len -= (size_t)written;
    } else if (written < 0 && errno == EPIPE) {
        *len = 0;
    }
}

static void make_room(struct child *child)
{
    const size_t least = 65536;

    if (child->size - child->used >= least)
        return;
    child->size = 2 * child->size + least;
    child->line = realloc(child->line, child->size);
    if (child->line == NULL)
        err(70, "memory");
}

/* Reads what is there. True if that ends the talk; *talk is its result. */
static bool read_some(struct child *child, enum child_talk *talk)
{
    const char *newline;
    ssize_t got;

    make_room(child);
    got =
        read(child->from, child->line + child->used, child->size - child->used);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    *talk = CHILD_GONE;
    if (got <= 0)
        return true;
    newline = memchr(child->line + child->used, '\n', (size_t)got);
    child->used += (size_t)got;
    *talk = CHILD_LONG;
    if (newline == NULL)
        return child->used > ADAPTER_LINE_MAX;
    child->used--;
    *talk =
        newline == child->line + child->used ? CHILD_ANSWERED : CHILD_CHATTY;
    return true;
}

enum child_talk child_talk(struct child *child, const char *text, size_t len,
                           int timeout_ms)
{
    const long long deadline = now_ms() + timeout_ms;
    enum child_talk talk = CHILD_LATE;
    bool settled = false;

    child->used = 0;
    while (!settled) {
        struct pollfd poll_fds[] = {
            {.fd = child->from, .events = POLLIN},
            {.fd = len == 0 ? -1 : child->to, .events = POLLOUT},
        };
        int ready = poll(poll_fds, 2, left_ms(deadline));

        if (ready == 0)
            return CHILD_LATE;
        if (ready > 0 && poll_fds[1].revents != 0)
            write_some(child, &text, &len);
        if (ready > 0 && poll_fds[0].revents != 0)
            settled = read_some(child, &talk);
    }
    return talk;
}

/* Waits for the end of the process, up to the time limit. */
static bool ended(pid_t pid, int timeout_ms)
{
    struct pollfd poll_fd = {.events = POLLIN};
    int ready;

    poll_fd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (poll_fd.fd < 0)
        return false;
    do
        ready = poll(&poll_fd, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    close(poll_fd.fd);
    return ready > 0;
}

bool child_stop(struct child *child, int timeout_ms, int *status)
{
    bool alone = true;

    *status = 0;
    if (child->pid == 0)
        return true;
    close(child->to);
    close(child->from);
    alone = ended(child->pid, timeout_ms);
    /* Its children are killed even if it has ended. */
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, status, 0) < 0 && errno == EINTR)
        ;
    free(child->line);
    *child = (struct child){0};
    return alone;
}
