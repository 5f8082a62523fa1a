/* SPDX-License-Identifier: MIT */
#include "mutate.h"

#include <stdbool.h>
#include <string.h>

#include "dice.h"
#include "mutate_packet.h"
#include "script.h"

/* The state of a mutation. It is static, since inputs allocate nothing. */
static struct script script;
static struct workshop shop;

static bool is_packet(size_t at)
{
    return script.entry[at].kind != INPUT_FLUSH;
}

/* Picks any packet; false if there is none. */
static bool pick_packet(size_t *at)
{
    if (script.entries == 0)
        return false;
    *at = pick(&shop.dice, (uint32_t)script.entries);
    for (size_t i = 0; i < script.entries && !is_packet(*at); i++)
        *at = (*at + 1) % script.entries;
    return is_packet(*at);
}

/*
 * Makes the entry contain the whole packet, which most changes need. Those
 * between it and the first packet of its flow are read, but not changed.
 */
static struct entry *expand(size_t at)
{
    struct entry last = {0};
    size_t first = at;

    while (first > 0 &&
           (!is_packet(first) || (script.entry[first].kind & INPUT_NEXT) != 0))
        first--;
    for (size_t i = first; i <= at; i++) {
        if (!is_packet(i))
            continue;
        last = (script.entry[i].kind & INPUT_NEXT) != 0 && i != first
                   ? packet_expand(&shop, &last, &script.entry[i])
                   : script.entry[i];
    }
    script.entry[at] = last;
    return &script.entry[at];
}

/* Inserts it before entry `at`. A full script loses its last entry. */
static void insert(size_t at, struct entry entry)
{
    if (script.entries < INPUT_ENTRIES)
        script.entries++;
    if (at >= script.entries)
        at = script.entries - 1;
    memmove(&script.entry[at + 1], &script.entry[at],
            (script.entries - 1 - at) * sizeof entry);
    script.entry[at] = entry;
}

static void take_out(size_t at, size_t count)
{
    if (count > script.entries - at)
        count = script.entries - at;
    script.entries -= count;
    memmove(&script.entry[at], &script.entry[at + count],
            (script.entries - at) * sizeof script.entry[0]);
}

/* ---- entries ---- */

static void remove_some(void)
{
    if (script.entries > 1)
        take_out(pick(&shop.dice, (uint32_t)script.entries),
                 1 + pick(&shop.dice, one_in(&shop.dice, 4) ? 8 : 1));
}

static void duplicate(void)
{
    size_t at;

    if (pick_packet(&at))
        insert(one_in(&shop.dice, 2)
                   ? at
                   : pick(&shop.dice, (uint32_t)script.entries + 1),
               script.entry[at]);
}

static void reorder(void)
{
    struct entry entry;
    size_t from;

    if (script.entries < 2)
        return;
    from = pick(&shop.dice, (uint32_t)script.entries);
    entry = script.entry[from];
    take_out(from, 1);
    insert(one_in(&shop.dice, 2)
               ? from + 1
               : pick(&shop.dice, (uint32_t)script.entries + 1),
           entry);
}

static void add_flush(void)
{
    insert(pick(&shop.dice, (uint32_t)script.entries + 1),
           (struct entry){.kind = INPUT_FLUSH});
}

static void add_packet(void)
{
    insert(pick(&shop.dice, (uint32_t)script.entries + 1), packet_make(&shop));
}

/* ---- packets and their neighbours ---- */

static void next_segment(void)
{
    size_t at;

    if (pick_packet(&at))
        insert(at + 1, packet_next(&shop, expand(at)));
}

/* Sometimes so many that a limit of packets or of bytes is reached. */
static void many_segments(void)
{
    uint32_t count = 1 + pick(&shop.dice, 8);
    struct entry next;
    size_t at;

    if (!pick_packet(&at))
        return;
    if (one_in(&shop.dice, 16))
        count = INPUT_ENTRIES;
    next = packet_next(&shop, expand(at));
    for (; count > 0 && script.entries < INPUT_ENTRIES; count--)
        insert(at + 1, next);
}

static void split(void)
{
    struct entry second;
    size_t at;

    if (pick_packet(&at) && packet_split(&shop, expand(at), &second))
        insert(at + 1, second);
}

/* Merges it with the next packet of the same flow, or with the next one. */
static void merge(void)
{
    size_t at;
    size_t with;

    if (!pick_packet(&at))
        return;
    for (with = at + 1; with < script.entries; with++)
        if (is_packet(with) &&
            (one_in(&shop.dice, 8) ||
             packet_same_flow(&shop, &script.entry[at], &script.entry[with])))
            break;
    if (with < script.entries &&
        packet_merge(&shop, &script.entry[at], &script.entry[with]))
        take_out(with, 1);
}

/* Moves one packet to the flow of the other. */
static void cross_flows(void)
{
    size_t from;
    size_t to;

    if (pick_packet(&from) && pick_packet(&to) && from != to)
        packet_join(&shop, expand(to), expand(from));
}

static void change_field(void)
{
    size_t at;

    if (pick_packet(&at))
        packet_change(&shop, expand(at));
}

static void change_size(void)
{
    size_t at;

    if (pick_packet(&at))
        packet_resize(&shop, expand(at));
}

static void change_header(void)
{
    size_t at;

    if (pick_packet(&at))
        packet_vnet(&shop, expand(at));
}

static void change_headers(void)
{
    size_t at;

    if (pick_packet(&at))
        packet_grow(&shop, expand(at));
}

static void wrap(void)
{
    size_t at;

    if (pick_packet(&at))
        packet_wrap(&shop, expand(at));
}

/* Changes what is mended, taken from another packet, a header or the hash. */
static void change_kind(void)
{
    size_t at;

    if (pick_packet(&at))
        script.entry[at].kind ^= (uint8_t)(1U << pick(&shop.dice, 8));
}

static void change_config(void)
{
    enum { GROWTH_BITS = 5 };
    static const uint8_t flows[] = {0, 1, 2, 3, 7, 8, 9, 255};

    switch (pick(&shop.dice, 4)) {
    case 0:
        script.max_flows = flows[pick(&shop.dice, sizeof flows)];
        break;
    case 1:
        script.growth ^= (uint8_t)(1U << pick(&shop.dice, GROWTH_BITS));
        break;
    default:
        script.config ^= (uint8_t)(1U << pick(&shop.dice, 8));
    }
}

/* Begins anew with other layers, of which the packets would not be. */
static void change_layers(void)
{
    script.layers ^= (uint8_t)(1U << pick(&shop.dice, 8));
    if (one_in(&shop.dice, 4))
        script.layers = (uint8_t)pick(&shop.dice, 256);
    layered_config(script.layers, &shop.config);
    if (one_in(&shop.dice, 4))
        return;
    script.entries = 0;
    add_packet();
    many_segments();
}

/* ---- the mutator ---- */

typedef void step_fn(void);

/* A mutation that is listed twice is used twice as often. */
static step_fn *const steps[] = {
    remove_some,  duplicate,     reorder,       add_flush,     add_packet,
    next_segment, next_segment,  many_segments, split,         merge,
    cross_flows,  change_field,  change_field,  change_field,  change_field,
    change_size,  change_size,   change_header, change_header, change_headers,
    change_kind,  change_config, change_layers, wrap};

enum { STEPS = sizeof steps / sizeof steps[0], MORE_STEPS = 4 };

/* Omits bytes at the end that are equal to those of a fill. */
static void shorten(struct entry *packet)
{
    if ((packet->kind & INPUT_NEXT) != 0) /* offsets are not known here */
        return;
    while (packet->given > 0 && packet->fill < UINT16_MAX &&
           packet->bytes[packet->given - 1] == (uint8_t)(packet->given - 1)) {
        packet->given--;
        packet->fill++;
    }
}

/* Writes as many entries as fit; returns the size. */
static size_t finish(uint8_t *out, size_t room)
{
    for (size_t i = 0; i < script.entries; i++)
        shorten(&script.entry[i]);
    while (script.entries != 0 && script_size(&script) > room)
        script.entries--;
    if (script_size(&script) > room)
        return 0;
    script_write(&script, shop.out);
    memcpy(out, shop.out, script_size(&script));
    return script_size(&script);
}

size_t mutate(uint8_t *data, size_t size, size_t room, uint32_t seed)
{
    script_read(&script, data, size);
    shop_open(&shop, seed, script.layers);
    if (script.entries == 0)
        add_packet();
    for (uint32_t i = 1 + pick(&shop.dice, MORE_STEPS); i > 0; i--)
        steps[pick(&shop.dice, STEPS)]();
    return finish(data, room < SHOP_OUT ? room : SHOP_OUT);
}

/* Replaces some entries of one input by some of the other. */
size_t mutate_cross(const uint8_t *one, size_t one_size, const uint8_t *other,
                    size_t other_size, uint8_t *out, size_t room, uint32_t seed)
{
    static struct script from;
    size_t first;
    size_t count;
    size_t at;

    script_read(&script, one, one_size);
    shop_open(&shop, seed, script.layers);
    script_read(&from, other, other_size);
    if (from.entries != 0) {
        first = pick(&shop.dice, (uint32_t)from.entries);
        count = 1 + pick(&shop.dice, (uint32_t)(from.entries - first));
        at = pick(&shop.dice, (uint32_t)script.entries + 1);
        take_out(at, pick(&shop.dice, (uint32_t)count + 1));
        for (size_t i = 0; i < count; i++)
            insert(at + i, from.entry[first + i]);
    }
    if (one_in(&shop.dice, 4))
        cross_flows();
    return finish(out, room < SHOP_OUT ? room : SHOP_OUT);
}
