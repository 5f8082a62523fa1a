/* SPDX-License-Identifier: MIT */
/*
 * The mutator for AFL++, a shared object for AFL_CUSTOM_MUTATOR_LIBRARY. AFL++
 * calls it as often as its own havoc stage, so that each makes half.
 */
#include <stdlib.h>
#include <string.h>

#include "dice.h"
#include "mutate.h"
#include "script.h"

/* AFL++'s documentation declares these; it has no header for them. */
void *afl_custom_init(void *afl, unsigned int seed);
void afl_custom_deinit(void *data);
size_t afl_custom_fuzz(void *data, uint8_t *buffer, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t room);
int32_t afl_custom_init_trim(void *data, uint8_t *buffer, size_t size);
size_t afl_custom_trim(void *data, uint8_t **out);
int32_t afl_custom_post_trim(void *data, unsigned char success);

enum { OUT = 1 << 20 };

struct mutator {
    struct dice dice;
    uint8_t out[OUT];
    /* The input whose entries are removed one by one. */
    uint8_t *whole;
    struct script script;
    struct entry removed;
    size_t at;    /* the entry that is removed next */
    int32_t step; /* number of removals so far */
};

void *afl_custom_init(void *afl, unsigned int seed)
{
    struct mutator *self = calloc(1, sizeof *self);

    (void)afl;
    if (self != NULL)
        self->dice.state = seed;
    return self;
}

void afl_custom_deinit(void *data)
{
    struct mutator *self = data;

    free(self->whole);
    free(self);
}

size_t afl_custom_fuzz(void *data, uint8_t *buffer, size_t size, uint8_t **out,
                       uint8_t *other, size_t other_size, size_t room)
{
    struct mutator *self = data;
    const uint32_t seed = (uint32_t)roll(&self->dice);

    *out = self->out;
    room = room < OUT ? room : OUT;
    if (other != NULL && other_size != 0 && one_in(&self->dice, 4))
        return mutate_cross(buffer, size, other, other_size, self->out, room,
                            seed);
    size = size < room ? size : room;
    memcpy(self->out, buffer, size);
    return mutate(self->out, size, room, seed);
}

/* The number of steps, which is that of entries; 0: nothing to do. */
int32_t afl_custom_init_trim(void *data, uint8_t *buffer, size_t size)
{
    struct mutator *self = data;

    free(self->whole);
    self->whole = size <= OUT ? malloc(size) : NULL;
    if (self->whole == NULL)
        return 0;
    memcpy(self->whole, buffer, size);
    script_read(&self->script, self->whole, size);
    self->at = 0;
    self->step = 0;
    return (int32_t)self->script.entries;
}

static void take_out(struct script *script, size_t at)
{
    script->entries--;
    memmove(&script->entry[at], &script->entry[at + 1],
            (script->entries - at) * sizeof script->entry[0]);
}

static void put_back(struct script *script, size_t at, struct entry entry)
{
    memmove(&script->entry[at + 1], &script->entry[at],
            (script->entries - at) * sizeof script->entry[0]);
    script->entries++;
    script->entry[at] = entry;
}

size_t afl_custom_trim(void *data, uint8_t **out)
{
    struct mutator *self = data;

    self->removed = self->script.entry[self->at];
    take_out(&self->script, self->at);
    script_write(&self->script, self->out);
    *out = self->out;
    return script_size(&self->script);
}

int32_t afl_custom_post_trim(void *data, unsigned char success)
{
    struct mutator *self = data;

    if (!success)
        put_back(&self->script, self->at++, self->removed);
    return ++self->step;
}
