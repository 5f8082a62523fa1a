/* SPDX-License-Identifier: MIT */
/* outputs.c: every output that is written consists of readable bytes. */
#include "bytes_model.h"

#include "../outputs.c"
#include "ip_model.h"

/* So many packets are received; one more changes nothing of the proof. */
enum { MOST = 3 };

/* The most slices of the headers of a tunnel, and with the link before them. */
enum { OUTER_SLICES = 4, BEFORE_SLICES = OUTER_SLICES + 1 };

static struct record records[MOST];
static struct grove_output list[MOST];
static uint8_t vnets[MOST * GROVE_VNET_LEN_MAX];
static uint8_t kept_vnets[MOST * GROVE_VNET_LEN_MAX];
static struct headers headers[MOST];
static struct outer_headers outers[MOST];
static struct jumbo_headers jumbos[MOST];
static struct iovec iov[(IOVECS_PER_PACKET_IN_TUNNEL + 1) * MOST];
static struct outputs outputs = {.records = records,
                                 .max = MOST,
                                 .list = list,
                                 .vnets = vnets,
                                 .kept_vnets = kept_vnets,
                                 .vnet_len = GROVE_VNET_LEN_MAX,
                                 .headers = headers,
                                 .outers = outers,
                                 .jumbos = jumbos,
                                 .iov = iov};

/* Its slices are its length, and can be read. Of all, so many are looked at. */
static void prove_slices(const struct grove_output *output, int most)
{
    const int any = (int)nondet_u32();
    uint32_t len = 0;

    for (int i = 1; i < most; i++)
        len += i < output->iovcnt ? (uint32_t)output->iov[i].iov_len : 0;
    PROVE(output->len == len);
    ASSUME(any >= 0 && any < output->iovcnt);
    PROVE(__CPROVER_r_ok(output->iov[any].iov_base, output->iov[any].iov_len));
}

/* The output written last, where no packet is in a tunnel, or any is. */
static void prove_last(uint32_t packets, bool in_tunnel)
{
    const int others = in_tunnel ? 9 : 5;
    const struct grove_output *last = &list[outputs.count - 1];

    PROVE(outputs.count <= outputs.received);
    PROVE(outputs.iovs <=
          outputs_iovecs(GROVE_LINK_ETHERNET, in_tunnel) * outputs.received);
    PROVE(last->packets == packets);
    PROVE(last->iovcnt <= others + (int)packets);
    prove_slices(last, others + MOST);
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
    prove_last(1, false);
    REACHES(list[0].len == GROVE_MAX_PACKET_LEN);
}

/* Makes a super-packet of one to `most` packets leave, and proves it. */
static struct held prove_held(bool in_tunnel, uint32_t most)
{
    struct policy policy = any_policy();
    struct held held;
    uint32_t total;

    policy.pppoe = nondet_bool();

    held.first.input.bytes = any_packet_bytes();
    ASSUME(held_is_valid(&held) && held.packets <= most);
    ASSUME(held_fits(&held, policy.max_bytes));
    ASSUME(policy_network_is_valid(&policy, held.first.input.network));
    ASSUME(packet_in_tunnel(&held.first) == in_tunnel);
    /* policy_is_valid() */
    ASSUME(!in_tunnel || policy.max_bytes == GROVE_DEFAULT_BYTES);
    ASSUME(!policy.fraglist);
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
    prove_last(held.packets, in_tunnel);
    return held;
}

void proof_outputs_held(void)
{
    const struct held held = prove_held(false, MOST);

    REACHES(held.packets == MOST && held.total == ETHERNET_HEADER + UINT16_MAX);
    REACHES(held.packets == 1);
    REACHES(list[0].iovcnt == 4 + MOST);
    REACHES(list[0].len == held.total + JUMBO_HEADER);
}

/*
 * In the place of add_before(): the most slices before the innermost IP header.
 * Those that are there have bytes; outputs-outer is about them.
 */
struct iovec *any_before(struct iovec *next, struct outputs *to,
                         const struct policy *policy, const struct held *held)
{
    const struct packet *first = &held->first;
    struct bytes rest =
        bytes_first(first->input.bytes, first->network - first->pppoe);

    (void)policy;
    PROVE(to == &outputs && packet_in_tunnel(first));
    for (uint32_t i = 0; i + 1 < BEFORE_SLICES; i++) {
        const uint32_t len = nondet_u32();

        ASSUME(len != 0 && len < rest.len);
        *next++ = iovec_of(bytes_first(rest, len));
        rest = bytes_from(rest, len);
    }
    ASSUME(rest.len != 0);
    *next++ = iovec_of(rest);
    return next;
}

/* So does a super-packet in a tunnel. */
void proof_outputs_held_tunnel(void)
{
    const struct held held = prove_held(true, 2);

    REACHES(held.packets == 2 && list[0].iovcnt == 9 + 2);
    REACHES(list[0].iovcnt == 7 + 2);
}

/* A list leaves as its packets, in order, each with a virtio header. */
void proof_outputs_list(void)
{
    const uint32_t any = nondet_u32();
    struct packet packet;
    struct held held;

    packet.input.bytes = any_packet_bytes();
    held.first = packet;
    ASSUME(held_is_valid(&held) && held.packets >= 2 && held.packets <= MOST);
    held.first_number = held.last_number = outputs_record(
        &outputs, packet.input.bytes, GROVE_HELD, GROVE_RULE_NONE);
    for (uint32_t i = 1; i < MOST; i++)
        if (i < held.packets) {
            outputs_chain(&outputs, &held,
                          outputs_record(&outputs, packet.input.bytes,
                                         GROVE_MERGED, GROVE_RULE_NONE));
            held.last_number = i;
        }
    outputs_keep_vnet(&outputs, &packet, held.last_number);
    write_list(&outputs, &held, GROVE_RULE_END_POLL);
    PROVE(outputs.count == held.packets && outputs.iovs == 2 * outputs.count);
    ASSUME(any < outputs.count);
    PROVE(list[any].first == any && list[any].packets == 1);
    PROVE(list[any].iovcnt == 2 && list[any].rest == outputs.count - 1 - any);
    PROVE(list[any].iov[0].iov_base == kept_vnets + any * GROVE_VNET_LEN_MAX);
    prove_slices(&list[any], 2);
    REACHES(held.packets == MOST);
}

/* The headers of a tunnel: up to 4 slices, which end where the inner one does.
 */
void proof_outputs_outer(void)
{
    const struct policy policy = any_policy();
    const uint32_t any = nondet_u32();
    uint32_t len = 0;
    struct held held;

    held.first.input.bytes = any_packet_bytes();
    ASSUME(held_is_valid(&held) && packet_in_tunnel(&held.first));
    const struct iovec *end = add_outer(iov, outers, &policy, &held);
    const size_t count = (size_t)(end - iov);

    PROVE(count >= 1 && count <= OUTER_SLICES);
    for (uint32_t i = 0; i < OUTER_SLICES; i++)
        len += i < count ? (uint32_t)iov[i].iov_len : 0;
    PROVE(len ==
          held.first.network - held.first.pppoe - packet_link(&held.first).len);
    ASSUME(any < count);
    PROVE(__CPROVER_r_ok(iov[any].iov_base, iov[any].iov_len));
    REACHES(count == OUTER_SLICES && held.first.network == 60000);
    REACHES(count == 1);
    REACHES(held.first.pppoe != 0 && held.first.outer.pppoe != 0);
}
