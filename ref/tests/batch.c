/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "grove/profile.h"

typedef void change_fn(struct fields *fields, struct dice *dice);
typedef void spoil_fn(struct wire wire);

/* ---- one change of the fields ---- */

static void payload_len(struct fields *fields, struct dice *dice)
{
    fields->payload_len = pick(dice, fields->payload_len + 2);
}

static void sequence(struct fields *fields, struct dice *dice)
{
    fields->sequence += pick(dice, 3) - 1;
}

static void flags(struct fields *fields, struct dice *dice)
{
    fields->flags ^= (uint16_t)(1 << pick(dice, 12));
}

static void push(struct fields *fields, struct dice *dice)
{
    (void)dice;
    fields->flags |= PSH;
}

static void reduced(struct fields *fields, struct dice *dice)
{
    (void)dice;
    fields->flags |= CWR;
}

static void window(struct fields *fields, struct dice *dice)
{
    fields->window = (uint16_t)pick(dice, 65536);
}

static void acknowledgment(struct fields *fields, struct dice *dice)
{
    fields->acknowledgment += pick(dice, 1000);
}

static void urgent(struct fields *fields, struct dice *dice)
{
    fields->urgent ^= (uint16_t)(1 << pick(dice, 16));
}

static void options(struct fields *fields, struct dice *dice)
{
    fields->options[pick(dice, 12)]++;
}

static void options_len(struct fields *fields, struct dice *dice)
{
    fields->options_len = 4 * pick(dice, 11);
}

static void hop(struct fields *fields, struct dice *dice)
{
    fields->hop = (uint8_t)pick(dice, 256);
}

static void traffic_class(struct fields *fields, struct dice *dice)
{
    fields->traffic_class ^= (uint8_t)(1 << pick(dice, 8));
}

static void id(struct fields *fields, struct dice *dice)
{
    fields->id = (uint16_t)(fields->id + pick(dice, 5) - 2);
}

static void same_id(struct fields *fields, struct dice *dice)
{
    (void)dice;
    fields->id--;
}

static void fragment(struct fields *fields, struct dice *dice)
{
    fields->fragment ^= (uint16_t)(0x8000 >> pick(dice, 4));
}

static void flow_label(struct fields *fields, struct dice *dice)
{
    fields->flow_label ^= UINT32_C(1) << pick(dice, 20);
}

static void extension(struct fields *fields, struct dice *dice)
{
    static const uint8_t headers[] = {HBH, ROUTE, DESTINATION, 44, 59};

    if (fields->extensions_len < 32)
        fields_extend(fields, headers[pick(dice, 5)], (uint8_t)pick(dice, 2));
}

static change_fn *const changes[] = {
    payload_len, payload_len, sequence,       flags,  push,
    reduced,     window,      acknowledgment, urgent, options,
    options_len, hop,         traffic_class,  id,     same_id,
    fragment,    flow_label,  extension,
};

/* ---- one change of the bytes ---- */

static void wrong_byte(struct wire wire)
{
    wire_put8(wire, wire.len - 1, (uint8_t)~wire.data[wire.len - 1]);
}

static void odd_l4_checksum(struct wire wire)
{
    wire_odd_l4_checksum(wire);
}

static void odd_ip_checksum(struct wire wire)
{
    if (wire.version == 4)
        wire_odd_ip_checksum(wire);
}

static void wrong_length(struct wire wire)
{
    wire_put16(wire, wire.version == 4 ? 2 : 4, 60);
    wire_mend(wire);
}

static void wrong_udp_length(struct wire wire)
{
    if (wire.protocol == UDP)
        wire_put16(wire, wire.l4 + 4, 9);
    wire_mend(wire);
}

static void no_udp_checksum(struct wire wire)
{
    if (wire.protocol == UDP)
        wire_put16(wire, wire.l4 + 6, 0);
}

static void protocol(struct wire wire)
{
    wire_put8(wire, wire.version == 4 ? 9 : 6, 132);
    wire_mend(wire);
}

static spoil_fn *const spoils[] = {
    wrong_byte,       odd_l4_checksum, odd_ip_checksum, wrong_length,
    wrong_udp_length, no_udp_checksum, protocol,
};

/* ---- the batch ---- */

static struct fields random_flow(uint32_t number, struct dice *dice)
{
    static const uint32_t sizes[] = {1, 7, 8, 9, 100, 536, 1448, 9000};
    struct fields fields =
        fields_of(one_in(dice, 2) ? 4 : 6, one_in(dice, 2) ? TCP : UDP);

    fields.source_port = (uint16_t)(1000 + number);
    fields.payload_len = sizes[pick(dice, 8)];
    fields.sequence = (uint32_t)roll(dice);
    fields.id = (uint16_t)roll(dice);
    fields.fragment = one_in(dice, 2) ? DF : 0;
    if (one_in(dice, 6))
        fields_extend(&fields, DESTINATION, 0);
    return fields;
}

/* A checksum that is not computed yet, as a virtio header requests it. */
static const uint8_t *random_vnet(struct batch *batch, struct wire wire,
                                  struct dice *dice)
{
    const struct grove_vnet vnet = {
        .flags = (uint8_t)pick(dice, 4),
        .csum_start = (uint16_t)wire.l4,
        .csum_offset = wire.protocol == TCP ? 16 : 6,
    };

    if (!one_in(dice, 3 * batch->calm))
        return NULL;
    grove_vnet_store(batch->vnets[batch->count], &vnet);
    return batch->vnets[batch->count];
}

static void add_packet(struct batch *batch, struct dice *dice, bool valid)
{
    const uint32_t flow = pick(dice, batch->flows);
    struct fields fields = batch->next[flow];
    struct wire wire;

    if (one_in(dice, batch->calm))
        changes[pick(dice, sizeof changes / sizeof changes[0])](&fields, dice);
    /* The flow continues from the changed packet, or from the unchanged one. */
    batch->next[flow] =
        fields_next(one_in(dice, 2) ? fields : batch->next[flow]);
    if (batch->next[flow].payload_len == 0)
        batch->next[flow].payload_len = 100;
    wire = wire_of(&fields);
    if (!valid && fields.payload_len > 1 && one_in(dice, 3 * batch->calm))
        spoils[pick(dice, sizeof spoils / sizeof spoils[0])](wire);
    batch->inputs[batch->count] = wire_input(wire);
    batch->inputs[batch->count].vnet = random_vnet(batch, wire, dice);
    batch->flow[batch->count++] = flow;
}

void batch_make(struct batch *batch, struct dice *dice, bool valid)
{
    const uint32_t count = 1 + pick(dice, BATCH_PACKETS);

    batch->flows = 1 + pick(dice, BATCH_FLOWS);
    batch->calm = one_in(dice, 4) ? 400 : 4;
    batch->count = 0;
    for (uint32_t i = 0; i < batch->flows; i++)
        batch->next[i] = random_flow(i, dice);
    while (batch->count < count)
        add_packet(batch, dice, valid);
}

const char *pick_profile(struct dice *dice)
{
    static char name[GROVE_PROFILE_NAME_SIZE];
    struct grove_profile profile = {{0}};
    const struct grove_column *column;

    for (size_t i = 0; (column = grove_column(i)) != NULL; i++)
        profile.values[i] =
            column->known[pick(dice, (uint32_t)column->known_count)];
    assert_int_equal(grove_profile_name(&profile, name), GROVE_OK);
    return name;
}
