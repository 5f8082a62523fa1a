/* SPDX-License-Identifier: MIT */
#include "tun/compare.h"

#include "header.h"

void tun_burst_add(struct tun_burst *burst, struct bytes packet)
{
    const uint32_t used = (uint32_t)(packet.at - burst->room.at) + packet.len;

    if (burst->count == TUN_BURST_MAX ||
        burst->room.len - used < GROVE_VNET_LEN_MAX + TUN_SAMPLE_MAX)
        return;
    burst->packets[burst->count++] = packet;
    burst->room = buffer_from(burst->room, used);
}

/* Whether they are the same, in the same order. */
static bool same(const struct tun_burst *a, const struct tun_burst *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!bytes_equal(a->packets[i], b->packets[i]))
            return false;
    return true;
}

static bool contains(const struct tun_burst *burst, struct bytes packet)
{
    for (size_t i = 0; i < burst->count; i++)
        if (bytes_equal(burst->packets[i], packet))
            return true;
    return false;
}

/* Whether they are the same, in any order; no two of `a` are the same. */
static bool same_unordered(const struct tun_burst *a, const struct tun_burst *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!contains(b, a->packets[i]))
            return false;
    return a->count == b->count;
}

static bool same_lengths(const struct tun_burst *a, const struct tun_burst *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (a->packets[i].len != b->packets[i].len)
            return false;
    return a->count == b->count;
}

static bool is_checksum(const struct tun_sample *sample, uint32_t offset)
{
    for (uint32_t i = 0; i < sample->checksum_count; i++)
        if (offset - sample->checksums[i] < CHECKSUM_LEN)
            return true;
    return false;
}

/* What is wrong if the byte at this offset differs. */
static enum grove_tun_symptom symptom_at(const struct tun_sample *sample,
                                         uint32_t offset)
{
    if (offset >= sample->payload)
        return GROVE_TUN_SYMPTOM_PAYLOAD;
    return is_checksum(sample, offset) ? GROVE_TUN_SYMPTOM_CHECKSUM
                                       : GROVE_TUN_SYMPTOM_HEADER;
}

/* Other bytes make another checksum, so a wrong checksum says the least. */
static bool says_more(enum grove_tun_symptom symptom,
                      enum grove_tun_symptom than)
{
    static const int weights[] = {
        [GROVE_TUN_SYMPTOM_CHECKSUM] = 1,
        [GROVE_TUN_SYMPTOM_PAYLOAD] = 2,
        [GROVE_TUN_SYMPTOM_HEADER] = 3,
    };

    return than == GROVE_TUN_SYMPTOM_NONE || weights[symptom] > weights[than];
}

/* Finds the byte that says most about two packets of the same length. */
static void compare_bytes(const struct tun_sample *sample, struct bytes a,
                          struct bytes b, struct grove_tun_finding *finding)
{
    for (uint32_t i = 0; i < a.len; i++) {
        const enum grove_tun_symptom symptom = symptom_at(sample, i);

        if (bytes_u8(a, i) == bytes_u8(b, i) ||
            !says_more(symptom, finding->symptom))
            continue;
        finding->symptom = symptom;
        finding->offset = i;
    }
}

/* Looks into the first packet that differs. */
static void compare_packets(const struct tun_sample *sample,
                            const struct tun_burst *a,
                            const struct tun_burst *b,
                            struct grove_tun_finding *finding)
{
    uint32_t i = 0;

    while (bytes_equal(a->packets[i], b->packets[i]))
        i++;
    finding->segment = i;
    compare_bytes(sample, a->packets[i], b->packets[i], finding);
}

void tun_compare(const struct tun_sample *sample,
                 const struct tun_burst *expected, const struct tun_burst *seen,
                 struct grove_tun_finding *finding)
{
    finding->expected = (uint32_t)expected->count;
    finding->seen = (uint32_t)seen->count;
    if (same(expected, seen))
        return;
    if (seen->count == 0)
        finding->symptom = GROVE_TUN_SYMPTOM_LOST;
    else if (same_unordered(expected, seen))
        finding->symptom = GROVE_TUN_SYMPTOM_ORDER;
    else if (!same_lengths(expected, seen))
        finding->symptom = GROVE_TUN_SYMPTOM_SEGMENTS;
    else
        compare_packets(sample, expected, seen, finding);
}

const char *grove_tun_symptom_words(enum grove_tun_symptom symptom)
{
    static const char *const words[] = {
        [GROVE_TUN_SYMPTOM_NONE] = "as expected",
        [GROVE_TUN_SYMPTOM_REFUSED] = "the kernel refused it",
        [GROVE_TUN_SYMPTOM_SILENCE] = "no packet came any more",
        [GROVE_TUN_SYMPTOM_LOST] = "no segment came",
        [GROVE_TUN_SYMPTOM_SEGMENTS] = "it was cut into other segments",
        [GROVE_TUN_SYMPTOM_ORDER] = "the segments came in another order",
        [GROVE_TUN_SYMPTOM_HEADER] = "a header differed",
        [GROVE_TUN_SYMPTOM_CHECKSUM] = "a checksum was wrong",
        [GROVE_TUN_SYMPTOM_PAYLOAD] = "the payload differed",
    };

    return (unsigned)symptom < sizeof words / sizeof words[0]
               ? words[symptom]
               : "unknown symptom";
}
