/* SPDX-License-Identifier: MIT */
#include "mutator_cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "mutate.h"

enum { ROUNDS = 10000, ROOM = 1000, STEPS = 1000 };

static uint8_t draw(struct dice *dice, const char *bytes)
{
    if (bytes == NULL)
        return (uint8_t)roll(dice);
    return (uint8_t)bytes[pick(dice, (uint32_t)strlen(bytes))];
}

void stays_in_room(void **state)
{
    struct dice dice = {1};

    for (uint32_t round = 0; round < ROUNDS; round++) {
        const size_t room = 1 + pick(&dice, ROOM);
        const size_t size = pick(&dice, (uint32_t)room + 1);
        uint8_t *data = malloc(room);
        uint8_t *other = malloc(room);
        uint8_t *out = malloc(room);

        assert_true(data != NULL && other != NULL && out != NULL);
        for (size_t i = 0; i < size; i++)
            data[i] = other[i] = draw(&dice, *state);
        assert_true(mutate_cross(data, size, other, size, out, room, round) <=
                    room);
        assert_true(mutate(data, size, room, round) <= room);
        free(data);
        free(other);
        free(out);
    }
}

void is_repeatable(void **state)
{
    uint8_t one[ROOM] = {0};
    uint8_t other[ROOM] = {0};
    size_t size = 0;

    (void)state;
    for (uint32_t round = 0; round < STEPS; round++) {
        const size_t again = mutate(other, size, ROOM, round);

        size = mutate(one, size, ROOM, round);
        assert_int_equal(size, again);
        assert_memory_equal(one, other, size);
    }
}
