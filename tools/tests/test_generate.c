/* SPDX-License-Identifier: MIT */
/* The random batches with layers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generate.h"
#include "layers.h"

#define BATCHES 200

/* How many packets have such a layer. */
static size_t count_with(const struct run *run, enum layer_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < run->inputs; i++) {
        const struct run_input *input = &run->input[i];
        struct layers layers;

        if (input->flush)
            continue;
        layers = layers_of(&run->config, input->packet, input->len);
        count += layers_have(&layers, kind);
    }
    return count;
}

/* PPPoE is no tunnel with an IP header, wherever it stands in the list. */
static void pppoe_in_any_place(void **state)
{
    static const struct grove_tunnel orders[][2] = {
        {{GROVE_TUNNEL_GRE, 0}, {GROVE_TUNNEL_PPPOE, 0}},
        {{GROVE_TUNNEL_PPPOE, 0}, {GROVE_TUNNEL_GRE, 0}},
    };
    size_t gre[2] = {0};
    size_t pppoe[2] = {0};
    struct arena arena = {0};
    struct run run;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct run_config config = run_config_default();

        config.link = GROVE_LINK_ETHERNET;
        for (size_t k = 0; k < 2; k++)
            config.tunnels[config.tunnel_count++] = orders[i][k];
        for (uint64_t batch = 0; batch < BATCHES; batch++) {
            arena_reset(&arena);
            generate_layers(1, batch, "linux-7.2", &config, &arena, &run);
            gre[i] += count_with(&run, LAYER_GRE);
            pppoe[i] += count_with(&run, LAYER_PPPOE);
        }
    }
    arena_free(&arena);
    assert_true(gre[0] > BATCHES && pppoe[0] > BATCHES);
    assert_int_equal(gre[0], gre[1]);
    assert_int_equal(pppoe[0], pppoe[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pppoe_in_any_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
