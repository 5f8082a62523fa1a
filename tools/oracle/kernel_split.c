/* SPDX-License-Identifier: MIT */
/*
 * The kernel's GSO. A super-packet is written to a TUN device, which checks its
 * virtio header, and is redirected to a second device. The reader of that one
 * accepts no super-packets, so the kernel makes segments. All of that happens
 * within the write.
 */
#include "kernel_private.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "grove/table.h"

/* No packet has more segments, since each has a byte of payload. */
#define MAX_SEGMENTS GROVE_MAX_PACKET_LEN

/* The longest queue that all kernels allow. */
#define COMMON_QUEUE 32767

#define BUFFER_LEN (RUN_VNET_MAX + GROVE_MAX_PACKET_LEN)

/* The first size of the array, in outputs. */
#define FIRST_OUTPUTS 64

/* The outputs so far; the array grows. */
struct segments {
    struct answer *answer;
    struct run_output *output;
    size_t count;
    size_t room;
};

static bool set_queue(struct kernel_pair *pair, uint32_t length)
{
    pair->queue = length;
    return kernel_queue_set(pair->out.name, length);
}

static bool make_room(struct kernel_pair *pair, char why[WHY_LEN])
{
    return set_queue(pair, MAX_SEGMENTS) || set_queue(pair, COMMON_QUEUE) ||
           kernel_lacks(why, "a queue of %d packets", COMMON_QUEUE);
}

static bool set_offload(const struct kernel_tun *tun, unsigned long offload,
                        char why[WHY_LEN])
{
    return ioctl(tun->fd, TUNSETOFFLOAD, offload) == 0 ||
           kernel_lacks(why, "setting the offloads of a TUN device");
}

static bool open_pair(struct kernel_pair *pair,
                      const struct kernel_layers *layers, int socket,
                      unsigned long offload, char why[WHY_LEN])
{
    struct kernel_layers segments = *layers;

    /* What is read is no super-packet. */
    segments.vnet_len = GROVE_VNET_LEN;
    return kernel_tun_open(&pair->in, layers, 0, why) &&
           kernel_tun_open(&pair->out, &segments, 0, why) &&
           make_room(pair, why) && set_offload(&pair->out, offload, why) &&
           kernel_tun_up(&pair->in, socket, why) &&
           kernel_tun_up(&pair->out, socket, why) &&
           kernel_redirect(pair->in.name, pair->out.name, why);
}

static bool open_here(void *what, char why[WHY_LEN])
{
    struct kernel_split *split = what;
    int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good;

    if (fd < 0)
        return kernel_lacks(why, "an AF_PACKET socket (needs CAP_NET_RAW)");
    good = open_pair(&split->plain, &split->layers, fd, 0, why) &&
           open_pair(&split->offload, &split->layers, fd, TUN_F_CSUM, why);
    close(fd);
    return good;
}

bool kernel_split_open(struct kernel_split *split,
                       const struct kernel_layers *layers, char why[WHY_LEN])
{
    static const struct kernel_pair closed = {.in.fd = -1, .out.fd = -1};

    *split = (struct kernel_split){
        .layers = *layers,
        .plain = closed,
        .offload = closed,
        .buffer = malloc(BUFFER_LEN),
    };
    if (split->buffer == NULL)
        return kernel_lacks(why, "memory");
    if (kernel_open_apart(open_here, split, why))
        return true;
    kernel_split_close(split);
    return false;
}

void kernel_split_close(struct kernel_split *split)
{
    kernel_tun_close(&split->plain.in);
    kernel_tun_close(&split->plain.out);
    kernel_tun_close(&split->offload.in);
    kernel_tun_close(&split->offload.out);
    free(split->buffer);
    split->buffer = NULL;
}

static struct run_output *add_segment(struct segments *segments)
{
    if (segments->count == segments->room) {
        struct run_output *larger;

        segments->room =
            segments->room == 0 ? FIRST_OUTPUTS : 2 * segments->room;
        larger = arena_alloc(&segments->answer->arena, segments->room,
                             sizeof *larger);
        if (segments->count != 0)
            memcpy(larger, segments->output, segments->count * sizeof *larger);
        segments->output = larger;
    }
    return &segments->output[segments->count++];
}

/* Reads a packet. EINVAL: its virtio header cannot express it, and it is lost.
 */
static ssize_t read_segment(const struct kernel_pair *pair, uint8_t *buffer)
{
    ssize_t len;

    do
        len = read(pair->out.fd, buffer, BUFFER_LEN);
    while (len < 0 && errno == EINVAL);
    return len;
}

/* Reads all that is there. False, with errno, if the device cannot be read. */
static bool read_segments(const struct kernel_pair *pair, uint8_t *buffer,
                          struct segments *segments)
{
    const size_t header = pair->out.vnet_len;
    ssize_t len;

    while ((len = read_segment(pair, buffer)) >= 0) {
        struct run_output *output = add_segment(segments);

        output->len = (size_t)len - header;
        output->packet =
            arena_copy(&segments->answer->arena, buffer + header, output->len);
        output->has_hdr_len = true;
        grove_vnet_load(&output->vnet, buffer);
    }
    return errno == EAGAIN;
}

static bool asks_for_fragments(const struct run_input *input)
{
    struct grove_vnet vnet = {0};

    if (input->has_vnet)
        grove_vnet_load(&vnet, input->vnet);
    return (vnet.gso_type & ~GROVE_VNET_GSO_ECN) == GROVE_VNET_GSO_UDP;
}

static void fail(struct answer *answer, const char *what)
{
    answer_fail(answer, ANSWER_ERROR, "%s: %s", what, strerror(errno));
}

void kernel_split_ask(struct kernel_split *split, const struct run_input *input,
                      bool csum_offload, struct answer *answer)
{
    const struct kernel_pair *pair =
        csum_offload ? &split->offload : &split->plain;
    struct segments segments = {.answer = answer};

    if (!kernel_tun_write(&pair->in, input)) {
        if (errno == EINVAL)
            answer_fail(answer, ANSWER_REJECTED, "EINVAL");
        else
            fail(answer, "writing a packet to the TUN device");
        return;
    }
    if (!read_segments(pair, split->buffer, &segments)) {
        fail(answer, "reading segments from the TUN device");
        return;
    }
    if (segments.count >= pair->queue) {
        answer_fail(answer, ANSWER_SKIPPED,
                    "this kernel's queues have no room for the segments");
        return;
    }
    if (segments.count > 1 && asks_for_fragments(input)) {
        answer_fail(answer, ANSWER_SKIPPED,
                    "the kernel makes IP fragments of gso_type 3");
        return;
    }
    answer->output = segments.output;
    answer->outputs = segments.count;
}
