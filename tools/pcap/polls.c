/* SPDX-License-Identifier: MIT */
#include "polls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A day: enough for any pause, and far from an overflow. */
#define GAP_MAX_US 86400e6

/* libpcap's packets live for one call only. */
static struct timed_packet keep(struct arena *arena,
                                const struct timed_packet *packet)
{
    struct timed_packet copy = *packet;

    copy.data = arena_copy(arena, packet->data, packet->len);
    return copy;
}

void polls_begin(struct polls *polls, struct capture_file *file, int64_t gap)
{
    *polls = (struct polls){.file = file, .gap = gap};
}

/* Where clocks of several interfaces disagree, time may step back: no pause. */
static bool ends(const struct polls *polls, const struct poll *poll,
                 const struct timed_packet *next)
{
    const struct timed_packet *last = &poll->packets[poll->count - 1];

    return poll->count == POLL_MAX || next->time - last->time > polls->gap;
}

bool polls_next(struct polls *polls, struct arena *arena, struct poll *poll,
                char why[CAPTURE_WHY])
{
    struct timed_packet *packets =
        arena_alloc(arena, POLL_MAX, sizeof *packets);
    struct timed_packet packet;

    *poll = (struct poll){.packets = packets};
    if (polls->has_next)
        packets[poll->count++] = keep(arena, &polls->next);
    polls->has_next = false;
    arena_reset(&polls->next_arena);
    while (capture_file_next(polls->file, &packet, why)) {
        if (poll->count > 0 && ends(polls, poll, &packet)) {
            polls->next = keep(&polls->next_arena, &packet);
            polls->has_next = true;
            return true;
        }
        packets[poll->count++] = keep(arena, &packet);
    }
    return why[0] == '\0' && poll->count > 0;
}

void polls_end(struct polls *polls)
{
    arena_free(&polls->next_arena);
    *polls = (struct polls){0};
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
