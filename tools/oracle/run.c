/* SPDX-License-Identifier: MIT */
/* Questions, answers and implementations. */
#include "run.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct run_config run_config_default(void)
{
    return (struct run_config){
        .max_flows = 8,
        .udp = true,
        .vnet_len = GROVE_VNET_LEN,
        .max_bytes = GROVE_DEFAULT_BYTES,
    };
}

size_t run_packets(const struct run *run)
{
    size_t packets = 0;

    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush)
            packets++;
    return packets;
}

const struct run_input *run_packet(const struct run *run, size_t number)
{
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush && number-- == 0)
            return &run->input[i];
    return NULL;
}

bool run_splits(const struct run *run)
{
    return run->inputs == 1 && !run->input[0].flush;
}

void answer_reset(struct answer *answer)
{
    arena_reset(&answer->arena);
    *answer = (struct answer){.arena = answer->arena};
}

void answer_free(struct answer *answer)
{
    arena_free(&answer->arena);
    *answer = (struct answer){0};
}

void answer_fail(struct answer *answer, enum answer_kind kind,
                 const char *format, ...)
{
    va_list args;
    char *reason;

    /* Formatted before the arena is reset, which may hold the arguments. */
    va_start(args, format);
    if (vasprintf(&reason, format, args) < 0)
        err(70, "memory");
    va_end(args);
    answer_reset(answer);
    answer->kind = kind;
    answer->reason = arena_printf(&answer->arena, "%s", reason);
    free(reason);
}

void implementation_close(struct implementation *implementation)
{
    if (implementation->close != NULL)
        implementation->close(implementation->self);
    *implementation = (struct implementation){0};
}
