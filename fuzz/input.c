/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <string.h>

#include "layered.h"

/* By number. The first four were there when the format was made. */
static const char *const profiles[INPUT_PROFILE + 1] = {
#define GROVE_PROFILE(number, name, ...) [number] = (name),
#include "../ref/profile.def"
};

enum { FIRST_PROFILES = 4, DEFAULT_FLOWS = 8 };

/* max_bytes by the number that `growth` has. */
static const uint32_t limits[] = {
    GROVE_DEFAULT_BYTES, 65536, 65575, 65576, 66000, 70000, 131072,
    GROVE_MAX_BYTES};

enum { LIMITS = sizeof limits / sizeof limits[0] };

/* The bytes of a fill, from any first byte on. */
static uint8_t ramp[UINT16_MAX + 256];

void input_make(struct input *input)
{
    guard_make(&input->guard,
               INPUT_BYTES + (INPUT_ENTRIES + 1) * GUARD_ROOM(0));
    for (size_t i = 0; i < sizeof ramp; i++)
        ramp[i] = (uint8_t)i;
}

void input_free(struct input *input)
{
    guard_free(&input->guard);
}

/* The length of the headers that a next packet repeats; 0: none can follow. */
static size_t headers_of(const struct run_config *config,
                         const struct run_input *packet)
{
    const struct layout at = inner_of(config, packet->packet, packet->len).at;

    if (at.l4 == 0)
        return 0;
    return at.payload != 0 ? at.payload : packet->len;
}

/* The hash that a packet has, if bit 7 of its kind is not set. */
static uint8_t hash_of(const struct run_config *config,
                       const struct run_input *packet)
{
    const size_t ports = inner_of(config, packet->packet, packet->len).at.ports;

    return ports != 0 ? packet->packet[ports + 1] : 0;
}

/* The state of making a batch. */
struct making {
    struct guard *guard;
    const struct run_config *config;
    const struct run_input *last; /* the last packet; NULL: there is none */
    size_t room;                  /* bytes that are left */
};

/* Takes `len` bytes of the room, or as many as are left. */
static size_t use(struct making *making, size_t len)
{
    len = len < making->room ? len : making->room;
    making->room -= len;
    return len;
}

static void make_packet(struct making *making, const struct entry *entry,
                        struct run_input *to)
{
    const bool follows = (entry->kind & INPUT_NEXT) != 0 && making->last;
    const size_t headers =
        follows ? headers_of(making->config, making->last) : 0;
    const size_t head = use(making, headers);
    const size_t given = use(making, entry->given);
    const size_t fill = use(making, entry->fill);
    uint8_t *packet = guard_take(making->guard, head + given + fill);

    if (head != 0)
        memcpy(packet, making->last->packet, head);
    if (given != 0)
        memcpy(packet + head, entry->bytes, given);
    if (fill != 0)
        memcpy(packet + head + given, ramp + (head + given) % 256, fill);
    if (head != 0)
        layered_advance(making->config, packet, head,
                        making->last->len - headers);
    to->packet = packet;
    to->len = head + given + fill;
    layered_mend(making->config, packet, to->len, entry->kind, to->vnet);
}

static void make_entry(struct making *making, const struct entry *entry,
                       struct run_input *to)
{
    *to = (struct run_input){.flush = entry->kind == INPUT_FLUSH};
    if (to->flush)
        return;
    to->has_vnet = (entry->kind & INPUT_VNET) != 0;
    memcpy(to->vnet, entry->vnet, sizeof to->vnet);
    make_packet(making, entry, to);
    if (making->config->hash)
        to->hash = hash_of(making->config, to) +
                   ((entry->kind & INPUT_HASH) != 0 ? GROVE_BUCKETS : 0);
    making->last = to;
}

/* A number that no profile has stands for one of the first four. */
static const char *profile_of(uint8_t config)
{
    const uint8_t number = config & INPUT_PROFILE;

    return profiles[number] != NULL ? profiles[number]
                                    : profiles[number % FIRST_PROFILES];
}

static struct run run_of(const struct script *script)
{
    const uint8_t config = script->config;
    struct run run = {
        .op = (config & INPUT_GSO) != 0 ? RUN_GSO : RUN_GRO,
        .profile = profile_of(config),
        .config =
            {
                .max_flows =
                    script->max_flows != 0 ? script->max_flows : DEFAULT_FLOWS,
                .udp = (config & INPUT_NO_UDP) == 0,
                .max_bytes = limits[(script->growth & INPUT_MAX_BYTES) >> 1],
                .fraglist = (script->growth & INPUT_LISTS) != 0,
                .hash = (script->growth & INPUT_HASHES) != 0,
                .csum_trusted = (config & INPUT_TRUSTED) != 0,
                .lossless = (config & INPUT_LOSSLESS) != 0,
                .csum_offload = (config & INPUT_OFFLOAD) != 0,
            },
    };

    layered_config(script->layers, &run.config);
    return run;
}

static bool is_over_udp(const struct grove_tunnel *tunnel)
{
    return tunnel->port != 0;
}

/* Only linux mode has lists, else hashes, else a larger max_bytes. */
static void fit_growth(struct run_config *config)
{
    const bool layers =
        config->tunnel_count != 0 || config->link != GROVE_LINK_NONE;

    config->fraglist &= !config->lossless && !layers;
    config->hash &= !config->lossless && !config->fraglist;
    if (config->lossless || config->fraglist || config->hash || layers)
        config->max_bytes = GROVE_DEFAULT_BYTES;
}

static void fit_tunnels(struct run *run)
{
    struct run_config *config = &run->config;
    const uint32_t count = config->tunnel_count;
    const bool none = config->link != GROVE_LINK_ETHERNET ||
                      config->vnet_len != GROVE_VNET_TUNNEL_LEN ||
                      profile_value(run->profile, "takes_tunnels") == 0 ||
                      profile_value(run->profile, "checks_csum_start") == 0;

    if (!config->lossless)
        return;
    config->tunnel_count = 0;
    for (uint32_t i = 0; i < count && !none; i++)
        if (is_over_udp(&config->tunnels[i]))
            config->tunnels[config->tunnel_count++] = config->tunnels[i];
}

void input_fit(struct run *run)
{
    fit_tunnels(run);
    fit_growth(&run->config);
}

void input_decode(struct input *input, const uint8_t *data, size_t size)
{
    static struct script script;
    struct making making = {.guard = &input->guard,
                            .config = &input->run.config,
                            .room = INPUT_BYTES};

    script_read(&script, data, size);
    guard_reset(&input->guard);
    input->run = run_of(&script);
    input->run.input = input->entry;
    input->run.inputs = script.entries;
    for (size_t i = 0; i < script.entries; i++)
        make_entry(&making, &script.entry[i], &input->entry[i]);
    input_fit(&input->run);
}

void input_decode_gso(struct input *input, const uint8_t *data, size_t size)
{
    static const struct entry nothing = {0};
    static struct script script;
    struct making making = {.guard = &input->guard,
                            .config = &input->run.config,
                            .room = INPUT_BYTES};
    size_t first = 0;

    script_read(&script, data, size);
    guard_reset(&input->guard);
    input->run = run_of(&script);
    while (first < script.entries && script.entry[first].kind == INPUT_FLUSH)
        first++;
    make_entry(&making,
               first < script.entries ? &script.entry[first] : &nothing,
               &input->entry[0]);
    input->run.op = RUN_GSO;
    input->run.input = input->entry;
    input->run.inputs = 1;
    input->run.config.fraglist = false;
    input->run.config.hash = false;
    input->run.config.max_bytes = GROVE_DEFAULT_BYTES;
    input_fit(&input->run);
}

/* True if everything that `kind` would mend is right already. */
static bool is_mended(const struct run_config *config,
                      const struct run_input *packet, uint8_t *copy,
                      uint8_t kind)
{
    memcpy(copy, packet->packet, packet->len);
    layered_mend(config, copy, packet->len, kind, packet->vnet);
    return memcmp(copy, packet->packet, packet->len) == 0;
}

/* True if the bits change nothing, since there is nothing to mend. */
static uint8_t kind_of(const struct run_config *config,
                       const struct run_input *packet, struct arena *arena)
{
    static const uint8_t l4[] = {INPUT_L4_RIGHT, INPUT_L4_PARTIAL,
                                 INPUT_L4_BY_PAYLOAD};
    static const uint8_t ip[] = {INPUT_IP_RIGHT, INPUT_IP_BY_ID};
    uint8_t *copy = arena_alloc(arena, packet->len, 1);
    uint8_t kind = packet->has_vnet ? INPUT_VNET : 0;

    if (packet->len == 0)
        return kind;
    if (is_mended(config, packet, copy, INPUT_LENGTHS))
        kind |= INPUT_LENGTHS;
    for (size_t i = 0; i < sizeof l4 && (kind & INPUT_L4) == 0; i++)
        if (is_mended(config, packet, copy, l4[i]))
            kind |= l4[i];
    for (size_t i = 0; i < sizeof ip && (kind & INPUT_IP) == 0; i++)
        if (is_mended(config, packet, copy, ip[i]))
            kind |= ip[i];
    return kind;
}

/* Bit 7 of its kind. False: no kind gives it this hash. */
static bool hash_bit(const struct run_config *config,
                     const struct run_input *packet, uint8_t *kind)
{
    const uint32_t usual = config->hash ? hash_of(config, packet) : 0;

    if (!config->hash || packet->hash == usual)
        return true;
    *kind |= INPUT_HASH;
    return packet->hash == usual + GROVE_BUCKETS;
}

/* The length of the headers that a packet which follows `last` omits. */
static size_t follows(const struct run_config *config,
                      const struct run_input *packet,
                      const struct run_input *last, uint8_t kind,
                      struct arena *arena)
{
    const size_t headers = last != NULL ? headers_of(config, last) : 0;
    uint8_t *copy;

    if (headers == 0 || headers > packet->len)
        return 0;
    copy = arena_copy(arena, packet->packet, packet->len);
    memcpy(copy, last->packet, headers);
    layered_advance(config, copy, headers, last->len - headers);
    layered_mend(config, copy, packet->len, kind, packet->vnet);
    return memcmp(copy, packet->packet, packet->len) == 0 ? headers : 0;
}

/* `last` is the packet before this one; NULL: there is none. */
static bool entry_of(const struct run_config *config, struct entry *entry,
                     const struct run_input *packet,
                     const struct run_input *last, struct arena *arena)
{
    size_t end = packet->len;
    size_t from;

    *entry = (struct entry){.kind = INPUT_FLUSH};
    if (packet->flush)
        return true;
    entry->kind = kind_of(config, packet, arena);
    if (!hash_bit(config, packet, &entry->kind))
        return false;
    from = follows(config, packet, last, entry->kind, arena);
    if (from != 0)
        entry->kind |= INPUT_NEXT;
    while (end > from && packet->len - end < UINT16_MAX &&
           packet->packet[end - 1] == (uint8_t)(end - 1))
        end--;
    if (end - from > UINT16_MAX)
        return false;
    memcpy(entry->vnet, packet->vnet, sizeof entry->vnet);
    entry->bytes = packet->packet + from;
    entry->given = (uint16_t)(end - from);
    entry->fill = (uint16_t)(packet->len - end);
    return true;
}

/* The byte that says so. False if none does: there is another max_bytes. */
static bool growth_byte(const struct run_config *config, uint8_t *growth)
{
    uint8_t number = 0;

    while (number < LIMITS && limits[number] != config->max_bytes)
        number++;
    *growth = (uint8_t)(number << 1 | (config->fraglist ? INPUT_LISTS : 0) |
                        (config->hash ? INPUT_HASHES : 0));
    return number < LIMITS;
}

static bool config_of(struct script *script, const struct run *run)
{
    const struct run_config *config = &run->config;
    uint8_t profile = 0;

    while (profile <= INPUT_PROFILE &&
           strcmp(profile_of(profile), run->profile) != 0)
        profile++;
    if (profile > INPUT_PROFILE || config->max_flows == 0 ||
        config->max_flows > UINT8_MAX ||
        !layered_byte(config, &script->layers) ||
        !growth_byte(config, &script->growth))
        return false;
    script->config =
        (uint8_t)(profile | (config->lossless ? INPUT_LOSSLESS : 0) |
                  (config->udp ? 0 : INPUT_NO_UDP) |
                  (config->csum_trusted ? INPUT_TRUSTED : 0) |
                  (config->csum_offload ? INPUT_OFFLOAD : 0) |
                  (run->op == RUN_GSO ? INPUT_GSO : 0));
    script->max_flows =
        config->max_flows == DEFAULT_FLOWS ? 0 : (uint8_t)config->max_flows;
    return true;
}

bool script_of(struct script *script, const struct run *run,
               struct arena *arena)
{
    const struct run_input *last = NULL;
    size_t bytes = 0;

    if (!config_of(script, run) || run->inputs > INPUT_ENTRIES)
        return false;
    script->entries = run->inputs;
    for (size_t i = 0; i < run->inputs; i++) {
        bytes += run->input[i].len;
        if (!entry_of(&run->config, &script->entry[i], &run->input[i], last,
                      arena))
            return false;
        last = run->input[i].flush ? last : &run->input[i];
    }
    return bytes <= INPUT_BYTES;
}
