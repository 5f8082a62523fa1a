/* SPDX-License-Identifier: MIT */
#include "tun/probe.h"

#include <assert.h>
#include <errno.h>
#include <sched.h>

#include "header.h"
#include "iovec.h"
#include "tun/pair.h"

enum {
    TCP = IP_PROTO_TCP,
    UDP = IP_PROTO_UDP,
    ACK = 0x10,
    TCP4 = GROVE_VNET_GSO_TCPV4,
    TCP6 = GROVE_VNET_GSO_TCPV6,
    USO = GROVE_VNET_GSO_UDP_L4,
    STAMPS = 12, /* bytes of TCP options */
    SIZE = 500,  /* gso_size */
    EQUAL = 2000,
    SHORT = 1503,
    MARK = 33, /* bytes of payload; no segment has as many */
    TINY = 64
};

/* What is tried: an offload, and a packet that needs it. */
static const struct trial {
    uint32_t offload;
    const char *words;
    struct tun_recipe recipe;
} trials[] = {
    {GROVE_TUN_CSUM,
     "TCP over IPv4, one packet without its checksum",
     {4, TCP, STAMPS, ACK, GROVE_VNET_GSO_NONE, 0, SIZE, 0, 0}},
    {GROVE_TUN_TSO4,
     "TCP over IPv4, 4 equal segments",
     {4, TCP, 0, ACK | TCP_PSH, TCP4, SIZE, EQUAL, 0, 0}},
    {GROVE_TUN_TSO4,
     "TCP over IPv4, 4 segments, the last one short",
     {4, TCP, STAMPS, ACK | TCP_FIN, TCP4, SIZE, SHORT, 0, 0}},
    {GROVE_TUN_TSO6,
     "TCP over IPv6, 4 equal segments",
     {6, TCP, 0, ACK | TCP_PSH, TCP6, SIZE, EQUAL, 0, 0}},
    {GROVE_TUN_TSO6,
     "TCP over IPv6, 4 segments, the last one short",
     {6, TCP, STAMPS, ACK | TCP_FIN, TCP6, SIZE, SHORT, 0, 0}},
    {GROVE_TUN_TSO_ECN,
     "TCP over IPv4 with CWR, 4 equal segments",
     {4, TCP, STAMPS, ACK | TCP_CWR, TCP4 | GROVE_VNET_GSO_ECN, SIZE, EQUAL, 0,
      0}},
    {GROVE_TUN_USO,
     "UDP over IPv4, 4 equal segments",
     {4, UDP, 0, 0, USO, SIZE, EQUAL, 0, 0}},
    {GROVE_TUN_USO,
     "UDP over IPv4, 4 segments, the last one short",
     {4, UDP, 0, 0, USO, SIZE, SHORT, 0, 0}},
    {GROVE_TUN_USO,
     "UDP over IPv6, 4 equal segments",
     {6, UDP, 0, 0, USO, SIZE, EQUAL, 0, 0}},
    {GROVE_TUN_USO,
     "UDP over IPv6, 4 segments, the last one short",
     {6, UDP, 0, 0, USO, SIZE, SHORT, 0, 0}},
    {GROVE_TUN_TUNNEL,
     "TCP over IPv4 in VXLAN over IPv4, 4 equal segments",
     {4, TCP, 0, ACK | TCP_PSH, TCP4, SIZE, EQUAL, 0, 4}},
    {GROVE_TUN_TUNNEL,
     "TCP over IPv6 in VXLAN over IPv6, 4 segments, the last one short",
     {6, TCP, STAMPS, ACK | TCP_FIN, TCP6, SIZE, SHORT, 0, 6}},
    {GROVE_TUN_TUNNEL,
     "UDP over IPv6 in VXLAN over IPv4, 4 segments, the last one short",
     {6, UDP, 0, 0, USO, SIZE, SHORT, 0, 4}},
    {GROVE_TUN_TUNNEL,
     "UDP over IPv4 in VXLAN over IPv6, 4 equal segments",
     {4, UDP, 0, 0, USO, SIZE, EQUAL, 0, 6}},
};

#define TRIALS (sizeof trials / sizeof trials[0])

_Static_assert(TRIALS <= GROVE_TUN_MAX_FINDINGS, "each may have a finding");

/* The kernel is asked in a thread. */
struct probing {
    const struct tun_system *system;
    struct grove_tun_kernel kernel;
    struct grove_tun_error error;
    struct tun_pair pair;
    uint8_t marks;  /* plain packets written */
    bool is_silent; /* the last of them did not come */
    int failure;    /* errno of a read or write that says nothing; or 0 */
};

/* The memory of the devices. Theirs are neither received from nor sent to. */

static struct buffer room_of_sample(const struct probing *probing)
{
    return (struct buffer){probing->pair.in->queues[0].writer.buffer,
                           TUN_SAMPLE_MAX};
}

static struct buffer room_of_mark(const struct probing *probing)
{
    return (struct buffer){probing->pair.out->queues[0].writer.buffer,
                           TUN_SAMPLE_MAX};
}

static struct tun_burst empty_burst(const struct grove_tun *tun)
{
    return (struct tun_burst){
        .room = {tun->queues[0].reader.buffer, TUN_READ_MAX}};
}

/* What the splitter makes of the packet. */
static void expect(const struct probing *probing,
                   const struct tun_sample *sample, struct tun_burst *burst)
{
    struct grove_split *split = probing->pair.in->queues[0].reader.split;
    uint8_t header[GROVE_VNET_LEN_MAX];
    const struct grove_packet packet = {sample->packet.at, sample->packet.len,
                                        header, 0};
    enum grove_split_result result;
    enum grove_rule rule;

    grove_vnet_store_len(header, probing->pair.in->layers.vnet_len,
                         &sample->vnet);
    result = grove_split_begin(split, &packet, &rule);
    assert(result == GROVE_SPLIT_OK);
    (void)result;
    while (grove_split_left(split) != 0) {
        const uint32_t len =
            grove_split_copy(split, burst->room.at, burst->room.len, NULL);

        tun_burst_add(burst, (struct bytes){burst->room.at, len});
    }
}

/* A plain packet of the same flow, which differs from all others. */
static struct tun_sample make_mark(struct probing *probing,
                                   const struct tun_recipe *of)
{
    const struct tun_recipe recipe = {
        of->version, of->protocol,     0,         ACK, 0, 0,
        MARK,        ++probing->marks, of->tunnel};
    struct tun_sample mark = tun_sample_make(room_of_mark(probing), &recipe);

    tun_sample_complete(room_of_mark(probing), &mark);
    return mark;
}

/*
 * Writes the packet and a mark, and reads what comes before the mark. Returns
 * 0, or the errno of a refusal.
 */
static int ask(struct probing *probing, const struct tun_recipe *recipe,
               const struct tun_sample *sample, struct tun_burst *seen)
{
    const struct tun_sample mark = make_mark(probing, recipe);
    const int number =
        sample != NULL ? tun_pair_write(&probing->pair, sample) : 0;
    int error = number == 0 || tun_refuses(number) ? 0 : number;

    if (error == 0)
        error = tun_pair_write(&probing->pair, &mark);
    if (error == 0)
        error = tun_pair_read(&probing->pair, mark.packet, seen);
    probing->is_silent = error == ETIMEDOUT;
    probing->failure = probing->is_silent ? 0 : error;
    return number;
}

/* Whether nothing more can be asked. */
static bool is_over(const struct probing *probing)
{
    return probing->is_silent || probing->failure != 0;
}

/* Whether plain packets arrive, without which nothing can be told. */
static void try_path(struct probing *probing, const struct tun_recipe *recipe)
{
    struct tun_burst seen = empty_burst(probing->pair.out);

    if (is_over(probing))
        return;
    (void)ask(probing, recipe, NULL, &seen);
    if (probing->is_silent)
        probing->failure = ETIMEDOUT;
}

static struct grove_tun_finding try_one(struct probing *probing,
                                        const struct trial *trial)
{
    const struct tun_sample sample =
        tun_sample_make(room_of_sample(probing), &trial->recipe);
    struct tun_burst expected = empty_burst(probing->pair.in);
    struct tun_burst seen = empty_burst(probing->pair.out);
    struct grove_tun_finding finding = {.offload = trial->offload,
                                        .packet = trial->words};

    expect(probing, &sample, &expected);
    finding.number = ask(probing, &trial->recipe, &sample, &seen);
    tun_compare(&sample, &expected, &seen, &finding);
    if (probing->is_silent)
        finding.symptom = GROVE_TUN_SYMPTOM_SILENCE;
    if (finding.number != 0)
        finding.symptom = GROVE_TUN_SYMPTOM_REFUSED;
    return finding;
}

/*
 * Tries those of these offloads that the kernel takes. Of a kernel that is
 * silent, those that are not tried are wrong, too.
 */
static void try_offloads(struct probing *probing, uint32_t offloads)
{
    struct grove_tun_kernel *kernel = &probing->kernel;
    const uint32_t taken = grove_tun_offloads(probing->pair.in) & offloads;

    kernel->tried |= taken;
    for (size_t i = 0; i < TRIALS; i++) {
        struct grove_tun_finding finding = {.offload = trials[i].offload};

        if ((taken & trials[i].offload) == 0)
            continue;
        if (!is_over(probing)) {
            finding = try_one(probing, &trials[i]);
            if (finding.symptom == GROVE_TUN_SYMPTOM_NONE)
                continue;
            kernel->findings[kernel->finding_count++] = finding;
        }
        kernel->wrong |= finding.offload;
    }
}

/* Columns of the profile. */

/* Whether the kernel refuses a packet; true if it is silent. */
static bool refuses(struct probing *probing, const struct tun_recipe *recipe,
                    const struct tun_sample *sample)
{
    struct tun_burst seen = empty_burst(probing->pair.out);

    return is_over(probing) || ask(probing, recipe, sample, &seen) != 0;
}

/* VNET-015: the payload of the first segment, if more was asked for. */
static uint16_t find_min_tcp_gso_size(struct probing *probing)
{
    static const struct tun_recipe recipe = {4, TCP,  0, ACK, TCP4,
                                             1, TINY, 0, 0};
    const struct tun_sample sample =
        tun_sample_make(room_of_sample(probing), &recipe);
    struct tun_burst seen = empty_burst(probing->pair.out);
    uint32_t len;

    if (is_over(probing) || ask(probing, &recipe, &sample, &seen) != 0 ||
        seen.count == 0 || seen.packets[0].len <= sample.payload)
        return TUN_SAFE_GSO_SIZE;
    len = seen.packets[0].len - sample.payload;
    return len > recipe.gso_size ? (uint16_t)len : 0;
}

/* VNET-005: a checksum that begins inside the IP header. */
static bool find_checks_csum_start(struct probing *probing)
{
    static const struct tun_recipe recipe = {4, TCP, 0, ACK, 0, 0, SIZE, 0, 0};
    struct tun_sample sample =
        tun_sample_make(room_of_sample(probing), &recipe);

    sample.vnet.csum_start = IP4_SOURCE;
    return refuses(probing, &recipe, &sample);
}

/* VNET-007: a super-packet of TCP without NEEDS_CSUM which is UDP. */
static bool find_dissects(struct probing *probing)
{
    static const struct tun_recipe recipe = {4,    UDP,   0, 0, TCP4,
                                             SIZE, EQUAL, 0, 0};
    struct tun_sample sample =
        tun_sample_make(room_of_sample(probing), &recipe);

    sample.vnet.flags = 0;
    return refuses(probing, &recipe, &sample);
}

static void find_columns(struct probing *probing)
{
    struct grove_tun_kernel *kernel = &probing->kernel;

    kernel->takes_uso = (kernel->tried & ~kernel->wrong & GROVE_TUN_USO) != 0;
    kernel->min_tcp_gso_size = find_min_tcp_gso_size(probing);
    kernel->checks_csum_start = find_checks_csum_start(probing);
    kernel->dissects = find_dissects(probing);
}

/* The kernel is asked through TUNs first, and then through TAPs. */

static void ask_at_tun(struct probing *probing)
{
    try_path(probing, &trials[0].recipe);
    try_offloads(probing, ~GROVE_TUN_TUNNEL);
    find_columns(probing);
}

/* Only a TAP takes super-packets in tunnels, if the kernel has them. */
static void ask_at_tap(struct probing *probing)
{
    static const struct tun_recipe plain = {4, TCP, 0, ACK, 0, 0, SIZE, 0, 4};
    struct grove_tun_kernel *kernel = &probing->kernel;

    if ((grove_tun_offloads(probing->pair.in) & GROVE_TUN_TUNNEL) == 0)
        return;
    try_path(probing, &plain);
    try_offloads(probing, GROVE_TUN_TUNNEL);
    kernel->takes_tunnels =
        (kernel->tried & ~kernel->wrong & GROVE_TUN_TUNNEL) != 0;
}

/* Opens a pair of devices for it. False: it cannot be opened. */
static bool ask_through(struct probing *probing, bool tap,
                        void (*ask_at)(struct probing *probing))
{
    if (!tun_pair_open(&probing->pair, probing->system,
                       probing->kernel.own_namespace, tap, &probing->error))
        return false;
    ask_at(probing);
    tun_pair_close(&probing->pair);
    return true;
}

static void *run(void *argument)
{
    struct probing *probing = argument;

    probing->kernel.own_namespace = probing->system->unshare(CLONE_NEWNET) == 0;
    if (ask_through(probing, false, ask_at_tun) && probing->failure == 0)
        (void)ask_through(probing, true, ask_at_tap);
    if (probing->failure != 0)
        probing->error = (struct grove_tun_error){.step = GROVE_TUN_STEP_PACKET,
                                                  .number = probing->failure};
    return NULL;
}

bool tun_probe(const struct tun_system *system, struct grove_tun_kernel *kernel,
               struct grove_tun_error *error)
{
    struct probing probing = {.system = system};
    const int number = system->run_in_thread(run, &probing);

    if (number != 0)
        probing.error = (struct grove_tun_error){
            .step = GROVE_TUN_STEP_NAMESPACE, .number = number};
    if (probing.error.step == GROVE_TUN_STEP_NONE)
        *kernel = probing.kernel;
    *error = probing.error;
    return probing.error.step == GROVE_TUN_STEP_NONE;
}

bool grove_tun_probe(struct grove_tun_kernel *kernel,
                     struct grove_tun_error *error)
{
    return tun_probe(&tun_system_linux, kernel, error);
}
