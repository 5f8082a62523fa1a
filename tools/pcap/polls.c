/* SPDX-License-Identifier: MIT */
#include "polls.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A day: enough for any pause, and far from an overflow. */
#define GAP_MAX_US 86400e6

void polls_begin(struct polls *polls, struct capture_file *file, int64_t gap)
{
    *polls = (struct polls){.file = file, .gap = gap};
}

void polls_end(struct polls *polls)
{
    for (size_t i = 0; i < POLLS_OPEN; i++) {
        if (polls->open[i] != NULL)
            arena_free(&polls->open[i]->arena);
        free(polls->open[i]);
    }
    *polls = (struct polls){0};
}

/* The poll that grows with packets of this interface; NULL: none does. */
static struct open_poll *find(const struct polls *polls, uint32_t interface)
{
    for (size_t i = 0; i < POLLS_OPEN && polls->open[i] != NULL; i++) {
        struct open_poll *poll = polls->open[i];

        if (poll->count > 0 && poll->packets[0].interface == interface)
            return poll;
    }
    return NULL;
}

/* An empty one; NULL: all grow. */
static struct open_poll *find_empty(struct polls *polls)
{
    for (size_t i = 0; i < POLLS_OPEN; i++) {
        if (polls->open[i] == NULL) {
            polls->open[i] = calloc(1, sizeof *polls->open[i]);
            if (polls->open[i] == NULL)
                err(70, "memory");
        }
        if (polls->open[i]->count == 0)
            return polls->open[i];
    }
    return NULL;
}

/* The one that began first; NULL: none grows. */
static struct open_poll *find_oldest(const struct polls *polls)
{
    struct open_poll *oldest = NULL;

    for (size_t i = 0; i < POLLS_OPEN && polls->open[i] != NULL; i++) {
        struct open_poll *poll = polls->open[i];

        if (poll->count > 0 && (oldest == NULL || poll->packets[0].frame <
                                                      oldest->packets[0].frame))
            oldest = poll;
    }
    return oldest;
}

/* The reader's packets live for one call only. */
static void add(struct open_poll *poll, const struct timed_packet *packet)
{
    struct timed_packet *copy = &poll->packets[poll->count++];

    *copy = *packet;
    copy->data = arena_copy(&poll->arena, packet->data - packet->link_len,
                            packet->link_len + packet->len);
    copy->data += packet->link_len;
}

/* Where a clock steps back, there was no pause. */
static bool ends(const struct polls *polls, const struct open_poll *poll,
                 const struct timed_packet *next)
{
    const struct timed_packet *last = &poll->packets[poll->count - 1];

    return poll->count == POLL_MAX || next->time - last->time > polls->gap;
}

/* Adds the packet. If a poll has to end first: that poll. */
static struct open_poll *place(struct polls *polls,
                               const struct timed_packet *packet)
{
    struct open_poll *poll = find(polls, packet->interface);

    if (poll != NULL && ends(polls, poll, packet))
        return poll;
    if (poll == NULL)
        poll = find_empty(polls);
    if (poll == NULL)
        return find_oldest(polls);
    add(poll, packet);
    return NULL;
}

/* Reads on until a poll ends. NULL: all have ended. */
static struct open_poll *read_poll(struct polls *polls)
{
    while (!polls->ended) {
        struct open_poll *done = NULL;

        if (!polls->has_next)
            polls->has_next =
                capture_file_next(polls->file, &polls->next, polls->why);
        if (polls->has_next)
            done = place(polls, &polls->next);
        else
            polls->ended = true;
        if (done != NULL)
            return done;
        polls->has_next = false;
    }
    return find_oldest(polls);
}

static void hand_out_lane(struct polls *polls, struct poll *poll)
{
    *poll = (struct poll){
        .packets = polls->ready->packets + polls->handed,
        .count = polls->lanes.size[polls->lane++],
    };
    polls->handed += poll->count;
}

static void forget_ready(struct polls *polls)
{
    if (polls->ready == NULL)
        return;
    arena_reset(&polls->ready->arena);
    polls->ready->count = 0;
    polls->ready = NULL;
}

bool polls_next(struct polls *polls, struct poll *poll, char why[CAPTURE_WHY])
{
    why[0] = '\0';
    if (polls->ready != NULL && polls->lane < polls->lanes.count) {
        hand_out_lane(polls, poll);
        return true;
    }
    forget_ready(polls);
    polls->ready = read_poll(polls);
    if (polls->ready == NULL) {
        memcpy(why, polls->why, CAPTURE_WHY);
        return false;
    }
    lanes_divide(&polls->lanes, polls->ready->packets, polls->ready->count);
    polls->lane = 0;
    polls->handed = 0;
    hand_out_lane(polls, poll);
    return true;
}

bool poll_gap(const char *text, int64_t *gap)
{
    char *end;
    double us;

    errno = 0;
    us = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 ||
        !(us >= 0 && us <= GAP_MAX_US))
        return false;
    *gap = (int64_t)(us * 1000);
    return true;
}
