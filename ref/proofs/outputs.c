/* SPDX-License-Identifier: MIT */
/* outputs.c: every output that is written consists of readable bytes. */
#include "bytes_model.h"

#include "../outputs.c"
#include "ip_model.h"

/* So many packets are received; one more changes nothing of the proof. */
enum { MOST = 3 };

static struct record records[MOST];
static struct grove_output list[MOST];
static uint8_t vnets[MOST * GROVE_VNET_LEN_MAX];
static struct headers headers[MOST];
static struct iovec iov[IOVECS_PER_PACKET * MOST];
static struct outputs outputs = {.records = records,
                                 .max = MOST,
                                 .list = list,
                                 .vnets = vnets,
                                 .vnet_len = GROVE_VNET_LEN_MAX,
                                 .headers = headers,
                                 .iov = iov};

/* The output written last. */
static void prove_last(uint32_t packets)
{
    const struct grove_output *last = &list[outputs.count - 1];
    uint32_t len = 0;

    PROVE(outputs.count <= outputs.received);
    PROVE(outputs.iovs <= IOVECS_PER_PACKET * outputs.received);
    PROVE(last->packets == packets);
    PROVE(last->iovcnt <= 4 + (int)packets);
    for (int i = 0; i < 4 + MOST; i++)
        if (i < last->iovcnt) {
            PROVE(__CPROVER_r_ok(last->iov[i].iov_base, last->iov[i].iov_len));
            len += i > 0 ? (uint32_t)last->iov[i].iov_len : 0;
        }
    PROVE(last->len == len);
}

void proof_outputs_pass(void)
{
    struct packet packet;

    packet.input.bytes = any_packet_bytes();
    ASSUME(packet_is_valid(&packet));
    ASSUME(packet.input.reject == GROVE_RULE_NONE);
    const uint32_t number = outputs_record(&outputs, (struct bytes){NULL, 0},
                                           GROVE_PASSED, packet.bypass);

    PROVE(number == 0 && records[0].next == GROVE_NO_PACKET);
    outputs_pass(&outputs, &packet, number);
    prove_last(1);
    REACHES(list[0].len == GROVE_MAX_PACKET_LEN);
}

/* A super-packet of one to MOST packets. */
void proof_outputs_held(void)
{
    const struct policy policy = any_policy();
    struct held held;
    uint32_t total;

    held.first.input.bytes = any_packet_bytes();
    ASSUME(held_is_valid(&held) && held.packets <= MOST);
    ASSUME(!packet_in_tunnel(&held.first));
    ASSUME(held.gso_size != 0); /* GRO-END-002, GRO-UDP-005 */
    held.first_number = held.last_number = outputs_record(
        &outputs, packet_payload(&held.first), GROVE_HELD, GROVE_RULE_NONE);
    total = held.first.input.bytes.len;
    for (uint32_t i = 1; i < MOST; i++)
        if (i < held.packets) {
            struct packet packet;

            packet.input.bytes = any_packet_bytes();
            ASSUME(packet_is_valid(&packet));
            ASSUME(packet.input.reject == GROVE_RULE_NONE);
            ASSUME(packet.bypass == GROVE_RULE_NONE);
            ASSUME(packet_payload_len(&packet) != 0); /* GRO-TCP-009 */
            const uint32_t number =
                outputs_record(&outputs, packet_payload(&packet), GROVE_MERGED,
                               GROVE_RULE_NONE);

            outputs_chain(&outputs, &held, number);
            held.last_number = number;
            total += packet_payload_len(&packet);
        }
    ASSUME(held.total == total);
    outputs_held(&outputs, &policy, &held, GROVE_RULE_END_POLL);
    prove_last(held.packets);
    REACHES(held.packets == MOST && held.total == ETHERNET_HEADER + UINT16_MAX);
    REACHES(held.packets == 1);
    REACHES(list[0].iovcnt == 4 + MOST);
}
