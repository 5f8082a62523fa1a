/* SPDX-License-Identifier: MIT */
/*
 * Without a corpus the mutator finds packets that merge; random bytes do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "input.h"
#include "layers.h"
#include "mutate.h"
#include "mutator_cases.h"

enum { ROOM = 600, STEPS = 1000 };

/* The number of packets in the largest output, by its number of IP headers. */
static void count_merged(const struct run *run, const struct answer *answer,
                         size_t most[2])
{
    for (size_t i = 0; i < answer->outputs; i++) {
        const struct run_output *output = &answer->output[i];
        const struct layers layers =
            layers_of(&run->config, output->packet, output->len);
        const bool in_tunnel = layers_count(&layers, LAYER_IP) > 1;

        if (output->ofs > most[in_tunnel])
            most[in_tunnel] = output->ofs;
    }
}

/* Alone, and in tunnels. */
static void makes_packets_that_merge(void **state)
{
    static struct input input;
    struct implementation reference;
    struct answer answer = {0};
    uint8_t data[ROOM] = {0};
    size_t most[2] = {0};

    (void)state;
    input_make(&input);
    reference_open(&reference);
    for (uint32_t round = 0; round < STEPS; round++) {
        const size_t size = mutate(data, 0, ROOM, round);

        input_decode(&input, data, mutate(data, size, ROOM, round + 1));
        input.run.op = RUN_GRO;
        reference.ask(reference.self, &input.run, &answer);
        if (answer.kind == ANSWER_OUTPUT)
            count_merged(&input.run, &answer, most);
    }
    assert_true(most[0] >= 64 && most[1] >= 64);
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
