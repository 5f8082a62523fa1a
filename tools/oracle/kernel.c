/* SPDX-License-Identifier: MIT */
/*
 * The live kernel as an implementation. A poll is asked like this: in real
 * time, write its packets and a sentinel to the TUN device, then block; the
 * kernel thread now takes them all in one poll. What the AF_PACKET socket has
 * when the sentinel was seen and nothing more is there is the answer.
 */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include "kernel_private.h"

/* The held flows of a NAPI instance, all of a TUN's in one bucket. */
#define KERNEL_FLOWS 8

/*
 * The packets that one poll takes. The sentinel may be the first packet of
 * the next poll: a poll that took all it may take flushes as one that ended.
 */
#define KERNEL_POLL 64

/* How often an early poll is asked again. */
#define MAX_REPEATS 1000

/* An IPv4 header and a number that no packet of an input can know. */
#define SENTINEL_LEN    36
#define SENTINEL_NUMBER 20

struct kernel {
    char name[80];
    const char *profile; /* of the running kernel, or NULL */
    struct kernel_device device;
    struct capture *capture;
    cpu_set_t cpu;
    bool udp;  /* UDP is coalesced now */
    bool dead; /* it does not poll any more */
    uint8_t sentinel[SENTINEL_LEN];
};

/* Packets of a run may be on their way: no other one can be asked. */
static const char dead_words[] = "the kernel thread has stopped polling";

/* A run while it is asked. */
struct asking {
    struct kernel *kernel;
    struct answer *answer;
    struct run_output *output;
    size_t outputs;
    size_t max_outputs; /* no more leave than came */
    size_t unseen;      /* outputs that AF_PACKET could not express */
    bool keep;          /* what is read now is part of the answer */
    bool ended;         /* the sentinel was seen */
};

static bool fail(struct asking *asking, const char *what)
{
    answer_fail(asking->answer, ANSWER_ERROR, "%s: %s", what, strerror(errno));
    return false;
}

/* Whether the profile's name is "linux-" and the series of `release`. */
static bool names_series(const char *profile, const char *release)
{
    static const char prefix[] = "linux-";
    const char *series = profile + strlen(prefix);
    size_t len;

    if (strncmp(profile, prefix, strlen(prefix)) != 0)
        return false;
    len = strlen(series);
    return strncmp(release, series, len) == 0 &&
           (release[len] == '.' || release[len] == '\0');
}

const char *kernel_profile(char release[64])
{
    struct utsname system;

    release[0] = '\0';
    if (uname(&system) != 0)
        return NULL;
    snprintf(release, 64, "%.*s", (int)strspn(system.release, "0123456789."),
             system.release);
    for (const char *const *profile = grove_profiles(); *profile != NULL;
         profile++)
        if (names_series(*profile, release))
            return *profile;
    return NULL;
}

static bool write_bytes(const struct kernel *kernel, const uint8_t *vnet,
                        const uint8_t *packet, size_t len)
{
    const struct iovec iov[] = {
        {(void *)(uintptr_t)vnet, GROVE_VNET_LEN},
        {(void *)(uintptr_t)packet, len},
    };

    return writev(kernel->device.tun, iov, 2) >= 0;
}

static bool write_packet(const struct kernel *kernel,
                         const struct run_input *input, struct run_fate *fate)
{
    static const uint8_t zero[GROVE_VNET_LEN];
    const uint8_t *vnet = input->has_vnet ? input->vnet : zero;

    *fate = (struct run_fate){.accepted = true};
    if (write_bytes(kernel, vnet, input->packet, input->len))
        return true;
    *fate = (struct run_fate){.has_verdict = true, .verdict = GROVE_REJECTED};
    return errno == EINVAL;
}

/* GRO takes it for a protocol of no interest and hands it over as it is. */
static bool write_sentinel(struct kernel *kernel)
{
    static const uint8_t zero[GROVE_VNET_LEN];
    uint64_t number;

    memcpy(&number, kernel->sentinel + SENTINEL_NUMBER, sizeof number);
    number++;
    memcpy(kernel->sentinel + SENTINEL_NUMBER, &number, sizeof number);
    return write_bytes(kernel, zero, kernel->sentinel, SENTINEL_LEN);
}

/* 253 is a protocol for experiments; 0 is a wrong checksum of the header. */
static bool make_sentinel(uint8_t sentinel[SENTINEL_LEN])
{
    static const uint8_t header[SENTINEL_NUMBER] = {
        0x45, 0, 0, SENTINEL_LEN, 0, 0, 0, 0, 64, 253,
    };
    const size_t random = SENTINEL_LEN - SENTINEL_NUMBER;

    memcpy(sentinel, header, sizeof header);
    return getrandom(sentinel + SENTINEL_NUMBER, random, 0) == (ssize_t)random;
}

static bool is_sentinel(const struct kernel *kernel,
                        const struct captured *packet)
{
    return packet->len == SENTINEL_LEN &&
           memcmp(packet->packet, kernel->sentinel, SENTINEL_LEN) == 0;
}

static bool add_output(struct asking *asking, const struct captured *captured)
{
    struct run_output *output = &asking->output[asking->outputs];

    if (asking->outputs == asking->max_outputs) {
        errno = EOVERFLOW;
        return fail(asking, "more packets left the device than came");
    }
    *output = (struct run_output){
        .vnet = {.flags = captured->vnet.flags,
                 .gso_type = captured->vnet.gso_type,
                 .gso_size = captured->vnet.gso_size,
                 .csum_start = captured->vnet.csum_start,
                 .csum_offset = captured->vnet.csum_offset},
        .packet =
            arena_copy(&asking->answer->arena, captured->packet, captured->len),
        .len = captured->len,
    };
    asking->outputs++;
    return true;
}

static bool take(struct asking *asking, const struct captured *captured)
{
    if (is_sentinel(asking->kernel, captured)) {
        asking->ended = true;
        return true;
    }
    return !asking->keep || add_output(asking, captured);
}

/* Takes what is there. */
static bool take_all(struct asking *asking)
{
    struct capture *capture = asking->kernel->capture;

    for (;;) {
        int taken = capture_take(capture);

        if (taken < 0 && errno == EAGAIN)
            return true;
        if (taken < 0 && errno != EINVAL)
            return fail(asking, "reading the AF_PACKET socket");
        if (taken < 0)
            asking->unseen++;
        for (int i = 0; i < taken; i++) {
            struct captured captured = capture_packet(capture, i);

            if (!take(asking, &captured))
                return false;
        }
    }
}

/* Lets the kernel run, and reads all that leaves. */
static bool read_poll(struct asking *asking, bool keep)
{
    const struct capture *capture = asking->kernel->capture;

    asking->keep = keep;
    asking->ended = false;
    while (!asking->ended) {
        if (!capture_wait(capture)) {
            asking->kernel->dead = true;
            answer_fail(asking->answer, ANSWER_DEAD, "%s", dead_words);
            return false;
        }
        if (!take_all(asking))
            return false;
    }
    errno = ENOBUFS;
    return capture_complete(capture) ||
           fail(asking, "packets were lost at the AF_PACKET socket");
}

static bool write_poll(struct asking *asking, const struct run_input *input,
                       struct run_fate *fate, size_t packets)
{
    for (size_t i = 0; i < packets; i++)
        if (!write_packet(asking->kernel, &input[i], &fate[i]))
            return fail(asking, "writing a packet to the TUN device");
    return write_sentinel(asking->kernel) ||
           fail(asking, "writing the sentinel to the TUN device");
}

/* A poll that began before all was written answers another question. */
static bool ask_poll(struct asking *asking, const struct run_input *input,
                     struct run_fate *fate, size_t packets)
{
    size_t unseen = asking->unseen;

    for (int repeats = 0; repeats <= MAX_REPEATS; repeats++) {
        bool early;

        if (!write_poll(asking, input, fate, packets))
            return false;
        early = capture_ready(asking->kernel->capture);
        if (!read_poll(asking, !early))
            return false;
        if (!early)
            return true;
        asking->unseen = unseen;
    }
    errno = EAGAIN;
    return fail(asking, "every poll began early");
}

/* The number of packets from entry `first` on to the end of the poll. */
static size_t poll_packets(const struct run *run, size_t first)
{
    size_t end = first;

    while (end < run->inputs && !run->input[end].flush)
        end++;
    return end - first;
}

static bool ask_polls(struct asking *asking, const struct run *run,
                      struct run_fate *fate)
{
    size_t packets;

    for (size_t at = 0; at < run->inputs; at += packets + 1) {
        packets = poll_packets(run, at);
        if (packets != 0 && !ask_poll(asking, &run->input[at], fate, packets))
            return false;
        fate += packets;
    }
    return true;
}

/* Brings the device to where a run can begin. */
static bool prepare(struct asking *asking, const struct run_config *config)
{
    struct kernel *kernel = asking->kernel;
    const struct kernel_device *device = &kernel->device;

    if (kernel->udp != config->udp &&
        !kernel_feature_set(device->capture, device->name, &device->udp,
                            config->udp))
        return fail(asking, "setting " KERNEL_UDP_FEATURE);
    kernel->udp = config->udp;
    return true;
}

static void ask_gro(struct kernel *kernel, const struct run *run,
                    struct answer *answer)
{
    size_t packets = run_packets(run);
    struct run_fate *fate = arena_alloc(&answer->arena, packets, sizeof *fate);
    struct asking asking = {
        .kernel = kernel,
        .answer = answer,
        .output = arena_alloc(&answer->arena, packets, sizeof *asking.output),
        .max_outputs = packets,
    };

    if (!prepare(&asking, &run->config) || !ask_polls(&asking, run, fate))
        return;
    if (asking.unseen != 0) {
        answer_fail(answer, ANSWER_SKIPPED,
                    "AF_PACKET cannot show the virtio header of a packet "
                    "that left");
        return;
    }
    answer->output = asking.output;
    answer->outputs = asking.outputs;
    answer->fate = fate;
    answer->fates = packets;
}

static size_t longest_poll(const struct run *run)
{
    size_t longest = 0;
    size_t packets;

    for (size_t at = 0; at < run->inputs; at += packets + 1) {
        packets = poll_packets(run, at);
        longest = packets > longest ? packets : longest;
    }
    return longest;
}

static size_t longest_packet(const struct run *run)
{
    size_t longest = 0;

    for (size_t i = 0; i < run->inputs; i++)
        if (run->input[i].len > longest)
            longest = run->input[i].len;
    return longest;
}

/* Why the kernel cannot be asked this; NULL if it can. */
static const char *unaskable(const struct kernel *kernel, const struct run *run)
{
    if (run->op != RUN_GRO)
        return "op gso is not yet asked of the kernel";
    if (run->config.max_flows != KERNEL_FLOWS)
        return "the kernel holds 8 flows, no other number";
    if (run->config.csum_trusted)
        return "the kernel verifies every checksum";
    if (run->config.lossless)
        return "the kernel has no lossless mode";
    if (kernel->profile != NULL && run->profile != NULL &&
        strcmp(kernel->profile, run->profile) != 0)
        return "this kernel is not of the profile's series";
    if (longest_poll(run) > KERNEL_POLL)
        return "the kernel takes at most 64 packets in a poll";
    if (longest_packet(run) > GROVE_MAX_PACKET_LEN)
        return "a packet is longer than IP allows; the kernel takes it";
    return NULL;
}

static void ask(void *self, const struct run *run, struct answer *answer)
{
    struct kernel *kernel = self;
    const char *reason = unaskable(kernel, run);
    struct kernel_writer saved;

    answer_reset(answer);
    if (reason != NULL) {
        answer_fail(answer, ANSWER_SKIPPED, "%s", reason);
        return;
    }
    if (kernel->dead) {
        answer_fail(answer, ANSWER_DEAD, "%s", dead_words);
        return;
    }
    if (!kernel_writer_begin(&saved, &kernel->cpu)) {
        answer_fail(answer, ANSWER_ERROR, "SCHED_FIFO: %s", strerror(errno));
        return;
    }
    ask_gro(kernel, run, answer);
    kernel_writer_end(&saved);
}

static void close_kernel(void *self)
{
    struct kernel *kernel = self;

    kernel_device_close(&kernel->device);
    capture_free(kernel->capture);
    free(kernel);
}

static bool open_kernel(struct kernel *kernel, char why[WHY_LEN])
{
    char release[64];

    kernel->profile = kernel_profile(release);
    snprintf(kernel->name, sizeof kernel->name, "linux-%s", release);
    if (!kernel_device_open(&kernel->device, why) ||
        !kernel_thread_pin(kernel->device.name, &kernel->cpu, why))
        return false;
    kernel->capture = capture_new(kernel->device.capture);
    if (kernel->capture == NULL)
        return kernel_lacks(why, "memory");
    return make_sentinel(kernel->sentinel) || kernel_lacks(why, "getrandom");
}

bool kernel_open(struct implementation *implementation, char why[256])
{
    struct kernel *kernel = calloc(1, sizeof *kernel);

    if (kernel == NULL)
        return kernel_lacks(why, "memory");
    if (!open_kernel(kernel, why)) {
        close_kernel(kernel);
        return false;
    }
    *implementation = (struct implementation){.self = kernel,
                                              .name = kernel->name,
                                              .ask = ask,
                                              .close = close_kernel};
    return true;
}
