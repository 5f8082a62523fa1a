/* SPDX-License-Identifier: MIT */
/* A program that answers line by line, each within a time limit. */
#ifndef GROVE_TOOLS_CHILD_H
#define GROVE_TOOLS_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
    pid_t pid; /* process and process group; 0: none runs */
    int to;    /* pipe to its stdin */
    int from;  /* pipe from its stdout */
    char *line;
    size_t used; /* bytes in `line`; after a newline there is nothing */
    size_t size;
};

enum child_talk {
    CHILD_ANSWERED,
    CHILD_LATE,  /* no complete line in time */
    CHILD_GONE,  /* its stdout ended */
    CHILD_LONG,  /* the line is too long */
    CHILD_CHATTY /* more than one line */
};

/* Starts `command` by /bin/sh. Returns 0 or an errno. */
int child_start(struct child *child, const char *command);

/*
 * Sends the `len` bytes at `text` and reads one line, without its newline, into
 * child->line: child->used bytes.
 */
enum child_talk child_talk(struct child *child, const char *text, size_t len,
                           int timeout_ms);

/*
 * Closes its stdin, waits for its end, and kills what still runs after the time
 * limit. Returns false if it had to be killed; *status is that of waitpid().
 */
bool child_stop(struct child *child, int timeout_ms, int *status);

#endif
