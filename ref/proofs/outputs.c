/* SPDX-License-Identifier: MIT */
/* outputs.c: every output that is written consists of readable bytes. */
#include "../outputs.c"
#include "ip_model.h"

/* So many packets are received; one more changes nothing of the proof. */
enum { MOST = 3 };

static struct record records[MOST];
static struct grove_output list[MOST];
static struct headers headers[MOST];
static struct iovec iov[IOVECS_PER_PACKET * MOST];
static struct outputs outputs = {.records = records,
                                 .max = MOST,
                                 .list = list,
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

    packet.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
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

    held.first.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
    ASSUME(held_is_valid(&held) && held.packets <= MOST);
    held.first_number = held.last_number = outputs_record(
        &outputs, packet_payload(&held.first), GROVE_HELD, GROVE_RULE_NONE);
    total = held.first.input.bytes.len;
    for (uint32_t i = 1; i < MOST; i++)
        if (i < held.packets) {
            struct packet packet;

            packet.input.bytes = any_bytes(GROVE_MAX_PACKET_LEN);
            ASSUME(packet_is_valid(&packet));
            ASSUME(packet.input.reject == GROVE_RULE_NONE);
            ASSUME(packet.bypass == GROVE_RULE_NONE);
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
    REACHES(held.packets == MOST && held.total == UINT16_MAX);
    REACHES(held.packets == 1);
    REACHES(list[0].iovcnt == 4 + MOST);
}

/* The sum of the words of the header but its length and its checksum. */
static uint32_t sum_of_rest(struct bytes ip)
{
    uint32_t sum = 0;

    for (uint32_t at = 0; at < IP4_HEADER; at += 2)
        if (at != IP4_TOTAL_LENGTH && at != IP4_CHECKSUM)
            sum += bytes_be16(ip, at);
    return sum;
}

/* SPEC.md's fold(), for sums of up to 65536 words. */
static uint16_t fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

/*
 * GRO-OUT-002: where the received checksum is right, the incremental update
 * gives the checksum that a full computation gives; also for both zeros. No
 * other field changes.
 */
void proof_ip4_checksum(void)
{
    uint8_t header[IP4_HEADER];
    uint8_t written[IP4_HEADER];
    const struct bytes ip = {header, IP4_HEADER};
    const struct bytes out = {written, IP4_HEADER};
    const uint32_t total = nondet_u32();
    const uint32_t at = nondet_u32();
    const uint32_t rest = sum_of_rest(ip);

    ASSUME(header[IP4_VERSION_IHL] == 0x45); /* so that its sum is not 0 */
    ASSUME(fold(rest + bytes_be16(ip, IP4_TOTAL_LENGTH) +
                bytes_be16(ip, IP4_CHECKSUM)) == 0xffff);
    ASSUME(total >= IP4_HEADER && total <= UINT16_MAX);
    write_ip4((struct buffer){written, IP4_HEADER}, ip, total);

    ASSUME(at < IP4_HEADER && at != IP4_TOTAL_LENGTH &&
           at != IP4_TOTAL_LENGTH + 1 && at != IP4_CHECKSUM &&
           at != IP4_CHECKSUM + 1);
    PROVE(written[at] == header[at]);
    PROVE(bytes_be16(out, IP4_TOTAL_LENGTH) == total);
    PROVE(bytes_be16(out, IP4_CHECKSUM) == (uint16_t)~fold(rest + total));
    REACHES(bytes_be16(out, IP4_CHECKSUM) == 0);
    REACHES(bytes_be16(ip, IP4_CHECKSUM) == 0xffff);
}
