/* SPDX-License-Identifier: MIT */
/*
 * The probe finds each kind of fault of a kernel, names it and nothing else,
 * and finds nothing in a healthy one. The kernel is a model: it takes what the
 * probe writes, and cuts it by kernel_split.h, which shares nothing with the
 * library.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "iovec.h"
#include "kernel_split.h"
#include "tun/probe.h"
#include "tun_system.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define TCP_BITS                                                               \
    (GROVE_TUN_CSUM | GROVE_TUN_TSO4 | GROVE_TUN_TSO6 | GROVE_TUN_TSO_ECN)
#define ALL (TCP_BITS | GROVE_TUN_USO | GROVE_TUN_TUNNEL)

enum { MAX = 256, IP4 = 20, IP6 = 40, ETHERNET = 14 };

/* What a packet becomes, before it can be read. */
struct burst {
    struct wire packets[MAX];
    size_t count;
};

/* Spoils what comes of a packet; `vnet` is the packet's header. */
typedef void spoil_fn(struct burst *burst, const struct grove_vnet *vnet);

/* Whether the kernel refuses a super-packet of `len` bytes. */
typedef bool refuse_fn(const struct grove_vnet *vnet, uint32_t len);

static struct {
    struct burst ready; /* from `next` on it can be read */
    size_t next;
    uint16_t min_tcp_gso_size;
    bool checks_csum_start;
    bool dissects;
    spoil_fn *spoil;
    refuse_fn *refuse;
    bool is_late;        /* packets come only after poll() */
    size_t interrupts;   /* calls that signals interrupt */
    size_t silent_after; /* packets written; 0: never */
    size_t written;
    bool is_dead;    /* nothing can be read any more */
    int read_error;  /* errno of reads after that; 0: EAGAIN */
    size_t short_by; /* bytes of a super-packet that are not taken */
    int plain_error; /* errno of plain packets after a super-packet; or 0 */
    int super_error; /* errno of super-packets; or 0 */
    int poll_error;  /* errno of poll(); or 0 */
    bool is_cut;     /* reads give less than a header */
} model;

/* ---- the kernel --------------------------------------------------------- */

static void add(struct burst *burst, struct wire wire)
{
    assert_true(burst->count < MAX);
    burst->packets[burst->count++] = wire;
}

/* Every second call is, so that writes and reads are. */
static bool is_interrupted(void)
{
    if (model.interrupts == 0 || --model.interrupts % 2 != 0)
        return false;
    errno = EINTR;
    return true;
}

static bool is_super(const struct grove_vnet *vnet)
{
    return vnet->gso_type != GROVE_VNET_GSO_NONE;
}

static bool is_in_tunnel(const struct grove_vnet *vnet)
{
    return (vnet->gso_type &
            (GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6)) != 0;
}

static bool is_refused(const struct grove_vnet *vnet, struct wire wire)
{
    const bool is_udp = vnet->gso_type == GROVE_VNET_GSO_UDP_L4;

    if (is_super(vnet) && model.refuse != NULL && model.refuse(vnet, wire.len))
        return true;
    if ((vnet->flags & GROVE_VNET_F_NEEDS_CSUM) == 0)
        return is_super(vnet) && model.dissects &&
               is_udp != (wire.data[9] == UDP);
    return model.checks_csum_start && vnet->csum_start < IP4;
}

/* The kernel computes the checksum of a plain packet. */
static struct wire complete(struct wire wire, const struct grove_vnet *vnet)
{
    wire.version = wire.data[0] >> 4;
    wire.protocol = vnet->csum_offset == 6 ? UDP : TCP;
    wire.l4 = vnet->csum_start;
    wire_mend(wire);
    return wire;
}

/* Cuts a super-packet. */
static void cut(struct burst *burst, struct wire wire, struct grove_vnet vnet)
{
    uint8_t header[GROVE_VNET_LEN];
    struct iovec iov[] = {{header, GROVE_VNET_LEN}, {wire.data, wire.len}};
    const struct grove_output output = {
        .iov = iov, .iovcnt = 2, .len = wire.len};

    if (vnet.gso_type != GROVE_VNET_GSO_UDP_L4 &&
        vnet.gso_size < model.min_tcp_gso_size)
        vnet.gso_size = model.min_tcp_gso_size;
    grove_vnet_store(header, &vnet);
    for (uint32_t i = 0; i < segments_of_output(&output); i++)
        add(burst, split_packet(&output, i));
}

/* The outer IP header of a frame, and all behind it. */
static struct wire outer_of(struct wire frame, const struct grove_vnet *vnet)
{
    return (struct wire){.data = frame.data + ETHERNET,
                         .len = frame.len - ETHERNET,
                         .l4 = vnet->outer_th_offset - (uint32_t)ETHERNET,
                         .version = frame.data[ETHERNET] >> 4,
                         .protocol = UDP};
}

/* Segment `number`, behind the outer headers of the super-packet. */
static struct wire wrap(struct wire frame, struct wire inner,
                        const struct grove_vnet *vnet, uint32_t number)
{
    const uint32_t at = vnet->inner_nh_offset;
    struct wire made = {.len = at + inner.len};
    struct wire ip;

    made.data = wire_memory(made.len);
    memcpy(made.data, frame.data, at);
    memcpy(made.data + at, inner.data, inner.len);
    ip = outer_of(made, vnet);
    wire_put16(ip, ip.version == 4 ? 2 : 4,
               (uint16_t)(ip.len - (ip.version == 4 ? 0 : IP6)));
    if (ip.version == 4)
        wire_put16(ip, 4, (uint16_t)(wire_get16(ip, 4) + number));
    wire_put16(ip, ip.l4 + 4, (uint16_t)(ip.len - ip.l4));
    wire_mend(ip);
    if ((vnet->flags & GROVE_VNET_F_TUNNEL_CSUM) == 0)
        wire_put16(ip, ip.l4 + 6, 0);
    return made;
}

/* The outer checksum is 0, or the seed that the kernel uses. */
static void assert_outer(struct wire frame, const struct grove_vnet *vnet)
{
    const struct wire ip = outer_of(frame, vnet);
    const bool summed = (vnet->flags & GROVE_VNET_F_TUNNEL_CSUM) != 0;

    assert_int_equal(wire_get16(frame, 12), ip.version == 4 ? 0x0800 : 0x86dd);
    assert_int_equal(vnet->gso_type & GROVE_VNET_GSO_TUNNEL6,
                     ip.version == 4 ? 0 : GROVE_VNET_GSO_TUNNEL6);
    assert_int_equal(wire_get16(ip, ip.l4 + 2), VXLAN_PORT);
    assert_int_equal(wire_get16(ip, ip.l4 + 6),
                     summed ? wire_l4_sum(ip, ip.len - ip.l4, 0) : 0);
}

/* In a tunnel, what is inside is cut. */
static void cut_inner(struct burst *burst, struct wire frame,
                      const struct grove_vnet *vnet)
{
    const uint16_t at = vnet->inner_nh_offset;
    const struct wire inner = {.data = frame.data + at, .len = frame.len - at};
    struct grove_vnet within = *vnet;
    struct burst segments = {.count = 0};

    assert_outer(frame, vnet);
    within.flags = GROVE_VNET_F_NEEDS_CSUM;
    within.gso_type &=
        (uint8_t) ~(GROVE_VNET_GSO_TUNNEL4 | GROVE_VNET_GSO_TUNNEL6);
    within.csum_start = (uint16_t)(within.csum_start - at);
    within.hdr_len = (uint16_t)(within.hdr_len - at);
    cut(&segments, inner, within);
    for (uint32_t i = 0; i < segments.count; i++)
        add(burst, wrap(frame, segments.packets[i], vnet, i));
}

/* What comes of a packet. Nothing does if its header is nonsense. */
static struct burst take(struct wire wire, const struct grove_vnet *vnet)
{
    const bool needs = (vnet->flags & GROVE_VNET_F_NEEDS_CSUM) != 0;
    struct burst burst = {.count = 0};

    if (is_in_tunnel(vnet))
        cut_inner(&burst, wire, vnet);
    else if (is_super(vnet) && needs)
        cut(&burst, wire, *vnet);
    else if (!is_super(vnet) && !needs)
        add(&burst, wire);
    else if (!is_super(vnet) && vnet->csum_start >= IP4)
        add(&burst, complete(wire, vnet));
    if (model.spoil != NULL && needs)
        model.spoil(&burst, vnet);
    return burst;
}

/* The device that the descriptor's device is redirected to. */
static const struct fake_device *target_of(int fd)
{
    const struct fake_device *from = fake_file(fd)->device;

    for (size_t i = 0; i < FAKE_DEVICES; i++)
        if (fake.devices[i].index == from->redirected_to)
            return &fake.devices[i];
    fail_msg("%s is not redirected", from->name);
    return NULL;
}

static struct wire wire_of_slices(const struct iovec *iov, int count)
{
    struct wire wire = {.len = 0};

    for (int i = 0; i < count; i++)
        wire.len += (uint32_t)iov[i].iov_len;
    wire.data = wire_memory(wire.len);
    iovec_gather((struct buffer){wire.data, wire.len}, iov, count);
    return wire;
}

static ssize_t write_packet(int fd, const struct iovec *iov, int count)
{
    const struct wire wire = wire_of_slices(iov + 1, count - 1);
    struct grove_vnet vnet;
    struct burst burst;

    if (is_interrupted())
        return -1;
    assert_true(fake_file(fd)->device->up);
    assert_true(target_of(fd)->up);
    assert_int_equal(target_of(fd)->offloads, 0);
    assert_int_equal(iov[0].iov_len, fake_file(fd)->device->header);
    grove_vnet_load_len(&vnet, iov[0].iov_base, iov[0].iov_len);
    if (is_refused(&vnet, wire)) {
        errno = EINVAL;
        return -1;
    }
    errno = is_super(&vnet)     ? model.super_error
            : model.written > 2 ? model.plain_error
                                : 0;
    if (errno != 0)
        return -1;
    burst = take(wire, &vnet);
    model.written++;
    model.is_dead |= model.written == model.silent_after;
    for (size_t i = 0; i < burst.count && !model.is_dead; i++)
        add(&model.ready, burst.packets[i]);
    return (ssize_t)(iov[0].iov_len + wire.len -
                     (is_super(&vnet) ? model.short_by : 0));
}

/* A longer packet is cut, as Linux does. */
static ssize_t read_packet(int fd, void *buffer, size_t size)
{
    const struct wire *wire = &model.ready.packets[model.next];

    size_t len = GROVE_VNET_LEN + wire->len;

    (void)fd;
    if (is_interrupted())
        return -1;
    if (model.next == model.ready.count || model.is_late) {
        errno =
            model.is_dead && model.read_error != 0 ? model.read_error : EAGAIN;
        return -1;
    }
    model.next++;
    assert_true(size > GROVE_VNET_LEN);
    if (len > size)
        len = size;
    memset(buffer, 0, GROVE_VNET_LEN);
    memcpy((uint8_t *)buffer + GROVE_VNET_LEN, wire->data,
           len - GROVE_VNET_LEN);
    if (model.next == model.ready.count)
        model.next = model.ready.count = 0;
    return model.is_cut ? GROVE_VNET_LEN - 1 : (ssize_t)len;
}

static int wait_for_packet(struct pollfd *polls, nfds_t count, int milliseconds)
{
    assert_int_equal(count, 1);
    assert_int_equal(polls->events, POLLIN);
    assert_true(milliseconds > 0);
    errno = model.poll_error;
    if (errno != 0)
        return -1;
    model.is_late = false;
    return model.next != model.ready.count ? 1 : 0;
}

static struct tun_system calls;

static int set_up(void **state)
{
    (void)state;
    fake_reset();
    memset(&model, 0, sizeof model);
    calls = fake_system;
    calls.writev = write_packet;
    calls.read = read_packet;
    calls.poll = wait_for_packet;
    return 0;
}

/* ---- probing it --------------------------------------------------------- */

static void assert_clean(void)
{
    assert_int_equal(fake_open_count(), 0);
    assert_int_equal(fake_device_count(), 0);
    assert_int_equal(fake.bad_closes, 0);
}

static struct grove_tun_kernel must_probe(void)
{
    struct grove_tun_error error;
    struct grove_tun_kernel kernel;

    assert_true(tun_probe(&calls, &kernel, &error));
    assert_int_equal(error.step, GROVE_TUN_STEP_NONE);
    assert_clean();
    return kernel;
}

static void healthy(void **state)
{
    const struct grove_tun_kernel kernel = must_probe();

    (void)state;
    assert_int_equal(kernel.tried, ALL);
    assert_int_equal(kernel.wrong, 0);
    assert_int_equal(kernel.finding_count, 0);
    assert_true(kernel.own_namespace);
    assert_true(kernel.takes_tunnels);
    assert_int_equal(fake.threads, 1);
}

/* Whatever its name says, its super-packets are split as they should be. */
static void healthy_by_any_name(void **state)
{
    static const char *const releases[] = {"2.6.78", "6.1.170", "6.8.0",
                                           "6.12.1", "7.2.9",   ""};

    (void)state;
    for (size_t i = 0; i < COUNT(releases); i++) {
        fake.release = releases[i];
        assert_int_equal(must_probe().finding_count, 0);
    }
}

/* What the kernel does not take is not written to it. */
static void fewer_offloads(void **state)
{
    static const struct {
        unsigned long taken;
        uint32_t tried;
    } cases[] = {{0x0f, TCP_BITS},
                 {0x61, GROVE_TUN_CSUM | GROVE_TUN_USO},
                 {0x03, GROVE_TUN_CSUM | GROVE_TUN_TSO4},
                 {0x00, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct grove_tun_kernel kernel;

        fake_reset();
        fake.offloads = cases[i].taken;
        kernel = must_probe();
        assert_int_equal(kernel.tried, cases[i].tried);
        assert_int_equal(kernel.wrong, 0);
        assert_int_equal(kernel.finding_count, 0);
        assert_int_equal(kernel.takes_uso,
                         (cases[i].tried & GROVE_TUN_USO) != 0);
        assert_false(kernel.takes_tunnels);
    }
}

/* ---- faults, one of a kind ---------------------------------------------- */

static bool is_udp(const struct grove_vnet *vnet)
{
    return vnet->gso_type == GROVE_VNET_GSO_UDP_L4;
}

static bool is_tcp6(const struct grove_vnet *vnet)
{
    return vnet->gso_type == GROVE_VNET_GSO_TCPV6;
}

/* Whether the last segment is as long as the others. */
static bool has_equal_tail(const struct grove_vnet *vnet, uint32_t len)
{
    return is_super(vnet) && (len - vnet->hdr_len) % vnet->gso_size == 0;
}

static bool refuse_tcp6(const struct grove_vnet *vnet, uint32_t len)
{
    (void)len;
    return is_tcp6(vnet);
}

/*
 * The defect "short-tail" of Linux 6.10.3: what remains of the packet's length
 * beyond whole gso_sizes is compared with the length of the headers.
 */
static bool refuse_remainder(const struct grove_vnet *vnet, uint32_t len)
{
    const uint32_t needed = vnet->csum_start + (is_udp(vnet) ? 8U : 20U);
    const uint32_t remainder = len % vnet->gso_size;

    if (is_in_tunnel(vnet))
        return false;
    return vnet->gso_size <= needed || (remainder != 0 && remainder <= needed);
}

/*
 * As the defect "udp-length" of Linux 7.0, if it were that of a TUN device: the
 * last of equal segments has the length of all.
 */
static void wrong_udp_length(struct burst *burst, const struct grove_vnet *vnet)
{
    struct wire last;

    if (!is_udp(vnet))
        return;
    last = burst->packets[burst->count - 1];
    if (last.len - vnet->hdr_len != vnet->gso_size)
        return;
    wire_put16(last, vnet->csum_start + 4U, 2008);
    wire_put16(last, vnet->csum_start + 6U, 0x1234);
}

static void wrong_ip_id(struct burst *burst, const struct grove_vnet *vnet)
{
    for (size_t i = 1; vnet->csum_start == IP4 && i < burst->count; i++) {
        burst->packets[i].data[4] ^= 1;
        burst->packets[i].data[10] ^= 1;
    }
}

static void wrong_tcp6_checksum(struct burst *burst,
                                const struct grove_vnet *vnet)
{
    if (is_tcp6(vnet))
        burst->packets[2].data[IP6 + 17] ^= 1;
}

static void wrong_ip_checksum(struct burst *burst,
                              const struct grove_vnet *vnet)
{
    if (is_udp(vnet) && vnet->csum_start == IP4)
        burst->packets[0].data[11] ^= 0x80;
}

static void no_checksum(struct burst *burst, const struct grove_vnet *vnet)
{
    if (!is_super(vnet) && burst->count != 0)
        wire_put16(burst->packets[0], vnet->csum_start + 16U, 0);
}

static void wrong_payload(struct burst *burst, const struct grove_vnet *vnet)
{
    if (is_tcp6(vnet))
        burst->packets[1].data[burst->packets[1].len - 1] ^= 0xff;
}

static void lose_all(struct burst *burst, const struct grove_vnet *vnet)
{
    if (is_udp(vnet) && vnet->csum_start == IP6)
        burst->count = 0;
}

static void lose_last(struct burst *burst, const struct grove_vnet *vnet)
{
    if ((vnet->gso_type & GROVE_VNET_GSO_ECN) != 0)
        burst->count--;
}

static void double_first(struct burst *burst, const struct grove_vnet *vnet)
{
    if (is_tcp6(vnet))
        add(burst, burst->packets[0]);
}

static void too_many(struct burst *burst, const struct grove_vnet *vnet)
{
    while (is_tcp6(vnet) && burst->count < 100)
        add(burst, burst->packets[0]);
}

static void swap(struct burst *burst, const struct grove_vnet *vnet)
{
    const struct wire first = burst->packets[0];

    if (!is_udp(vnet))
        return;
    burst->packets[0] = burst->packets[1];
    burst->packets[1] = first;
}

/* The payload makes the checksum wrong, too, and is what is named. */
static void wrong_payload_and_checksums(struct burst *burst,
                                        const struct grove_vnet *vnet)
{
    struct wire wire = burst->packets[0];

    if (!is_super(vnet) || is_udp(vnet) || is_tcp6(vnet) || is_in_tunnel(vnet))
        return;
    wire.data[wire.len - 1] ^= 0x55;
    wire.data[IP4 + 17] ^= 0xaa;
    wire.data[11] ^= 1;
}

/* More bytes than there is memory for. */
static void too_long(struct burst *burst, const struct grove_vnet *vnet)
{
    enum { LONG = 60000 };

    if (!is_tcp6(vnet))
        return;
    for (size_t i = 0; i < burst->count; i++) {
        burst->packets[i].len = LONG;
        burst->packets[i].data = wire_memory(LONG);
        memset(burst->packets[i].data, 0x60, LONG);
    }
}

/* The kernel does not cut it at all. */
static void keep_whole(struct burst *burst, const struct grove_vnet *vnet)
{
    if (!is_tcp6(vnet))
        return;
    for (size_t i = 1; i < burst->count; i++)
        burst->packets[0].len += burst->packets[i].len - vnet->hdr_len;
    burst->packets[0].data = wire_memory(burst->packets[0].len);
    memset(burst->packets[0].data, 0x60, burst->packets[0].len);
    burst->count = 1;
}

static bool refuse_tunnels(const struct grove_vnet *vnet, uint32_t len)
{
    (void)len;
    return is_in_tunnel(vnet);
}

static void lose_tunnels(struct burst *burst, const struct grove_vnet *vnet)
{
    if (is_in_tunnel(vnet))
        burst->count = 0;
}

static void send_nothing(struct burst *burst, const struct grove_vnet *vnet)
{
    if (is_in_tunnel(vnet))
        add(burst, (struct wire){.data = wire_memory(1), .len = 0});
}

/* Of the outer UDP header. */
static void wrong_outer_length(struct burst *burst,
                               const struct grove_vnet *vnet)
{
    if (is_in_tunnel(vnet))
        burst->packets[1].data[vnet->outer_th_offset + 5] ^= 1;
}

static void wrong_outer_checksum(struct burst *burst,
                                 const struct grove_vnet *vnet)
{
    if ((vnet->gso_type & GROVE_VNET_GSO_TUNNEL6) != 0)
        burst->packets[3].data[vnet->outer_th_offset + 7] ^= 1;
}

static void wrong_outer_ip_checksum(struct burst *burst,
                                    const struct grove_vnet *vnet)
{
    if ((vnet->gso_type & GROVE_VNET_GSO_TUNNEL4) != 0)
        burst->packets[0].data[ETHERNET + 10] ^= 1;
}

/* Each is found by `findings` packets, and seen as `symptom` by all. */
static const struct fault {
    const char *name;
    spoil_fn *spoil;
    refuse_fn *refuse;
    uint32_t offloads;
    enum grove_tun_symptom symptom;
    size_t findings;
} faults[] = {
    {"refuses TSO6", NULL, refuse_tcp6, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_REFUSED, 2},
    {"refuses equal segments", NULL, has_equal_tail, ALL & ~GROVE_TUN_CSUM,
     GROVE_TUN_SYMPTOM_REFUSED, 7},
    {"refuses by the remainder", NULL, refuse_remainder,
     GROVE_TUN_TSO4 | GROVE_TUN_TSO6 | GROVE_TUN_USO, GROVE_TUN_SYMPTOM_REFUSED,
     4},
    {"wrong length in UDP", wrong_udp_length, NULL, GROVE_TUN_USO,
     GROVE_TUN_SYMPTOM_HEADER, 2},
    {"wrong identification", wrong_ip_id, NULL,
     GROVE_TUN_TSO4 | GROVE_TUN_TSO_ECN | GROVE_TUN_USO,
     GROVE_TUN_SYMPTOM_HEADER, 5},
    {"wrong checksum of TCP", wrong_tcp6_checksum, NULL, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_CHECKSUM, 2},
    {"wrong checksum of IP", wrong_ip_checksum, NULL, GROVE_TUN_USO,
     GROVE_TUN_SYMPTOM_CHECKSUM, 2},
    {"no checksum", no_checksum, NULL, GROVE_TUN_CSUM,
     GROVE_TUN_SYMPTOM_CHECKSUM, 1},
    {"wrong payload", wrong_payload, NULL, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_PAYLOAD, 2},
    {"loses all segments", lose_all, NULL, GROVE_TUN_USO,
     GROVE_TUN_SYMPTOM_LOST, 2},
    {"loses the last segment", lose_last, NULL, GROVE_TUN_TSO_ECN,
     GROVE_TUN_SYMPTOM_SEGMENTS, 1},
    {"sends a segment twice", double_first, NULL, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_SEGMENTS, 2},
    {"sends a hundred segments", too_many, NULL, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_SEGMENTS, 2},
    {"wrong payload of IPv4", wrong_payload_and_checksums, NULL,
     GROVE_TUN_TSO4 | GROVE_TUN_TSO_ECN, GROVE_TUN_SYMPTOM_PAYLOAD, 3},
    {"sends 60,000 bytes a segment", too_long, NULL, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_SEGMENTS, 2},
    {"another order", swap, NULL, GROVE_TUN_USO, GROVE_TUN_SYMPTOM_ORDER, 4},
    {"does not cut", keep_whole, NULL, GROVE_TUN_TSO6,
     GROVE_TUN_SYMPTOM_SEGMENTS, 2},
    {"refuses tunnels", NULL, refuse_tunnels, GROVE_TUN_TUNNEL,
     GROVE_TUN_SYMPTOM_REFUSED, 4},
    {"loses what is in tunnels", lose_tunnels, NULL, GROVE_TUN_TUNNEL,
     GROVE_TUN_SYMPTOM_LOST, 4},
    {"sends a packet without bytes", send_nothing, NULL, GROVE_TUN_TUNNEL,
     GROVE_TUN_SYMPTOM_SEGMENTS, 4},
    {"wrong length of a tunnel", wrong_outer_length, NULL, GROVE_TUN_TUNNEL,
     GROVE_TUN_SYMPTOM_HEADER, 4},
    {"wrong checksum of a tunnel", wrong_outer_checksum, NULL, GROVE_TUN_TUNNEL,
     GROVE_TUN_SYMPTOM_CHECKSUM, 2},
    {"wrong checksum of outer IP", wrong_outer_ip_checksum, NULL,
     GROVE_TUN_TUNNEL, GROVE_TUN_SYMPTOM_CHECKSUM, 2},
};

static void assert_found(const struct fault *fault,
                         const struct grove_tun_kernel *kernel)
{
    uint32_t named = 0;

    for (size_t i = 0; i < kernel->finding_count; i++) {
        const struct grove_tun_finding *finding = &kernel->findings[i];

        named |= finding->offload;
        assert_int_equal(finding->symptom, fault->symptom);
        assert_int_equal(finding->number, fault->refuse != NULL ? EINVAL : 0);
        assert_true(strlen(finding->packet) > 0);
        assert_int_equal(finding->expected, named == GROVE_TUN_CSUM ? 1 : 4);
    }
    assert_int_equal(named, fault->offloads);
    assert_int_equal(kernel->wrong, fault->offloads);
    assert_int_equal(kernel->finding_count, fault->findings);
    assert_int_equal(kernel->tried, ALL);
    assert_int_equal(kernel->takes_tunnels, (named & GROVE_TUN_TUNNEL) == 0);
}

static void each_fault_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct grove_tun_kernel kernel;

        print_message("  a kernel that has this fault: %s\n", faults[i].name);
        set_up(NULL);
        model.spoil = faults[i].spoil;
        model.refuse = faults[i].refuse;
        kernel = must_probe();
        assert_found(&faults[i], &kernel);
        wires_release(NULL);
    }
}

/* Where a finding points to. */
static void says_where(void **state)
{
    struct grove_tun_kernel kernel;

    (void)state;
    model.spoil = wrong_tcp6_checksum;
    kernel = must_probe();
    assert_int_equal(kernel.findings[0].segment, 2);
    assert_int_equal(kernel.findings[0].offset, IP6 + 17);
    model.spoil = wrong_udp_length;
    kernel = must_probe();
    assert_int_equal(kernel.findings[0].segment, 3);
    assert_int_equal(kernel.findings[0].offset, IP4 + 4);
    assert_string_equal(kernel.findings[0].packet,
                        "UDP over IPv4, 4 equal segments");
    model.spoil = lose_last;
    kernel = must_probe();
    assert_int_equal(kernel.findings[0].expected, 4);
    assert_int_equal(kernel.findings[0].seen, 3);
}

/* ---- silence ------------------------------------------------------------ */

/* No packet arrives at all: nothing can be said about super-packets. */
static void silent_from_the_start(void **state)
{
    struct grove_tun_kernel kernel = {.tried = 4711};
    struct grove_tun_error error;

    (void)state;
    model.silent_after = 1;
    assert_false(tun_probe(&calls, &kernel, &error));
    assert_int_equal(error.step, GROVE_TUN_STEP_PACKET);
    assert_int_equal(error.number, ETIMEDOUT);
    assert_int_equal(kernel.tried, 4711);
    assert_clean();
}

/* A super-packet stops the model. The first has number 4: 1 to 3 are plain. */
static void silent_after_a_super_packet(void **state)
{
    struct grove_tun_kernel kernel;

    (void)state;
    model.silent_after = 4;
    kernel = must_probe();
    assert_int_equal(kernel.finding_count, 1);
    assert_int_equal(kernel.findings[0].symptom, GROVE_TUN_SYMPTOM_SILENCE);
    assert_int_equal(kernel.findings[0].offload, GROVE_TUN_TSO4);
    assert_int_equal(kernel.wrong, ALL & ~GROVE_TUN_CSUM);
    assert_int_equal(kernel.min_tcp_gso_size, 8);
    assert_false(kernel.takes_uso);
    assert_false(kernel.takes_tunnels);
    assert_true(kernel.checks_csum_start);
    assert_true(kernel.dissects);
}

/* A read or a write that fails otherwise says nothing about super-packets. */
static void failures(void **state)
{
    static const struct {
        size_t short_by;
        int read_error;
        int plain_error;
        int super_error;
        int number;
    } cases[] = {
        {0, EBADFD, 0, 0, EBADFD},
        {1, 0, 0, 0, EPROTO},
        {0, 0, EIO, 0, EIO},
        {0, 0, 0, ENOBUFS, ENOBUFS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct grove_tun_kernel kernel = {.tried = 4711};
        struct grove_tun_error error;

        set_up(NULL);
        model.silent_after = cases[i].read_error != 0 ? 4 : 0;
        model.read_error = cases[i].read_error;
        model.short_by = cases[i].short_by;
        model.plain_error = cases[i].plain_error;
        model.super_error = cases[i].super_error;
        assert_false(tun_probe(&calls, &kernel, &error));
        assert_int_equal(error.step, GROVE_TUN_STEP_PACKET);
        assert_int_equal(error.number, cases[i].number);
        assert_int_equal(kernel.tried, 4711);
        assert_clean();
        wires_release(NULL);
    }
}

/* A device without a packet's header is not ours. */
static void short_read(void **state)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;

    (void)state;
    model.is_cut = true;
    assert_false(tun_probe(&calls, &kernel, &error));
    assert_int_equal(error.step, GROVE_TUN_STEP_PACKET);
    assert_int_equal(error.number, EPROTO);
}

static void failing_poll(void **state)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;

    (void)state;
    model.silent_after = 1;
    model.poll_error = ENOMEM;
    assert_false(tun_probe(&calls, &kernel, &error));
    assert_int_equal(error.step, GROVE_TUN_STEP_PACKET);
    assert_int_equal(error.number, ENOMEM);
}

/* ---- columns ------------------------------------------------------------ */

static void columns(void **state)
{
    static const uint16_t sizes[] = {0, 8, 12};

    (void)state;
    for (unsigned bits = 0; bits < 4; bits++) {
        for (size_t i = 0; i < COUNT(sizes); i++) {
            struct grove_tun_kernel kernel;

            model.checks_csum_start = (bits & 1) != 0;
            model.dissects = (bits & 2) != 0;
            model.min_tcp_gso_size = sizes[i];
            kernel = must_probe();
            assert_int_equal(kernel.checks_csum_start, bits & 1);
            assert_int_equal(kernel.dissects, bits >> 1);
            assert_int_equal(kernel.min_tcp_gso_size, sizes[i]);
            assert_true(kernel.takes_uso);
            assert_int_equal(kernel.finding_count, 0);
            wires_release(NULL);
        }
    }
}

/* A kernel that has the type, and spoils it, is not given any. */
static void spoiled_uso_is_not_taken(void **state)
{
    (void)state;
    model.spoil = lose_all;
    assert_false(must_probe().takes_uso);
}

static bool refuse_small(const struct grove_vnet *vnet, uint32_t len)
{
    (void)len;
    return vnet->gso_size < 100;
}

static void refused_size(void **state)
{
    (void)state;
    model.refuse = refuse_small;
    assert_int_equal(must_probe().min_tcp_gso_size, 8);
}

static void lose_tiny(struct burst *burst, const struct grove_vnet *vnet)
{
    if (vnet->gso_size == 1)
        burst->count = 0;
}

/* A segment without payload. */
static void empty_tiny(struct burst *burst, const struct grove_vnet *vnet)
{
    if (vnet->gso_size == 1)
        burst->packets[0].len = vnet->hdr_len;
}

/* What cannot be measured has the value of a kernel that changes most. */
static void unmeasured_size(void **state)
{
    (void)state;
    model.spoil = lose_tiny;
    assert_int_equal(must_probe().min_tcp_gso_size, 8);
    model.spoil = empty_tiny;
    assert_int_equal(must_probe().min_tcp_gso_size, 8);
}

/* ---- circumstances ------------------------------------------------------ */

/* IPv6 announces the device; a signal comes; packets come late. */
static void greet(struct burst *burst, const struct grove_vnet *vnet)
{
    struct fields fields = fields_of(6, UDP);
    struct wire wire;

    fields.destination[0] = 0xff;
    wire = wire_of(&fields);
    if (is_in_tunnel(vnet)) {
        wire = wire_framed(wire);
        wire_put16(wire, 0, 0x3333);
    }
    add(burst, wire);
}

static void nothing_disturbs(void **state)
{
    struct grove_tun_kernel kernel;

    (void)state;
    model.spoil = greet;
    model.interrupts = 9;
    model.is_late = true;
    kernel = must_probe();
    assert_int_equal(kernel.finding_count, 0);
    assert_int_equal(model.interrupts, 0);
    assert_false(model.is_late);
}

/* The devices are then in the caller's namespace, and are removed. */
static void without_a_namespace(void **state)
{
    struct grove_tun_kernel kernel;

    (void)state;
    fake.fail = 2; /* after the thread */
    fake.error = EPERM;
    kernel = must_probe();
    assert_string_equal(fake.failed, "unshare");
    assert_false(kernel.own_namespace);
    assert_int_equal(kernel.tried, ALL);
    assert_int_equal(kernel.finding_count, 0);
}

static void without_rights(void **state)
{
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;

    (void)state;
    fake.refuse = true;
    assert_false(tun_probe(&calls, &kernel, &error));
    assert_int_equal(error.step, GROVE_TUN_STEP_ATTACH);
    assert_int_equal(error.cause, GROVE_TUN_CAUSE_RIGHTS);
    assert_clean();
}

/* Which step a call belongs to, where the others are those of opening. */
static void assert_step(const struct grove_tun_error *error)
{
    if (strcmp(fake.failed, "thread") == 0)
        assert_int_equal(error->step, GROVE_TUN_STEP_NAMESPACE);
    else if (strcmp(fake.failed, "netlink RTM_NEWQDISC") == 0 ||
             strcmp(fake.failed, "netlink RTM_NEWTFILTER") == 0)
        assert_int_equal(error->step, GROVE_TUN_STEP_REDIRECT);
    else
        assert_true(error->step >= GROVE_TUN_STEP_MEMORY &&
                    error->step <= GROVE_TUN_STEP_PERSIST);
}

/* Whichever call fails, nothing is left, and *kernel is unchanged. */
static void every_call_can_fail(void **state)
{
    size_t failures = 0;

    (void)state;
    for (size_t k = 1;; k++) {
        struct grove_tun_kernel kernel = {.tried = 4711};
        struct grove_tun_error error;
        bool good;

        set_up(NULL);
        fake.fail = k;
        fake.error = EACCES;
        good = tun_probe(&calls, &kernel, &error);
        assert_clean();
        wires_release(NULL);
        if (fake.failed == NULL)
            break;
        if (good) {
            assert_int_equal(kernel.finding_count, 0);
            continue;
        }
        failures++;
        assert_int_equal(kernel.tried, 4711);
        assert_int_equal(error.number,
                         error.step == GROVE_TUN_STEP_MEMORY ? ENOMEM : EACCES);
        assert_step(&error);
    }
    assert_true(failures > 20);
}

static void kernel_without_modules(void **state)
{
    static const int numbers[] = {ENOENT, EOPNOTSUPP};

    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        for (size_t k = 1;; k++) {
            struct grove_tun_kernel kernel;
            struct grove_tun_error error;

            set_up(NULL);
            fake.fail = k;
            fake.error = numbers[i];
            if (tun_probe(&calls, &kernel, &error) && fake.failed == NULL)
                break;
            if (error.step == GROVE_TUN_STEP_REDIRECT)
                assert_int_equal(error.cause, GROVE_TUN_CAUSE_REDIRECT);
        }
    }
}

/* The real system calls; a process without descriptors gets no socket. */
static void of_linux(void **state)
{
    struct grove_tun_kernel kernel = {.tried = 4711};
    struct grove_tun_error error;
    struct rlimit before;
    struct rlimit none;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_false(grove_tun_probe(&kernel, &error));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(error.step, GROVE_TUN_STEP_NETLINK);
    assert_int_equal(error.number, EMFILE);
    assert_int_equal(kernel.tried, 4711);
}

static void words(void **state)
{
    (void)state;
    for (int symptom = GROVE_TUN_SYMPTOM_NONE;
         symptom <= GROVE_TUN_SYMPTOM_PAYLOAD; symptom++)
        assert_string_not_equal(
            grove_tun_symptom_words((enum grove_tun_symptom)symptom),
            "unknown symptom");
    assert_string_equal(grove_tun_symptom_words((enum grove_tun_symptom)99),
                        "unknown symptom");
    assert_string_equal(grove_tun_symptom_words((enum grove_tun_symptom) - 1),
                        "unknown symptom");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, wires_release)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(healthy),
        TEST(healthy_by_any_name),
        TEST(fewer_offloads),
        TEST(each_fault_is_found),
        TEST(says_where),
        TEST(silent_from_the_start),
        TEST(silent_after_a_super_packet),
        TEST(failures),
        TEST(short_read),
        TEST(failing_poll),
        TEST(columns),
        TEST(spoiled_uso_is_not_taken),
        TEST(refused_size),
        TEST(unmeasured_size),
        TEST(nothing_disturbs),
        TEST(without_a_namespace),
        TEST(without_rights),
        TEST(every_call_can_fail),
        TEST(kernel_without_modules),
        TEST(of_linux),
        TEST(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
