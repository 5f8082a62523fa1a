/* SPDX-License-Identifier: MIT */
#include "describe.h"

#include <arpa/inet.h>
#include <string.h>

#include "../../ref/bytes.h"
#include "decimal.h"
#include "layout.h"

static const struct {
    const char *words;
    const char *key;
} traffics[TRAFFIC_COUNT] = {
    [TRAFFIC_TCP4] = {"TCP/IPv4", "tcp4"},
    [TRAFFIC_TCP6] = {"TCP/IPv6", "tcp6"},
    [TRAFFIC_UDP4] = {"UDP/IPv4", "udp4"},
    [TRAFFIC_UDP6] = {"UDP/IPv6", "udp6"},
    [TRAFFIC_OTHER] = {"other", "other"},
};

const char *traffic_words(enum traffic traffic)
{
    return traffics[traffic].words;
}

const char *traffic_key(enum traffic traffic)
{
    return traffics[traffic].key;
}

static void set_ip4(char *to, struct bytes address)
{
    for (uint32_t i = 0; i < 4; i++) {
        if (i > 0)
            *to++ = '.';
        to = decimal_put(to, bytes_u8(address, i));
    }
    *to = '\0';
}

static void set_ip6(char text[ENDPOINT_LEN], struct bytes address)
{
    if (inet_ntop(AF_INET6, address.at, text, ENDPOINT_LEN) == NULL)
        text[0] = '\0';
}

/* Makes an endpoint of an address. */
static void add_port(char text[ENDPOINT_LEN], bool ipv6, uint16_t port)
{
    size_t len = strlen(text);
    char *end;

    if (ipv6) {
        memmove(text + 1, text, len);
        text[0] = '[';
        text[len + 1] = ']';
        len += 2;
    }
    text[len] = ':';
    end = decimal_put(text + len + 1, port);
    *end = '\0';
}

static void set_protocol(struct description *description, uint8_t protocol)
{
    static const struct {
        uint8_t number;
        char name[8];
    } known[] = {{IPPROTO_TCP, "TCP"},       {IPPROTO_UDP, "UDP"},
                 {IPPROTO_ICMP, "ICMP"},     {IPPROTO_ICMPV6, "ICMPv6"},
                 {IPPROTO_IGMP, "IGMP"},     {IPPROTO_SCTP, "SCTP"},
                 {IPPROTO_FRAGMENT, "frag"}, {IPPROTO_HOPOPTS, "options"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].number == protocol) {
            memcpy(description->protocol, known[i].name, sizeof known[i].name);
            return;
        }
    }
    snprintf(description->protocol, sizeof description->protocol, "proto %u",
             protocol);
}

static void describe_tcp(struct bytes l4, bool ipv6,
                         struct description *description)
{
    static const char letters[] = "FSRPAUEC";
    const uint32_t header = (uint32_t)(bytes_u8(l4, 12) >> 4) * 4;
    const uint8_t flags = bytes_u8(l4, 13);
    size_t count = 0;

    for (size_t bit = 0; bit < sizeof letters - 1; bit++) {
        if (flags >> bit & 1)
            description->flags[count++] = letters[bit];
    }
    description->traffic = ipv6 ? TRAFFIC_TCP6 : TRAFFIC_TCP4;
    description->has_tcp = true;
    description->sequence = bytes_be32(l4, 4);
    description->payload = l4.len > header ? l4.len - header : 0;
}

static void describe_udp(struct bytes l4, bool ipv6,
                         struct description *description)
{
    description->traffic = ipv6 ? TRAFFIC_UDP6 : TRAFFIC_UDP4;
    description->payload = l4.len - 8;
}

static void describe_l4(struct bytes ip, const struct layout *at,
                        struct description *description)
{
    const bool ipv6 = at->version == 6;
    struct bytes l4;

    if (at->l4 == 0)
        return;
    l4 = bytes_from(ip, (uint32_t)at->l4);
    add_port(description->from, ipv6, bytes_be16(l4, 0));
    add_port(description->to, ipv6, bytes_be16(l4, 2));
    if (at->protocol == IPPROTO_TCP)
        describe_tcp(l4, ipv6, description);
    else
        describe_udp(l4, ipv6, description);
}

/* The part of the packet that its length field claims. */
static struct bytes at_most(struct bytes ip, uint32_t len)
{
    return len < ip.len ? bytes_slice(ip, 0, len) : ip;
}

static void describe_ip4(struct bytes ip, struct description *description)
{
    const bool fragment = (bytes_be16(ip, 6) & 0x3fff) != 0;
    const struct bytes claimed = at_most(ip, bytes_be16(ip, 2));
    const struct layout at = layout_of(claimed.at, claimed.len);

    set_ip4(description->from, bytes_slice(ip, 12, 4));
    set_ip4(description->to, bytes_slice(ip, 16, 4));
    set_protocol(description, fragment ? IPPROTO_FRAGMENT : bytes_u8(ip, 9));
    if (!fragment)
        describe_l4(claimed, &at, description);
}

static void describe_ip6(struct bytes ip, struct description *description)
{
    const uint16_t len = bytes_be16(ip, 4);
    const struct bytes claimed = len == 0 ? ip : at_most(ip, 40U + len);
    const struct layout at = layout_of(claimed.at, claimed.len);

    set_ip6(description->from, bytes_slice(ip, 8, 16));
    set_ip6(description->to, bytes_slice(ip, 24, 16));
    set_protocol(description, at.protocol);
    describe_l4(claimed, &at, description);
}

void describe(const uint8_t *packet, size_t len,
              struct description *description)
{
    const struct bytes ip = {packet, (uint32_t)len};

    *description =
        (struct description){.traffic = TRAFFIC_OTHER, .protocol = "IP"};
    if (bytes_have(ip, 0, 40) && bytes_u8(ip, 0) >> 4 == 6)
        describe_ip6(ip, description);
    else if (bytes_have(ip, 0, 20) && bytes_u8(ip, 0) >> 4 == 4)
        describe_ip4(ip, description);
}

static void print_row(FILE *stream, const char *words, uint64_t in,
                      uint64_t out)
{
    fprintf(stream, "  %-9s %10llu %10llu", words, (unsigned long long)in,
            (unsigned long long)out);
    if (out != 0)
        fprintf(stream, " %9.2f", (double)in / (double)out);
    fputc('\n', stream);
}

void tally_print(FILE *stream, const struct tally *tally)
{
    uint64_t in = 0;
    uint64_t out = 0;

    fprintf(stream, "  %-9s %10s %10s %9s\n", "protocol", "packets", "outputs",
            "ratio");
    for (int i = 0; i < TRAFFIC_COUNT; i++) {
        if (tally->in[i] != 0)
            print_row(stream, traffics[i].words, tally->in[i], tally->out[i]);
        in += tally->in[i];
        out += tally->out[i];
    }
    print_row(stream, "all", in, out);
}
