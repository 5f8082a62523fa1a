/* SPDX-License-Identifier: MIT */
/*
 * The live kernel as an implementation. Each poll of a run is asked separately,
 * by the devices that its layers need.
 */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "deviation.h"
#include "grove/profile.h"
#include "kernel_private.h"
#include "layers.h"

/* Flows that a NAPI instance holds in a bucket. */
#define KERNEL_FLOWS 8

/* The most packets that one poll of a kernel thread handles. */
#define THREADED_PACKETS 64

/* The most packets of a poll that can be asked. */
#define MAX_PACKETS 4096

/* What GRO makes of frames of some kind. */
enum merging { MERGING_UNKNOWN, PASSES, MERGES };

struct kernel {
    char name[80];
    char profile[GROVE_PROFILE_NAME_SIZE]; /* or empty: it is not known */
    struct kernel_worlds worlds;
    enum merging tags;  /* of VLAN */
    enum merging pppoe; /* of PPPoE */
};

/* The answer to the polls of a run so far. */
struct asking {
    struct answer *answer;
    struct run_output *output;
    size_t outputs;
    struct run_fate *fate;
    size_t fates;
    size_t unseen; /* number of outputs that AF_PACKET cannot express */
};

/* True if the profile's name is "linux-" and the series of `release`. */
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

/*
 * Debian's kernels of a series may all have the release 6.1.0. The version in
 * struct utsname is exact.
 */
static const char *exact_release(const struct utsname *system)
{
    static const char debian[] = " Debian ";
    const char *at = strstr(system->version, debian);

    return at != NULL ? at + strlen(debian) : system->release;
}

const char *kernel_profile(char release[64])
{
    struct utsname system;
    const char *exact;

    release[0] = '\0';
    if (uname(&system) != 0)
        return NULL;
    exact = exact_release(&system);
    snprintf(release, 64, "%.*s", (int)strspn(exact, "0123456789."), exact);
    for (const char *const *profile = grove_profiles(); *profile != NULL;
         profile++)
        if (names_series(*profile, release))
            return *profile;
    return NULL;
}

/* The number of packets from entry `first` to the end of its poll. */
static size_t poll_packets(const struct run *run, size_t first)
{
    size_t end = first;

    while (end < run->inputs && !run->input[end].flush)
        end++;
    return end - first;
}

static bool set_udp(struct kernel_poll *poll, bool on)
{
    struct kernel_device *device = poll->device;

    if (device->udp_on != on &&
        !kernel_feature_set(device->socket, device->coalescing, &device->udp,
                            on))
        return kernel_poll_fail(poll, "setting " KERNEL_UDP_FEATURE);
    device->udp_on = on;
    return true;
}

static bool ask_poll(struct asking *asking, struct kernel_poll *poll, bool udp)
{
    poll->answer = asking->answer;
    poll->fate = asking->fate + asking->fates;
    poll->output = asking->output + asking->outputs;
    if (!set_udp(poll, udp) || !poll->device->way->ask(poll))
        return false;
    if (poll->device->layers.vnet_len == RUN_VNET_MAX)
        kernel_second_read(poll);
    if (poll->device->layers.fraglist)
        kernel_list_read(poll);
    asking->fates += poll->packets;
    asking->outputs += poll->outputs;
    asking->unseen += poll->unseen;
    return true;
}

static bool ask_polls(struct asking *asking, struct kernel_world *world,
                      const struct run *run)
{
    size_t packets;

    for (size_t at = 0; at < run->inputs; at += packets + 1) {
        struct kernel_poll poll = {.input = &run->input[at]};

        packets = poll.packets = poll_packets(run, at);
        poll.device = world->has_polled && packets <= THREADED_PACKETS
                          ? &world->polled
                          : &world->deferred;
        if (packets != 0 && !ask_poll(asking, &poll, run->config.udp))
            return false;
    }
    return true;
}

static void ask_gro(struct kernel_world *world, const struct run *run,
                    struct answer *answer)
{
    const size_t packets = run_packets(run);
    struct asking asking = {
        .answer = answer,
        .output = arena_alloc(&answer->arena, packets, sizeof *asking.output),
        .fate = arena_alloc(&answer->arena, packets, sizeof *asking.fate),
    };

    if (!ask_polls(&asking, world, run))
        return;
    if (asking.unseen != 0) {
        answer_fail(answer, ANSWER_SKIPPED,
                    "the virtio header of a packet that left cannot be shown");
        return;
    }
    answer->output = asking.output;
    answer->outputs = asking.outputs;
    answer->fate = asking.fate;
    answer->fates = asking.fates;
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

/* Whether a kernel drops a frame behind GRO, because its VLAN tag is cut. */
static bool drops_tag(const struct run *run)
{
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush && kernel_tag_is_cut(&run->input[i]))
            return true;
    return false;
}

/* Whether a kernel forgets csum_start behind GRO, where it is in a VLAN tag. */
static bool hides_csum(const struct run *run)
{
    for (size_t i = 0; i < run->inputs; i++)
        if (!run->input[i].flush && kernel_tag_hides_csum(&run->input[i]))
            return true;
    return false;
}

/* Why the kernel cannot be asked with these hashes; NULL if it can. */
static const char *unaskable_hash(const struct run *run)
{
    const char *why = NULL;

    for (size_t i = 0; i < run->inputs && why == NULL; i++)
        if (!run->input[i].flush)
            why = kernel_hash_refuses(&run->config, &run->input[i]);
    return why;
}

/* Why its GRO cannot be asked this; NULL if it can. */
static const char *unaskable_gro(const struct run *run)
{
    if (run->config.max_flows != KERNEL_FLOWS)
        return "the kernel holds 8 flows, no other number";
    if (run->config.csum_trusted)
        return "the kernel verifies every checksum";
    if (run->config.lossless)
        return "the kernel has no lossless mode";
    if (run->config.fraglist &&
        (run->config.link != GROVE_LINK_NONE || run->config.tunnel_count != 0))
        return "lists of packets are asked for without a link and tunnels";
    if (run->config.link == GROVE_LINK_ETHERNET && drops_tag(run))
        return "the kernel drops a frame with a cut VLAN tag behind GRO";
    if (run->config.link == GROVE_LINK_ETHERNET && hides_csum(run))
        return "the kernel forgets csum_start in front of a VLAN tag's type";
    if (longest_poll(run) > MAX_PACKETS)
        return "a poll has more than 4096 packets";
    return run->config.hash ? unaskable_hash(run) : NULL;
}

/* Why the kernel cannot be asked this; NULL: it can. */
static const char *unaskable(const struct kernel *kernel, const struct run *run)
{
    if (kernel->profile[0] != '\0' && run->profile != NULL &&
        strcmp(kernel->profile, run->profile) != 0)
        return "this kernel has another profile";
    if (longest_packet(run) > GROVE_MAX_PACKET_LEN)
        return "a packet is longer than IP allows; the kernel takes it";
    if (run->op == RUN_GSO)
        return run_splits(run) ? NULL : "op gso takes one packet";
    if (kernel->profile[0] != '\0' && deviation(kernel->profile, run) != NULL)
        return deviation(kernel->profile, run);
    return unaskable_gro(run);
}

/* Runs with real-time priority, so that the kernel polls only when it should.
 */
static void ask_in_real_time(struct kernel_world *world, const struct run *run,
                             struct answer *answer)
{
    struct kernel_writer saved;

    if (!kernel_writer_begin(&saved, &world->cpu)) {
        answer_fail(answer, ANSWER_ERROR, "SCHED_FIFO: %s", strerror(errno));
        return;
    }
    ask_gro(world, run, answer);
    kernel_writer_end(&saved);
}

/* A kernel that lacks what splitting needs can still be asked for GRO. */
static void ask_gso(const struct kernel *kernel, struct kernel_world *world,
                    const struct run *run, struct answer *answer)
{
    const char *known =
        kernel->profile[0] != '\0' ? deviation(kernel->profile, run) : NULL;
    char why[WHY_LEN];

    if (known != NULL) {
        answer_fail(answer, ANSWER_SKIPPED, "%s", known);
        return;
    }
    if (kernel_world_split(world, why))
        kernel_split_ask(&world->split, &run->input[0],
                         run->config.csum_offload, answer);
    else
        answer_fail(answer, ANSWER_SKIPPED, "op gso: %s", why);
}

/* Packets that failed devices hold belong to no later question. */
static void ask_once(struct kernel *kernel, struct kernel_world *world,
                     const struct run *run, struct answer *answer)
{
    char why[WHY_LEN];

    answer_reset(answer);
    if (world->stale && !kernel_world_renew(world, why))
        answer_fail(answer, ANSWER_ERROR, "%s", why);
    else if (run->op == RUN_GSO)
        ask_gso(kernel, world, run, answer);
    else if (longest_poll(run) > THREADED_PACKETS && !world->has_deferred)
        answer_fail(answer, ANSWER_SKIPPED,
                    "a poll has more than 64 packets; only root can ask that");
    else if (world->in_real_time)
        ask_in_real_time(world, run, answer);
    else
        ask_gro(world, run, answer);
    world->stale = answer->kind == ANSWER_ERROR;
}

/* Asks again, of new devices, if there is no answer. */
static void ask_world(struct kernel *kernel, const struct run *run,
                      struct answer *answer)
{
    const struct kernel_layers layers = kernel_layers_of(&run->config);
    struct kernel_world *world = kernel_worlds_find(&kernel->worlds, &layers);

    if (world->lacks[0] != '\0') {
        answer_fail(answer, ANSWER_SKIPPED, "this kernel lacks %s",
                    world->lacks);
        return;
    }
    ask_once(kernel, world, run, answer);
    if (answer->kind == ANSWER_ERROR)
        ask_once(kernel, world, run, answer);
}

static bool has_layers(const struct run_config *config)
{
    return config->link != GROVE_LINK_NONE || config->tunnel_count != 0;
}

/* Whether some packet has such a layer where a GRO with PPPoE looks. */
static bool has_layer(const struct run *run, enum layer_kind kind)
{
    for (size_t i = 0; i < run->inputs; i++) {
        const struct run_input *input = &run->input[i];
        struct layers layers;

        if (input->flush)
            continue;
        layers = layers_with_pppoe(&run->config, input->packet, input->len);
        if (layers_have(&layers, kind))
            return true;
    }
    return false;
}

typedef void make_question(struct run *run, struct run_input input[2],
                           struct arena *arena);

/* Whether GRO merges the two frames of a question. It is asked once. */
static bool merges(struct kernel *kernel, enum merging *known,
                   make_question *make)
{
    struct run_input input[2];
    struct answer answer = {0};
    struct arena arena = {0};
    struct run run;

    if (*known != MERGING_UNKNOWN)
        return *known == MERGES;
    make(&run, input, &arena);
    ask_world(kernel, &run, &answer);
    if (answer.kind == ANSWER_OUTPUT)
        *known = answer.outputs == 1 ? MERGES : PASSES;
    answer_free(&answer);
    arena_free(&arena);
    return *known == MERGES;
}

/* Why a kernel cannot be asked for the layers of these packets; NULL: it can.
 */
static const char *unaskable_layers(struct kernel *kernel,
                                    const struct run *run)
{
    const bool wanted =
        run->op == RUN_GRO && run_config_has(&run->config, GROVE_TUNNEL_PPPOE);

    /* A kernel without CONFIG_VLAN_8021Q passes frames with tags. */
    if (run->op == RUN_GRO && has_layer(run, LAYER_TAG) &&
        !merges(kernel, &kernel->tags, kernel_tag_question))
        return "this kernel has no VLAN (CONFIG_VLAN_8021Q)";
    if (!has_layer(run, LAYER_PPPOE) ||
        merges(kernel, &kernel->pppoe, kernel_pppoe_question) == wanted)
        return NULL;
    return wanted ? "this kernel does not look into PPPoE; Linux 7.2 does with "
                    "its module pppoe"
                  : "K-14: this kernel looks into PPPoE";
}

static void ask(void *self, const struct run *run, struct answer *answer)
{
    struct kernel *kernel = self;
    const char *reason = unaskable(kernel, run);

    if (reason == NULL && has_layers(&run->config))
        reason = unaskable_layers(kernel, run);
    if (reason != NULL) {
        answer_fail(answer, ANSWER_SKIPPED, "%s", reason);
        return;
    }
    ask_world(kernel, run, answer);
    if (answer->kind == ANSWER_ERROR)
        answer_fail(answer, ANSWER_LOST,
                    "no answer, though asked twice: %s; see `grove doctor`",
                    answer->reason);
}

static void close_kernel(void *self)
{
    struct kernel *kernel = self;

    kernel_worlds_close(&kernel->worlds);
    free(kernel);
}

void kernel_set_profile(struct implementation *implementation,
                        const char *profile)
{
    struct kernel *kernel = implementation->self;

    snprintf(kernel->profile, sizeof kernel->profile, "%s", profile);
}

/* The devices of most questions are the first. */
static bool open_plain(struct kernel_worlds *worlds, char why[WHY_LEN])
{
    const struct kernel_world *world =
        kernel_worlds_find(worlds, &kernel_plain_layers);

    memcpy(why, world->lacks, WHY_LEN);
    return world->lacks[0] == '\0';
}

bool kernel_open(struct implementation *implementation, char why[256])
{
    struct kernel *kernel = calloc(1, sizeof *kernel);
    char release[64];

    if (kernel == NULL)
        return kernel_lacks(why, "memory");
    if (!kernel_take_rights(why) || !open_plain(&kernel->worlds, why)) {
        free(kernel);
        return false;
    }
    kernel_profile(release);
    snprintf(kernel->name, sizeof kernel->name, "linux-%s", release);
    *implementation = (struct implementation){.self = kernel,
                                              .name = kernel->name,
                                              .ask = ask,
                                              .close = close_kernel};
    return true;
}
