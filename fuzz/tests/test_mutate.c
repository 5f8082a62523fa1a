/* SPDX-License-Identifier: MIT */
/*
 * The mutator takes any bytes, stays in its room, gives the same for the same
 * seed, and finds by itself what random bytes do not: packets that merge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dice.h"
#include "input.h"
#include "mutate.h"

enum { ROUNDS = 20000, ROOM = 600, STEPS = 300 };

static void stays_in_room(void **state)
{
    struct dice dice = {1};

    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        const size_t room = 1 + pick(&dice, ROOM);
        const size_t size = pick(&dice, (uint32_t)room + 1);
        uint8_t *data = malloc(room);
        uint8_t *other = malloc(room);
        uint8_t *out = malloc(room);

        assert_true(data != NULL && other != NULL && out != NULL);
        for (size_t i = 0; i < size; i++)
            data[i] = other[i] = (uint8_t)roll(&dice);
        assert_true(mutate_cross(data, size, other, size, out, room, round) <=
                    room);
        assert_true(mutate(data, size, room, round) <= room);
        free(data);
        free(other);
        free(out);
    }
}

static void is_repeatable(void **state)
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

/* Packets inside of the largest output. */
static size_t most_merged(const struct answer *answer)
{
    size_t most = 0;

    for (size_t i = 0; i < answer->outputs; i++)
        if (answer->output[i].ofs > most)
            most = answer->output[i].ofs;
    return most;
}

static void makes_packets_that_merge(void **state)
{
    static struct input input;
    struct implementation reference;
    struct answer answer = {0};
    uint8_t data[ROOM] = {0};
    size_t most = 0;

    (void)state;
    input_make(&input);
    reference_open(&reference);
    for (uint32_t round = 0; round < STEPS; round++) {
        const size_t size = mutate(data, 0, ROOM, round);

        input_decode(&input, data, mutate(data, size, ROOM, round + 1));
        input.run.op = RUN_GRO;
        reference.ask(reference.self, &input.run, &answer);
        if (most_merged(&answer) > most)
            most = most_merged(&answer);
    }
    assert_true(most >= 64);
    answer_free(&answer);
    implementation_close(&reference);
    input_free(&input);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_room),
        cmocka_unit_test(is_repeatable),
        cmocka_unit_test(makes_packets_that_merge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
