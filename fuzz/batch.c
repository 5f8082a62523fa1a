/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <netinet/in.h>
#include <string.h>

#include "check.h"
#include "layered.h"
#include "mend.h"
#include "script.h"

enum { FIN = 1, PSH = 8, CWR = 0x80 };

/* Iovecs of headers; VLAN tags of a link take one more. */
enum { HEADER_IOVECS = 4, TUNNEL_IOVECS = 8 };

bool batch_has_layers(const struct run_config *config)
{
    return config->link != GROVE_LINK_NONE || config->tunnel_count != 0;
}

void batch_check_bounds(const struct grove_output *output,
                        const struct run_config *config)
{
    const uint32_t headers =
        (config->tunnel_count != 0 ? TUNNEL_IOVECS : HEADER_IOVECS) +
        (config->link == GROVE_LINK_ETHERNET ? 1U : 0U);
    size_t len = 0;

    CHECK(output->packets != 0, "an output of no packet");
    CHECK(output->iovcnt >= 2 &&
              (uint32_t)output->iovcnt <= headers + output->packets,
          "%d iovecs of %u packets", output->iovcnt, output->packets);
    for (int i = 0; i < output->iovcnt; i++) {
        CHECK(output->iov[i].iov_len != 0, "iovec %d is empty", i);
        len += output->iov[i].iov_len;
    }
    CHECK(output->iov[0].iov_len == config->vnet_len, "a header of %zu bytes",
          output->iov[0].iov_len);
    CHECK(len == config->vnet_len + (size_t)output->len,
          "iovecs of %zu bytes, told are %u and a header", len, output->len);
}

static struct grove_vnet header_of(const struct grove_output *output)
{
    struct grove_vnet vnet;

    grove_vnet_load(&vnet, output->iov[0].iov_base);
    return vnet;
}

/* Only a packet whose checksum was verified has DATA_VALID. */
static bool is_verified(const struct grove_packet *packet)
{
    const struct layout at = layout_of(packet->data, packet->len);
    const bool none = at.field != 0 && at.protocol == IPPROTO_UDP &&
                      packet->data[at.field] == 0 &&
                      packet->data[at.field + 1] == 0;

    return none || l4_checksum_is_right(packet->data, packet->len);
}

static bool is_summed(const struct grove_packet *packet)
{
    struct grove_vnet vnet = {0};

    if (packet->vnet != NULL)
        grove_vnet_load(&vnet, packet->vnet);
    return (vnet.flags & GROVE_VNET_F_NEEDS_CSUM) == 0;
}

void batch_check_single(const struct grove_output *output,
                        const struct grove_packet *packet,
                        const struct run_config *config)
{
    struct grove_vnet vnet = header_of(output);
    const uint32_t field = (uint32_t)vnet.csum_start + vnet.csum_offset;

    CHECK(output->iovcnt == 2 && output->iov[1].iov_base == packet->data &&
              output->len == packet->len,
          "packet %u does not leave as it came", output->first);
    if (config->vnet_len == GROVE_VNET_TUNNEL_LEN && vnet.gso_type != 0)
        vnet.flags &= (uint8_t)~GROVE_VNET_F_TUNNEL_CSUM;
    CHECK(vnet.flags < 3, "flags are %u", vnet.flags);
    CHECK(vnet.flags != GROVE_VNET_F_DATA_VALID || config->csum_trusted ||
              batch_has_layers(config) || is_verified(packet),
          "packet %u has DATA_VALID", output->first);
    if (vnet.flags == GROVE_VNET_F_NEEDS_CSUM)
        CHECK(!is_summed(packet) && field + 2 <= output->len,
              "a checksum at %u of %u bytes", field, output->len);
    else
        CHECK(field == 0, "a checksum at %u without NEEDS_CSUM", field);
    CHECK(vnet.gso_type != 0 || (vnet.gso_size == 0 && vnet.hdr_len == 0),
          "no GSO, of size %u", vnet.gso_size);
    CHECK(vnet.gso_type == 0 || packet->vnet != NULL,
          "packet %u becomes a GSO packet by itself", output->first);
}

/* Clears the fields that differ between the packets of a super-packet. */
static void blank(uint8_t *header, const struct layout *at)
{
    if (at->version == 4) {
        memset(header + 2, 0, 4); /* length, identification */
        memset(header + 10, 0, 2);
    } else {
        memset(header + 4, 0, 2);
    }
    memset(header + at->field, 0, 2);
    if (at->protocol == IPPROTO_TCP) {
        memset(header + at->l4 + 4, 0, 4);
        header[at->l4 + 13] &= (uint8_t) ~(FIN | PSH | CWR);
        memset(header + at->l4 + 18, 0, 2); /* urgent pointer */
    } else {
        memset(header + at->l4 + 4, 0, 2);
    }
}

/* Only so many bytes of longer headers are compared. */
enum { HEADERS_MAX = 4096 };

static void check_alike(const struct grove_packet *a,
                        const struct grove_packet *b, const struct layout *at)
{
    static uint8_t one[HEADERS_MAX];
    static uint8_t other[HEADERS_MAX];

    if (at->payload > HEADERS_MAX)
        return;
    memcpy(one, a->data, at->payload);
    memcpy(other, b->data, at->payload);
    blank(one, at);
    blank(other, at);
    CHECK(memcmp(one, other, at->payload) == 0,
          "headers of packets that were merged differ");
}

static uint32_t sequence_of(const struct grove_packet *packet, size_t l4)
{
    uint32_t sequence;

    memcpy(&sequence, packet->data + l4 + 4, sizeof sequence);
    return ntohl(sequence);
}

/* Packet `number` of the super-packet that begins with `first`. */
static void check_member(const struct grove_packet *first,
                         const struct grove_packet *packet, uint32_t number,
                         bool is_last, const struct layout *at)
{
    const struct layout is = layout_of(packet->data, packet->len);
    const size_t size = first->len - at->payload;
    const size_t len = packet->len - is.payload;

    CHECK(is.version == at->version && is.payload == at->payload,
          "merged packet %u has other headers", number);
    CHECK(len == size || (is_last && len < size),
          "merged packet %u has %zu bytes of payload, the first one %zu",
          number, len, size);
    CHECK(is.protocol != IPPROTO_TCP ||
              sequence_of(packet, is.l4) ==
                  (uint32_t)(sequence_of(first, at->l4) + number * size),
          "merged packet %u does not follow", number);
    check_alike(first, packet, at);
}

static struct grove_vnet vnet_of(const struct grove_packet *first,
                                 const struct layout *at)
{
    const uint8_t tcp =
        at->version == 4 ? GROVE_VNET_GSO_TCPV4 : GROVE_VNET_GSO_TCPV6;

    return (struct grove_vnet){
        .flags = GROVE_VNET_F_NEEDS_CSUM,
        .gso_type = at->protocol == IPPROTO_TCP ? tcp : GROVE_VNET_GSO_UDP_L4,
        .hdr_len = (uint16_t)at->payload,
        .gso_size = (uint16_t)(first->len - at->payload),
        .csum_start = (uint16_t)at->l4,
        .csum_offset = (uint16_t)(at->field - at->l4),
    };
}

static void check_vnet(struct grove_vnet got, struct grove_vnet expected)
{
    if (expected.gso_type != GROVE_VNET_GSO_UDP_L4)
        got.gso_type &= (uint8_t)~GROVE_VNET_GSO_ECN;
    CHECK(got.flags == expected.flags, "flags are %u", got.flags);
    CHECK(got.gso_type == expected.gso_type, "gso_type is %u, not %u",
          got.gso_type, expected.gso_type);
    CHECK(got.hdr_len == expected.hdr_len, "hdr_len is %u, not %u", got.hdr_len,
          expected.hdr_len);
    CHECK(got.gso_size == expected.gso_size, "gso_size is %u, not %u",
          got.gso_size, expected.gso_size);
    CHECK(got.csum_start == expected.csum_start, "csum_start is %u, not %u",
          got.csum_start, expected.csum_start);
    CHECK(got.csum_offset == expected.csum_offset, "csum_offset is %u, not %u",
          got.csum_offset, expected.csum_offset);
}

/*
 * The longest packet that a table may make from several: an input has no more
 * bytes for it, and its jumbo header has 8.
 */
enum { JUMBO = 8, MERGED_MAX = INPUT_BYTES + JUMBO };

/* GRO-OUT-013, GRO-OUT-014: a length that does not fit is 0. */
static void mend_long(uint8_t *bytes, size_t len, const struct layout *at)
{
    const size_t most = at->version == 4 ? UINT16_MAX : UINT16_MAX + at->ip;
    uint8_t *field = bytes + (at->version == 4 ? 2 : 4);
    const bool minus_0 = at->version == 4 && len > most &&
                         memcmp(bytes + 2, "\xff\xff", 2) == 0 &&
                         memcmp(bytes + 10, "\xff\xff", 2) == 0;

    mend_lengths(bytes, len);
    if (len > most)
        memset(field, 0, 2);
    mend_ip_checksum(bytes, len);
    if (minus_0)
        memset(bytes + 10, 0xff, 2);
}

/* GRO-OUT-015: adds the jumbo header to a super-packet of `len` bytes. */
static void add_jumbo(uint8_t *bytes, size_t len)
{
    enum { NEXT = 6, IP6 = 40 };
    const uint32_t behind = (uint32_t)(len + JUMBO - IP6);
    uint8_t header[JUMBO] = {bytes[NEXT], 0, 0xc2, 4};

    for (int i = 0; i < 4; i++)
        header[4 + i] = (uint8_t)(behind >> (24 - 8 * i));
    memmove(bytes + IP6 + JUMBO, bytes + IP6, len - IP6);
    memcpy(bytes + IP6, header, JUMBO);
    bytes[NEXT] = 0;
}

/* The bytes that all packets make, without a jumbo header. */
static size_t join(const struct grove_output *output,
                   const struct grove_table *table,
                   const struct grove_packet *packets, bool csum_trusted,
                   uint8_t *bytes)
{
    const struct grove_packet *first = &packets[output->first];
    const struct layout at = layout_of(first->data, first->len);
    uint32_t next = output->first;
    size_t len = at.payload;

    CHECK(at.payload != 0, "what was merged has no payload");
    memcpy(bytes, first->data, len);
    for (uint32_t i = 0; i < output->packets; i++) {
        const struct grove_packet *packet = &packets[next];
        const size_t payload = packet->len - at.payload;

        next = grove_next_packet(table, next);
        check_member(first, packet, i, next == GROVE_NO_PACKET, &at);
        CHECK(csum_trusted || !is_summed(packet) || is_verified(packet),
              "merged packet %u has a wrong checksum", i);
        CHECK(len + payload <= INPUT_BYTES, "%zu bytes", len + payload);
        memcpy(bytes + len, packet->data + at.payload, payload);
        len += payload;
        if (at.protocol == IPPROTO_TCP)
            bytes[at.l4 + 13] |= packet->data[at.l4 + 13] & (FIN | PSH);
    }
    return len;
}

static bool gets_jumbo(const char *profile, const struct layout *at, size_t len)
{
    return at->version == 6 && len > UINT16_MAX + at->ip &&
           profile_value(profile, "strips_jumbo") != 0;
}

/* GRO-LIM-001 to GRO-LIM-003 */
static void check_length(const char *profile, const struct run_config *config,
                         const struct layout *at, size_t len)
{
    enum { IP6 = 40 };
    const bool extended = at->version == 6 && at->l4 != IP6;
    const bool usual = at->protocol == IPPROTO_UDP ||
                       (profile_value(profile, "big_ip4") == 0 &&
                        (at->version == 4 || extended));

    CHECK(len <= (usual ? UINT16_MAX : config->max_bytes), "%zu bytes", len);
    CHECK(!gets_jumbo(profile, at, len) || at->l4 <= IP6 + JUMBO,
          "a jumbo header before %zu bytes of others", at->l4 - IP6);
}

/* What the packets make; the later ones are checked on the way. */
static size_t model(const struct grove_output *output,
                    const struct grove_table *table,
                    const struct grove_packet *packets, const char *profile,
                    const struct run_config *config, uint8_t *bytes)
{
    const struct grove_packet *first = &packets[output->first];
    const struct layout at = layout_of(first->data, first->len);
    const size_t len =
        join(output, table, packets, config->csum_trusted, bytes);
    const bool jumbo = gets_jumbo(profile, &at, len);
    struct grove_vnet vnet = vnet_of(first, &at);

    check_length(profile, config, &at, len);
    mend_l4_partial(bytes, len);
    mend_long(bytes, len, &at);
    if (jumbo) {
        add_jumbo(bytes, len);
        vnet.csum_start += JUMBO;
        vnet.hdr_len += JUMBO;
    }
    check_vnet(header_of(output), vnet);
    return len + (jumbo ? JUMBO : 0);
}

const uint8_t *batch_check_merged(const struct grove_output *output,
                                  const struct grove_table *table,
                                  const struct grove_packet *packets,
                                  const char *profile,
                                  const struct run_config *config)
{
    static uint8_t bytes[MERGED_MAX];
    const size_t len = model(output, table, packets, profile, config, bytes);
    size_t at = 0;

    CHECK(len == output->len, "%u bytes, the packets make %zu", output->len,
          len);
    CHECK(header_of(output).gso_type != GROVE_VNET_GSO_UDP_L4 ||
              output->packets <= profile_value(profile, "max_udp_segments"),
          "%u datagrams", output->packets);
    for (int i = 1; i < output->iovcnt; i++) {
        CHECK(memcmp(bytes + at, output->iov[i].iov_base,
                     output->iov[i].iov_len) == 0,
              "iovec %d, from byte %zu on, is not what the packets make", i,
              at);
        at += output->iov[i].iov_len;
    }
    return bytes;
}

static bool needs_csum(const struct grove_output *output)
{
    return (header_of(output).flags & GROVE_VNET_F_NEEDS_CSUM) != 0;
}

/* Packet `number` of the list that begins with `first`. */
static void check_listed(const struct grove_output *first,
                         const struct grove_packet *packets, uint32_t number,
                         const struct layout *at)
{
    const struct grove_output *output = first + number;
    const struct grove_packet *a = &packets[first->first];
    const struct grove_packet *b = &packets[output->first];

    CHECK(output->packets == 1 && output->rest == first->rest - number,
          "packet %u of a list of %u has %u behind it", number, first->rest + 1,
          output->rest);
    check_member(a, b, number, output->rest == 0, at);
    CHECK(needs_csum(first) == needs_csum(output),
          "packet %u of a list has another NEEDS_CSUM", number);
    CHECK(at->protocol != IPPROTO_TCP ||
              ((a->data[at->l4 + 13] ^ b->data[at->l4 + 13]) &
               (FIN | PSH | CWR)) == 0,
          "packet %u of a list has other flags", number);
}

void batch_check_list(const struct grove_output *output,
                      const struct grove_packet *packets, const char *profile)
{
    enum { LIST_TCP = 64 };
    const struct grove_packet *first = &packets[output->first];
    const struct layout at = layout_of(first->data, first->len);
    const uint32_t most = at.protocol == IPPROTO_TCP
                              ? LIST_TCP
                              : profile_value(profile, "max_udp_segments");
    size_t total = first->len;

    CHECK(output->rest < most, "%u packets in a list", output->rest + 1);
    for (uint32_t i = 1; i <= output->rest; i++) {
        const size_t len = packets[output[i].first].len;

        check_listed(output, packets, i, &at);
        CHECK(total + len <= UINT16_MAX, "a list of %zu bytes takes %zu", total,
              len);
        total += len - at.payload;
    }
}

struct grove_split *batch_split(const char *profile,
                                const struct run_config *config,
                                const struct grove_output *output,
                                const uint8_t *bytes)
{
    static struct grove_split *split;
    const struct grove_split_config split_config = {
        .profile = profile, .link = config->link, .vnet_len = config->vnet_len};
    const struct grove_packet whole = {
        .data = bytes, .len = output->len, .vnet = output->iov[0].iov_base};
    enum grove_error error;
    enum grove_rule rule;

    grove_split_free(split);
    error = grove_split_new(&split_config, &split);
    CHECK(error == GROVE_OK, "no splitter: %s", grove_error_words(error));
    CHECK(grove_split_begin(split, &whole, &rule) == GROVE_SPLIT_OK,
          "what leaves cannot be split: %s", grove_rule_id(rule));
    CHECK(grove_split_left(split) == output->packets,
          "%u packets split into %u", output->packets, grove_split_left(split));
    return split;
}

const uint8_t *batch_gather(const struct grove_output *output)
{
    static uint8_t bytes[GROVE_MAX_PACKET_LEN];
    size_t len = 0;

    for (int i = 1; i < output->iovcnt; i++) {
        const struct iovec *iov = &output->iov[i];

        CHECK(iov->iov_len <= sizeof bytes - len, "more than %zu bytes",
              sizeof bytes);
        memcpy(bytes + len, iov->iov_base, iov->iov_len);
        len += iov->iov_len;
    }
    return bytes;
}

/* The bytes of the link's header, without VLAN tags. */
static uint32_t link_len(const struct run_config *config)
{
    enum { ETHERNET = 14 };

    return config->link == GROVE_LINK_ETHERNET ? ETHERNET : 0;
}

void batch_check_payloads(const struct grove_output *output,
                          const struct grove_table *table,
                          const struct grove_packet *packets,
                          const struct run_config *config)
{
    const struct grove_packet *first = &packets[output->first];
    const struct layout layout = inner_of(config, first->data, first->len).at;
    const size_t headers = layout.payload;
    const uint8_t *bytes = batch_gather(output);
    size_t at = headers;

    /* GRO-LIM-001: VLAN tags count, the rest of the link's header does not. */
    CHECK(output->len <= UINT16_MAX + link_len(config), "%u bytes",
          output->len);
    /* layers.h finds no IP header that has another version in its bits. */
    if (headers == 0 || header_of(output).csum_start != layout.l4)
        return;
    for (uint32_t i = output->first; i != GROVE_NO_PACKET;
         i = grove_next_packet(table, i)) {
        const size_t len = packets[i].len - headers;

        CHECK(packets[i].len > headers && len <= output->len - at,
              "packet %u of %zu bytes is in %u bytes", i, packets[i].len,
              output->len);
        CHECK(memcmp(bytes + at, packets[i].data + headers, len) == 0,
              "the payload of packet %u is not in its place", i);
        at += len;
    }
    CHECK(at == output->len, "%zu bytes after the payloads", output->len - at);
}

bool batch_bypasses(enum grove_rule rule)
{
    switch (rule) {
    case GROVE_RULE_IP4_SHORT:
    case GROVE_RULE_IP4_PROTOCOL:
    case GROVE_RULE_IP4_OPTIONS:
    case GROVE_RULE_IP4_FRAGMENT:
    case GROVE_RULE_IP4_CHECKSUM:
    case GROVE_RULE_IP6_SHORT:
    case GROVE_RULE_IP6_EXTENSION:
    case GROVE_RULE_IP6_PROTOCOL:
    case GROVE_RULE_TCP_CHECKSUM:
    case GROVE_RULE_TCP_SHORT:
    case GROVE_RULE_TCP_OFFSET:
    case GROVE_RULE_UDP_SHORT:
    case GROVE_RULE_UDP_CHECKSUM:
    case GROVE_RULE_UDP_OFF:
    case GROVE_RULE_UDP_NO_CHECKSUM:
    case GROVE_RULE_UDP_LENGTH:
        return true;
    default:
        return false;
    }
}

/* True if sections 3 to 5 of SPEC.md give the packet a flow. */
static bool is_flow_known(const struct grove_packet *packet,
                          const struct layout *at)
{
    static const uint8_t plain = 0x45;
    const uint8_t *data = packet->data;

    if (at->ports == 0)
        return false;
    return at->version == 6 ||
           (data[0] == plain && (data[6] & 0x3f) == 0 && data[7] == 0 &&
            ip_checksum_is_right(data, packet->len));
}

static bool same_addresses(const struct grove_packet *a,
                           const struct grove_packet *b)
{
    const size_t from = a->data[0] >> 4 == 4 ? 12 : 8;
    const size_t end = a->data[0] >> 4 == 4 ? 20 : 40;

    return a->data[0] >> 4 == b->data[0] >> 4 && a->len >= end &&
           b->len >= end &&
           memcmp(a->data + from, b->data + from, end - from) == 0;
}

static bool same_ports(const struct grove_packet *a, const struct layout *at_a,
                       const struct grove_packet *b, const struct layout *at_b)
{
    return at_a->protocol == at_b->protocol &&
           memcmp(a->data + at_a->ports, b->data + at_b->ports, 4) == 0;
}

/* Compares the fields of GRO-KEY-002 other than addresses and ports. */
static bool same_ip6_key(const struct grove_packet *a,
                         const struct grove_packet *b, const struct layout *at,
                         const struct layout *at_b)
{
    return at->ports == at_b->ports && (a->data[1] & 15) == (b->data[1] & 15) &&
           memcmp(a->data + 2, b->data + 2, 2) == 0 &&
           a->data[6] == b->data[6] &&
           memcmp(a->data + 40, b->data + 40, at->ports - 40) == 0;
}

bool batch_in_order(const struct grove_packet *a, const struct grove_packet *b,
                    bool lossless)
{
    const struct layout at_a = layout_of(a->data, a->len);
    const struct layout at_b = layout_of(b->data, b->len);
    const bool known = is_flow_known(a, &at_a) && is_flow_known(b, &at_b);

    if (!same_addresses(a, b))
        return false;
    if (!known)
        return lossless;
    if (!same_ports(a, &at_a, b, &at_b))
        return false;
    return lossless || at_a.version == 4 || same_ip6_key(a, b, &at_a, &at_b);
}
