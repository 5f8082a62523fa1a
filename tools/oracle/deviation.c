/* SPDX-License-Identifier: MIT */
#include "deviation.h"

#include <string.h>

#include <netinet/in.h>

#include "layers.h"

/* The lengths of an IPv6 header and of a jumbo header, in bytes. */
enum { IP6_LEN = 40, JUMBO_LEN = 8 };

/* The length of the ports, and where the addresses of IP begin. */
enum { PORTS_LEN = 4, IP4_ADDRESSES = 12, IP6_ADDRESSES = 8 };

static struct grove_vnet vnet_of(const struct run_input *input)
{
    struct grove_vnet vnet = {0};

    if (input->has_vnet)
        grove_vnet_load(&vnet, input->vnet);
    return vnet;
}

/* True if GSO-OUT-007 may remove a header. */
static bool has_jumbo(const struct run_input *input)
{
    const struct grove_vnet vnet = vnet_of(input);

    return (vnet.gso_type & ~GROVE_VNET_GSO_ECN) == GROVE_VNET_GSO_TCPV6 &&
           input->len > 65536 && input->packet[6] == 0 &&
           input->packet[42] == 0xc2;
}

/* True if the L4 header exists, and is behind too many extension headers. */
static bool has_many_extensions(const struct run *run,
                                const struct run_input *input)
{
    const struct grove_vnet vnet = vnet_of(input);
    struct layers layers;

    if (vnet.gso_type == GROVE_VNET_GSO_NONE ||
        (vnet.flags & GROVE_VNET_F_NEEDS_CSUM) != 0)
        return false;
    layers = layers_of(&run->config, input->packet, input->len);
    return layers.has_ip &&
           layout_of(input->packet + layers.ip, input->len - layers.ip)
                   .extensions > 16;
}

/* The protocol of the outermost IP header; that of no tunnel if none is. */
static int outer_protocol(const struct run *run, const struct run_input *input)
{
    const struct layers layers =
        layers_of(&run->config, input->packet, input->len);

    for (unsigned i = 0; i < layers.count; i++)
        if (layers.layer[i].kind == LAYER_IP)
            return layout_of(input->packet + layers.layer[i].at,
                             input->len - layers.layer[i].at)
                .protocol;
    return IPPROTO_NONE;
}

/* Whether VNET-007 is checked with dissects. */
static bool is_dissected(const struct run_input *input)
{
    const struct grove_vnet vnet = vnet_of(input);

    return vnet.gso_type != GROVE_VNET_GSO_NONE &&
           vnet.gso_type != GROVE_VNET_GSO_UDP_L4 &&
           (vnet.flags & GROVE_VNET_F_NEEDS_CSUM) == 0;
}

/*
 * Whether VNET-007 is checked, and finds IP or GRE behind the IP header. It
 * does not look behind UDP.
 */
static bool dissects_tunnel(const struct run *run,
                            const struct run_input *input)
{
    int protocol;

    if (!is_dissected(input))
        return false;
    protocol = outer_protocol(run, input);
    return protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6 ||
           protocol == IPPROTO_GRE;
}

/* Whether the header tells of a tunnel over UDP. */
static bool tells_of_tunnel(const struct run *run,
                            const struct run_input *input)
{
    const uint8_t type = vnet_of(input).gso_type;

    return run->config.vnet_len == GROVE_VNET_TUNNEL_LEN &&
           (type & (GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6)) != 0;
}

/*
 * Whether PPPoE is there, and VNET-007 or GRO-OUT-011 have to do with what is
 * behind it.
 */
static bool looks_behind_pppoe(const char *profile, const struct run *run,
                               const struct run_input *input)
{
    struct layers layers;

    if (!(is_dissected(input) && profile_value(profile, "dissects") != 0) &&
        !tells_of_tunnel(run, input))
        return false;
    layers = layers_with_pppoe(&run->config, input->packet, input->len);
    return layers_have(&layers, LAYER_PPPOE);
}

/* The same, of one of the packets. */
static bool look_behind_pppoe(const char *profile, const struct run *run)
{
    if (run->config.link == GROVE_LINK_NONE)
        return false;
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush &&
            looks_behind_pppoe(profile, run, &run->input[i]))
            return true;
    return false;
}

/* Why a kernel is not asked for what that finds. */
static const char behind_pppoe[] =
    "K-14: this kernel looks for the type of a GSO packet behind PPPoE";

/* Whether an IPv6 packet has more than 8 bytes of extension headers. */
static bool has_long_extensions(const struct run_input *input)
{
    const struct layout at = layout_of(input->packet, input->len);

    return at.version == 6 && at.next > IP6_LEN + JUMBO_LEN;
}

/* Whether such packets may be a super-packet with a jumbo header. */
static bool damages_extensions(const char *profile, const struct run *run)
{
    size_t total = 0;

    if (run->config.max_bytes == GROVE_DEFAULT_BYTES ||
        profile_value(profile, "strips_jumbo") == 0 ||
        profile_value(profile, "big_ip4") == 0)
        return false;
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush && has_long_extensions(&run->input[i]))
            total += run->input[i].len;
    return total > GROVE_MAX_PACKET_LEN;
}

/* Why a kernel is not asked for what dissects_tunnels() finds. */
static const char in_a_tunnel[] =
    "K-2: this kernel looks for the type of a GSO packet in a tunnel";

/* Whether VNET-007 is checked, and finds a tunnel in one of these packets. */
static bool dissects_tunnels(const char *profile, const struct run *run)
{
    if (profile_value(profile, "dissects") == 0)
        return false;
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush && dissects_tunnel(run, &run->input[i]))
            return true;
    return false;
}

/* The ports of the innermost L4 header of a packet, and where it goes. */
struct ports {
    const struct run_input *input;
    const uint8_t *ports;
    size_t start;     /* offset of the outermost IP header */
    unsigned ips;     /* IP headers */
    bool over_udp;    /* a tunnel */
    uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP */
};

/* False: the packet has no ports. */
static bool read_ports(const struct run *run, const struct run_input *input,
                       struct ports *ports)
{
    const struct layers layers =
        layers_of(&run->config, input->packet, input->len);
    unsigned outermost = 0;
    struct layout at;

    if (!layers.has_ip)
        return false;
    at = layout_of(input->packet + layers.ip, input->len - layers.ip);
    if (at.ports == 0)
        return false;
    while (layers.layer[outermost].kind != LAYER_IP) /* has_ip: there is one */
        outermost++;
    *ports = (struct ports){
        .input = input,
        .ports = input->packet + layers.ip + at.ports,
        .start = layers.layer[outermost].at,
        .ips = layers_count(&layers, LAYER_IP),
        .over_udp = layers_have(&layers, LAYER_UDP),
        .protocol = at.protocol,
    };
    return true;
}

/* Whether link, IP version and addresses in front of all tunnels are equal. */
static bool go_the_same_way(const struct ports *a, const struct ports *b)
{
    const uint8_t *one = a->input->packet;
    const uint8_t *other = b->input->packet;
    const bool is_ip4 = one[a->start] >> 4 == 4;
    const size_t addresses =
        a->start + (is_ip4 ? IP4_ADDRESSES : IP6_ADDRESSES);

    return a->start == b->start && memcmp(one, other, a->start) == 0 &&
           one[a->start] >> 4 == other[a->start] >> 4 &&
           memcmp(one + addresses, other + addresses, is_ip4 ? 8 : 32) == 0;
}

/* Whether a kernel takes the plain one for one of the flow in the tunnel. */
static bool is_mistaken(const struct ports *plain, const struct ports *tunneled)
{
    return plain->protocol == IPPROTO_UDP && plain->ips == 1 &&
           !plain->over_udp && tunneled->over_udp && tunneled->ips > 1 &&
           memcmp(plain->ports, tunneled->ports, PORTS_LEN) == 0 &&
           go_the_same_way(plain, tunneled);
}

/* Whether one of these packets in no tunnel is taken for one before it. */
static bool is_one_mistaken(const struct run *run, struct ports *before)
{
    size_t count = 0;

    for (size_t i = 0; i < run->inputs; i++) {
        if (run->input[i].flush) /* none is held any more */
            count = 0;
        else if (read_ports(run, &run->input[i], &before[count])) {
            for (size_t j = 0; j < count; j++)
                if (is_mistaken(&before[count], &before[j]))
                    return true;
            count++;
        }
    }
    return false;
}

static bool compares_inner_ports(const struct run *run)
{
    struct arena arena = {0};
    const bool found = is_one_mistaken(
        run, arena_alloc(&arena, run->inputs, sizeof(struct ports)));

    arena_free(&arena);
    return found;
}

static const char *deviation_gro(const char *profile, const struct run *run)
{
    if (damages_extensions(profile, run))
        return "K-10: this kernel damages extension headers behind a jumbo "
               "header";
    if (run->config.tunnel_count != 0 && dissects_tunnels(profile, run))
        return in_a_tunnel;
    if (run->config.tunnel_count != 0 && compares_inner_ports(run))
        return "K-13: a kernel compares ports with those in a tunnel";
    if (look_behind_pppoe(profile, run))
        return behind_pppoe;
    return NULL;
}

static const char *deviation_gso(const char *profile, const struct run *run)
{
    const struct run_input *input = &run->input[0];

    if (!run_splits(run))
        return NULL;
    if (dissects_tunnels(profile, run))
        return in_a_tunnel;
    if (look_behind_pppoe(profile, run))
        return behind_pppoe;
    /* Linux 6.1, which does not know takes_uso yet. */
    if (has_jumbo(input) && profile_value(profile, "strips_jumbo") != 0 &&
        profile_value(profile, "takes_uso") == 0)
        return "K-4: this kernel removes another header than it means to";
    /* Linux 6.12, between the two columns; older releases split it. */
    if (has_many_extensions(run, input) &&
        profile_value(profile, "checks_csum_start") != 0 &&
        profile_value(profile, "compares_cwr") == 0)
        return "K-5: this kernel looks behind 16 extension headers only";
    if (profile_value(profile, "takes_tunnels") != 0 &&
        tells_of_tunnel(run, input) &&
        outer_protocol(run, input) == IPPROTO_GRE)
        return "K-9: this kernel splits GRE as a tunnel over UDP";
    return NULL;
}

const char *deviation(const char *profile, const struct run *run)
{
    return run->op == RUN_GRO ? deviation_gro(profile, run)
                              : deviation_gso(profile, run);
}
