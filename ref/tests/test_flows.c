/* SPDX-License-Identifier: MIT */
/*
 * The flow map and the order of age, compared with a list that is searched from
 * end to end. Hashes are the test's own, so that they collide as it wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flows.h"
#include "packets.h"

/* A map in memory of exactly its size. */
struct map {
    struct flows flows;
    struct held *held;
    struct flow_slot *slots;
};

static struct map map_of(uint32_t max)
{
    struct map map;

    map.held = malloc(((size_t)max + 1) * sizeof *map.held);
    map.slots = malloc(flows_slots(max) * sizeof *map.slots);
    assert_non_null(map.held);
    assert_non_null(map.slots);
    flows_init(&map.flows, max, 1, map.held, map.slots);
    return map;
}

static void map_free(struct map *map)
{
    free(map->held);
    free(map->slots);
}

/* Of flow `number`, for keys alone: no bytes. */
static struct packet packet_of_flow(uint32_t number)
{
    struct packet packet = {.input.version = 4};

    packet.key.transport = number;
    return packet;
}

/* As the table does it: the packet is in `spare` before it is held. */
static struct held *add(struct flows *flows, const struct packet *packet,
                        uint64_t hash)
{
    *flows_spare(flows) = *packet;
    return flows_add(flows, hash);
}

static void slots(void **state)
{
    (void)state;
    assert_int_equal(flows_slots(1), 2);
    assert_int_equal(flows_slots(2), 4);
    assert_int_equal(flows_slots(3), 8);
    assert_int_equal(flows_slots(128), 256);
    assert_int_equal(flows_slots(129), 512);
    assert_int_equal(flows_slots(65536), 131072);
}

static void empty(void **state)
{
    const struct packet packet = packet_of_flow(1);
    struct map map = map_of(1);

    (void)state;
    assert_null(flows_find(&map.flows, &packet, 0));
    assert_null(flows_oldest(&map.flows));
    assert_null(map.flows.youngest);
    assert_false(flows_full(&map.flows));
    map_free(&map);
}

/* The list that the map is compared with, oldest first. */
struct model {
    uint32_t flow[64];
    uint64_t hash[64];
    uint32_t count;
};

static uint32_t model_find(const struct model *model, uint32_t flow)
{
    uint32_t i = 0;

    while (i < model->count && model->flow[i] != flow)
        i++;
    return i;
}

static void model_remove(struct model *model, uint32_t at)
{
    model->count--;
    for (uint32_t i = at; i < model->count; i++) {
        model->flow[i] = model->flow[i + 1];
        model->hash[i] = model->hash[i + 1];
    }
}

/* Both directions of the list, and every flow, held or not. */
static void assert_same(const struct flows *flows, const struct model *model,
                        const uint64_t *hashes, uint32_t known)
{
    const struct held *held = flows_oldest(flows);
    const struct held *older = NULL;

    assert_int_equal(flows->count, model->count);
    assert_int_equal(flows_full(flows), model->count == flows->max);
    for (uint32_t i = 0; i < model->count; i++) {
        assert_non_null(held);
        assert_int_equal(held->first.key.transport, model->flow[i]);
        assert_ptr_equal(held->older, older);
        older = held;
        held = flows_younger(held);
    }
    assert_null(held);
    assert_ptr_equal(flows->youngest, older);
    for (uint32_t flow = 0; flow < known; flow++) {
        const struct packet packet = packet_of_flow(flow);
        const struct held *found = flows_find(flows, &packet, hashes[flow]);

        assert_int_equal(found != NULL, model_find(model, flow) < model->count);
        if (found != NULL)
            assert_int_equal(found->first.key.transport, flow);
    }
}

static void step(struct flows *flows, struct model *model,
                 const uint64_t *hashes, uint32_t flow)
{
    const struct packet packet = packet_of_flow(flow);
    const uint32_t at = model_find(model, flow);

    if (at < model->count) {
        flows_remove(flows, flows_find(flows, &packet, hashes[flow]));
        model_remove(model, at);
    } else if (model->count < flows->max) {
        add(flows, &packet, hashes[flow]);
        model->flow[model->count] = flow;
        model->hash[model->count++] = hashes[flow];
    }
}

/*
 * `spread` is how many hashes there are: with 1, all flows collide.
 * High bits differ beyond the mask, and the last slots wrap to the first.
 */
static void compare(uint32_t max, uint32_t known, uint32_t spread,
                    struct dice *dice)
{
    struct map map = map_of(max);
    struct model model = {.count = 0};
    uint64_t hashes[64];

    for (uint32_t i = 0; i < known; i++)
        hashes[i] = UINT64_MAX - pick(dice, spread);
    for (uint32_t i = 0; i < 400; i++) {
        step(&map.flows, &model, hashes, pick(dice, known));
        assert_same(&map.flows, &model, hashes, known);
    }
    map_free(&map);
}

static void random_operations(void **state)
{
    static const uint32_t maxima[] = {1, 2, 3, 7, 8, 16, 31};
    struct dice dice = {7};

    (void)state;
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        for (uint32_t spread = 1; spread <= 64; spread *= 2)
            compare(maxima[i], maxima[i] + 4 < 40 ? maxima[i] + 4 : 40, spread,
                    &dice);
    }
}

/* As many flows as fit, all colliding; the first one is removed first. */
static void full(void **state)
{
    struct map map = map_of(64);

    (void)state;
    for (uint32_t i = 0; i < 64; i++) {
        const struct packet packet = packet_of_flow(i);

        add(&map.flows, &packet, 127);
    }
    assert_null(map.flows.free);
    for (uint32_t i = 0; i < 64; i++) {
        assert_int_equal(flows_oldest(&map.flows)->first.key.transport, i);
        flows_remove(&map.flows, flows_oldest(&map.flows));
    }
    assert_null(flows_oldest(&map.flows));
    assert_null(map.flows.youngest);
    map_free(&map);
}

/* A removed entry stays readable until the next flows_add(). */
static void removed_is_readable(void **state)
{
    const struct packet packet = packet_of_flow(5);
    struct map map = map_of(2);
    struct held *held;

    (void)state;
    held = add(&map.flows, &packet, 0);
    held->total = 1234;
    flows_remove(&map.flows, held);
    assert_int_equal(held->first.key.transport, 5);
    assert_int_equal(held->total, 1234);
    map_free(&map);
}

/* Flows whose keys differ in any word are different, even with the same hash.
 */
static void every_word_of_the_key(void **state)
{
    const struct packet base = {.input.version = 6};
    struct map map = map_of(1);

    (void)state;
    add(&map.flows, &base, 42);
    for (size_t i = 0; i < 6; i++) {
        struct packet other = base;
        uint64_t *const words[] = {
            &other.key.addresses[0], &other.key.addresses[1],
            &other.key.addresses[2], &other.key.addresses[3],
            &other.key.transport,    &other.key.network,
        };

        *words[i] = UINT64_C(1) << 63;
        assert_null(flows_find(&map.flows, &other, 42));
    }
    assert_non_null(flows_find(&map.flows, &base, 42));
    assert_null(flows_find(&map.flows, &base, 44));
    map_free(&map);
}

/* A packet with the extension headers of `fields`, as parse() has it. */
static struct packet packet_of_fields(const struct fields *fields,
                                      uint64_t network)
{
    const struct wire wire = wire_of(fields);
    struct packet packet = {
        .input.bytes = {wire.data, wire.len},
        .l4 = wire.l4,
        .input.version = 6,
    };

    packet.key.network = network;
    return packet;
}

/* The bytes of extension headers are part of the flow, if network is set. */
static void extension_headers(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct fields other = fields;
    struct map map = map_of(1);
    struct packet packet;

    (void)state;
    fields_extend(&fields, HBH, 1);
    fields_extend(&other, HBH, 2);
    packet = packet_of_fields(&fields, 1);
    add(&map.flows, &packet, 3);
    assert_non_null(flows_find(&map.flows, &packet, 3));
    packet = packet_of_fields(&other, 1);
    assert_null(flows_find(&map.flows, &packet, 3));
    flows_remove(&map.flows, flows_oldest(&map.flows));
    packet = packet_of_fields(&fields, 0);
    add(&map.flows, &packet, 3);
    packet = packet_of_fields(&other, 0);
    assert_non_null(flows_find(&map.flows, &packet, 3));
    map_free(&map);
}

/* All of the key and the seed change the hash. */
static void hashes(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct fields other = fields;
    struct map map = map_of(1);
    struct packet a;
    struct packet b;
    uint64_t hash;

    (void)state;
    fields_extend(&fields, HBH, 1);
    fields_extend(&other, HBH, 2);
    a = packet_of_fields(&fields, 9);
    b = packet_of_fields(&other, 9);
    assert_true(flows_hash(&map.flows, &a) == flows_hash(&map.flows, &a));
    assert_true(flows_hash(&map.flows, &a) != flows_hash(&map.flows, &b));
    a.key.network = b.key.network = 0;
    assert_true(flows_hash(&map.flows, &a) == flows_hash(&map.flows, &b));
    a = packet_of_flow(1);
    b = packet_of_flow(2);
    assert_true(flows_hash(&map.flows, &a) != flows_hash(&map.flows, &b));
    hash = flows_hash(&map.flows, &a);
    map.flows.seed++;
    assert_true(flows_hash(&map.flows, &a) != hash);
    map_free(&map);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots),
        cmocka_unit_test(empty),
        cmocka_unit_test(random_operations),
        cmocka_unit_test(full),
        cmocka_unit_test(removed_is_readable),
        cmocka_unit_test(every_word_of_the_key),
        cmocka_unit_test_teardown(extension_headers, wires_release),
        cmocka_unit_test_teardown(hashes, wires_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
