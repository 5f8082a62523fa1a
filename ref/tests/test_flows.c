/* SPDX-License-Identifier: MIT */
/*
 * The flow map and the order of age, compared with a list that is searched from
 * end to end. Hashes are the test's own, so that they collide as it wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "packets.h"

/* A map in memory of exactly its size. */
struct map {
    struct flows flows;
    struct held *held;
    struct held **slots;
};

static struct map map_of(uint32_t max, uint64_t seed)
{
    struct map map;

    map.held = malloc(((size_t)max + 1) * sizeof *map.held);
    map.slots = malloc(flows_slots(max) * sizeof(void *));
    assert_non_null(map.held);
    assert_non_null(map.slots);
    flows_init(&map.flows, max, max, seed, map.held, map.slots);
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
    struct packet packet = {.version = 4};

    packet.key.transport = number;
    return packet;
}

/* As the table does it: the packet is in `spare` before it is held. */
static struct held *add(struct flows *flows, const struct packet *packet,
                        uint32_t hash)
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
    struct map map = map_of(1, 1);

    (void)state;
    assert_null(flows_find(&map.flows, &packet, 0));
    assert_null(flows_oldest(&map.flows));
    assert_false(flows_full(&map.flows, 0));
    map_free(&map);
}

/* The list that the map is compared with, oldest first. */
struct model {
    uint32_t flow[64];
    uint32_t hash[64];
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
                        const uint32_t *hashes, uint32_t known)
{
    const struct held *held = flows_oldest(flows);
    const struct held *older = NULL;

    assert_int_equal(flows_count(flows), model->count);
    assert_int_equal(flows_full(flows, 0), model->count == flows->max);
    for (uint32_t i = 0; i < model->count; i++) {
        assert_non_null(held);
        assert_int_equal(held->first.key.transport, model->flow[i]);
        assert_ptr_equal(held->older, older);
        older = held;
        held = flows_younger(held);
    }
    assert_null(held);
    for (uint32_t flow = 0; flow < known; flow++) {
        const struct packet packet = packet_of_flow(flow);
        const struct held *found = flows_find(flows, &packet, hashes[flow]);

        assert_int_equal(found != NULL, model_find(model, flow) < model->count);
        if (found != NULL)
            assert_int_equal(found->first.key.transport, flow);
    }
}

static void step(struct flows *flows, struct model *model,
                 const uint32_t *hashes, uint32_t flow)
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
    struct map map = map_of(max, 1);
    struct model model = {.count = 0};
    uint32_t hashes[64];

    for (uint32_t i = 0; i < known; i++)
        hashes[i] = UINT32_MAX - pick(dice, spread);
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

/* Whether the list is the held flows by bucket, and in each by age. */
static void assert_by_bucket(const struct flows *flows, const uint32_t *ages,
                             uint32_t count)
{
    const struct held *held = flows_oldest(flows);

    assert_true(flows_is_valid(flows));
    for (uint32_t bucket = 0; bucket < GROVE_BUCKETS; bucket++) {
        const struct held *oldest = held;
        uint32_t of = 0;

        for (uint32_t i = 0; i < count; i++)
            if (flows_bucket(ages[i]) == bucket) {
                assert_int_equal(held->first.hash, ages[i]);
                held = flows_younger(held);
                of++;
            }
        assert_int_equal(flows_full(flows, bucket + 16), of == 3);
        if (of != 0)
            assert_ptr_equal(flows_oldest_of(flows, bucket + 8), oldest);
    }
    assert_null(held);
}

/* The held one with this hash of the packet. */
static struct held *held_with(const struct flows *flows, uint32_t hash)
{
    struct held *held = flows_oldest(flows);

    while (held->first.hash != hash)
        held = flows_younger(held);
    return held;
}

/* Flows with random hashes come, until a bucket is full, and go. */
static void buckets(void **state)
{
    struct map map = map_of(24, 1);
    struct dice dice = {5};
    uint32_t ages[24];
    uint32_t count = 0;

    (void)state;
    map.flows.bucket_max = 3;
    for (uint32_t i = 0; i < 4000; i++) {
        const struct packet packet = {.version = 4,
                                      .hash = 8 * i + pick(&dice, 8)};
        const uint32_t gone = count == 0 ? 0 : pick(&dice, count);

        if (!flows_full(&map.flows, packet.hash) && !one_in(&dice, 4)) {
            add(&map.flows, &packet, packet.hash);
            ages[count++] = packet.hash;
        } else if (one_in(&dice, 50)) {
            flows_clear(&map.flows);
            count = 0;
        } else if (count != 0) {
            flows_remove(&map.flows, held_with(&map.flows, ages[gone]));
            memmove(&ages[gone], &ages[gone + 1],
                    (--count - gone) * sizeof ages[0]);
        }
        assert_by_bucket(&map.flows, ages, count);
    }
    map_free(&map);
}

/* As many flows as fit, all colliding; the first one is removed first. */
static void full(void **state)
{
    struct map map = map_of(64, 1);

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
    map_free(&map);
}

/* A cleared map is as a new one: it takes as many, and finds only those. */
static void cleared(void **state)
{
    struct map map = map_of(16, 1);

    (void)state;
    for (uint32_t round = 0; round < 3; round++) {
        const uint32_t count = round == 1 ? 5 : 16;

        for (uint32_t i = 0; i < count; i++) {
            const struct packet packet = packet_of_flow(100 * round + i);

            assert_false(flows_full(&map.flows, 0));
            assert_null(flows_find(&map.flows, &packet, i / 2));
            add(&map.flows, &packet, i / 2);
            assert_non_null(map.flows.recent);
        }
        assert_int_equal(flows_full(&map.flows, 0), count == 16);
        flows_clear(&map.flows);
        assert_null(flows_oldest(&map.flows));
        assert_null(map.flows.recent);
        flows_clear(&map.flows);
    }
    map_free(&map);
}

/* A removed entry stays readable until the next flows_add(). */
static void removed_is_readable(void **state)
{
    const struct packet packet = packet_of_flow(5);
    struct map map = map_of(2, 1);
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
    const struct packet base = {.version = 6};
    const struct packet hashed = {.version = 6, .hash = 8};
    struct map map = map_of(1, 1);

    (void)state;
    add(&map.flows, &base, 42);
    assert_null(flows_find(&map.flows, &hashed, 42));
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
        .version = 6,
    };

    packet.key.transport = 6;
    packet.key.network = network;
    return packet;
}

/* The bytes of extension headers are part of the flow, if network is set. */
static void extension_headers(void **state)
{
    struct fields fields = fields_of(6, TCP);
    struct fields other = fields;
    struct map map = map_of(1, 1);
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
    struct map map = map_of(1, 1);
    struct map another = map_of(1, 2);
    struct packet a;
    struct packet b;

    (void)state;
    fields_extend(&fields, HBH, 1);
    fields_extend(&other, HBH, 2);
    a = packet_of_fields(&fields, 9);
    b = packet_of_fields(&other, 9);
    assert_true(flows_hash(&map.flows, &a) == flows_hash(&map.flows, &a));
    assert_true(flows_hash(&map.flows, &a) != flows_hash(&map.flows, &b));
    a.key.network = b.key.network = 0;
    assert_true(flows_hash(&map.flows, &a) == flows_hash(&map.flows, &b));
    assert_true(flows_hash(&map.flows, &a) != flows_hash(&another.flows, &a));
    b.hash = 8;
    assert_true(flows_hash(&map.flows, &a) != flows_hash(&map.flows, &b));
    map_free(&map);
    map_free(&another);
}

/*
 * Ethernet, then IPv6 with an extension header, UDP, VXLAN, an Ethernet frame
 * and IPv4, as parse() has it. Its bytes are `bytes`.
 */
enum {
    OUTER_IP = 14,
    OUTER_EXTENSION = OUTER_IP + 40,
    OUTER_UDP = OUTER_EXTENSION + 8,
    OUTER_OWN = OUTER_UDP + 8,
    OUTER_FRAME = OUTER_OWN + 8,
    INNER_IP = OUTER_FRAME + 14,
    INNER_L4 = INNER_IP + 20,
    IN_TUNNEL_LEN = INNER_L4 + 20,
};

static struct packet packet_in_vxlan(const uint8_t bytes[IN_TUNNEL_LEN])
{
    return (struct packet){
        .input = {.bytes = {bytes, IN_TUNNEL_LEN},
                  .network = OUTER_IP,
                  .version = 6},
        .network = INNER_IP,
        .l4 = INNER_L4,
        .version = 4,
        .tunnel = GROVE_TUNNEL_VXLAN,
        .outer = {.l4 = OUTER_UDP,
                  .own = OUTER_OWN,
                  .key_len = 8,
                  .inside = OUTER_FRAME},
    };
}

/* Whether a byte before the inner IP header is part of the flow. */
static bool is_in_key(uint32_t at)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ignored[] = {
        {OUTER_IP, OUTER_IP},           /* 1 is of the traffic class */
        {OUTER_IP + 4, OUTER_IP + 5},   /* payload length */
        {OUTER_IP + 7, OUTER_IP + 7},   /* hop limit */
        {OUTER_UDP + 4, OUTER_UDP + 5}, /* length */
    };

    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++) {
        if (at >= ignored[i].first && at <= ignored[i].last)
            return false;
    }
    return true;
}

/* Each byte that is in the key changes the flow and its hash. */
static void links_and_tunnels(void **state)
{
    uint8_t bytes[IN_TUNNEL_LEN] = {0};
    uint8_t changed[IN_TUNNEL_LEN] = {0};
    const struct packet base = packet_in_vxlan(bytes);
    const struct packet other = packet_in_vxlan(changed);
    struct map map = map_of(1, 1);
    const uint32_t hash = flows_hash(&map.flows, &base);

    (void)state;
    add(&map.flows, &base, hash);
    assert_non_null(flows_find(&map.flows, &other, hash));
    for (uint32_t at = 0; at < INNER_IP; at++) {
        changed[at] = 1;
        assert_int_equal(flows_find(&map.flows, &other, hash) == NULL,
                         is_in_key(at));
        assert_int_equal(flows_hash(&map.flows, &other) != hash, is_in_key(at));
        changed[at] = 0;
    }
    map_free(&map);
}

/*
 * Packets of one hash, of which one is in no tunnel, or in one of another kind,
 * or over the other IP version.
 */
static void kinds_of_tunnels(void **state)
{
    uint8_t bytes[IN_TUNNEL_LEN] = {0};
    struct packet packet = packet_in_vxlan(bytes);
    struct map map = map_of(1, 1);

    (void)state;
    add(&map.flows, &packet, 1);
    packet.tunnel = GROVE_TUNNEL_GENEVE;
    assert_null(flows_find(&map.flows, &packet, 1));
    packet.tunnel = 0;
    assert_null(flows_find(&map.flows, &packet, 1));
    packet = packet_in_vxlan(bytes);
    packet.input.version = 4;
    assert_null(flows_find(&map.flows, &packet, 1));
    map_free(&map);
}

/* Of the header of PPPoE, only the session changes the flow and its hash. */
static void sessions_of_pppoe(void **state)
{
    enum { AT = ETHERNET_HEADER, IP = AT + PPPOE_HEADER };
    uint8_t bytes[IP + IP4_HEADER + UDP_HEADER] = {0};
    uint8_t changed[sizeof bytes] = {0};
    const struct packet base = {
        .input = {.bytes = {bytes, sizeof bytes}, .network = IP, .version = 4},
        .network = IP,
        .l4 = IP + IP4_HEADER,
        .version = 4,
        .frames = 1,
        .pppoe = PPPOE_HEADER};
    struct packet other = base;
    struct map map = map_of(1, 1);
    const uint32_t hash = flows_hash(&map.flows, &base);

    (void)state;
    other.input.bytes.at = changed;
    add(&map.flows, &base, hash);
    assert_non_null(flows_find(&map.flows, &other, hash));
    for (uint32_t at = AT; at < IP; at++) {
        const bool in_key =
            at == AT + PPPOE_SESSION || at == AT + PPPOE_SESSION + 1;

        changed[at] = 1;
        assert_int_equal(flows_find(&map.flows, &other, hash) == NULL, in_key);
        assert_int_equal(flows_hash(&map.flows, &other) != hash, in_key);
        changed[at] = 0;
    }
    map_free(&map);
}

/* ---- How long a search takes: counted, not timed ---- */

/* Flows of one scan, as bytes that are random but for `at` and behind it. */
struct scan {
    uint8_t version;
    uint32_t at; /* of IPv4: offset in addresses and ports; of IPv6 likewise */
    uint32_t step;
};

/* Addresses and ports of flow `number` as bytes, as on the wire. */
static struct packet packet_of_scan(const struct scan *scan, uint32_t number)
{
    const uint32_t addresses = scan->version == 4 ? 8 : 32;
    struct packet packet = {.version = scan->version};
    uint8_t bytes[36] = {10, 0, 0, 1};
    const uint32_t value = number * scan->step;

    for (uint32_t i = 0; i < 3; i++)
        bytes[scan->at + i] ^= (uint8_t)(value >> 8 * (2 - i));
    memcpy(packet.key.addresses, bytes, addresses);
    packet.key.transport =
        (uint64_t)bytes_be32((struct bytes){bytes, sizeof bytes}, addresses)
            << 32 |
        17 << 8 | scan->version;
    return packet;
}

/* The number that these bytes in memory order are on most processors. */
static uint64_t little_endian(uint64_t word)
{
    uint8_t bytes[sizeof word];
    uint64_t number = 0;

    memcpy(bytes, &word, sizeof word);
    for (uint32_t i = 0; i < sizeof bytes; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

/* The hash that this one replaced. Its low bits did not see every byte. */
static uint32_t old_hash(const struct packet *packet)
{
    const uint64_t words[] = {packet->key.transport,
                              little_endian(packet->key.addresses[0])};
    uint64_t hash = 1;

    for (uint32_t i = 0; i < 2; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

/* How many held ones a search for each of them looks at, on average. */
static double visits(const struct flows *flows)
{
    uint64_t sum = 0;

    for (uint32_t at = 0; at <= flows->mask; at++) {
        uint64_t place = 0;

        for (const struct held *held = flows->slots[at]; held != NULL;
             held = held->chained)
            sum += ++place;
    }
    return (double)sum / flows_count(flows);
}

/* The same after these flows were added by the hash of `by`; NULL: the old. */
static double visits_of(const struct packet *packets, uint32_t count,
                        const struct flows *by)
{
    struct map map = map_of(count, 1);
    double result;

    for (uint32_t i = 0; i < count; i++)
        add(&map.flows, &packets[i],
            by ? flows_hash(by, &packets[i]) : old_hash(&packets[i]));
    result = visits(&map.flows);
    map_free(&map);
    return result;
}

/* Random flows need 1.25, with twice as many slots as flows. */
#define VISITS_MOST 2.0

enum { HOSTS = 512 };

/* One source and many hosts, many ports, and so on, by many seeds. */
static void scans(void **state)
{
    static const struct scan list[] = {
        {4, 5, 1},  {4, 4, 256}, {4, 5, 4096},   {4, 1, 1},  {4, 7, 1},
        {4, 9, 1},  {6, 29, 1},  {6, 21, 1},     {6, 13, 1}, {6, 5, 256},
        {6, 31, 1}, {6, 33, 1},  {6, 24, 65536},
    };

    (void)state;
    for (uint32_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            struct map map = map_of(1, seed);
            struct packet packets[HOSTS];

            for (uint32_t j = 0; j < HOSTS; j++)
                packets[j] = packet_of_scan(&list[i], j);
            assert_true(visits_of(packets, 128, &map.flows) < VISITS_MOST);
            assert_true(visits_of(packets, HOSTS, &map.flows) < VISITS_MOST);
            map_free(&map);
        }
    }
}

/* Control: one source and the hosts of its net are slow by the old hash. */
static void scan_by_the_old_hash(void **state)
{
    static const struct scan hosts = {4, 5, 1};
    struct packet packets[HOSTS];

    (void)state;
    for (uint32_t i = 0; i < HOSTS; i++)
        packets[i] = packet_of_scan(&hosts, i);
    assert_true(visits_of(packets, 128, NULL) > VISITS_MOST);
    assert_true(visits_of(packets, HOSTS, NULL) > VISITS_MOST);
}

/*
 * Who knows all but the seed chooses flows that collide by another seed. They
 * do collide there, which is the control, and not by any seed that a table may
 * have drawn.
 */
static void attacker(void **state)
{
    struct map known = map_of(HOSTS, 1);
    struct packet packets[128];
    uint32_t found = 0;

    (void)state;
    for (uint32_t i = 0; found < 128; i++) {
        static const struct scan hosts = {4, 5, 1};
        const struct packet packet = packet_of_scan(&hosts, i);

        if ((flows_hash(&known.flows, &packet) & 255) == 7)
            packets[found++] = packet;
    }
    assert_true(visits_of(packets, 128, &known.flows) > 64);
    map_free(&known);
    for (uint64_t seed = 2; seed <= 201; seed++) {
        struct map own = map_of(1, seed);

        assert_true(visits_of(packets, 128, &own.flows) < VISITS_MOST);
        map_free(&own);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots),
        cmocka_unit_test(empty),
        cmocka_unit_test(random_operations),
        cmocka_unit_test(buckets),
        cmocka_unit_test(full),
        cmocka_unit_test(cleared),
        cmocka_unit_test(removed_is_readable),
        cmocka_unit_test(every_word_of_the_key),
        cmocka_unit_test_teardown(extension_headers, wires_release),
        cmocka_unit_test_teardown(hashes, wires_release),
        cmocka_unit_test(links_and_tunnels),
        cmocka_unit_test(kinds_of_tunnels),
        cmocka_unit_test(sessions_of_pppoe),
        cmocka_unit_test(scans),
        cmocka_unit_test(scan_by_the_old_hash),
        cmocka_unit_test(attacker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
