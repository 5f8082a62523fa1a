/* SPDX-License-Identifier: MIT */
#include "flows.h"

#include "flatten.h"

uint32_t flows_slots(uint32_t max)
{
    uint32_t slots = 2;

    while (slots < 2 * max)
        slots *= 2;
    return slots;
}

/* The next of the numbers that SplitMix64 makes of a seed. */
static uint64_t next_secret(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

void flows_init(struct flows *flows, uint32_t max, uint32_t bucket_max,
                uint64_t seed, struct held *held, struct held **slots)
{
    *flows = (struct flows){
        .slots = slots,
        .mask = flows_slots(max) - 1,
        .max = max,
        .bucket_max = bucket_max,
    };
    for (uint32_t i = 0; i < FLOW_SECRETS; i++)
        flows->secret[i] = next_secret(&seed);
    for (uint32_t i = 0; i <= flows->mask; i++)
        slots[i] = NULL;
    flows->spare = &held[max];
    for (uint32_t i = 0; i < max; i++) {
        held[i].younger = flows->free;
        flows->free = &held[i];
    }
}

/*
 * What word `number` of the key adds to the hash. The upper 32 bits of the sum
 * are strongly universal: for any two keys, the chance that n of these bits are
 * equal is 2^-n over the secret numbers. This is Multilinear-HM of D. Lemire
 * and O. Kaser, "Strongly universal string hashing is fast", 2014.
 */
static uint64_t term(const struct flows *flows, uint32_t number, uint64_t word)
{
    const uint64_t *secret = &flows->secret[1 + 2 * number];

    return (secret[0] + (uint32_t)word) * (secret[1] + (word >> 32));
}

/*
 * The upper 32 bits, so that words in a progression do not give slots in a
 * progression. Different bits stay different.
 */
static uint32_t spread(uint64_t sum)
{
    uint32_t hash = (uint32_t)(sum >> 32);

    hash = (hash ^ hash >> 16) * UINT32_C(0x9e3779b1);
    return hash ^ hash >> 16;
}

/* Adds a word to those that were added before. */
static uint64_t chain(const struct flows *flows, uint64_t words, uint64_t word)
{
    return term(flows, 0, words) + term(flows, 1, word);
}

/* Adds the words of a view, whose length is even. */
static uint64_t chain_view(const struct flows *flows, uint64_t words,
                           struct bytes view)
{
    uint32_t at = 0;

    for (; bytes_have(view, at, sizeof(uint64_t)); at += 8)
        words = chain(flows, words, bytes_word(view, at));
    for (; at < view.len; at += 2)
        words = chain(flows, words, bytes_be16(view, at));
    return words;
}

/* What the header of the link adds to the hash. */
static uint64_t link_terms(const struct flows *flows, struct bytes link)
{
    uint64_t terms;

    if (link.len == 0)
        return 0;
    /* The words overlap. */
    terms =
        term(flows, ADDRESS_WORDS + 2, bytes_word(link, ETHERNET_ADDRESSES)) +
        term(flows, ADDRESS_WORDS + 3,
             bytes_word(link, ETHERNET_HEADER - (uint32_t)sizeof(uint64_t)));
    if (link.len > ETHERNET_HEADER)
        terms += term(flows, ADDRESS_WORDS + 4,
                      chain_view(flows, 0, bytes_from(link, ETHERNET_HEADER)));
    return terms;
}

/* What else is compared of the outer headers, but for what follows UDP. */
static uint64_t outer_network(const struct packet *packet)
{
    const struct bytes ip = input_network(&packet->input);

    if (packet->input.version == 4)
        return bytes_u8(ip, IP4_PROTOCOL);
    return key_network(ip, outer_extensions(packet).len);
}

/* The ports of the outer UDP header, and whether it has a checksum. */
static uint64_t outer_ports(const struct packet *packet)
{
    const struct bytes udp = outer_udp(packet);

    if (udp.len == 0)
        return 0;
    return (uint64_t)bytes_be32(udp, L4_PORTS) << 1 |
           (bytes_be16(udp, UDP_CHECKSUM) != 0);
}

/* What is compared of the tunnel's own header. */
static struct bytes outer_own(const struct packet *packet)
{
    return bytes_slice(packet->input.bytes, packet->outer.own,
                       packet->outer.key_len);
}

/* What the headers of a tunnel add to the hash. */
RARE static uint64_t tunnel_terms(const struct flows *flows,
                                  const struct packet *packet)
{
    uint64_t words = chain(flows, outer_network(packet), outer_ports(packet));

    words = chain_view(flows, words, packet_outermost_addresses(packet));
    words = chain_view(flows, words, outer_extensions(packet));
    words = chain_view(flows, words, outer_own(packet));
    words = chain_view(flows, words, outer_frames(packet));
    return term(flows, ADDRESS_WORDS + 2 + LINK_WORDS, words);
}

/* GRO-KEY-007: the session of PPPoE before the IP header at `network`. */
static uint32_t session_before(struct bytes packet, uint32_t network)
{
    return bytes_be16(packet, network - PPPOE_HEADER + PPPOE_SESSION);
}

/* GRO-KEY-007: the sessions of PPPoE; 0 where there is none. */
static uint32_t sessions(const struct packet *packet)
{
    const struct bytes bytes = packet->input.bytes;
    uint32_t both = 0;

    if (packet->pppoe != 0)
        both = session_before(bytes, packet->network);
    if (packet_in_tunnel(packet) && packet->outer.pppoe != 0)
        both |= session_before(bytes, packet->input.network) << 16;
    return both;
}

/*
 * The hash of a key; `network` is its last word, or more than that. `outside`
 * is what the headers outside of it add.
 */
static uint32_t hash_of(const struct flows *flows, const struct flow_key *key,
                        uint64_t network, uint64_t outside)
{
    uint64_t sum = flows->secret[0] + outside + term(flows, 0, key->transport) +
                   term(flows, 1, key->addresses[0]);

    if (key_version(key) == 6) {
        for (uint32_t i = 1; i < ADDRESS_WORDS; i++)
            sum += term(flows, 1 + i, key->addresses[i]);
        sum += term(flows, 1 + ADDRESS_WORDS, network);
    }
    return spread(sum);
}

uint32_t flows_hash(const struct flows *flows, const struct packet *packet)
{
    uint64_t network = packet->key.network;
    uint64_t outside;

    /* GRO-KEY-002: IPv6, linux mode (else network is 0): extensions, too. */
    if (network != 0) {
        const struct bytes extensions = packet_extensions(packet);

        for (uint32_t i = 0; i < extensions.len; i += EXTENSION_UNIT)
            network = chain(flows, network, bytes_word(extensions, i));
    }
    outside = link_terms(flows, packet_link(packet));
    if (packet_in_tunnel(packet))
        outside += tunnel_terms(flows, packet);
    if (packet->hash != 0)
        outside += term(flows, ADDRESS_WORDS + 3 + LINK_WORDS, packet->hash);
    if (packet->frames != 0)
        outside +=
            term(flows, ADDRESS_WORDS + 4 + LINK_WORDS, sessions(packet));
    return hash_of(flows, &packet->key, network, outside);
}

/* As parse.c has the key if it finds no extension headers. */
static uint32_t hash_plain(const struct flows *flows, struct bytes ip,
                           uint8_t version, uint8_t protocol, bool lossless,
                           struct flow_key *key)
{
    const uint32_t l4 = version == 4 ? IP4_HEADER : IP6_HEADER;

    if (!bytes_have(ip, l4, L4_PORTS_LEN) ||
        (protocol != IP_PROTO_TCP && protocol != IP_PROTO_UDP))
        return 0;
    key_read_addresses(key, ip, version);
    key->transport = key_transport(bytes_from(ip, l4), protocol, version);
    key->network = version == 6 && !lossless ? key_network(ip, 0) : 0;
    return hash_of(flows, key, key->network, 0);
}

uint32_t flows_hash_bytes(const struct flows *flows, struct bytes ip,
                          bool lossless, struct flow_key *key)
{
    if (ip.len < IP4_HEADER)
        return 0;
    if (bytes_u8(ip, IP_VERSION) >> 4 == 4)
        return hash_plain(flows, ip, 4, bytes_u8(ip, IP4_PROTOCOL), lossless,
                          key);
    if (bytes_u8(ip, IP_VERSION) >> 4 == 6)
        return hash_plain(flows, ip, 6, bytes_u8(ip, IP6_NEXT_HEADER), lossless,
                          key);
    return 0;
}

/* Whether the headers of a tunnel of the same kind are those of one flow. */
RARE static bool same_outer(const struct packet *a, const struct packet *b)
{
    return a->input.version == b->input.version &&
           outer_network(a) == outer_network(b) &&
           outer_ports(a) == outer_ports(b) &&
           bytes_equal(packet_outermost_addresses(a),
                       packet_outermost_addresses(b)) &&
           bytes_equal(outer_extensions(a), outer_extensions(b)) &&
           bytes_equal(outer_own(a), outer_own(b)) &&
           bytes_equal(outer_frames(a), outer_frames(b));
}

static bool same_flow(const struct packet *a, const struct packet *b)
{
    const struct flow_key *x = &a->key;
    const struct flow_key *y = &b->key;

    /* GRO-KEY-004: the header of the link. */
    if (a->input.network != 0 && !bytes_equal(packet_link(a), packet_link(b)))
        return false;
    /* GRO-KEY-007: the sessions of PPPoE. */
    if (a->frames != 0 && sessions(a) != sessions(b))
        return false;
    /* GRO-KEY-006: the hash, not its remainder alone. */
    if (a->hash != b->hash)
        return false;
    /* GRO-KEY-005: the headers of the tunnel. */
    if (a->tunnel != b->tunnel || (packet_in_tunnel(a) && !same_outer(a, b)))
        return false;
    /* GRO-KEY-001: version, protocol, ports, addresses. */
    if (x->transport != y->transport || !key_same_addresses(x, y, a->version))
        return false;
    /* GRO-KEY-002: IPv6, linux mode (else network is 0): extensions, too. */
    return x->network == y->network &&
           (x->network == 0 ||
            bytes_equal(packet_extensions(a), packet_extensions(b)));
}

static struct held **slot_of(const struct flows *flows, uint32_t hash)
{
    return &flows->slots[hash & flows->mask];
}

struct held *flows_probe(const struct flows *flows, uint32_t hash)
{
    struct held *held = *slot_of(flows, hash);

    while (held != NULL && held->hash != hash)
        held = held->chained;
    return held;
}

struct held *flows_find(const struct flows *flows, const struct packet *packet,
                        uint32_t hash)
{
    struct held *held = *slot_of(flows, hash);

    /* GCOVR_EXCL_BR_START: no vector has two flows of one hash, which the seed
     * decides; test_flows.c has. */
    while (held != NULL &&
           (held->hash != hash || !same_flow(&held->first, packet)))
        held = held->chained;
    /* GCOVR_EXCL_BR_STOP */
    return held;
}

/* The youngest of the bucket, or of the last one before it that has any. */
static struct held *youngest_up_to(const struct flows *flows, uint32_t bucket)
{
    while (bucket != 0 && flows->bucket[bucket].youngest == NULL)
        bucket--;
    return flows->bucket[bucket].youngest;
}

/* The one behind `held` in the list; NULL: the first one. */
static struct held *behind(const struct flows *flows, const struct held *held)
{
    return held != NULL ? held->younger : flows->oldest;
}

struct held *flows_oldest_of(const struct flows *flows, uint32_t hash)
{
    const uint32_t bucket = flows_bucket(hash);

    return bucket == 0 ? flows->oldest
                       : behind(flows, youngest_up_to(flows, bucket - 1));
}

/* Puts `held` into the list, as the youngest of its bucket. */
static void enlist(struct flows *flows, struct held *held)
{
    const uint32_t bucket = flows_bucket(held->first.hash);

    held->older = youngest_up_to(flows, bucket);
    held->younger = behind(flows, held->older);
    if (held->older != NULL)
        held->older->younger = held;
    else
        flows->oldest = held;
    if (held->younger != NULL)
        held->younger->older = held;
    flows->bucket[bucket].youngest = held;
    flows->bucket[bucket].count++;
}

struct held *flows_add(struct flows *flows, uint32_t hash)
{
    struct held *held = flows->spare;
    struct held **slot = slot_of(flows, hash);

    flows->spare = flows->free;
    flows->free = flows->free->younger;
    held->hash = hash;
    held->chained = *slot;
    *slot = held;
    enlist(flows, held);
    flows->recent = held;
    return held;
}

/* Empties the slots of `count` held ones: of many, all slots. */
static void clear_slots(struct flows *flows, uint32_t count)
{
    const struct held *held = flows->oldest;

    if (4 * count > flows->mask) {
        for (uint32_t i = 0; i <= flows->mask; i++)
            flows->slots[i] = NULL;
        return;
    }
    for (; held != NULL; held = held->younger)
        *slot_of(flows, held->hash) = NULL;
}

/* Empties the buckets. Returns how many they held. */
static uint32_t clear_buckets(struct flows *flows)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < GROVE_BUCKETS; i++) {
        count += flows->bucket[i].count;
        flows->bucket[i] = (struct bucket){.count = 0};
    }
    return count;
}

void flows_clear(struct flows *flows)
{
    struct held *last = youngest_up_to(flows, GROVE_BUCKETS - 1);

    if (last == NULL)
        return;
    clear_slots(flows, clear_buckets(flows));
    last->younger = flows->free;
    flows->free = flows->oldest;
    flows->oldest = flows->recent = NULL;
}

/* Takes `held` out of the list. */
static void delist(struct flows *flows, const struct held *held)
{
    const uint32_t bucket = flows_bucket(held->first.hash);

    flows->bucket[bucket].count--;
    if (flows->bucket[bucket].count == 0)
        flows->bucket[bucket].youngest = NULL;
    else if (flows->bucket[bucket].youngest == held)
        flows->bucket[bucket].youngest = held->older;
    if (held->older != NULL)
        held->older->younger = held->younger;
    else
        flows->oldest = held->younger;
    if (held->younger != NULL)
        held->younger->older = held->older;
}

void flows_remove(struct flows *flows, struct held *held)
{
    struct held **link = slot_of(flows, held->hash);

    while (*link != held)
        link = &(*link)->chained;
    *link = held->chained;
    if (flows->recent == held)
        flows->recent = NULL;
    delist(flows, held);
    held->younger = flows->free;
    flows->free = held;
}
