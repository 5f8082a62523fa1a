/* SPDX-License-Identifier: MIT */
/*
 * Targets: the splitter, grove_split_begin(), grove_split_next() and
 * grove_split_copy(), in every profile, for receivers that compute checksums
 * and for others.
 *
 * Asserts: a packet that is refused or dropped has a rule and no segment. The
 * number of segments is the promised one. Each has the bytes and the virtio
 * header that a separate model gives, and its copy is the same. Limits of
 * iovecs and of the copy's memory hold. The input is not changed, and nothing
 * outside of it is accessed. The model knows neither a link nor longer virtio
 * headers: with these, each segment is only compared with its copy.
 *
 * Input: a batch (script.h), whose first packet is split.
 */
#include <netinet/in.h>
#include <string.h>

#include "check.h"
#include "grove/split.h"
#include "input.h"
#include "mend.h"
#include "target.h"

enum {
    SEGMENTS = 200, /* the most segments that are checked */
    JUMBO = 65536,  /* longer ones may lose an extension header */
    FIN = 1,
    PSH = 8,
    CWR = 0x80,
    TCP_FLAGS = 13
};

static struct input input;
static struct guard own;
static struct guard copies;

/* The packet that is split. */
struct whole {
    struct grove_packet packet;
    struct grove_vnet vnet; /* the header as a kernel keeps it */
    struct layout at;
    bool offload;
    size_t vnet_len;
    bool layered; /* with a link or a longer virtio header */
};

void target_make(void)
{
    input_make(&input);
    guard_make(&own, GUARD_ROOM(GROVE_VNET_LEN_MAX) +
                         2 * GUARD_ROOM(INPUT_BYTES) +
                         GUARD_ROOM(grove_split_size()));
    guard_make(&copies,
               GUARD_ROOM(INPUT_BYTES) + GUARD_ROOM(GROVE_VNET_LEN_MAX));
}

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint32_t get16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static bool needs_csum(const struct whole *whole)
{
    return (whole->vnet.flags & GROVE_VNET_F_NEEDS_CSUM) != 0;
}

/* The two bytes at `field` for all from `start` on; GSO-OUT-005 and -008. */
static void complete(uint8_t *bytes, size_t len, size_t start, size_t field,
                     bool zero_allowed)
{
    const uint32_t sum =
        ~words_fold(words_sum(bytes + start, len - start)) & 0xffff;

    put16(bytes + field, sum == 0 && !zero_allowed ? 0xffff : sum);
}

/* The sum that the checksum field had before; GSO-OUT-005. */
static uint32_t seed_of(const struct whole *whole, uint32_t *old)
{
    const uint8_t *data = whole->packet.data;
    const struct layout *at = &whole->at;

    *old = at->protocol == IPPROTO_UDP ? get16(data + at->l4 + 4)
                                       : (uint32_t)(whole->packet.len - at->l4);
    if (needs_csum(whole))
        return get16(data + at->field);
    return words_fold((uint64_t)words_sum(data + (at->version == 4 ? 12 : 8),
                                          at->version == 4 ? 8 : 32) +
                      at->protocol + *old);
}

static void model_checksum(const struct whole *whole, uint8_t *bytes,
                           size_t len)
{
    const struct layout *at = &whole->at;
    uint32_t old;
    const uint32_t seed = seed_of(whole, &old);

    put16(bytes + at->field,
          words_fold((uint64_t)seed + UINT32_MAX - old + (len - at->l4)));
    if (!whole->offload)
        complete(bytes, len, at->l4, at->field, at->protocol == IPPROTO_TCP);
}

static void model_tcp(uint8_t *header, uint32_t number, uint32_t size,
                      bool is_last)
{
    uint32_t sequence;

    memcpy(&sequence, header + 4, sizeof sequence);
    sequence = htonl(ntohl(sequence) + number * size);
    memcpy(header + 4, &sequence, sizeof sequence);
    if (!is_last)
        header[TCP_FLAGS] &= (uint8_t) ~(FIN | PSH);
    if (number != 0)
        header[TCP_FLAGS] &= (uint8_t)~CWR;
}

/* Makes segment `number` of a super-packet; returns its length. */
static size_t model(const struct whole *whole, uint32_t number, uint8_t *bytes)
{
    const struct layout *at = &whole->at;
    const size_t size = whole->vnet.gso_size;
    const size_t from = at->payload + number * size;
    const size_t left = whole->packet.len - from;
    const size_t len = at->payload + (left < size ? left : size);

    memcpy(bytes, whole->packet.data, at->payload);
    memcpy(bytes + at->payload, whole->packet.data + from, len - at->payload);
    mend_lengths(bytes, len);
    if (at->version == 4) {
        put16(bytes + 4, get16(bytes + 4) + number);
        mend_ip_checksum(bytes, len);
    }
    if (at->protocol == IPPROTO_TCP)
        model_tcp(bytes + at->l4, number, whole->vnet.gso_size, left <= size);
    model_checksum(whole, bytes, len);
    return len;
}

/* A packet that is not a super-packet; GSO-OUT-008. */
static size_t model_plain(const struct whole *whole, uint8_t *bytes)
{
    const struct grove_vnet *vnet = &whole->vnet;
    const size_t len = whole->packet.len;

    memcpy(bytes, whole->packet.data, len);
    if (needs_csum(whole) && !whole->offload)
        complete(bytes, len, vnet->csum_start,
                 (size_t)vnet->csum_start + vnet->csum_offset, false);
    return len;
}

static void check_vnet(const struct whole *whole, const uint8_t *wire,
                       bool plain)
{
    struct grove_vnet got;
    struct grove_vnet expected = {0};
    uint8_t bytes[GROVE_VNET_LEN];

    grove_vnet_load(&got, wire);
    if (whole->offload && (!plain || needs_csum(whole))) {
        expected.flags = GROVE_VNET_F_NEEDS_CSUM;
        expected.csum_start =
            plain ? whole->vnet.csum_start : (uint16_t)whole->at.l4;
        expected.csum_offset = plain
                                   ? whole->vnet.csum_offset
                                   : (uint16_t)(whole->at.field - whole->at.l4);
    }
    grove_vnet_store(bytes, &expected);
    CHECK(memcmp(bytes, wire, sizeof bytes) == 0,
          "a header of flags %u, gso_type %u, csum_start %u", got.flags,
          got.gso_type, got.csum_start);
}

/* Checks the bytes of the segment. */
static void check_bytes(const struct grove_segment *segment,
                        const uint8_t *bytes, size_t len)
{
    size_t at = 0;

    CHECK(segment->len == len, "a segment of %u bytes, not %zu", segment->len,
          len);
    for (int i = 1; i < segment->iovcnt; i++) {
        const struct iovec *iov = &segment->iov[i];

        CHECK(iov->iov_len <= len - at, "iovec %d has %zu bytes too many", i,
              iov->iov_len - (len - at));
        CHECK(iov->iov_len == 0 ||
                  memcmp(bytes + at, iov->iov_base, iov->iov_len) == 0,
              "iovec %d, from byte %zu on, is not what it should be", i, at);
        at += iov->iov_len;
    }
    CHECK(at == len, "iovecs of %zu bytes, not %zu", at, len);
}

static void check_segment(const struct whole *whole,
                          const struct grove_segment *segment, uint32_t number,
                          bool plain)
{
    static uint8_t bytes[INPUT_BYTES];

    CHECK(segment->iovcnt >= 2 && segment->iovcnt <= GROVE_SEGMENT_IOVECS,
          "%d iovecs", segment->iovcnt);
    CHECK(segment->iov[0].iov_len == whole->vnet_len, "a header of %zu bytes",
          segment->iov[0].iov_len);
    if (whole->layered || (whole->packet.len > JUMBO && !plain))
        return;
    check_vnet(whole, segment->iov[0].iov_base, plain);
    check_bytes(segment, bytes,
                plain ? model_plain(whole, bytes)
                      : model(whole, number, bytes));
}

/*
 * The header as a kernel keeps it (SPEC.md, "The virtio header"), of a packet
 * that was split. Whether it is a plain packet is known from the header alone
 * with NEEDS_CSUM, and else from `plain`, which is whether it has one segment.
 */
static struct grove_vnet accepted(const struct grove_packet *packet,
                                  const char *profile, bool plain)
{
    const uint16_t least = profile_value(profile, "min_tcp_gso_size");
    struct grove_vnet vnet = {0};
    bool tcp;

    if (packet->vnet != NULL)
        grove_vnet_load(&vnet, packet->vnet);
    vnet.flags &= GROVE_VNET_F_NEEDS_CSUM;
    if (vnet.flags == 0)
        vnet.csum_start = vnet.csum_offset = 0;
    tcp = (vnet.gso_type & 0x7f) == GROVE_VNET_GSO_TCPV4 ||
          (vnet.gso_type & 0x7f) == GROVE_VNET_GSO_TCPV6;
    if (tcp && vnet.gso_size < least)
        vnet.gso_size = least;
    if (vnet.flags != 0 && vnet.gso_type != GROVE_VNET_GSO_NONE) {
        const size_t header = tcp                                      ? 20
                              : vnet.gso_type == GROVE_VNET_GSO_UDP_L4 ? 8
                                                                       : 0;

        CHECK(plain ==
                  (vnet.gso_size >= packet->len - vnet.csum_start - header),
              "gso_size %u of %zu bytes, plain: %d", vnet.gso_size, packet->len,
              plain);
    }
    if (plain)
        vnet.gso_type = GROVE_VNET_GSO_NONE;
    return vnet;
}

/* The next segment of the twin is the same, in memory of its exact length. */
static void check_copy(struct grove_split *twin,
                       const struct grove_segment *segment, size_t vnet_len)
{
    uint32_t at = 0;
    uint8_t *bytes;
    uint8_t *vnet;

    guard_reset(&copies);
    bytes = guard_take(&copies, segment->len);
    vnet = guard_take(&copies, vnet_len);
    CHECK(grove_split_copy(twin, bytes, segment->len - 1, vnet) ==
                  segment->len &&
              grove_split_copy(twin, bytes, segment->len, vnet) == segment->len,
          "a copy of another length than %u", segment->len);
    CHECK(memcmp(vnet, segment->iov[0].iov_base, vnet_len) == 0,
          "a copy with another header");
    for (int i = 1; i < segment->iovcnt; i++) {
        const struct iovec *iov = &segment->iov[i];

        CHECK(iov->iov_len == 0 ||
                  memcmp(bytes + at, iov->iov_base, iov->iov_len) == 0,
              "the copy differs from byte %u on", at);
        at += (uint32_t)iov->iov_len;
    }
}

/* Checks all segments, or the first ones of very many. */
static void check_segments(struct grove_split *split, struct grove_split *twin,
                           const struct whole *whole)
{
    const uint32_t count = grove_split_left(split);
    const size_t payload = whole->packet.len - whole->at.payload;
    const size_t size = whole->vnet.gso_size;
    struct grove_segment segment;
    uint32_t number = 0;

    CHECK(count != 0, "no segment of a packet that was taken");
    CHECK(whole->layered ||
              (count == 1) == (whole->vnet.gso_type == GROVE_VNET_GSO_NONE),
          "%u segments of gso_type %u", count, whole->vnet.gso_type);
    if (count != 1 && whole->packet.len <= JUMBO && !whole->layered)
        CHECK(whole->at.payload != 0 && count == (payload + size - 1) / size,
              "%u segments of %zu bytes by %zu", count, payload, size);
    while (number < SEGMENTS && grove_split_next(split, &segment)) {
        check_segment(whole, &segment, number++, count == 1);
        check_copy(twin, &segment, whole->vnet_len);
        CHECK(grove_split_left(split) == count - number, "%u are left of %u",
              grove_split_left(split), count - number);
    }
    CHECK(number == (count < SEGMENTS ? count : SEGMENTS), "%u segments of %u",
          number, count);
    CHECK(number < count || !grove_split_next(split, &segment),
          "one segment more than %u", count);
}

static struct grove_split *make_split(const struct run *run,
                                      const struct whole *whole)
{
    const struct grove_split_config config = {.profile = run->profile,
                                              .csum_offload = whole->offload,
                                              .link = run->config.link,
                                              .vnet_len = run->config.vnet_len};
    const size_t size = grove_split_size();
    struct grove_split *split = NULL;

    CHECK(grove_split_init(guard_take_unset(&own, size), size, &config,
                           &split) == GROVE_OK,
          "no splitter for %s", run->profile);
    return split;
}

static void check_split(const struct run *run, struct whole *whole)
{
    struct grove_split *split = make_split(run, whole);
    struct grove_split *twin = make_split(run, whole);
    struct grove_segment segment;
    enum grove_rule rule = (enum grove_rule)grove_rule_limit();
    const enum grove_split_result result =
        grove_split_begin(split, &whole->packet, &rule);

    CHECK(rule < grove_rule_limit() &&
              (result == GROVE_SPLIT_OK) == (rule == GROVE_RULE_NONE),
          "result %d by rule %d", (int)result, (int)rule);
    if (result == GROVE_SPLIT_OK) {
        if (!whole->layered)
            whole->vnet = accepted(&whole->packet, run->profile,
                                   grove_split_left(split) == 1);
        CHECK(grove_split_begin(twin, &whole->packet, &rule) == result,
              "another result for the same packet");
        check_segments(split, twin, whole);
    } else {
        CHECK(grove_split_left(split) == 0 &&
                  !grove_split_next(split, &segment),
              "segments of what %s does not let pass", grove_rule_id(rule));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct run_input *from = &input.entry[0];
    struct whole whole;
    const uint8_t *copy;
    size_t vnet_len;

    input_decode_gso(&input, data, size);
    vnet_len = input.run.config.vnet_len;
    guard_reset(&own);
    copy = guard_copy(&own, from->packet, from->len);
    whole = (struct whole){
        .packet = {.data = from->packet,
                   .len = from->len,
                   .vnet = from->has_vnet
                               ? guard_copy(&own, from->vnet, vnet_len)
                               : NULL},
        .at = layout_of(from->packet, from->len),
        .offload = input.run.config.csum_offload,
        .vnet_len = vnet_len,
        .layered = input.run.config.link != GROVE_LINK_NONE ||
                   vnet_len != GROVE_VNET_LEN};
    check_split(&input.run, &whole);
    CHECK(from->len == 0 || memcmp(copy, from->packet, from->len) == 0,
          "the packet was written to");
    return 0;
}
